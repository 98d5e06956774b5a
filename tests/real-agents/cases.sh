# What every program has to do, and what several have to do together.
# shellcheck shell=bash

# What holds of a run of three epics that passed, whoever worked on it.
three_epics_passed() {
  equal "the verdict" pass "$(verdict "d['verdict']")"
  local tip; tip=$(verdict "d['tip']")
  equal "each story is on the loop branch, and nothing that a program was told" \
    "README.md US-001.txt US-002.txt US-003.txt prd.json ralph.config.yml" "$(git ls-tree -r --name-only "$tip" | tr '\n' ' ' | sed 's/ $//')"
  equal "each story has a commit with its trailer" "US-001 US-002 US-003" \
    "$(git log --format='%(trailers:key=Ralph-Story,valueonly)' "$tip" | grep . | sort -u | tr '\n' ' ' | sed 's/ $//')"
  equal "the user's checkout is as it was" "$BEFORE" "$(standing)"
  between "tokens that are recorded" 1 9999999 "$(verdict "d['usage']['input_tokens'] + d['usage']['output_tokens']")"
  equal "no secret is on a command line" 0 "$(grep -cE '[0-9a-f]{64}|RALPH_DESK_TOKEN' "$S/argv")"
  check "the epics know that they are done" test "$(json prd.json "sum(e['status'] == 'completed' for e in d['epics'])")" = 3
  nothing_left
}

# Epics 1 and 2 wait for each other, so they pass only side by side.
side_by_side() { shell_turn 'I wait for the other.' "python3 $ROOM/work.py meet $1 $2"; }

