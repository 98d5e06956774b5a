# A scratch repository with a PRD, a scripted model, the runner under test, and what is found out about them.
# shellcheck shell=bash

MODEL_PID='' RALPH_PID='' PORT=$((8200 + RANDOM % 20000))
say() { printf '%s\n' "$*"; }
pass() { PASSED=$((PASSED + 1)); say "  ok    $*"; }
fail() { FAILED=$((FAILED + 1)); say "  FAIL  $*"; }
# check WHAT COMMAND...: the fact WHAT holds if COMMAND succeeds.
check() { local what=$1; shift; if "$@" >/dev/null 2>&1; then pass "$what"; else fail "$what"; fi; }
# equal WHAT EXPECTED FOUND
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1: expected $2, found $3"; fi; }
# between WHAT LEAST MOST FOUND
between() {
  if [ "${4:-x}" -ge "$2" ] 2>/dev/null && [ "$4" -le "$3" ]; then pass "$1 ($4)"; else fail "$1: ${4:-nothing} is not in $2..$3"; fi
}

end_model() { [ -n "$MODEL_PID" ] && kill "$MODEL_PID" 2>/dev/null && wait "$MODEL_PID" 2>/dev/null; MODEL_PID=''; }
leave() {
  # Only when this is ended itself: a run that is under way clears away what it started.
  [ -n "$RALPH_PID" ] && kill -TERM "$RALPH_PID" 2>/dev/null && wait "$RALPH_PID" 2>/dev/null
  end_model
  [ -S "$ROOM/tmux" ] && tmux -S "$ROOM/tmux" kill-server 2>/dev/null
  if [ "$KEEP" = yes ]; then say "kept: $ROOM"; else rm -rf "$ROOM"; fi
}

# What the scripted model has its shell run: it knows its role and its epic from the environment, as any session does.
#   work.py           commits every story of the epic
#   work.py report    the same, and writes the report file
#   work.py meet A B  waits until A and B were both started: side by side, or not at all
write_tools() {
  cat > "$ROOM/work.py" <<'WORK'
import json, os, pathlib, subprocess, sys, time

def git(*words): return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()

def commit(story):
    pathlib.Path(f"{story}.txt").write_text(f"work of {story}\n")
    git("add", f"{story}.txt")
    if git("status", "--porcelain", f"{story}.txt"):
        git("commit", "-q", "-m", f"Add {story}", "-m", f"Ralph-Story: {story}")
    return {"passes": True, "failureReason": None, "commit": git("rev-parse", "HEAD"), "evidence": ["test -f: 0"]}

def work(report):
    if os.environ["RALPH_ROLE"] == "final-validator":
        answer = {"phase": "final-validation", "verdict": "pass", "tests": "pass", "browser_check": "na",
                  "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "findings": []}
    else:
        epic = json.load(open(os.environ["RALPH_EPIC_FILE"]))
        stories = {story["id"]: commit(story["id"]) for story in epic["userStories"]}
        answer = {"epicId": os.environ["RALPH_EPIC_ID"], "stories": stories}
    if report:
        json.dump(answer, open(os.environ["RALPH_REPORT"], "w"))

def meet(mine, other):
    here = pathlib.Path(__file__).parent / "met" / os.environ["RALPH_RUN_ID"]
    here.mkdir(parents=True, exist_ok=True)
    (here / mine).touch()
    for _ in range(600):
        if (here / other).exists():
            return print("met")
        time.sleep(0.1)
    sys.exit(f"{other} never came")

if sys.argv[1:2] == ["meet"]:
    meet(*sys.argv[2:4])
else:
    work(sys.argv[1:2] == ["report"])
WORK
  cat > "$ROOM/prd.py" <<'PRD'
import json, sys
epics = [{"id": f"EPIC-00{n}", "title": f"Part {n}", "description": f"[[lane:e{n}]] One file.", "status": "pending",
          "planned": False, "dependsOn": ["EPIC-001", "EPIC-002"] if n == 3 else [],
          "userStories": [{"id": f"US-00{n}", "title": f"File {n}", "description": "", "priority": 1, "passes": False,
                           "acceptanceCriteria": [f"US-00{n}.txt exists"], "failureReason": None}]}
         for n in range(1, int(sys.argv[1]) + 1)]
print(json.dumps({"project": "Scratch", "description": "Files.", "epics": epics}, indent=2))
PRD
}

# Turns of the scripted model. Lanes are chosen by a mark in the epic's description, which stands in the prompt.
shell_turn() { printf '{"text": "%s", "tools": [{"shell": "%s"}]}' "$1" "$2"; }
# tool_turn TOOL INPUT: a call of a tool of ours.
tool_turn() { printf '{"tools": [{"mcp": {"server": "ralph", "tool": "%s", "input": {%s}}}]}' "$1" "$2"; }
WORK() { shell_turn "I do the work now." "python3 $ROOM/work.py"; }
DONE='{"text": "Everything is committed and reported."}'
# by_file: does the work and reports in the file.  by_tool N: does the work of story N and reports by our tool, gates run.
by_file() { printf '%s, %s' "$(shell_turn 'I do the work now.' "python3 $ROOM/work.py report")" "$DONE"; }
by_tool() { printf '%s, %s, %s' "$(WORK)" "$(tool_turn report_story "\"story\": \"US-00$1\", \"passes\": true, \"run_gates\": true")" "$DONE"; }
# judge N: a final validator of N epics that passes, by our tool.
judge() {
  local n criteria=''
  for n in $(seq "$1"); do criteria+="${criteria:+, }{\"story\": \"US-00$n\", \"criterion\": 1, \"verdict\": \"proven\", \"evidence\": \"ls\"}"; done
  printf '%s, %s, %s' "$(shell_turn 'I look.' 'ls')" "$(tool_turn report_validation "\"verdict\": \"pass\", \"criteria\": [$criteria]")" "$DONE"
}

