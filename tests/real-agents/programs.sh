# The agent programs: which version, where it comes from, where its native program is, and how it is led to the fake model.
# shellcheck shell=bash

PROGRAMS="claude codex opencode copilot acp"
CACHE=${RALPH_REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ralph-teams/real-agents}

# `acp` is opencode behind the Agent Client Protocol: the same program, told what to do in another way.
version_of() {
  case $1 in
  claude) echo "${CLAUDE_VERSION:-2.1.328}" ;;
  codex) echo "${CODEX_VERSION:-0.169.0}" ;;
  opencode | acp) echo "${OPENCODE_VERSION:-1.18.33}" ;;
  copilot) echo "${COPILOT_VERSION:-1.0.102}" ;;
  esac
}
package_of() {
  case $1 in
  claude) echo @anthropic-ai/claude-code ;;
  codex) echo @openai/codex ;;
  opencode | acp) echo opencode-ai ;;
  copilot) echo @github/copilot ;;
  esac
}
folder_of() { local name=$1; [ "$name" = acp ] && name=opencode; echo "$CACHE/$name/$(version_of "$name")"; }

# The native program, not the script of npm. Of several builds the one that runs here.
binary_of() {
  local name=$1 found
  [ "$name" = acp ] && name=opencode
  find "$(folder_of "$1")/node_modules" -type f -name "$name" -size +1M 2>/dev/null | sort | while read -r found; do
    chmod u+x "$found"; "$found" --version >/dev/null 2>&1 && { echo "$found"; break; }
  done
}

# The programs that these PROGRAM.CASE need.
programs_of() {
  local one
  for one in "$@"; do
    if [ "${one%%.*}" = mixed ]; then printf '%s\n' claude codex opencode copilot; else echo "${one%%.*}"; fi
  done | sort -u
}

install() {
  local folder package; folder=$(folder_of "$1") package="$(package_of "$1")@$(version_of "$1")"
  [ -n "$(binary_of "$1")" ] && return
  command -v npm >/dev/null || die "npm is missing, and $package is not in $folder (Debian: apt-get install npm)"
  mkdir -p "$folder"
  # Without its scripts; the native program comes as a package of its own and needs none. Nor does it need the Node that is here.
  npm install --ignore-scripts --no-audit --no-fund --prefix "$folder" "$package" >&2 ||
    die "$package could not be installed"
  [ -n "$(binary_of "$1")" ] || die "$package was installed in $folder, but no native program in it runs here"
}

# settings HOME PORT: leads every program to the fake model; leaves $LED, variables for the runner's environment.
settings() {
  local home=$1 api=http://127.0.0.1:$2
  mkdir -p "$home/.codex"
  cat > "$home/.codex/config.toml" <<TOML
model = "gpt-6-astra"
model_provider = "fake"
[model_providers.fake]
name = "fake"
base_url = "$api/v1"
env_key = "FAKE_API_KEY"
wire_api = "responses"
request_max_retries = 2
stream_max_retries = 2
TOML
  local model='"fake-model": {"tool_call": true, "limit": {"context": 200000, "output": 32000}, "cost": {"input": 3, "output": 15}}'
  local provider="\"npm\": \"@ai-sdk/openai-compatible\", \"options\": {\"baseURL\": \"$api/v1\", \"apiKey\": \"k\"}, \"models\": {$model}"
  LED=(
    "ANTHROPIC_BASE_URL=$api" ANTHROPIC_API_KEY=sk-ant-fake
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1
    FAKE_API_KEY=sk-fake-0000
    "OPENCODE_CONFIG_CONTENT={\"model\": \"fake/fake-model\", \"small_model\": \"fake/fake-model\", \"provider\": {\"fake\": {$provider}}}"
    OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_LSP_DOWNLOAD=1
    COPILOT_OFFLINE=true "COPILOT_PROVIDER_BASE_URL=$api/v1" COPILOT_PROVIDER_TYPE=openai
    COPILOT_PROVIDER_WIRE_API=completions COPILOT_PROVIDER_API_KEY=sk-fake-0000 COPILOT_MODEL=gpt-5.4
  )
}