case_each_epics() {
  scene epics "\"e1\": [$(side_by_side 1 2), $(by_tool 1)], \"e2\": [$(side_by_side 2 1), $(by_tool 2)], \"e3\": [$(by_tool 3)], \"final\": [$(judge 3)]"
  ralph run run --parallel 2
  equal "three epics, two side by side, end with a pass" 0 "$CODE"
  between "seconds" 0 180 "$TOOK"
  equal "four conversations stand in the journal" 4 "$(sessions | wc -l)"
  equal "reports that our tools accepted" 3 "$(cat "$(run_dir)"/logs/*team-lead.1.log | grep -c 'accepted as done')"
  check "and a verdict" grep -q 'accepted' "$(run_dir)"/logs/*final-validator.1.log
  three_epics_passed
}

# A lead that is in the middle of a command, then (when it is asked again) does the work.
MIDDLE='{"text": "This takes a while.", "tools": [{"shell": "sleep 3011 & sleep 3012; wait"}]}'

case_each_interrupt() {
  scene interrupt "\"e1\": [$MIDDLE, $(by_tool 1)]" 1
  ralph_starts run run
  check "a command of the agent runs" until_true 180 tool_runs 3012
  kill -INT "$RALPH_PID"; ralph_ends
  equal "Ctrl-C in the middle of a session ends with 130" 130 "$CODE"
  between "seconds" 0 11 "$TOOK"
  check "it says how to go on" grep -q 'ralph-teams resume' "$S/run.out" "$S/run.err"
  nothing_left
  local first; first=$(sessions)
  ralph resume resume
  equal "resume ends with a pass" 0 "$CODE"
  equal "in the same conversation" "$first" "$(sessions)"
  check "which was named to the program" resumed "$(cut -d'"' -f4 <<< "$first")"
  equal "the user's checkout is as it was" "$BEFORE" "$(standing)"
  nothing_left
}
# resumed SESSION: its second start named the conversation; behind the protocol that is not on a command line.
resumed() { [ "$PROGRAM" = acp ] || sed 1d "$S/argv" | grep -qE -- "(--resume[= ]|resume |--session )$1"; }

case_each_phases() {
  local plan; plan=$(tool_turn report_plan '"text": "# Plan\nUS-001: one file, proven by its presence."')
  PHASES='epicPlanning: true, epicValidation: true' scene phases \
    "\"plan\": [$(shell_turn 'I look around.' 'ls'), $plan, $DONE], \"e1\": [$(by_tool 1)], \"judge\": [$(judge 1)]" 1
  mark epic-planner plan; mark epic-validator judge
  ralph run run
  equal "an epic that is planned, built and judged ends with a pass" 0 "$CODE"
  equal "three conversations stand in the journal" 3 "$(sessions | wc -l)"
  check "the plan was handed in by our tool, and is kept" grep -q 'proven by its presence' .ralph-teams/plans/plan-EPIC-001.md
  check "so was the verdict on the epic" grep -q 'accepted' "$(run_dir)"/logs/*epic-validator.1.log
  equal "the user's checkout is as it was" "$BEFORE" "$(standing)"
  nothing_left
}

# Gates that take longer than programs wait for a tool by themselves (opencode: 60 s), once.
case_each_patience() {
  local wait=''
  # Its newer models get the floor back after 30 s, and wait for what still runs.
  [ "$PROGRAM" = codex ] && wait='{"tools": [{"raw": {"name": "wait", "input": {"cell_id": "2", "yield_time_ms": 120000}}}]},'
  local report; report=$(tool_turn report_story '"story": "US-001", "passes": true, "run_gates": true')
  scene patience "\"e1\": [$(WORK), $report, $wait $DONE]" 1 \
    "baseline: false"
  printf 'gates: [{name: slow, run: "test -e %s/slow || { touch %s/slow; sleep 75; }"}]\n' "$S" "$S" > gates
  { cat gates; grep -v '^gates:' ralph.config.yml; } > new && mv new ralph.config.yml && rm gates && git commit -qam gates
  ralph run run
  equal "a report whose gates run for 75 s ends with a pass" 0 "$CODE"
  check "the tool's answer arrived" grep -q 'accepted as done' "$(run_dir)"/logs/*team-lead.1.log
  nothing_left
}

# leads LEAD BUILDER VALIDATOR: one epic, whose lead lets a builder and a story validator on other programs do the work.
leads() {
  local build judged report
  # As above: its newer models have to wait for what takes longer than 30 s. For what does not, the wait is refused.
  waits() { [ "$1" = codex ] && printf '{"tools": [{"raw": {"name": "wait", "input": {"cell_id": "%s", "yield_time_ms": 120000}}}]},' "$2"; }
  build=$(tool_turn delegate '"role": "builder", "story": "US-001", "brief": "Write the file and commit it."')
  judged=$(tool_turn delegate '"role": "story-validator", "story": "US-001"')
  report=$(tool_turn report_story '"story": "US-001", "passes": true, "run_gates": true')
  # A prompt offers a story validator only where the workflow has one.
  PHASES='epicPlanning: false, epicValidation: false, storyValidation: true' \
    scene "$1-leads" "\"lead\": [$build, $(waits "$1" 1) $judged, $(waits "$1" 2) $report, $(waits "$1" 3) $DONE],
    \"builder\": [$(WORK), {\"text\": \"Built: test -f US-001.txt: 0\"}], \"judge\": [$(judge 1)], \"final\": [$(judge 1)]" 1 \
    "roles: {team-lead: {backend: $1}, builder: {backend: $2}, story-validator: {backend: $3}, final-validator: {backend: $1}}"
  mark team-lead lead; mark builder builder; mark story-validator judge
  ralph run run
  equal "a lead on $1, a builder on $2 and a story validator on $3 end with a pass" 0 "$CODE"
  equal "the verdict" pass "$(verdict "d['verdict']")"
  equal "sessions were started on" "$1 $2 $3" "$(cut -d' ' -f1 "$S/argv" | awk '!seen[$0]++' | tr '\n' ' ' | sed 's/ $//')"
  local log; log=$(echo "$(run_dir)"/logs/*team-lead.1.log)
  check "the lead is told what the builder left" grep -q 'Add US-001' "$log"
  check "and what the validator found" grep -q 'proven' "$log"
  check "the report is accepted" grep -q 'accepted as done' "$log"
  equal "the story's commit has its trailer" US-001 \
    "$(git log --format='%(trailers:key=Ralph-Story,valueonly)' "$(verdict "d['tip']")" | grep . | sort -u)"
  between "tokens that are recorded" 1 9999999 "$(verdict "d['usage']['input_tokens'] + d['usage']['output_tokens']")"
  equal "the user's checkout is as it was" "$BEFORE" "$(standing)"
  nothing_left
}
case_mixed_claude_leads() { leads claude codex copilot; }
case_mixed_codex_leads() { leads codex copilot opencode; }
case_mixed_opencode_leads() { leads opencode claude codex; }
case_mixed_copilot_leads() { leads copilot opencode claude; }
