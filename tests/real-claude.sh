#!/usr/bin/env bash
# Drives ralph-teams with the real Claude Code against a scripted model on loopback, and prints what passed.
#
#     tests/real-claude.sh [--keep] FAKE_MODEL [CASE...]
#
# FAKE_MODEL (or $RALPH_FAKE_MODEL) is a Python program that answers Anthropic's Messages API on 127.0.0.1 from a file of
# scripted turns: `--scenario FILE --port N --log FILE`. Without a CASE all of them run (about five minutes).
#   RALPH_TEAMS      the binary under test               [target/debug/ralph-teams]
#   RALPH_REAL_CACHE where Claude Code is installed once  [~/.cache/ralph-teams/real-claude]
#   CLAUDE_VERSION   which version of it                  [2.1.328]
# Needs npm, python3, jq, tmux, and the right to make a network namespace (root, or user namespaces). After the
# installation everything runs in a namespace that has loopback and nothing else. It is not part of `cargo test`.
set -u

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RALPH_TEAMS=$(readlink -f "${RALPH_TEAMS:-$HERE/../target/debug/ralph-teams}")
CLAUDE_VERSION=${CLAUDE_VERSION:-2.1.328}
CACHE=${RALPH_REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ralph-teams/real-claude}/$CLAUDE_VERSION
KEEP=${KEEP:-no}
[ "${1:-}" = --keep ] && { KEEP=yes; shift; }
FAKE_MODEL=${1:-${RALPH_FAKE_MODEL:-}}
[ $# -gt 0 ] && shift

die() { echo "real-claude: $*" >&2; exit 2; }

# ---- before the namespace: everything that needs a network ------------------------------------------------------------

claude_binary() { find "$CACHE/node_modules/@anthropic-ai" -type f -name claude -perm -u+x 2>/dev/null | head -n 1; }

install_claude() {
  [ -n "$(claude_binary)" ] && return
  mkdir -p "$CACHE"
  # Without its scripts; the native program comes as a package of its own and needs none.
  npm install --ignore-scripts --no-audit --no-fund --prefix "$CACHE" "@anthropic-ai/claude-code@$CLAUDE_VERSION" >&2 ||
    die "Claude Code $CLAUDE_VERSION could not be installed"
}

if [ -z "${RALPH_REAL_INSIDE:-}" ]; then
  [ -f "$FAKE_MODEL" ] || die "name the fake model: tests/real-claude.sh FAKE_MODEL [CASE...]"
  [ -x "$RALPH_TEAMS" ] || die "$RALPH_TEAMS is missing: cargo build, or set RALPH_TEAMS"
  for tool in npm python3 jq tmux unshare ip; do command -v $tool >/dev/null || die "$tool is missing"; done
  install_claude
  apart=(unshare --net); [ "$(id -u)" = 0 ] || apart=(unshare --user --map-root-user --net)
  export RALPH_REAL_INSIDE=1 RALPH_TEAMS CLAUDE_VERSION KEEP
  exec "${apart[@]}" -- bash "${BASH_SOURCE[0]}" "$(readlink -f "$FAKE_MODEL")" "$@"
fi

# ---- inside -----------------------------------------------------------------------------------------------------------

ip link set lo up
[ "$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' \n')" = lo ] || die "this is not a namespace with loopback only"
CLAUDE=$(claude_binary)
[ -n "$CLAUDE" ] || die "Claude Code is not in $CACHE"

ROOM=$(mktemp -d)
PASSED=0 FAILED=0 MODEL_PID='' PORT=8200
say() { printf '%s\n' "$*"; }
pass() { PASSED=$((PASSED + 1)); say "  ok    $*"; }
fail() { FAILED=$((FAILED + 1)); say "  FAIL  $*"; }
# check WHAT COMMAND...: the fact WHAT holds if COMMAND succeeds.
check() { local what=$1; shift; if "$@" >/dev/null 2>&1; then pass "$what"; else fail "$what"; fi; }
# equal WHAT EXPECTED FOUND
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1: expected $2, found $3"; fi; }
# between WHAT LEAST MOST FOUND
between() { if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then pass "$1 ($4)"; else fail "$1: $4 is not in $2..$3"; fi; }

end_model() { [ -n "$MODEL_PID" ] && kill "$MODEL_PID" 2>/dev/null && wait "$MODEL_PID" 2>/dev/null; MODEL_PID=''; }
leave() {
  end_model
  tmux -S "$ROOM/tmux" kill-server 2>/dev/null
  [ "$KEEP" = yes ] && say "kept: $ROOM" || rm -rf "$ROOM"
}
trap leave EXIT

# What the scripted model has its shell run: it knows its role and its epic from the environment, as any session does.
cat > "$ROOM/work.sh" <<'WORK'
set -eu
case $RALPH_ROLE in
team-lead)
  stories='{}'
  for id in $(jq -r '.userStories[].id' "$RALPH_EPIC_FILE"); do
    echo "work of $id" > "$id.txt"
    git add "$id.txt"
    git diff --cached --quiet || git commit -q -m "Add $id" -m "Ralph-Story: $id"
    stories=$(jq -n --argjson all "$stories" --arg id "$id" --arg commit "$(git rev-parse HEAD)" \
      '$all + {($id): {passes: true, failureReason: null, commit: $commit, evidence: ["test -f: 0"]}}')
  done
  jq -n --arg epic "$RALPH_EPIC_ID" --argjson stories "$stories" '{epicId: $epic, stories: $stories}' > "$RALPH_REPORT" ;;
