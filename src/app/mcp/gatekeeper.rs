//! Stands before the protocol library and lets in what we serve: agent programs probe for newer protocols, send
//! notifications when nobody expects them, and are to be answered plainly instead of losing their server.

use std::borrow::Cow;

use rmcp::model::{ClientRequest, ErrorCode, ErrorData, JsonRpcMessage, ProtocolVersion};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio_util::sync::CancellationToken;

/// The newest protocol that is served. Later ones have no `initialize` and no session.
pub const NEWEST: ProtocolVersion = ProtocolVersion::V_2025_11_25;

/// A transport that answers by itself what the server behind it has no part in.
pub struct Gatekeeper<T> {
    inner: T,
    /// Whether the client has said `initialize`. The library takes anything else before it for a broken client.
    initialized: bool,
    /// Said when the client closed its side.
    closed: CancellationToken,
}

impl<T> Gatekeeper<T> {
    /// Stands before `inner`, and cancels `closed` at its end.
    pub fn new(inner: T, closed: CancellationToken) -> Self {
        Self { inner, initialized: false, closed }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Gatekeeper<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let Some(message) = self.inner.receive().await else {
                self.closed.cancel();
                return None;
            };
            match message {
                JsonRpcMessage::Request(request) => match refused(&request.request) {
                    Some(error) => {
                        // In a task of its own: this call may be given up for an answer that is to be sent, the refusal not.
                        let refusal = self.inner.send(JsonRpcMessage::error(error, Some(request.id)));
                        tokio::spawn(refusal);
                    }
                    None => {
                        self.initialized |= matches!(request.request, ClientRequest::InitializeRequest(_));
                        return Some(JsonRpcMessage::Request(request));
                    }
                },
                message if self.initialized => return Some(message),
                // Nothing was asked of the client, so this is no answer of interest.
                JsonRpcMessage::Notification(_) | JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}

/// What a request is answered that the server has no part in; `None`: it has.
fn refused(request: &ClientRequest) -> Option<ErrorData> {
    match request {
        ClientRequest::InitializeRequest(_)
        | ClientRequest::PingRequest(_)
        | ClientRequest::ListToolsRequest(_)
        | ClientRequest::CallToolRequest(_) => None,
        other => Some(match other.method() {
            // The library knows these methods: it did not understand what came with them.
            method @ ("initialize" | "ping" | "tools/list" | "tools/call") => {
                ErrorData::invalid_params(format!("the parameters of {method} are wrong"), None)
            }
            method => {
                let message: Cow<'static, str> = format!("method not found: {method}").into();
                ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None)
            }
        }),
    }
}
