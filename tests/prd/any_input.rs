//! What must hold for any bytes: no panic, places that exist, and agreement with a plain reader.

use proptest::prelude::*;
use proptest::sample::Index;
use ralph_teams::domain::prd::{Prd, apply, check};
use serde_json::Value;

use super::generated::{any_value, prd_text, prd_value};

/// Every fault has a place in the file; returns whether there is none.
fn checked(bytes: &[u8]) -> Result<bool, TestCaseError> {
    let (faults, valid) = match check(bytes) {
        Ok(checked) => (checked.warnings, true),
        Err(faults) => (faults, false),
    };
    prop_assert!(valid || !faults.is_empty());
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    for fault in &faults {
        prop_assert!((1..=lines.len()).contains(&fault.line), "{fault}");
        prop_assert!((1..=lines[fault.line - 1].chars().count() + 1).contains(&fault.column), "{fault}");
        prop_assert!(!fault.to_string().chars().any(char::is_control), "{fault:?}");
    }
    prop_assert!(faults.is_sorted_by_key(|fault| (fault.line, fault.column)));
    Ok(valid)
}

proptest! {
    #[test]
    fn any_bytes_are_checked_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        checked(&bytes)?;
    }

    #[test]
    fn any_text_of_json_signs_is_checked_without_a_panic(text in r#"[\[\]{}:,"\\0-9a-u.eE/'\r\n -]{0,60}"#) {
        checked(text.as_bytes())?;
        let _ = apply(&text, &[]);
    }

    #[test]
    fn any_json_is_checked_without_a_panic(value in any_value()) {
        checked(value.to_string().as_bytes())?;
        checked(format!("{value:#}").as_bytes())?;
    }
}

proptest! {
    // Making a whole PRD takes longer than checking it.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_valid_prd_has_no_fault_and_reads_as_the_published_types_do(text in prd_text()) {
        let checked = check(text.as_bytes());
        prop_assert!(checked.is_ok(), "{checked:?}\n{text}");
        let plan = checked.expect("just looked").plan;
        let plain: Prd = serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("the published types");
        prop_assert_eq!(plan.project(), plain.project);
        prop_assert_eq!(plan.epics().len(), plain.epics.len());
        for (epic, plain) in plan.epics().iter().zip(plain.epics) {
            prop_assert_eq!(epic.id.as_str(), plain.id);
            prop_assert_eq!(&epic.title, &plain.title);
            prop_assert_eq!(&epic.description, &plain.description.unwrap_or_default());
            prop_assert_eq!(epic.status, plain.status.unwrap_or_default());
            prop_assert_eq!(epic.planned, plain.planned.unwrap_or_default());
            let depends_on: Vec<String> = epic.depends_on.iter().map(ToString::to_string).collect();
            prop_assert_eq!(depends_on, plain.depends_on.unwrap_or_default());
            for (story, plain) in epic.user_stories.iter().zip(plain.user_stories) {
                prop_assert_eq!(story.id.as_str(), plain.id);
                prop_assert_eq!(&story.acceptance_criteria, &plain.acceptance_criteria.unwrap_or_default());
                prop_assert_eq!(story.priority, plain.priority.unwrap_or_default());
                prop_assert_eq!(story.passes, plain.passes.unwrap_or_default());
            }
        }
    }

    #[test]
    fn a_damaged_prd_is_checked_without_a_panic(text in prd_text(), at in any::<Index>(), byte in any::<u8>()) {
        let at = at.index(text.trim_end().len());
        let mut bytes = text.into_bytes();
        bytes[at] = byte;
        checked(&bytes)?;
        bytes.truncate(at);
        prop_assert!(!checked(&bytes)?, "half a file is never valid");
    }

    #[test]
    fn a_prd_with_one_value_replaced_is_valid_only_if_the_published_types_can_read_it(
        mut prd in prd_value(), at in any::<Index>(), with in any_value()
    ) {
        let places = pointers(&prd, String::new());
        let place = &places[at.index(places.len())];
        *prd.pointer_mut(place).expect("the place is there") = with;
        let text = prd.to_string();
        if checked(text.as_bytes())? {
            // Only the types of whole numbers are stricter than the check, which takes 1.0 for 1.
            let plain = serde_json::from_str::<Prd>(&text);
            prop_assert!(plain.is_ok() || place.ends_with("/priority"), "{:?}\n{}", plain, text);
        }
    }
}

/// The JSON pointers of all values.
pub fn pointers(value: &Value, here: String) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(entries) => entries.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    };
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    let below = below.iter().flat_map(|(name, value)| pointers(value, format!("{here}/{}", escaped(name))));
    let mut pointers: Vec<String> = below.collect();
    pointers.push(here);
    pointers
}