final-validator)
  ls US-00*.txt
  jq -n '{phase: "final-validation", verdict: "pass", tests: "pass", browser_check: "na",
          timestamp: (now | todate), findings: []}' > "$RALPH_REPORT" ;;
esac
WORK

# Turns that do the work and end. Lanes are chosen by a mark in the epic's description, which stands in the prompt.
WORK_TURN="{\"text\": \"I do the work now.\", \"tools\": [{\"shell\": \"sh $ROOM/work.sh\"}]}"
DONE_TURN='{"text": "Everything is committed and the report is written."}'
HONEST="$WORK_TURN, $DONE_TURN"
FINAL="\"final\": [$HONEST]"

# scene NAME LANES [EPICS]: a repository with a PRD of EPICS (3), and a model that speaks these lanes.
scene() {
  local name=$1 lanes=$2 epics=${3:-3}
  end_model
  say "$name"
  S=$ROOM/$name PORT=$((PORT + 1))
  mkdir -p "$S/home" "$S/repo" "$S/bin"
  cd "$S/repo" || die "no scene"
  git init -q -b main . && git config user.name Dev && git config user.email dev@example.invalid
  echo "# scratch" > README.md
  jq -n --argjson n "$epics" '{project: "Scratch", description: "Files.", epics: [range(1; $n + 1) |
    {id: "EPIC-00\(.)", title: "Part \(.)", description: "[[lane:e\(.)]] One file.", status: "pending", planned: false,
     dependsOn: (if . == 3 then ["EPIC-001"] else [] end),
     userStories: [{id: "US-00\(.)", title: "File \(.)", description: "", acceptanceCriteria: ["US-00\(.).txt exists"],
                    priority: 1, passes: false, failureReason: null}]}]}' > prd.json
  printf '%s\n' 'gates: [{name: files, run: "test -f README.md"}]' 'policy: {retryDelay: 2}' > ralph.config.yml
  [ -z "${LIMIT:-}" ] || echo "$LIMIT" >> ralph.config.yml
  git add -A && git commit -q -m init
  # The built-in final validator with a mark of its own: its prompt holds the marks of all epics.
  mkdir -p .ralph-teams/agents
  { cat "$HERE/../agents/final-validator.md"; echo; echo "[[lane:final]]"; } > .ralph-teams/agents/final-validator.md
  # Between us and the program, to see its command lines.
  printf '%s\n' '#!/bin/sh' "[ \"\$1\" = --version ] || printf '%s\\n' \"\$*\" >> $S/argv" \
    "exec $CLAUDE \"\$@\"" > "$S/bin/claude"
  chmod +x "$S/bin/claude"
  printf '{"lanes": {%s}}' "$lanes" > "$S/scenario.json"
  python3 "$FAKE_MODEL" --scenario "$S/scenario.json" --port $PORT --log "$S/api.jsonl" 2>/dev/null & MODEL_PID=$!
  for _ in $(seq 50); do (echo > /dev/tcp/127.0.0.1/$PORT) 2>/dev/null && break; sleep 0.1; done
  ENV=(env -i "HOME=$S/home" "PATH=$S/bin:$PATH" LANG=C.UTF-8 TERM=xterm-256color
    "ANTHROPIC_BASE_URL=http://127.0.0.1:$PORT" ANTHROPIC_API_KEY=sk-ant-fake
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1)
}

