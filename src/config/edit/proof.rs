//! The proof that an edit did what it should and nothing else. It believes neither the library nor us: both texts are read
//! again, by another library than the one that edited.

use serde_json::{Map, Value};
use yaml_edit::YamlFile;
use yaml_edit::path::PathSegment;

use crate::config::yaml::{self, Node, Value as Yaml};

/// An edit to be judged.
pub(super) struct Edit<'a> {
    /// The text before.
    pub text: &'a str,
    /// The same, read.
    pub before: &'a Node,
    /// The text after.
    pub edited: &'a str,
    /// The key that was to be set.
    pub path: &'a [PathSegment],
    /// Its value.
    pub value: &'a Value,
}

/// Whether the values are the old ones but for the given key, all comments are still there, and no line vanished but
/// those of the value.
pub(super) fn only_changes(edit: &Edit<'_>) -> bool {
    let after = yaml::parse(edit.edited.as_bytes()).ok().and_then(|node| plain(&node));
    let expected = plain(edit.before).and_then(|before| with(before, edit.path, edit.value));
    after.is_some()
        && after == expected
        && comments(edit.text) == comments(edit.edited)
        && replaced(edit.text, edit.edited).is_none_or(|lines| is_within(&lines, place(edit.before, edit.path)))
}

/// The tree without places. `None`: a key is given twice, or a number is out of all bounds.
pub(super) fn plain(node: &Node) -> Option<Value> {
    Some(match &node.value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => (*value).into(),
        Yaml::Whole(number) => i64::try_from(*number).ok()?.into(),
        Yaml::Decimal(number) => serde_json::Number::from_f64(*number)?.into(),
        Yaml::Text(text) => text.as_str().into(),
        Yaml::List(items) => items.iter().map(plain).collect::<Option<Vec<_>>>()?.into(),
        Yaml::Map(entries) => {
            let mut map = Map::new();
            for entry in entries {
                if map.insert(entry.key.clone(), plain(&entry.value)?).is_some() {
                    return None;
                }
            }
            map.into()
        }
    })
}

/// The tree with one value changed; missing sections are made. `None`: the path does not fit the tree.
fn with(tree: Value, path: &[PathSegment], value: &Value) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else { return Some(value.clone()) };
    match first {
        PathSegment::Key(key) => {
            let mut map = match tree {
                Value::Object(map) => map,
                Value::Null => Map::new(),
                Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => return None,
            };
            let inner = map.get(key).cloned().unwrap_or_default();
            map.insert(key.clone(), with(inner, rest, value)?);
            Some(map.into())
        }
        PathSegment::Index(n) => {
            let Value::Array(mut items) = tree else { return None };
            // One more at the end, but no gap.
            if *n == items.len() {
                items.push(Value::Null);
            }
            let item = items.get_mut(*n)?;
            *item = with(item.take(), rest, value)?;
            Some(items.into())
        }
    }
}

fn comments(text: &str) -> Vec<String> {
    YamlFile::from_str_relaxed(text).0.comments().map(|comment| comment.text().trim_end().to_owned()).collect()
}

/// The lines, counted from 1, that one text has in place of others; `None`: only new ones came in between.
fn replaced(old: &str, new: &str) -> Option<std::ops::RangeInclusive<u64>> {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let shortest = old.len().min(new.len());
    let first = (0..shortest).take_while(|n| old[*n] == new[*n]).count();
    let last = (0..shortest - first).take_while(|n| old[old.len() - 1 - n] == new[new.len() - 1 - n]).count();
    let lines = first as u64 + 1..=(old.len() - last) as u64;
    (!lines.is_empty()).then_some(lines)
}

fn is_within(lines: &std::ops::RangeInclusive<u64>, place: Option<(u64, Option<u64>)>) -> bool {
    place.is_some_and(|(first, last)| *lines.start() >= first && last.is_none_or(|last| *lines.end() <= last))
}

/// The lines of the deepest thing on the path that is there: its first, and its last (`None`: the end of the text). Only
/// these may be written anew.
fn place(root: &Node, path: &[PathSegment]) -> Option<(u64, Option<u64>)> {
    let mut found = None;
    let mut node = root;
    for segment in path {
        let next = match segment {
            PathSegment::Key(key) => {
                let Yaml::Map(entries) = &node.value else { break };
                entries.iter().find(|entry| entry.key == *key).map(|entry| (entry.at.line, &entry.value))
            }
            PathSegment::Index(n) => {
                let Yaml::List(items) = &node.value else { break };
                items.get(*n).map(|item| (item.at.line, item))
            }
        };
        let Some((line, inner)) = next else { break };
        (found, node) = (Some(line), inner);
    }
    let first = found?;
    let inside = starts(node);
    let last = starts(root).into_iter().filter(|at| *at > inside.last().copied().unwrap_or((first, 0))).min();
    // What follows on the same line shares that line.
    Some((first, last.map(|(line, _)| if line > first { line - 1 } else { line })))
}

/// Where keys and values stand, in the order of the text.
fn starts(node: &Node) -> Vec<(u64, u64)> {
    let mut places = vec![(node.at.line, node.at.column)];
    match &node.value {
        Yaml::Map(entries) => {
            for entry in entries {
                places.push((entry.at.line, entry.at.column));
                places.extend(starts(&entry.value));
            }
        }
        Yaml::List(items) => items.iter().for_each(|item| places.extend(starts(item))),
        Yaml::Null | Yaml::Bool(_) | Yaml::Whole(_) | Yaml::Decimal(_) | Yaml::Text(_) => {}
    }
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# a\nexecution:\n  model: m # why\n\n  parallel: 2\nhooks: {runEnd: 'x'}\n";

    /// Whether setting `execution.parallel` to 3 may have led to this text.
    fn is_proven(edited: &str) -> bool {
        let before = yaml::parse(TEXT.as_bytes()).expect("YAML");
        let path = yaml_edit::path::try_parse_path("execution.parallel").expect("a path");
        only_changes(&Edit { text: TEXT, before: &before, edited, path: &path, value: &3.into() })
    }

    #[test]
    fn only_the_change_that_was_asked_for_is_proven() {
        let right = TEXT.replace("parallel: 2", "parallel: 3");
        assert!(is_proven(&right));
        let wrong = [
            ("nothing was changed", TEXT.to_owned()),
            ("another value", right.replace("model: m", "model: n")),
            ("a comment is gone", right.replace(" # why", "")),
            ("a comment moved", right.replace("# a\n", "").replace(" # why", " # why\n  # a")),
            ("a blank line is gone", right.replace("\n\n", "\n")),
            ("other quotes", right.replace("'x'", "\"x\"")),
            ("another form", right.replace("{runEnd: 'x'}", "\n  runEnd: 'x'")),
            ("another order", "# a\nhooks: {runEnd: 'x'}\nexecution:\n  model: m # why\n\n  parallel: 3\n".to_owned()),
            ("no YAML", right.replace("model: m", "model: [")),
        ];
        for (what, edited) in wrong {
            assert!(!is_proven(&edited), "{what}:\n{edited}");
        }
    }
}
