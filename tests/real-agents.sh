#!/usr/bin/env bash
# Drives ralph-teams with the real agent programs against a scripted model on loopback, and prints a table of what passed.
#
#     tests/real-agents.sh [--keep] FAKE_MODEL [PROGRAM | CASE | PROGRAM.CASE ...]
#
# FAKE_MODEL (or $RALPH_FAKE_MODEL) is a Python program that answers the interfaces of Anthropic (/v1/messages) and OpenAI
# (/v1/responses, /v1/chat/completions) on 127.0.0.1 from a file of scripted turns: `--scenario FILE --port N --log FILE`.
# A scenario is `{"lanes": {NAME: [TURN...]}}`; a request belongs to the lane of the first [[lane:NAME]] in its user's text.
#   RALPH_TEAMS       the binary under test                    [target/debug/ralph-teams]
#   RALPH_REAL_CACHE  where the programs are installed once    [~/.cache/ralph-teams/real-agents]
#   CLAUDE_VERSION, CODEX_VERSION, OPENCODE_VERSION, COPILOT_VERSION   instead of those in tests/real-agents/programs.sh
# Without a PROGRAM or CASE all of them run (about 15 minutes). Needs bash, git, python3, util-linux (unshare), the right to
# make a network namespace (root, or user namespaces), and npm for the first time; tmux only for claude.terminal*. After the
# installation everything runs in a namespace that has loopback and nothing else. It is not part of `cargo test`.
set -u

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KEEP=${KEEP:-no}
[ "${1:-}" = --keep ] && { KEEP=yes; shift; }
FAKE_MODEL=${1:-${RALPH_FAKE_MODEL:-}}
[ $# -gt 0 ] && shift

die() { echo "real-agents: $*" >&2; exit 2; }
. "$HERE/real-agents/programs.sh"
. "$HERE/real-agents/scene.sh"
. "$HERE/real-agents/cases.sh"
. "$HERE/real-agents/claude.sh"

# All that there is, as PROGRAM.CASE: every case of case_each_* with every program, then those of one program.
all_cases() {
  local program case
  for program in $PROGRAMS; do
    for case in $(declare -F | sed -n 's/^declare -f case_each_//p'); do echo "$program.$case"; done
    declare -F | sed -n "s/^declare -f case_${program}_/$program./p"
  done
  declare -F | sed -n 's/^declare -f case_mixed_/mixed./p'
}
# chosen WORD...: those that the words name.
chosen() {
  [ $# -gt 0 ] || { all_cases; return; }
  local word found
  for word in "$@"; do
    found=$(all_cases | grep -Ex "$word|$word\\..*|.*\\.$word") || die "there is no $word; there are: $(all_cases | tr '\n' ' ')"
    echo "$found"
  done
}

CHOSEN=$(chosen "$@") || exit 2
# A case that two words name is tried once: it has one folder.
CHOSEN=$(echo "$CHOSEN" | awk '!seen[$0]++')

# ---- before the namespace: everything that needs a network ------------------------------------------------------------

if [ -z "${RALPH_REAL_INSIDE:-}" ]; then
  RALPH_TEAMS=$(readlink -f "${RALPH_TEAMS:-$HERE/../target/debug/ralph-teams}")
  [ -f "$FAKE_MODEL" ] || die "name the fake model: tests/real-agents.sh FAKE_MODEL [PROGRAM | CASE | PROGRAM.CASE ...]"
  [ -x "$RALPH_TEAMS" ] || die "$RALPH_TEAMS is missing: cargo build, or set RALPH_TEAMS"
  for tool in git python3 unshare setpriv timeout find; do
    command -v $tool >/dev/null || die "$tool is missing (Debian: apt-get install git python3 util-linux coreutils findutils)"
  done
  for program in $(programs_of $CHOSEN); do install "$program"; done
  # Below what a run needs, plus what the programs unpack and write, nothing would start.
  [ "$(df -Pm "${TMPDIR:-/tmp}" | awk 'NR == 2 { print $4 }')" -ge 1500 ] || die "less than 1500 MiB are free in ${TMPDIR:-/tmp}"
  # An ordinary user stays one, with the right to switch loopback on, which is given away below.
  apart=(unshare --net); [ "$(id -u)" = 0 ] || apart=(unshare --user --map-current-user --keep-caps --net)
  "${apart[@]}" true 2>/dev/null || die "no network namespace can be made: run as root, or allow user namespaces"
  export RALPH_REAL_INSIDE=down RALPH_TEAMS KEEP
  exec "${apart[@]}" -- bash "${BASH_SOURCE[0]}" "$(readlink -f "$FAKE_MODEL")" $CHOSEN
fi

# ---- inside -----------------------------------------------------------------------------------------------------------

if [ "$RALPH_REAL_INSIDE" = down ]; then
  python3 - <<'UP' || die "loopback cannot be switched on"
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh22x", b"lo", 0x49))  # SIOCSIFFLAGS: up, loopback, running
UP
  export RALPH_REAL_INSIDE=up
  exec setpriv --ambient-caps=-all --inh-caps=-all -- bash "${BASH_SOURCE[0]}" "$FAKE_MODEL" $CHOSEN
fi
[ "$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' \n')" = lo ] || die "this is not a namespace with loopback only"

ROOM=$(mktemp -d)
trap leave EXIT
trap 'exit 130' INT TERM
write_tools
TABLE="$ROOM/table"
for program in $(programs_of $CHOSEN); do say "$program $(version_of "$program"): $(binary_of "$program")"; done
for one in $CHOSEN; do
  PROGRAM=${one%%.*} CASE=${one#*.} PASSED=0 FAILED=0 SKIPPED=''
  began=$SECONDS
  say "$one"
  if declare -F "case_${PROGRAM}_$CASE" >/dev/null; then "case_${PROGRAM}_$CASE"; else "case_each_$CASE"; fi
  result=ok; [ "$FAILED" = 0 ] || result="FAILED: $FAILED"; [ -z "$SKIPPED" ] || result="skipped: $SKIPPED"
  [ "$PROGRAM" = mixed ] && version=- || version=$(version_of "$PROGRAM")
  printf '| %s | %s | %s | %s | %s s | %s |\n' \
    "$PROGRAM" "$version" "${CASE//_/ }" "$PASSED" "$((SECONDS - began))" "$result" >> "$TABLE"
done
end_model
say ''
say "$("$RALPH_TEAMS" --version), $(uname -sm), $(date -u +%F)"
say ''
say '| program | version | case | facts | took | result |'
say '|---|---|---|---|---|---|'
cat "$TABLE"
! grep -q FAILED "$TABLE"
