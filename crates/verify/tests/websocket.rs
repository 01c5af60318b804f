//! Subscriptions over a real WebSocket: who is let in, what closes the connection, and that nothing is
//! delivered after the token's end.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't set up has failed"
)]
#![expect(clippy::unused_async, reason = "a resolver is async")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, EmptyMutation, Object, Result, Schema, Subscription};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use countersign_token::{AccessTokenClaims, Keys, PrivateKey};
use countersign_verify::graphql::{Authenticated, ContextPrincipal};
use countersign_verify::websocket::{PROTOCOL, Subscriptions};
use countersign_verify::{Clock as _, SystemClock, Verifier};
use futures::{SinkExt as _, Stream, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use common::{NOW, TestClock, claims, expected, key, token, token_of};

struct Query;

#[Object]
impl Query {
    async fn whoami(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.principal()?.subject().to_owned())
    }
}

/// Comments as somebody publishes them.
#[derive(Clone)]
struct Comments(Arc<broadcast::Sender<i32>>);

#[Subscription]
impl Comments {
    #[graphql(guard = "Authenticated")]
    async fn comments(&self) -> impl Stream<Item = i32> + use<> {
        let published = self.0.subscribe();
        futures::stream::unfold(published, async |mut published| {
            Some((published.recv().await.ok()?, published))
        })
    }

    async fn public(&self) -> impl Stream<Item = i32> {
        futures::stream::iter([1, 2])
    }
}

/// A server, its clock and its key.
struct Server {
    url: String,
    clock: TestClock,
    key: PrivateKey,
    comments: Comments,
}

impl Server {
    async fn start() -> Self {
        let (clock, key) = (TestClock::new(), key());
        let verifier = verifier(&key).with_clock(clock.clone());
        Self::serve(verifier, clock, key, |subscriptions| subscriptions).await
    }

    async fn serve(
        verifier: Verifier,
        clock: TestClock,
        key: PrivateKey,
        set: impl Fn(Subscriptions<Api>) -> Subscriptions<Api>,
    ) -> Self {
        let comments = Comments(Arc::new(broadcast::Sender::new(16)));
        let schema = Schema::new(Query, EmptyMutation, comments.clone());
        let required = set(Subscriptions::required(verifier.clone(), schema.clone()));
        let optional = set(Subscriptions::optional(verifier, schema));
        let app = Router::new()
            .route("/required", route(required))
            .route("/optional", route(optional));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            clock,
            key,
            comments,
        }
    }

    async fn connect(&self, path: &str) -> Client {
        let mut request = format!("{}/{path}", self.url)
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", PROTOCOL.parse().unwrap());
        let (socket, answer) = connect_async(request).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], PROTOCOL);
        Client(socket)
    }

    /// A client whose connection is open with a token that ends at `exp`.
    async fn open(&self, exp: i64) -> Client {
        let mut client = self.connect("required").await;
        client.init(json!({ "authToken": self.until(exp) })).await;
        assert_eq!(
            client.hear().await,
            json!({ "type": "connection_ack", "payload": { "expiresAt": exp } })
        );
        client
    }

    /// Open, and with a subscription that runs.
    async fn subscribed(&self, exp: i64) -> Client {
        let mut client = self.open(exp).await;
        client.subscribe("1", "subscription { comments }").await;
        client.runs_after(self).await;
        client
    }

    fn until(&self, exp: i64) -> String {
        let iat = NOW - 600;
        token_of(
            &self.key,
            &AccessTokenClaims {
                iat,
                exp,
                ..claims()
            },
        )
    }

    fn publish(&self, comment: i32) {
        self.comments.0.send(comment).unwrap();
    }
}

type Api = Schema<Query, EmptyMutation, Comments>;

fn verifier(key: &PrivateKey) -> Verifier {
    Verifier::new(expected(), Keys::from_private_key(key).unwrap())
}

fn route(subscriptions: Subscriptions<Api>) -> axum::routing::MethodRouter {
    get(async move |upgrade: WebSocketUpgrade| {
        upgrade
            .protocols([PROTOCOL])
            .on_upgrade(async move |socket| subscriptions.serve_axum(socket).await)
    })
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn say(&mut self, message: Value) {
        let text = Message::text(message.to_string());
        self.0.send(text).await.unwrap();
    }

    async fn init(&mut self, payload: Value) {
        self.say(json!({ "type": "connection_init", "payload": payload }))
            .await;
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } }))
            .await;
    }

    async fn ping(&mut self, payload: Value) {
        self.say(json!({ "type": "ping", "payload": payload }))
            .await;
    }

    async fn hear(&mut self) -> Value {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?} is no message"),
        }
    }

    /// The code that closes the connection, with no message before it.
    async fn closed(&mut self) -> u16 {
        match self.0.next().await {
            Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
            other => panic!("{other:?} is no end"),
        }
    }

    /// Waits until the subscription has reached the publisher.
    async fn runs_after(&mut self, server: &Server) {
        while server.comments.0.receiver_count() == 0 {
            // An answer means that what was said before was read.
            self.ping(json!({})).await;
            assert_eq!(self.hear().await, json!({ "type": "pong" }));
        }
    }
}

