//! The frames of axum's WebSocket.

use ::axum::extract::ws::{CloseFrame, Message, WebSocket};
use async_graphql::Executor;
use futures::{SinkExt as _, StreamExt as _};

use super::{Outgoing, Subscriptions};

impl<E: Executor> Subscriptions<E> {
    /// Serves one connection of axum.
    ///
    /// ```
    /// use axum::extract::State;
    /// use axum::extract::ws::WebSocketUpgrade;
    /// use axum::response::Response;
    /// use countersign_verify::websocket::{PROTOCOL, Subscriptions};
    /// # use async_graphql::Executor;
    ///
    /// async fn upgrade<E: Executor>(
    ///     State(subscriptions): State<Subscriptions<E>>,
    ///     upgrade: WebSocketUpgrade,
    /// ) -> Response {
    ///     upgrade
    ///         .protocols([PROTOCOL])
    ///         .max_message_size(64 * 1024)
    ///         .on_upgrade(async move |socket| subscriptions.serve_axum(socket).await)
    /// }
    /// ```
    pub async fn serve_axum(&self, socket: WebSocket) {
        let (outgoing, incoming) = socket.split();
        let incoming = incoming
            .take_while(|frame| {
                std::future::ready(
                    matches!(frame, Ok(frame) if !matches!(frame, Message::Close(_))),
                )
            })
            .filter_map(|frame| {
                std::future::ready(match frame {
                    Ok(Message::Text(text)) => Some(text.as_str().to_owned()),
                    Ok(Message::Binary(_)) => Some(String::new()),
                    // Answered by the socket itself.
                    _ => None,
                })
            });
        let outgoing = outgoing.with(|out| {
            std::future::ready(Ok::<_, ::axum::Error>(match out {
                Outgoing::Text(text) => Message::Text(text.into()),
                Outgoing::Close(close) => Message::Close(Some(CloseFrame {
                    code: close.code(),
                    reason: close.reason().into(),
                })),
            }))
        });
        self.serve(incoming, outgoing).await;
    }
}