# ralph NAME ARGS...: runs it to its end; leaves $CODE, $TOOK (seconds), and its output in $S/NAME.{out,err}.
ralph() {
  local name=$1 start=$SECONDS; shift
  "${ENV[@]}" timeout -k 5 400 "$RALPH_TEAMS" "$@" < /dev/null > "$S/$name.out" 2> "$S/$name.err"
  CODE=$? TOOK=$((SECONDS - start))
}
# ralph_starts NAME ARGS...: runs it in the background; leaves $RALPH_PID.
ralph_starts() {
  local name=$1; shift
  "${ENV[@]}" "$RALPH_TEAMS" "$@" < /dev/null > "$S/$name.out" 2> "$S/$name.err" & RALPH_PID=$!
}
ralph_ends() { local start=$SECONDS; wait "$RALPH_PID"; CODE=$? TOOK=$((SECONDS - start)); }

run_dir() { readlink -f "$S/repo/.ralph-teams/current"; }
calls() { grep -c '"path": "/v1/messages' "$S/api.jsonl"; }
verdict() { jq -r "$1" "$(run_dir)/verdict.json"; }
sessions() { grep -ho '"session":"[0-9a-f-]\{36\}"' "$(run_dir)/journal.jsonl" | sort -u; }
# Processes of this scene's sessions: all that carry its folder in their environment or command line.
left() {
  local pid
  for pid in /proc/[0-9]*; do
    { tr '\0' '\n' < "$pid/environ"; } 2>/dev/null | grep -q "^HOME=$S/home" && printf '%s: ' "${pid#/proc/}" &&
      tr '\0' ' ' < "$pid/cmdline" | cut -c -120 && echo
  done
}
nothing_left() { local rest; rest=$(left); [ -z "$rest" ] && pass "no process is left" || fail "processes are left: $rest"; }
# until_true SECONDS COMMAND...
until_true() {
  local tries=$(($1 * 10)); shift
  while [ $tries -gt 0 ]; do "$@" >/dev/null 2>&1 && return 0; tries=$((tries - 1)); sleep 0.1; done
  return 1
}
asked() { [ -f "$S/api.jsonl" ] && [ "$(calls)" -ge "$1" ]; }
tools_run() { [ "$(pgrep -fc "sleep $1")" -ge 1 ]; }

# ---- the cases --------------------------------------------------------------------------------------------------------

case_success() {
  scene success "\"e1\": [$HONEST], \"e2\": [$HONEST], \"e3\": [$HONEST], $FINAL"
  ralph run run --parallel 3
  equal "three epics side by side end with a pass" 0 "$CODE"
  between "seconds" 0 60 "$TOOK"
  equal "the verdict says so" pass "$(verdict .verdict)"
  equal "each story is on the loop branch" 3 "$(git ls-tree --name-only "$(verdict .tip)" | grep -c '^US-00')"
  equal "four conversations stand in the journal" 4 "$(sessions | wc -l)"
  between "tokens are counted" 1 999999 "$(verdict .usage.input_tokens)"
  check "what it cost is told" grep -Eq '\$[0-9]' "$S/run.out"
  equal "the program is not asked more than it must be" 8 "$(calls)"
  nothing_left
}

case_setup() {
  scene setup "\"e1\": [$HONEST], \"e2\": [$HONEST], \"final\": [{\"text\": \"I look.\", \"tools\": [{\"shell\": \"test -f made.by.setup && sh $ROOM/work.sh\"}]}, $DONE_TURN]" 2
  echo "made.by.setup" >> .gitignore
  echo 'worktrees: {setup: "touch made.by.setup"}' >> ralph.config.yml
  git add -A && git commit -q -m setup
  ralph run run --parallel 2
  equal "the final validator's worktree is set up too" 0 "$CODE"
}

case_sub_agents() {
  local builder='{"subagent": {"type": "builder", "description": "Build US-001", "prompt": "[[lane:sub]] Build US-001."}}'
  scene sub-agents "\"e1\": [{\"text\": \"The builder builds it.\", \"tools\": [$builder]}, $DONE_TURN], \"sub\": [$HONEST]" 1
  ralph run run --ui json
  equal "a lead that delegates to the builder ends with a pass" 0 "$CODE"
  check "the sub-agent is seen to start" grep -q '"sub-agent-started"' "$S/run.out"
  check "the sub-agent is seen to end" grep -q '"sub-agent-ended"' "$S/run.out"
  nothing_left
}