#[tokio::test]
async fn a_token_opens_the_connection_and_its_caller_is_known_in_resolvers() {
    let server = Server::start().await;
    let mut client = server.connect("required").await;
    let bearer = format!("Bearer {}", token(&server.key));
    client.init(json!({ "Authorization": bearer })).await;
    assert_eq!(client.hear().await["type"], "connection_ack");
    client.subscribe("a", "{ whoami }").await;
    let answer =
        json!({ "type": "next", "id": "a", "payload": { "data": { "whoami": "user-1" } } });
    assert_eq!(client.hear().await, answer);
    assert_eq!(
        client.hear().await,
        json!({ "type": "complete", "id": "a" })
    );
}

#[tokio::test]
async fn without_a_token_or_with_a_bad_one_nothing_opens() {
    let server = Server::start().await;
    let stranger = token(&common::key());
    let other_api = AccessTokenClaims {
        aud: vec!["https://other.example.com".parse().unwrap()],
        ..claims()
    };
    for (payload, in_required, in_optional) in [
        (json!({}), 4401, None),
        (json!(null), 4401, None),
        (json!({ "authToken": "x" }), 4401, Some(4401)),
        (json!({ "authToken": 7 }), 4401, Some(4401)),
        (json!({ "authToken": stranger }), 4401, Some(4401)),
        (
            json!({ "authToken": token_of(&server.key, &other_api) }),
            4401,
            Some(4401),
        ),
        (
            json!({ "authToken": server.until(NOW - 60) }),
            4403,
            Some(4403),
        ),
        // Within the leeway of verifying; for what goes on it has ended.
        (json!({ "authToken": server.until(NOW) }), 4403, Some(4403)),
        (json!("Bearer x"), 4400, Some(4400)),
    ] {
        for (path, code) in [("required", Some(in_required)), ("optional", in_optional)] {
            let mut client = server.connect(path).await;
            client.init(payload.clone()).await;
            match code {
                Some(code) => assert_eq!(client.closed().await, code, "{payload}"),
                None => assert_eq!(client.hear().await, json!({ "type": "connection_ack" })),
            }
        }
    }
}

#[tokio::test]
async fn a_caller_without_a_token_sees_only_what_is_public() {
    let server = Server::start().await;
    let mut client = server.connect("optional").await;
    client.init(json!({})).await;
    client.hear().await;
    client.subscribe("p", "subscription { public }").await;
    for number in [1, 2] {
        assert_eq!(client.hear().await["payload"]["data"]["public"], number);
    }
    assert_eq!(client.hear().await["type"], "complete");
    client.subscribe("c", "subscription { comments }").await;
    let denied = client.hear().await;
    let code = &denied["payload"]["errors"][0]["extensions"]["code"];
    assert_eq!(*code, "UNAUTHENTICATED", "{denied}");
}

