//! Random valid PRDs, in several layouts, with unknown fields in between.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A valid PRD as text, in one of many layouts.
pub fn prd_text() -> impl Strategy<Value = String> {
    (prd_value(), select(vec!["compact", "pretty", "tabs", "crlf", "bom"])).prop_map(|(value, layout)| {
        let pretty = format!("{value:#}\n");
        match layout {
            "compact" => value.to_string(),
            "tabs" => pretty.replace("\n  ", "\n\t").replace("\": ", "\" : "),
            "crlf" => pretty.replace('\n', "\r\n"),
            "bom" => format!("\u{feff}{pretty}"),
            _ => pretty,
        }
    })
}

/// A valid PRD as a value: ids `E0`, `E1`, ... and `S0`, `S1`, ...; each epic depends on earlier ones.
pub fn prd_value() -> impl Strategy<Value = Value> {
    let story = (fields(&["description", "acceptanceCriteria", "priority", "passes", "failureReason"]), text());
    let epic = (
        fields(&["description", "status", "planned", "touches"]),
        text(),
        prop::collection::vec(story, 1..4),
        prop::collection::btree_set(0..8_usize, 0..3),
    );
    (fields(&["branchName", "description"]), text(), prop::collection::vec(epic, 1..6)).prop_map(
        |(mut root, project, epics)| {
            root.insert("project".into(), project.into());
            let mut n_stories = 0;
            let mut written = Vec::new();
            for (n, (mut epic, title, stories, depends_on)) in epics.into_iter().enumerate() {
                let mut story = |(mut story, title): (Map<String, Value>, String)| {
                    story.insert("title".into(), title.into());
                    story.insert("id".into(), format!("S{n_stories}").into());
                    n_stories += 1;
                    story
                };
                let stories: Vec<_> = stories.into_iter().map(&mut story).collect();
                let depends_on: Vec<_> = depends_on.into_iter().filter(|d| *d < n).map(|d| format!("E{d}")).collect();
                epic.insert("userStories".into(), json!(stories));
                epic.insert("id".into(), format!("E{n}").into());
                epic.insert("title".into(), title.into());
                if !depends_on.is_empty() {
                    epic.insert("dependsOn".into(), json!(depends_on));
                }
                written.push(epic);
            }
            root.insert("epics".into(), json!(written));
            Value::Object(root)
        },
    )
}

/// Text that is not blank, with all that JSON must escape.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "\\PC{0,6}x",
        select(vec!["\"\\\n\t\u{1}x", "𝄞 ä\u{feff}", "\u{2028}x"]).prop_map(String::from)
    ]
}

/// Some of these optional fields and some unknown ones, in any order.
fn fields(names: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    let known = select(names).prop_flat_map(|name| (Just(name.to_owned()), valid_value(name)));
    let unknown = ("x[a-z]{6,9}", any_value());
    prop::collection::vec(prop_oneof![3 => known, 1 => unknown], 0..6).prop_map(|fields| fields.into_iter().collect())
}

fn valid_value(name: &str) -> BoxedStrategy<Value> {
    let valid = match name {
        "acceptanceCriteria" => prop::collection::vec(text(), 0..3).prop_map(|texts| json!(texts)).boxed(),
        "touches" => {
            prop::collection::vec("[a-z*?]{1,4}(/[a-z*?]{1,4}){0,3}/?", 0..3).prop_map(|texts| json!(texts)).boxed()
        }
        "priority" => any::<i64>().prop_map(Value::from).boxed(),
        "passes" | "planned" => any::<bool>().prop_map(Value::from).boxed(),
        "status" => {
            select(vec!["pending", "completed", "partial", "failed", "merge-failed"]).prop_map(Value::from).boxed()
        }
        _ => text().prop_map(Value::from).boxed(),
    };
    prop_oneof![5 => valid, 1 => Just(Value::Null)].boxed()
}

/// Any JSON value that is not too big.
pub fn any_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let inner = |inner: BoxedStrategy<Value>| {
        let name = prop_oneof![
            select(vec!["id", "title", "epics", "userStories", "dependsOn", "project", "status"])
                .prop_map(String::from),
            any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    };
    leaf.boxed().prop_recursive(4, 24, 5, inner).boxed()
}
