# Cases of Claude Code alone: what its adapter has to get right beyond what every program has to do.
# shellcheck shell=bash

# The program speaks for itself here: reports by file.
epics_by_file() {
  local n lanes=''
  for n in $(seq "$1"); do lanes+="\"e$n\": [$(by_file)], "; done
  printf '%s "final": [%s]' "$lanes" "$(by_file)"
}

case_claude_report_by_file() {
  scene report-by-file "$(epics_by_file 3)"
  ralph run run --parallel 3
  equal "three epics end with a pass" 0 "$CODE"
  equal "the program is not asked more than it must be" 8 "$(calls)"
  check "what it cost is told" grep -Eq '\$[0-9]' "$S/run.out"
  three_epics_passed
}

case_claude_setup() {
  scene setup "\"e1\": [$(by_file)], \"e2\": [$(by_file)], \"final\": [$(shell_turn 'I look.' "test -f made.by.setup && python3 $ROOM/work.py report"), $DONE]" 2 \
    'worktrees: {setup: "touch made.by.setup"}'
  echo "made.by.setup" >> .gitignore
  git add -A && git commit -q -m setup
  ralph run run --parallel 2
  equal "the final validator's worktree is set up too" 0 "$CODE"
}

case_claude_sub_agents() {
  local builder='{"subagent": {"type": "builder", "description": "Build US-001", "prompt": "[[lane:sub]] Build US-001."}}'
  scene sub-agents "\"e1\": [{\"text\": \"The builder builds it.\", \"tools\": [$builder]}, $DONE], \"sub\": [$(by_file)]" 1
  ralph run run --ui json
  equal "a lead that delegates to the builder ends with a pass" 0 "$CODE"
  check "the sub-agent is seen to start" grep -q '"sub-agent-started"' "$S/run.out"
  check "the sub-agent is seen to end" grep -q '"sub-agent-ended"' "$S/run.out"
  nothing_left
}