#[tokio::test]
async fn nothing_is_delivered_after_the_tokens_end() {
    let server = Server::start().await;
    let mut client = server.subscribed(NOW + 60).await;
    server.publish(1);
    assert_eq!(client.hear().await["payload"]["data"]["comments"], 1);
    server.clock.advance(59);
    server.publish(2);
    assert_eq!(client.hear().await["payload"]["data"]["comments"], 2);
    server.clock.advance(1);
    server.publish(3);
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn an_operation_that_comes_after_the_tokens_end_is_not_begun() {
    let server = Server::start().await;
    let mut client = server.open(NOW + 60).await;
    server.clock.advance(60);
    client.subscribe("1", "{ whoami }").await;
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_silent_connection_is_closed_by_itself_when_its_token_ends() {
    let key = key();
    let server = Server::serve(verifier(&key), TestClock::new(), key, |s| s).await;
    let now = SystemClock.unix_seconds();
    let claims = AccessTokenClaims {
        iat: now,
        exp: now + 2,
        auth_time: None,
        ..claims()
    };
    let mut client = server.connect("required").await;
    let token = token_of(&server.key, &claims);
    client.init(json!({ "authToken": token })).await;
    assert_eq!(client.hear().await["type"], "connection_ack");
    assert_eq!(client.closed().await, 4403);
    assert!(SystemClock.unix_seconds() >= now + 2);
}

#[tokio::test]
async fn a_new_token_in_a_ping_renews_the_connection_and_what_runs_goes_on() {
    let server = Server::start().await;
    let mut client = server.subscribed(NOW + 60).await;
    server.clock.advance(50);
    client
        .ping(json!({ "authToken": server.until(NOW + 600) }))
        .await;
    let renewed = json!({ "type": "pong", "payload": { "expiresAt": NOW + 600 } });
    assert_eq!(client.hear().await, renewed);
    server.clock.advance(500);
    server.publish(1);
    assert_eq!(client.hear().await["payload"]["data"]["comments"], 1);
    server.clock.advance(50);
    server.publish(2);
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_ping_with_another_callers_token_a_weaker_or_a_bad_one_closes() {
    let server = Server::start().await;
    let but = |change: &dyn Fn(&mut AccessTokenClaims)| {
        let mut claims = claims();
        change(&mut claims);
        token_of(&server.key, &claims)
    };
    for (token, code) in [
        (but(&|claims| claims.sub = "user-2".into()), 4403),
        (but(&|claims| claims.client_id = "other".into()), 4403),
        (
            but(&|claims| claims.scope = "users:read".parse().unwrap()),
            4403,
        ),
        (but(&|claims| claims.roles.clear()), 4403),
        (server.until(NOW - 60), 4403),
        (token(&common::key()), 4401),
    ] {
        let mut client = server.open(NOW + 60).await;
        client.ping(json!({ "authToken": token })).await;
        assert_eq!(client.closed().await, code);
    }
    // More than before is welcome.
    let mut client = server.open(NOW + 60).await;
    let more = but(&|claims| claims.roles.push("admin".into()));
    client.ping(json!({ "authToken": more })).await;
    assert_eq!(client.hear().await["type"], "pong");
}

#[tokio::test]
async fn while_keys_are_out_of_reach_a_renewal_waits_and_an_opening_comes_again() {
    let key = key();
    let clock = TestClock::new();
    let source = countersign_verify::JwksSource::new("http://127.0.0.1:9/jwks.json").unwrap();
    let bundled = source.with_bundled(&common::key_set(&[&key])).unwrap();
    let verifier = Verifier::new(expected(), bundled).with_clock(clock.clone());
    let server = Server::serve(verifier, clock, key, |s| s).await;
    let mut client = server.open(NOW + 60).await;
    let rotated = token(&common::key());
    client.ping(json!({ "authToken": rotated })).await;
    let unknown = json!({ "type": "pong", "payload": { "code": "keys_unavailable" } });
    assert_eq!(client.hear().await, unknown);
    client.subscribe("1", "{ whoami }").await;
    assert_eq!(client.hear().await["payload"]["data"]["whoami"], "user-1");

    let mut newcomer = server.connect("required").await;
    newcomer.init(json!({ "authToken": rotated })).await;
    assert_eq!(newcomer.closed().await, 1013);
}

#[tokio::test]
async fn the_protocol_is_insisted_on() {
    let server = Server::start().await;
    let message =
        |kind: &str| json!({ "type": kind, "id": "1", "payload": { "query": "{ whoami }" } });
    for (early, code) in [
        (message("subscribe"), 4401),
        (json!({ "type": "complete", "id": "1" }), 4401),
        (json!({ "type": "start" }), 4400),
        (json!({}), 4400),
        (json!([]), 4400),
    ] {
        let mut client = server.connect("required").await;
        client.say(early).await;
        assert_eq!(client.closed().await, code);
    }
    let mut client = server.connect("required").await;
    client.0.send(Message::binary(vec![0])).await.unwrap();
    assert_eq!(client.closed().await, 4400);

    let mut client = server.open(NOW + 60).await;
    client
        .init(json!({ "authToken": token(&server.key) }))
        .await;
    assert_eq!(client.closed().await, 4429);

    let mut client = server.subscribed(NOW + 60).await;
    client.subscribe("1", "{ whoami }").await;
    assert_eq!(client.closed().await, 4409);
}

#[tokio::test]
async fn what_the_client_completes_is_silent_and_its_id_is_free_again() {
    let server = Server::start().await;
    let mut client = server.subscribed(NOW + 60).await;
    client.say(json!({ "type": "complete", "id": "1" })).await;
    client.subscribe("1", "{ whoami }").await;
    assert_eq!(client.hear().await["payload"]["data"]["whoami"], "user-1");
    assert_eq!(client.hear().await["type"], "complete");
    // Nobody listens to it any more.
    assert!(server.comments.0.send(1).is_err());
}

#[tokio::test]
async fn operations_and_patience_are_bounded() {
    let (clock, key) = (TestClock::new(), key());
    let verifier = verifier(&key).with_clock(clock.clone());
    let server = Server::serve(verifier, clock, key, |subscriptions| {
        subscriptions
            .with_most_operations(1)
            .with_init_timeout(Duration::from_millis(50))
    })
    .await;
    let mut silent = server.connect("required").await;
    assert_eq!(silent.closed().await, 4408);

    let mut client = server.subscribed(NOW + 60).await;
    client.subscribe("2", "{ whoami }").await;
    let refused = client.hear().await;
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&json!("error"), &json!("2"))
    );
}
