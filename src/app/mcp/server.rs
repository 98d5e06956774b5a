//! The tools of one session, as the protocol library asks for them: their list, and calls that are carried to the desk.

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion, ServerCapabilities, ServerConfig,
    Tool as ToolModel, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData as McpError, ServerHandler};
use tokio::sync::mpsc;

use super::gatekeeper::NEWEST;
use crate::effects::backend::ToolServer;
use crate::effects::desk::client::Client;
use crate::effects::desk::tools::Tool;
use crate::effects::desk::wire::Answer;

/// What the agent is told of the server as a whole.
const INSTRUCTIONS: &str =
    "The runner's own tools: what it is told here it checks at once, and it answers what to mend.";

/// The tools of one session.
pub struct Server {
    tools: Vec<Tool>,
    client: Client,
}

impl Server {
    /// A server for a session that may call these tools.
    pub fn new(tools: Vec<Tool>, client: Client) -> Self {
        Self { tools, client }
    }

    /// Carries a call to the desk and its signs of life to the client, so that the client does not lose patience.
    async fn carry(&self, request: CallToolRequestParams, context: &RequestContext<RoleServer>) -> Answer {
        let (signs, mut heard) = mpsc::unbounded_channel();
        let arguments = request.arguments.unwrap_or_default();
        let call = self.client.call(&request.name, arguments, signs);
        let wanted = context.meta.get_progress_token();
        let mut n_signs = 0.0;
        tokio::pin!(call);
        loop {
            tokio::select! {
                biased;
                // Nobody waits for the answer any more; dropping the call cancels it at the desk.
                () = context.ct.cancelled() => return Answer::refused("cancelled"),
                answer = &mut call => return answer.unwrap_or_else(|fault| Answer::refused(fault.to_string())),
                Some(text) = heard.recv() => {
                    n_signs += 1.0;
                    if let Some(token) = &wanted {
                        let sign = ProgressNotificationParam::new(token.clone(), n_signs).with_message(text);
                        // A client that is gone closes our input as well.
                        let _ = context.peer.notify_progress(sign).await;
                    }
                }
            }
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.protocol_version = NEWEST;
        info.server_info = Implementation::new(ToolServer::NAME, env!("CARGO_PKG_VERSION"));
        info.with_instructions(INSTRUCTIONS)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(ProtocolVersion::known_up_to(&NEWEST))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, McpError> {
        Ok(ListToolsResult::with_all_items(self.tools.iter().copied().map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, McpError> {
        let has = self.tools.iter().any(|tool| tool.name() == request.name);
        if !has {
            return Err(ErrorData::invalid_params(format!("unknown tool: {}", request.name), None));
        }
        let Answer { text, refused } = self.carry(request, &context).await;
        let content = vec![ContentBlock::text(text)];
        let result = if refused { CallToolResult::error(content) } else { CallToolResult::success(content) };
        Ok(CallToolResponse::Complete(result))
    }
}

fn described(tool: Tool) -> ToolModel {
    let hints = ToolAnnotations::new().read_only(tool.only_reads()).destructive(false).open_world(false);
    ToolModel::new(tool.name(), tool.description(), Arc::new(tool.schema())).with_annotations(hints)
}