case_terminal() {
  local slow='{"text": "I look around first.", "tools": [{"shell": "sleep 6; echo looked"}]}'
  scene terminal "\"e1\": [$slow, $HONEST], \"e2\": [$slow, $HONEST], \"e3\": [$HONEST], $FINAL"
  local tmux=(tmux -S "$ROOM/tmux")
  "${ENV[@]}" "${tmux[@]}" new-session -d -s ralph -x 110 -y 30 "$RALPH_TEAMS run --parallel 3; echo CODE=\$?; sleep 60"
  screen_says() { "${tmux[@]}" capture-pane -p -t ralph | grep -Eq "$1"; }
  check "a terminal shows what an agent does" until_true 20 screen_says 'sleep 6'
  "${tmux[@]}" capture-pane -p -t ralph > "$S/screen"
  check "it ends with exit code 0" until_true 60 screen_says 'CODE=0'
  "${tmux[@]}" capture-pane -p -S - -t ralph > "$S/screen.end"
  "${tmux[@]}" kill-server
}

case_terminal_interrupt() {
  local tmux=(tmux -S "$ROOM/tmux")
  scene terminal-interrupt "\"e1\": [{\"text\": \"A while.\", \"tools\": [{\"shell\": \"sleep 3014\"}]}, $HONEST]" 1
  "${ENV[@]}" "${tmux[@]}" new-session -d -s ralph -x 110 -y 30 "$RALPH_TEAMS run; echo CODE=\$?; sleep 60"
  screen_says() { "${tmux[@]}" capture-pane -p -t ralph | grep -Eq "$1"; }
  check "a command of the agent runs" until_true 30 tools_run 3014
  "${tmux[@]}" send-keys -t ralph C-c
  check "Ctrl-C typed on a terminal ends with 130 within 11 s" until_true 11 screen_says 'CODE=130'
  "${tmux[@]}" capture-pane -p -S - -t ralph > "$S/screen"
  "${tmux[@]}" kill-server
  nothing_left
}

# A lead that is in the middle of a command, then (when it is asked again) does the work.
MIDDLE='{"text": "This takes a while.", "tools": [{"shell": "sleep 3011 & sleep 3012; wait"}]}'

case_interrupt() {
  scene interrupt "\"e1\": [$MIDDLE, $HONEST], \"e2\": [$HONEST]" 1
  ralph_starts run run
  check "a command of the agent runs" until_true 30 tools_run 3012
  kill -INT "$RALPH_PID"; ralph_ends
  equal "Ctrl-C in the middle of a session ends with 130" 130 "$CODE"
  between "seconds" 0 11 "$TOOK"
  check "it says how to go on" grep -q 'ralph-teams resume' "$S/run.out" "$S/run.err"
  nothing_left
  local first; first=$(sessions)
  ralph resume resume
  equal "resume ends with a pass" 0 "$CODE"
  equal "in the same conversation" "$first" "$(sessions)"
  check "which was named to the program" grep -q -- "--resume $(cut -d'"' -f4 <<< "$first")" "$S/argv"
  nothing_left
}

case_interrupt_while_the_model_speaks() {
  scene interrupt-speech "\"e1\": [{\"text\": \"Thinking it over.\", \"hang\": 200}, $HONEST]" 1
  ralph_starts run run
  check "the model is asked" until_true 30 asked 1
  kill -INT "$RALPH_PID"; ralph_ends
  equal "Ctrl-C while the model speaks ends with 130" 130 "$CODE"
  between "seconds" 0 11 "$TOOK"
  nothing_left
  ralph resume resume
  equal "resume ends with a pass" 0 "$CODE"
}

