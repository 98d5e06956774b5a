//! Every recording, and what comes of it.

use ralph_teams::effects::backend::{Backend, Opencode, Settings};
use serde_json::Value;

use crate::ends::told;
use crate::recorded::Recording;
use crate::streams::read_to_its_end;

#[test]
fn every_recorded_end_is_understood() {
    let mut table = Vec::new();
    for recording in Recording::all("opencode") {
        let (_, conclusion) = read_to_its_end(&recording, Opencode::new(Settings::default()).reader());
        let named = |line: &Vec<u8>| {
            let line: Value = serde_json::from_slice(line).ok()?;
            Some(line["sessionID"].as_str()?.to_owned())
        };
        let session = conclusion.session.as_ref().map(|session| session.as_str().to_owned());
        assert_eq!(session, recording.lines.iter().find_map(named), "{}", recording.name);
        table.push(told(&recording.name, &conclusion));
    }
    let expected: Vec<&str> = EXPECTED.trim().lines().collect();
    assert_eq!(table, expected, "\n{}\n", table.join("\n"));
}

const EXPECTED: &str = r"
agent_flag: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
agent_unknown: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
auto_external_dir: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
bad_config: unusable 0+0 $0 -
bg_child_holds_stdout: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
bg_child_left: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
big_prompt_stdin.step1: good 1200+60 $4500 fine, DONE: 1/1 stories passed
big_prompt_stdin.step2: good 1300+60 $4800 fine, DONE: 1/1 stories passed
connection_refused: offline 0+0 $0 -
cut_midstream: overloaded 0+0 $0 unpriced uncounted partial text
empty_answer: good 1200+60 $4500 -
error_400: too-long 2400+120 $9000 Short title
error_401: sign-in 0+0 $0 -
error_403: billing 0+0 $0 -
error_404: unusable 0+0 $0 -
error_429: rate-limited 0+0 $0 -
error_429_then_ok: good 2700+120 $9900 All work is committed. /  / DONE: 1/1 st
error_500: overloaded 0+0 $0 -
error_500_then_ok: good 2900+120 $10500 All work is committed. /  / DONE: 1/1 st
error_529: overloaded 0+0 $0 -
four_at_once_cold_home_2: crashed 0+0 $0 -
four_at_once_cold_home_3: crashed 0+0 $0 -
four_at_once_one_home: crashed 0+0 $0 -
four_at_once_own_data_homes: crashed 0+0 $0 -
four_at_once_warm_home.step1: good 1200+60 $4500 fine, DONE: 1/1 stories passed
four_at_once_warm_home.step2: crashed 0+0 $0 -
long_tool_output: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
mcp: good 3900+180 $14400 All work is committed. /  / DONE: 1/1 st
mcp_broken_server: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
mcp_wire.step1: good 3900+180 $14400 All work is committed. /  / DONE: 1/1 st
model_flag: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
model_unknown: crashed 0+0 $0 -
no_auto: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
no_auto_external_dir: refused 1200+60 $4500 x
no_prompt: unusable 0+0 $0 -
no_provider_config: crashed 0+0 $0 -
not_a_git_repo: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
parallel_tools: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
permission_ask_bash_no_auto: refused 1200+60 $4500 I will write the file and commit it.
permission_deny_bash: good 2500+120 $9300 Not allowed. DONE: 0/1 stories passed
plain_text_output: crashed 0+0 $0 -
prompt_as_arg_stdin_null: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
prompt_as_arg_stdin_open: crashed 0+0 $0 -
refusal: refused 1200+60 $4500 I can't help with that.
refusal_text_only: good 1200+60 $4500 I'm sorry, but I can't help with that re
resume.step1: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
resume.step2: good 1400+60 $5100 Resumed. DONE: 1/1 stories passed
resume.step3: good 1500+60 $5400 Resumed. DONE: 1/1 stories passed
resume.step4: lost 0+0 $0 -
sighup_mid_tool: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigint_mid_stream: crashed 0+0 $0 unpriced uncounted -
sigint_mid_tool: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigint_mid_tool_group: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigint_mid_tool_inherited_ignore: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigkill_mid_tool: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigkill_mid_tool_group: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigterm_mid_stream: crashed 0+0 $0 unpriced uncounted -
sigterm_mid_tool: crashed 0+0 $0 unpriced uncounted Starting a long command.
sigterm_mid_tool_group: crashed 0+0 $0 unpriced uncounted Starting a long command.
slow_connection_refused: offline 0+0 $0 -
sse_error_midstream: crashed 0+0 $0 unpriced uncounted -
stdout_closed_early: crashed 0+0 $0 unpriced uncounted step
stop_max_tokens: crashed 1200+60 $4500 cut off he
success: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
success_anthropic_wire: good 2500+120 $0 unpriced All work is committed. /  / DONE: 1/1 st
success_config_content_env: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
success_no_default_plugins: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
success_nonroot: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
success_pure: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
success_pure_and_no_default_plugins: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
success_responses_wire: good 2500+120 $0 unpriced All work is committed. /  / DONE: 1/1 st
traffic_default_env: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
unknown_config_key: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
unknown_flag: unusable 0+0 $0 -
worktree: good 2500+120 $9300 All work is committed. /  / DONE: 1/1 st
";
