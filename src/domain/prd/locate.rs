//! From the path of a value to its line and column.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged as _;

use super::document::{parse, text_of};
use super::edit::last;
use super::fault::{Faults, Path};

/// Line and column of the values with these paths, written as faults write them (`epics[2].dependsOn[0]`), in the same
/// order. A value that is not there has the place of what it would be in; a file that cannot be read has one place, its
/// beginning.
#[must_use]
pub fn locate(bytes: &[u8], paths: &[String]) -> Vec<(usize, usize)> {
    let text = text_of(bytes).unwrap_or_default();
    let Ok(root) = parse(text) else { return vec![(1, 1); paths.len()] };
    let offsets: Vec<usize> = paths.iter().map(|path| offset_of(&root, path)).collect();
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_key(|&n| offsets[n]);
    let mut faults = Faults::default();
    for &n in &order {
        faults.add(offsets[n], &Path::Root, "", "");
    }
    let mut places = vec![(1, 1); paths.len()];
    for (n, fault) in order.into_iter().zip(faults.locate(text)) {
        places[n] = (fault.line, fault.column);
    }
    places
}

fn offset_of(root: &Value, path: &str) -> usize {
    let mut value = root;
    for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
        let next = match step.strip_suffix(']') {
            Some(index) => {
                value.as_array().zip(index.parse().ok()).and_then(|(list, n): (_, usize)| list.elements.get(n))
            }
            None => value.as_object().and_then(|object| last(object, step)).map(|property| &property.value),
        };
        match next {
            Some(next) => value = next,
            None => break,
        }
    }
    value.start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_value_or_to_what_would_hold_it() {
        let text = "\u{feff}{\n \"epics\": [\n  {\"id\": \"Ä\", \"title\": \"t\"}\n ]\n}";
        let paths = ["epics[0].title", "", "epics[0].dependsOn[1]", "epics[7]", "epics[0].id"].map(String::from);
        assert_eq!(locate(text.as_bytes(), &paths), [(3, 24), (1, 1), (3, 3), (2, 11), (3, 10)]);
        assert_eq!(locate(b"{", &paths[..1]), [(1, 1)]);
        assert_eq!(locate(b"\xff", &paths[..1]), [(1, 1)]);
    }
}