# scene NAME LANES [EPICS] [CONFIG]: a repository with a PRD of EPICS (3), and a model that speaks these lanes. Epics are neither
# planned nor judged one by one, unless $PHASES says so.
scene() {
  local lanes=$2 epics=${3:-3} program
  end_model
  S=$ROOM/$PROGRAM.$1 PORT=$((PORT + 1))
  mkdir -p "$S/home" "$S/repo" "$S/bin" "$S/tmp" "$ROOM/cache"
  cd "$S/repo" || die "no scene"
  git init -q -b main . && git config user.name Dev && git config user.email dev@example.invalid
  echo "# scratch" > README.md
  python3 "$ROOM/prd.py" "$epics" > prd.json
  printf '%s\n' 'gates: [{name: files, run: "test -f README.md"}]' 'policy: {retryDelay: 2}' \
    'backends: {codex: {env: {FAKE_API_KEY: $FAKE_API_KEY}}, acp: {argv: [opencode, acp]}}' ${4+"$4"} > ralph.config.yml
  local backend="backend: $PROGRAM, "; [ "$PROGRAM" = mixed ] && backend=''
  echo "execution: {$backend${PHASES:-epicPlanning: false, epicValidation: false}}" >> ralph.config.yml
  git add -A && git commit -q -m init
  BEFORE=$(standing)
  # The built-in final validator with a mark of its own: its prompt holds the marks of all epics.
  mark final-validator final
  # Between us and the programs, to see their command lines.
  for program in $(programs_of "$PROGRAM.$1"); do
    local name=$program; [ "$name" = acp ] && name=opencode
    printf '%s\n' '#!/bin/sh' "[ \"\$1\" = --version ] || printf '%s\\n' \"$name \$*\" >> $S/argv" \
      "exec $(binary_of "$program") \"\$@\"" > "$S/bin/$name"
    chmod +x "$S/bin/$name"
  done
  printf '{"lanes": {%s}}' "$lanes" > "$S/scenario.json"
  python3 "$FAKE_MODEL" --scenario "$S/scenario.json" --port $PORT --log "$S/api.jsonl" 2>/dev/null & MODEL_PID=$!
  for _ in $(seq 50); do (echo > /dev/tcp/127.0.0.1/$PORT) 2>/dev/null && break; sleep 0.1; done
  settings "$S/home" "$PORT"
  # What Copilot unpacks at its first start, 200 MB, is unpacked once.
  ENV=(env -i "HOME=$S/home" "PATH=$S/bin:$PATH" "TMPDIR=$S/tmp" "XDG_CACHE_HOME=$ROOM/cache" LANG=C.UTF-8 TERM=xterm-256color
    "${LED[@]}")
}

# mark ROLE LANE: sessions in this role belong to the lane, whatever epic they work on.
mark() {
  mkdir -p .ralph-teams/agents
  { cat "$HERE/../agents/$1.md"; printf '\n[[lane:%s]]\n' "$2"; } > ".ralph-teams/agents/$1.md"
}

# ralph NAME ARGS...: runs it to its end; leaves $CODE, $TOOK (seconds), and its output in $S/NAME.{out,err}.
ralph() {
  local name=$1 start=$SECONDS; shift
  "${ENV[@]}" timeout -k 20 400 "$RALPH_TEAMS" "$@" < /dev/null > "$S/$name.out" 2> "$S/$name.err" & RALPH_PID=$!
  wait "$RALPH_PID"; CODE=$? TOOK=$((SECONDS - start)) RALPH_PID=''
}
# ralph_starts NAME ARGS...: runs it in the background; leaves $RALPH_PID.
ralph_starts() {
  local name=$1; shift
  "${ENV[@]}" "$RALPH_TEAMS" "$@" < /dev/null > "$S/$name.out" 2> "$S/$name.err" & RALPH_PID=$!
}
ralph_ends() { local start=$SECONDS; wait "$RALPH_PID"; CODE=$? TOOK=$((SECONDS - start)) RALPH_PID=''; }

run_dir() { readlink -f "$S/repo/.ralph-teams/current"; }
# json FILE EXPRESSION: of the file as `d`, in Python.
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"; }
verdict() { json "$(run_dir)/verdict.json" "$1"; }
calls() { grep -cE '"path": "/v1/(messages|responses|chat/completions)' "$S/api.jsonl"; }
sessions() { grep -ohE '"session":"([0-9a-f-]{36}|ses_[A-Za-z0-9]+)"' "$(run_dir)/journal.jsonl" | sort -u; }
# How the user's own checkout stands, but for prd.json, into which the runner writes how far it is.
standing() { git rev-parse HEAD; git symbolic-ref HEAD; git status --porcelain | grep -v ' prd.json$'; git stash list; }
# Processes of this scene's sessions: all that carry its folder in their environment.
left() {
  local pid
  for pid in /proc/[0-9]*; do
    { tr '\0' '\n' < "$pid/environ"; } 2>/dev/null | grep -q "^HOME=$S/home" && printf '%s: ' "${pid#/proc/}" &&
      tr '\0' ' ' < "$pid/cmdline" | cut -c -120 && echo
  done
}
gone() { [ -z "$(left)" ]; }
nothing_left() { if gone; then pass "no process is left"; else fail "processes are left: $(left)"; fi; }
# until_true SECONDS COMMAND...
until_true() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.2; done
}
asked() { [ -f "$S/api.jsonl" ] && [ "$(calls)" -ge "$1" ]; }
# tool_runs SECONDS: a command `sleep SECONDS` of this scene's agent runs.
tool_runs() { left | grep -q ": sleep $1 "; }