case_claude_tools() {
  local build report wrong right
  build=$(shell_turn 'I build it.' 'echo x > US-001.txt && git add . && git commit -qm US-001')
  report='"story": "US-001", "passes": true'
  wrong=$(tool_turn report_story "$report, \"commit\": \"$(printf 'f%.0s' $(seq 40))\"")
  right=$(tool_turn report_story "$report, \"run_gates\": true")
  scene tools "\"e1\": [$build, $wrong, $right, $DONE]" 1
  ralph run run
  equal "a lead that reports by our tool and writes no file ends with a pass" 0 "$CODE"
  local log; log=$(echo "$(run_dir)"/logs/*team-lead.1.log)
  check "the server is connected" grep -q '"name":"ralph","status":"connected"' "$log"
  check "the prompt names the tool as the program does" grep -q 'mcp__ralph__report_story' "$(run_dir)"/jobs/*team-lead.1/prompt.md
  check "a commit that is not there is refused in the session" grep -q 'is not among the commits' "$log"
  check "the next claim is accepted there, gates run" grep -q 'accepted as done' "$log"
  check "a lead is offered its own tools and not those of a judge" \
    sh -c "grep -q mcp__ralph__blocked '$log' && ! grep -q mcp__ralph__report_validation '$log'"
  nothing_left
}

has_tmux() { command -v tmux >/dev/null || { SKIPPED="tmux is missing"; return 1; }; }
screen_says() { tmux -S "$ROOM/tmux" capture-pane -p -t ralph | grep -Eq "$1"; }
# in_terminal COMMAND: in a terminal of 110 x 30.
in_terminal() { "${ENV[@]}" tmux -S "$ROOM/tmux" new-session -d -s ralph -x 110 -y 30 "$1; echo CODE=\$?; sleep 60"; }
# leave_terminal NAME: keeps what it showed in $S/NAME, and closes it.
leave_terminal() { tmux -S "$ROOM/tmux" capture-pane -p -S - -t ralph > "$S/$1"; tmux -S "$ROOM/tmux" kill-server; }

case_claude_terminal() {
  has_tmux || return
  local slow; slow=$(shell_turn 'I look around first.' 'sleep 6; echo looked')
  scene terminal "\"e1\": [$slow, $(by_file)], \"e2\": [$slow, $(by_file)], \"e3\": [$(by_file)], \"final\": [$(by_file)]"
  in_terminal "$RALPH_TEAMS run --parallel 3"
  check "a terminal shows what an agent does" until_true 180 screen_says 'sleep 6'
  check "the end of the run waits for a look at it" until_true 180 screen_says 'enter leaves'
  tmux -S "$ROOM/tmux" send-keys -t ralph Enter
  check "enter leaves, with exit code 0" until_true 30 screen_says 'CODE=0'
  leave_terminal screen
}

case_claude_terminal_interrupt() {
  has_tmux || return
  scene terminal-interrupt "\"e1\": [$(shell_turn 'A while.' 'sleep 3014'), $(by_file)]" 1
  in_terminal "$RALPH_TEAMS run"
  check "a command of the agent runs" until_true 180 tool_runs 3014
  tmux -S "$ROOM/tmux" send-keys -t ralph C-c
  check "Ctrl-C typed on a terminal ends with 130 within 11 s" until_true 11 screen_says 'CODE=130'
  leave_terminal screen
  nothing_left
}

case_claude_interrupt_while_the_model_speaks() {
  scene interrupt-speech "\"e1\": [{\"text\": \"Thinking it over.\", \"hang\": 200}, $(by_file)]" 1
  ralph_starts run run
  check "the model is asked" until_true 180 asked 1
  kill -INT "$RALPH_PID"; ralph_ends
  equal "Ctrl-C while the model speaks ends with 130" 130 "$CODE"
  between "seconds" 0 11 "$TOOK"
  nothing_left
  ralph resume resume
  equal "resume ends with a pass" 0 "$CODE"
}

case_claude_killed() {
  scene killed "\"e1\": [$MIDDLE, $(by_file)]" 1
  ralph_starts run run
  check "a command of the agent runs" until_true 180 tool_runs 3012
  kill -KILL "$RALPH_PID"; ralph_ends 2>/dev/null
  check "the sessions of a runner that is killed end by themselves" until_true 15 gone
  local first; first=$(grep -oh '"session_id":"[0-9a-f-]*"' "$(run_dir)"/logs/*.team-lead.1.log | head -n 1 | cut -d'"' -f4)
  ralph resume resume
  equal "resume ends with a pass" 0 "$CODE"
  equal "in the same conversation" "\"session\":\"$first\"" "$(sessions)"
  check "which was named to the program" resumed "$first"
  nothing_left
}

# failing NAME TURNS EXIT-CODE MOST-CALLS MOST-SECONDS: two epics that the provider answers with TURNS.
failing() {
  scene "$1" "\"e1\": [$2], \"e2\": [$2], \"final\": [$(by_file)]" 2 "${LIMIT:-}"
  ralph run run --parallel 2
  equal "exit code" "$3" "$CODE"
  between "requests to the provider" 1 "$4" "$(calls)"
  between "seconds" 0 "$5" "$TOOK"
  nothing_left
}
# outage NAME TURNS MOST-CALLS: the provider stays away until the run's own limit stops it. No epic may fail for that.
outage() {
  LIMIT='timeouts: {loopTimeout: 60}' failing "$1" "$2" 4 "$3" 120
  equal "epics that failed" 0 "$(json prd.json "sum(e['status'] != 'pending' for e in d['epics'])")"
  check "the way on is told" grep -q "ralph-teams resume" "$S/run.out"
}

case_claude_wrong_key() {
  failing wrong-key '{"status": 401, "message": "invalid x-api-key"}' 3 16 120
  check "the key is named as the reason" grep -Eiq 'api[ -]key' "$S/run.out" "$S/run.err"
}
case_claude_overloaded() {
  outage overloaded '{"status": 529, "message": "Overloaded"}' 80
  check "the reason is told" grep -q 529 "$S/run.out"
}
case_claude_rate_limit() {
  outage rate-limit '{"status": 429, "headers": {"retry-after": 3600}, "message": "This request would exceed your limit."}' 40
  check "the reason is told" grep -Eiq '429|limit' "$S/run.out"
}
case_claude_rate_limit_passes() {
  scene rate-limit-passes "\"e1\": [{\"status\": 429, \"headers\": {\"retry-after\": 1}, \"message\": \"slow down\"}, $(by_file)]" 1
  ralph run run
  equal "a short rate limit is waited out" 0 "$CODE"
}
case_claude_refusal() {
  failing refusal '{"text": "I cannot help with that.", "stop_reason": "refusal"}' 1 8 60
}
case_claude_max_tokens() {
  scene max-tokens "\"e1\": [{\"text\": \"cut off he\", \"stop_reason\": \"max_tokens\"}, $(by_file)]" 1
  ralph run run
  equal "an answer that ran into its limit is gone on with" 0 "$CODE"
}
case_claude_cut_stream() {
  scene cut-stream "\"e1\": [{\"text\": \"partial\", \"cut\": true}, $(by_file)]" 1
  ralph run run
  equal "a stream that is cut once does not stop the work" 0 "$CODE"
  outage cut-always '{"text": "partial", "cut": true}' 120
}
case_claude_hangs_after_its_last_word() {
  scene hangs "\"e1\": [$(by_file)]" 1
  sed -i "s|^exec \(.*\)|\1; [ \"\$1\" = --version ] \|\| sleep 3013|" "$S/bin/claude"
  ralph run run
  equal "a program that hangs after its last word passes even so" 0 "$CODE"
  between "seconds" 30 120 "$TOOK"
  nothing_left
}
