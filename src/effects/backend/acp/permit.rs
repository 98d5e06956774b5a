//! What is said to an agent that wants to know what it may do: everything, in its own words. Pure.

use serde_json::{Value, json};

/// Modes of known agents in which nothing is asked and nothing is forbidden.
const FULL_ACCESS: [&str; 4] = ["bypassPermissions", "agent-full-access", "full-access", "yolo"];

/// One request that sets something for a conversation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub method: &'static str,
    pub params: Value,
    /// What it sets, for people.
    pub what: String,
}

/// The requests that let the agent do everything, as far as it offers that in its answer to a new conversation.
pub(super) fn full_access(session: &str, answer: &Value) -> Vec<Setting> {
    let modes: Vec<&str> = list(&answer["modes"]["availableModes"]).filter_map(|mode| mode["id"].as_str()).collect();
    let current = answer["modes"]["currentModeId"].as_str();
    let mode = FULL_ACCESS.into_iter().find(|mode| modes.contains(mode)).filter(|mode| current != Some(mode));
    let mode = mode.map(|mode| Setting {
        method: "session/set_mode",
        params: json!({ "sessionId": session, "modeId": mode }),
        what: format!("mode {mode}"),
    });
    let options = list(&answer["configOptions"]).filter_map(|option| {
        let wanted: &[&str] = match option["category"].as_str() {
            // Older agents have modes, some have both.
            Some("mode") if modes.is_empty() => &FULL_ACCESS,
            Some("permissions") => &["on"],
            Some(_) | None => return None,
        };
        let value = values(option).into_iter().find(|value| wanted.contains(value))?;
        (option["currentValue"].as_str() != Some(value)).then(|| set(session, option, value))
    });
    mode.into_iter().chain(options).collect()
}

/// The request that sets the option of this category (`model`, `thought_level`) to a value; `None`: nothing needs to be set.
///
/// # Errors
/// The agent does not offer it; the text says what it offers.
pub(super) fn choose(session: &str, answer: &Value, category: &str, value: &str) -> Result<Option<Setting>, String> {
    let Some(option) = list(&answer["configOptions"]).find(|option| option["category"] == category) else {
        return Err(format!("the agent offers no choice of {category:?}: leave it out for the roles of this backend"));
    };
    let offered = values(option);
    if !offered.contains(&value) {
        return Err(format!("the agent has no {category} {value:?}; it offers: {}", offered.join(", ")));
    }
    let is_set = option["currentValue"].as_str() == Some(value);
    Ok((!is_set).then(|| set(session, option, value)))
}

fn set(session: &str, option: &Value, value: &str) -> Setting {
    Setting {
        method: "session/set_config_option",
        params: json!({ "sessionId": session, "configId": option["id"], "value": value }),
        what: format!("{} {value}", option["id"].as_str().unwrap_or_default()),
    }
}

/// The values of an option, in groups or not.
fn values(option: &Value) -> Vec<&str> {
    let flat = |entry: &Value| entry["value"].as_str().is_some();
    list(&option["options"])
        .flat_map(|entry| if flat(entry) { vec![entry] } else { list(&entry["options"]).collect() })
        .filter_map(|entry| entry["value"].as_str())
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(answer: &Value) -> Vec<(&'static str, Value)> {
        full_access("s", answer).into_iter().map(|setting| (setting.method, setting.params)).collect()
    }

    #[test]
    fn the_mode_that_allows_everything_is_found_under_each_agents_name() {
        for mode in FULL_ACCESS {
            let modes = json!({ "currentModeId": "default", "availableModes": [{ "id": "plan" }, { "id": mode }] });
            let expected = json!({ "sessionId": "s", "modeId": mode });
            assert_eq!(methods(&json!({ "modes": modes })), [("session/set_mode", expected)]);
        }
        assert_eq!(methods(&json!({ "modes": { "currentModeId": "a", "availableModes": [{ "id": "a" }] } })), []);
        assert_eq!(methods(&json!(null)), []);
    }

    #[test]
    fn an_option_that_allows_everything_is_switched_on() {
        let option = json!({ "id": "allow_all", "category": "permissions", "currentValue": "off",
            "options": [{ "value": "on" }, { "value": "off" }] });
        let expected = json!({ "sessionId": "s", "configId": "allow_all", "value": "on" });
        assert_eq!(methods(&json!({ "configOptions": [option] })), [("session/set_config_option", expected)]);
    }

    #[test]
    fn a_model_that_is_not_offered_is_refused_with_those_that_are() {
        let grouped = json!([{ "group": "g", "options": [{ "value": "big" }] }, { "value": "small" }]);
        let answer = json!({ "configOptions": [{ "id": "m", "category": "model", "currentValue": "small", "options": grouped }] });
        let set = choose("s", &answer, "model", "big").expect("offered").expect("to be set");
        assert_eq!(set.params["value"], "big");
        assert_eq!(choose("s", &answer, "model", "small"), Ok(None));
        assert!(choose("s", &answer, "model", "huge").expect_err("a refusal").ends_with("it offers: big, small"));
        assert!(choose("s", &json!({}), "thought_level", "high").is_err());
    }
}
