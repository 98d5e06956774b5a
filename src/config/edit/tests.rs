//! What an edit changes, what it must leave, and what it refuses.

use serde_json::{Value, json};

use super::{Change, EditFault, assign, set};

const FILE: &str = "\
# ours
workflow: { preset: balanced }   # how much

execution:   # who
    backend: claude   # the agent
    parallel: 2

    # the end of execution
gates:
- name: test
  run: |
    cargo test
- {name: lint, run: 'cargo clippy'}

# the end
";

fn one(text: &str, key: &str, value: impl Into<Value>) -> Result<String, EditFault> {
    set("r.yml", text, &[Change::new(key, value)])
}

#[track_caller]
fn edited(text: &str, key: &str, value: impl Into<Value>) -> String {
    one(text, key, value).unwrap_or_else(|fault| panic!("{key}: {fault}"))
}

#[track_caller]
fn refusal(text: &str, key: &str, typed: &str) -> String {
    assign("r.yml", text, key, typed).expect_err("a refusal").to_string()
}

#[test]
fn a_value_is_replaced_and_everything_else_stays_byte_for_byte() {
    let expected = FILE.replace("backend: claude   #", "backend: codex   #");
    assert_eq!(edited(FILE, "execution.backend", "codex"), expected);
    assert_eq!(edited(FILE, "workflow.preset", "full"), FILE.replace("balanced", "full"));
    assert_eq!(edited(FILE, "gates[1].run", "x"), FILE.replace("'cargo clippy'", "x"));
    let expected = FILE.replace("run: |\n    cargo test\n", "run: make test\n");
    assert_eq!(edited(FILE, "gates[0].run", "make test"), expected);
}

#[test]
fn a_new_key_goes_to_its_section_in_that_sections_own_way() {
    let expected = FILE.replace("parallel: 2\n", "parallel: 2\n    model: opus\n");
    assert_eq!(edited(FILE, "execution.model", "opus"), expected);
    assert_eq!(edited(FILE, "budget.epic.maxTokens", 5), format!("{FILE}budget:\n  epic:\n    maxTokens: 5\n"));
    assert_eq!(
        edited("execution: {parallel: 2} # c\n", "execution.model", "m"),
        "execution: {parallel: 2, model: m} # c\n"
    );
}

#[test]
fn a_file_without_a_key_gets_its_first_one_behind_its_comments() {
    for (text, before) in [("", ""), ("# c\n", "# c\n"), ("# c", "# c\n"), ("---\n", "---\n")] {
        assert_eq!(edited(text, "execution.parallel", 3), format!("{before}execution:\n  parallel: 3\n"), "{text:?}");
    }
    let commented_out = "execution:\n  # parallel: 2\n";
    assert_eq!(edited(commented_out, "execution.parallel", 3), "execution:\n  parallel: 3\n  # parallel: 2\n");
}

#[test]
fn lists_and_mappings_can_be_set_as_a_whole() {
    let gates = json!([{ "name": "test", "run": "npm test" }, { "run": "npm run lint", "timeout": 60 }]);
    let text = "gates:\n- name: test\n  run: npm test\n- run: npm run lint\n  timeout: 60\n";
    assert_eq!(edited("", "gates", gates), text.to_owned());
    assert_eq!(
        edited("", "execution.fallback", json!(["codex", "gemini"])),
        "execution:\n  fallback: [codex, gemini]\n"
    );
}

#[test]
fn lines_that_end_as_on_windows_go_on_ending_so() {
    let text = edited("execution:\r\n  parallel: 2 # x\r\n", "execution.model", "m");
    assert_eq!(text, "execution:\r\n  parallel: 2 # x\r\n  model: m\r\n");
}

#[test]
fn what_was_typed_is_read_as_its_key_wants_it() {
    let typed = |key: &str, typed: &str| assign("r.yml", "", key, typed).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(typed("execution.parallel", "3"), "execution:\n  parallel: 3\n");
    assert_eq!(typed("execution.model", "4.5"), "execution:\n  model: '4.5'\n");
    assert_eq!(typed("execution.fallback", "[codex]"), "execution:\n  fallback: [codex]\n");
    assert_eq!(typed("worktrees.setup", "npm ci # quick"), "worktrees:\n  setup: 'npm ci # quick'\n");
    assert_eq!(
        typed("prices.gpt-4\\.1", "{input: 1, output: 2}"),
        "prices:\n  gpt-4.1:\n    input: 1\n    output: 2\n"
    );
}

#[test]
fn a_key_or_value_that_cannot_be_is_refused_with_the_one_that_was_meant() {
    assert!(
        refusal(FILE, "execution.paralel", "3")
            .contains("execution.paralel: there is no such key. Did you mean `parallel`?")
    );
    assert!(refusal(FILE, "excution.parallel", "3").contains("Did you mean `execution`?"));
    assert!(refusal(FILE, "execution.backend", "cluade").contains("Did you mean `claude`?"));
    assert!(
        refusal(FILE, "execution.parallel", "many").contains("expected a whole number from 1 to 64, found the text")
    );
    assert!(refusal(FILE, "execution.backend", "acp").contains("needs its program in `backends.acp.argv`"));
    assert!(refusal(FILE, "execution.backend.x", "1").contains("execution.backend: expected text"));
    assert!(refusal(FILE, "execution", "x").contains("expected keys with values"));
    assert!(refusal(FILE, "a..b", "1").contains("this is no path of a key"));
    assert!(refusal(FILE, "", "1").contains("this is no path of a key"));
}

#[test]
fn a_file_that_is_faulty_already_is_not_touched_and_its_faults_are_told() {
    assert!(refusal("a: 1\n", "execution.parallel", "3").contains("r.yml:1:1: a: there is no such key"));
    assert!(refusal("a: [1\n", "execution.parallel", "3").contains("mend it first"));
    assert!(
        refusal("execution: {parallel: 1}\nexecution: {parallel: 2}\n", "execution.model", "m").contains("by hand")
    );
    // But a value that is wrong can be mended so.
    let mended = assign("r.yml", "execution: {parallel: none}\n", "execution.parallel", "3");
    assert_eq!(mended, Ok("execution: {parallel: 3}\n".to_owned()));
}

#[test]
fn what_would_lose_a_comment_or_change_another_key_is_refused() {
    let with_comment = "gates:\n- name: test # slow\n  run: x\n";
    assert!(matches!(one(with_comment, "gates", json!([])), Err(EditFault::Tangled { .. })));
    let shared = "roles:\n  resolver: &r {model: a}\n  team-lead: *r\n";
    assert!(matches!(one(shared, "roles.team-lead.model", "b"), Err(EditFault::Tangled { .. })));
}
