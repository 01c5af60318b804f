//! A front before the server: passes requests on, notes which operations they are, and does to some
//! of them what a busy or distant service does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// What is done to a request.
#[derive(Clone)]
pub enum Deed {
    /// It is answered with this error, and not passed on.
    Refuse(&'static str),
    /// It is passed on, and carried out; the answer never comes.
    CutAnswer,
    /// The same, by a service that does not know its token when it comes again.
    CutAnswerAndForget,
    /// None of what it asks for is done yet, says the answer.
    LeaveUnprocessed,
    /// It is passed on like any other.
    Pass,
    /// It is passed on after a while.
    Delay(Duration),
    /// It is passed on when the test lets it.
    Hold(Arc<Gate>),
}

/// Where a request waits for the test.
#[derive(Default)]
pub struct Gate {
    reached: Notify,
    open: Notify,
}

impl Gate {
    /// Waits until a request is held here.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets it go on.
    pub fn open(&self) {
        self.open.notify_one();
    }
}

#[derive(Default)]
struct Plan {
    deeds: VecDeque<(&'static str, Deed)>,
    seen: Vec<String>,
}

/// A front on a port of its own.
pub struct Front {
    pub port: u16,
    plan: Arc<Mutex<Plan>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Front {
    pub async fn before(endpoint: &str) -> Self {
        Self::start(endpoint, None).await
    }

    pub async fn start(endpoint: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Mutex::new(Plan::default()));
        let server = endpoint.strip_prefix("http://").unwrap().to_owned();
        let accepting = tokio::spawn({
            let plan = Arc::clone(&plan);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (plan, server, tls) = (Arc::clone(&plan), server.clone(), tls.clone());
                    tokio::spawn(async move {
                        match tls {
                            Some(tls) => match tls.accept(stream).await {
                                Ok(stream) => serve(stream, server, plan).await,
                                Err(_) => None,
                            },
                            None => serve(stream, server, plan).await,
                        }
                    });
                }
            }
        });
        Self {
            port,
            plan,
            accepting,
        }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Does this to the next `times` requests of an operation.
    pub fn plan(&self, operation: &'static str, deed: Deed, times: usize) {
        let mut plan = self.plan.lock().unwrap();
        plan.deeds
            .extend(std::iter::repeat_n((operation, deed), times));
    }

    /// The operations so far; forgets them.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.plan.lock().unwrap().seen)
    }

    /// Whether everything planned was done.
    pub fn is_done(&self) -> bool {
        self.plan.lock().unwrap().deeds.is_empty()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    server: String,
    plan: Arc<Mutex<Plan>>,
) -> Option<()> {
    loop {
        let (head, body) = message(&mut stream).await?;
        let operation = field(&head, "x-amz-target")?.rsplit('.').next()?.to_owned();
        let deed = {
            let mut plan = plan.lock().unwrap();
            plan.seen.push(operation.clone());
            let place = plan.deeds.iter().position(|(one, _)| *one == operation);
            place.and_then(|place| plan.deeds.remove(place))
        };
        let answer = match deed.map(|(_, deed)| deed) {
            Some(Deed::Refuse(error)) => refusal(error),
            Some(Deed::LeaveUnprocessed) => unprocessed(&body),
            Some(Deed::CutAnswer) => {
                pass_on(&server, &head, &body).await?;
                return None;
            }
            Some(Deed::CutAnswerAndForget) => {
                pass_on(&server, &head, &under_another_token(&body)).await?;
                return None;
            }
            Some(Deed::Delay(time)) => {
                tokio::time::sleep(time).await;
                pass_on(&server, &head, &body).await?
            }
            Some(Deed::Hold(gate)) => {
                gate.reached.notify_one();
                gate.open.notified().await;
                pass_on(&server, &head, &body).await?
            }
            Some(Deed::Pass) | None => pass_on(&server, &head, &body).await?,
        };
        stream.write_all(&answer).await.ok()?;
        stream.flush().await.ok()?;
    }
}

async fn message(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let length: usize = field(&head, "content-length")?.parse().ok()?;
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((head, bytes[end..].to_vec()))
}

fn field(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(one, _)| one.eq_ignore_ascii_case(name))?;
    Some(value.trim().to_owned())
}

async fn pass_on(server: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()?;
    let (head, body) = message(&mut stream).await?;
    Some([head.into_bytes(), body].concat())
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.as_bytes().to_vec()].concat()
}

fn refusal(error: &str) -> Vec<u8> {
    let kind = "com.amazonaws.dynamodb.v20120810";
    if error == "TransactionConflict" {
        let body = format!(
            "{{\"__type\":\"{kind}#TransactionCanceledException\",\"Message\":\"canceled\",\
             \"CancellationReasons\":[{{\"Code\":\"None\"}},{{\"Code\":\"TransactionConflict\"}}]}}"
        );
        return answer("400 Bad Request", &body);
    }
    let status = if error == "InternalServerError" {
        "500 Internal Server Error"
    } else {
        "400 Bad Request"
    };
    let body = format!("{{\"__type\":\"{kind}#{error}\",\"message\":\"slow down\"}}");
    answer(status, &body)
}

/// The request under a token that is as long.
fn under_another_token(request: &[u8]) -> Vec<u8> {
    let mut request: serde_json::Value = serde_json::from_slice(request).unwrap();
    let token = request["ClientRequestToken"].as_str().unwrap();
    let other: String = token.chars().rev().collect();
    request["ClientRequestToken"] = other.into();
    serde_json::to_vec(&request).unwrap()
}

fn unprocessed(request: &[u8]) -> Vec<u8> {
    let request: serde_json::Value = serde_json::from_slice(request).unwrap();
    let items = &request["RequestItems"];
    let body = serde_json::json!({
        "Responses": {},
        "UnprocessedKeys": items,
        "UnprocessedItems": items,
    });
    answer("200 OK", &body.to_string())
}