case_killed() {
  scene killed "\"e1\": [$MIDDLE, $HONEST]" 1
  ralph_starts run run
  check "a command of the agent runs" until_true 30 tools_run 3012
  kill -KILL "$RALPH_PID"; ralph_ends 2>/dev/null
  gone() { [ -z "$(left)" ]; }
  check "the sessions of a runner that is killed end by themselves" until_true 15 gone
  local first; first=$(jq -r 'select(.session_id) | .session_id' "$(run_dir)"/logs/*.team-lead.1.log | head -n 1)
  ralph resume resume
  equal "resume ends with a pass" 0 "$CODE"
  equal "in the same conversation" "\"session\":\"$first\"" "$(sessions)"
  check "which was named to the program" grep -q -- "--resume $first" "$S/argv"
  nothing_left
}

# failing NAME TURNS EXIT-CODE MOST-CALLS MOST-SECONDS: two epics that the provider answers with TURNS.
failing() {
  local name=$1 turns=$2
  scene "$name" "\"e1\": [$turns], \"e2\": [$turns], $FINAL" 2
  ralph run run --parallel 2
  equal "exit code" "$3" "$CODE"
  between "requests to the provider" 1 "$4" "$(calls)"
  between "seconds" 0 "$5" "$TOOK"
  nothing_left
}

case_wrong_key() {
  failing wrong-key '{"status": 401, "message": "invalid x-api-key"}' 3 16 120
  check "the key is named as the reason" grep -Eiq 'api[ -]key' "$S/run.out" "$S/run.err"
}
# outage NAME TURNS MOST-CALLS: the provider stays away until the run's own limit stops it. No epic may fail for that.
outage() {
  LIMIT='timeouts: {loopTimeout: 60}' failing "$1" "$2" 4 "$3" 120
  equal "epics that failed" 0 "$(jq '[.epics[] | select(.status != "pending")] | length' prd.json)"
  check "the way on is told" grep -q "ralph-teams resume" "$S/run.out"
}
case_overloaded() {
  outage overloaded '{"status": 529, "message": "Overloaded"}' 80
  check "the reason is told" grep -q 529 "$S/run.out"
}
case_rate_limit() {
  outage rate-limit '{"status": 429, "headers": {"retry-after": 3600}, "message": "This request would exceed your limit."}' 40
  check "the reason is told" grep -Eiq '429|limit' "$S/run.out"
}
case_rate_limit_passes() {
  scene rate-limit-passes "\"e1\": [{\"status\": 429, \"headers\": {\"retry-after\": 1}, \"message\": \"slow down\"}, $HONEST]" 1
  ralph run run
  equal "a short rate limit is waited out" 0 "$CODE"
}
case_refusal() {
  failing refusal '{"text": "I cannot help with that.", "stop_reason": "refusal"}' 1 8 60
}
case_max_tokens() {
  scene max-tokens "\"e1\": [{\"text\": \"cut off he\", \"stop_reason\": \"max_tokens\"}, $HONEST]" 1
  ralph run run
  equal "an answer that ran into its limit is gone on with" 0 "$CODE"
}
case_cut_stream() {
  scene cut-stream "\"e1\": [{\"text\": \"partial\", \"cut\": true}, $HONEST]" 1
  ralph run run
  equal "a stream that is cut once does not stop the work" 0 "$CODE"
  outage cut-always '{"text": "partial", "cut": true}' 120
}
case_hangs_after_its_last_word() {
  scene hangs "\"e1\": [$HONEST]" 1
  sed -i "s|^exec \(.*\)|\1; [ \"\$1\" = --version ] \|\| sleep 3013|" "$S/bin/claude"
  ralph run run
  equal "a program that hangs after its last word passes even so" 0 "$CODE"
  between "seconds" 30 60 "$TOOK"
  nothing_left
}

case_tools() {
  local work='{"text": "I build it.", "tools": [{"shell": "echo x > US-001.txt && git add . && git commit -qm US-001"}]}'
  local report='{"tools": [{"mcp": {"server": "ralph", "tool": "report_story", "input": {"story": "US-001", "passes": true'
  local wrong="$report, \"commit\": \"$(printf 'f%.0s' $(seq 40))\"}}}]}" right="$report, \"run_gates\": true}}}]}"
  scene tools "\"e1\": [$work, $wrong, $right, $DONE_TURN]" 1
  ralph run run
  equal "a lead that reports by our tool and writes no file ends with a pass" 0 "$CODE"
  local log; log=$(echo "$(run_dir)"/logs/*team-lead.1.log)
  check "the server is connected" grep -q '"name":"ralph","status":"connected"' "$log"
  check "the prompt names the tool as the program does" grep -q 'mcp__ralph__report_story' "$(run_dir)"/jobs/*team-lead.1/prompt.md
  check "a commit that is not there is refused in the session" grep -q 'is not among the commits' "$log"
  check "the next claim is accepted there, gates run" grep -q 'accepted as done' "$log"
  equal "the tools of a lead and no others are offered" "blocked get_epic note report_story" \
    "$(grep -o '"mcp__ralph__[a-z_]*"' "$log" | sort -u | sed 's/.*ralph__//; s/"//' | tr '\n' ' ' | sed 's/ $//')"
  equal "the secret is on no command line" 0 "$(grep -c RALPH_DESK_TOKEN "$S/argv")"
  nothing_left
}

ALL=$(declare -F | sed -n 's/^declare -f case_//p')
say "Claude Code $("$CLAUDE" --version), $("$RALPH_TEAMS" --version), $(uname -sm), $(date -u +%F)"
for name in "${@:-$ALL}"; do
  for one in $name; do
    declare -F "case_$one" >/dev/null || die "there is no case $one; there are: $(tr '\n' ' ' <<< "$ALL")"
    "case_$one"
  done
done
say "$PASSED passed, $FAILED failed"
[ "$FAILED" = 0 ]
