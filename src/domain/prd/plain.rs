//! The quick way through a PRD about which there is nothing to say. Three times as fast, because no place in the text
//! has to be remembered; whatever is unusual goes the slow way, which alone speaks of faults and warnings.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::super::id::{EpicId, StoryId};
use super::super::outcome::Status;
use super::super::pattern::PathPattern;
use super::super::plan::{Epic, Plan, Story};
use super::fault::Faults;
use super::read::{Draft, EpicPlaces, StoryPlaces};
use super::warn;

/// The plan of a PRD that has neither a fault nor a warning; `None` when it may have one.
pub(super) fn plan(text: &str) -> Option<Plan> {
    let Object(prd) = serde_json::from_str::<Object<PlainPrd>>(text).ok()?;
    if is_blank(&prd.project) || prd.epics.is_empty() {
        return None;
    }
    let (epics, places): (Vec<Epic>, Vec<EpicPlaces>) =
        prd.epics.into_iter().enumerate().map(|(index, Object(epic))| epic.read(index)).collect::<Option<_>>()?;
    let description = prd.description.unwrap_or_default();
    let draft = Draft { project: prd.project, description, epics, places };
    let mut warnings = Faults::default();
    warn::find_contradictions(&draft, &mut warnings);
    if !warnings.is_empty() {
        return None;
    }
    Plan::check(&draft.project, &draft.description, draft.epics).ok()
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlainPrd {
    project: String,
    #[serde(rename = "branchName")]
    _branch_name: Option<String>,
    description: Option<String>,
    epics: Vec<Object<PlainEpic>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlainEpic {
    id: EpicId,
    title: String,
    description: Option<String>,
    status: Option<Status>,
    planned: Option<bool>,
    depends_on: Option<Vec<EpicId>>,
    touches: Option<Vec<PathPattern>>,
    user_stories: Vec<Object<PlainStory>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlainStory {
    id: StoryId,
    title: String,
    description: Option<String>,
    acceptance_criteria: Option<Vec<String>>,
    priority: Option<i64>,
    passes: Option<bool>,
    failure_reason: Option<String>,
}

impl PlainEpic {
    fn read(self, index: usize) -> Option<(Epic, EpicPlaces)> {
        if is_blank(&self.title) || is_blank(self.id.as_str()) || self.user_stories.is_empty() {
            return None;
        }
        let stories = self.user_stories.into_iter().enumerate().map(|(index, Object(story))| story.read(index));
        let (user_stories, story_places) = stories.collect::<Option<(Vec<_>, Vec<_>)>>()?;
        let depends_on = self.depends_on.unwrap_or_default();
        // Where things stand does not matter: no place is ever told.
        let places = EpicPlaces { index, id: 0, status: 0, depends_on: Vec::new(), stories: story_places };
        let epic = Epic {
            id: self.id,
            title: self.title,
            description: self.description.unwrap_or_default(),
            status: self.status.unwrap_or_default(),
            planned: self.planned.unwrap_or_default(),
            depends_on,
            touches: self.touches.unwrap_or_default(),
            user_stories,
        };
        Some((epic, places))
    }
}

impl PlainStory {
    fn read(self, index: usize) -> Option<(Story, StoryPlaces)> {
        if is_blank(&self.title) || is_blank(self.id.as_str()) {
            return None;
        }
        let places = StoryPlaces { index, id: 0, failure_reason: self.failure_reason.map(|_| 0) };
        let story = Story {
            id: self.id,
            title: self.title,
            description: self.description.unwrap_or_default(),
            acceptance_criteria: self.acceptance_criteria.unwrap_or_default(),
            priority: self.priority.unwrap_or_default(),
            passes: self.passes.unwrap_or_default(),
        };
        Some((story, places))
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A JSON object and nothing else. (Of itself a struct would be read from a list too.)
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd::check_slowly;

    const GOOD: &str = r#"{"project":"p","epics":[
        {"id":"A","title":"a","status":"completed","userStories":[{"id":"1","title":"s","passes":true}]},
        {"id":"B","title":"b","description":null,"dependsOn":["A"],"planned":true,"touches":["src/**"," x "],
         "userStories":[{"id":"2","title":"s","acceptanceCriteria":["c"],"priority":-3,"failureReason":"r"}]}]}"#;

    #[test]
    fn both_ways_lead_to_the_same_plan() {
        for text in [GOOD, include_str!("../../../prd.json.example")] {
            let slow = check_slowly(text).expect("a plan");
            assert_eq!(slow.warnings, []);
            assert_eq!(plan(text), Some(slow.plan));
        }
    }

    #[test]
    fn whatever_is_unusual_goes_the_slow_way() {
        for (from, to) in [
            (r#"{"id":"1","title":"s","passes":true}"#, r#"["1","s",null,null,1,true,null]"#),
            (r#""project":"p""#, r#""project":" ""#),
            (r#""title":"a""#, r#""title":"a","Priority":1"#),
            (r#""title":"a""#, r#""title":"a","title":"a""#),
            (r#""title":"b""#, r#""title":"\t""#),
            (r#""id":"1""#, r#""id":"""#),
            (r#""status":"completed""#, r#""status":"done""#),
            (r#""status":"completed""#, r#""status":"pending""#),
            (r#""priority":-3"#, r#""priority":2.0"#),
            (r#"["A"]"#, r#"["B"]"#),
            (r#""src/**""#, r#""../src/**""#),
            (r#""src/**""#, "1"),
            (r#"["A"]"#, r#"["C"]"#),
            (r#""id":"2""#, r#""id":"1""#),
            (r#""passes":true"#, r#""passes":null"#),
            ("]}]}", "]}]} x"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            assert_eq!(plan(&GOOD.replacen(from, to, 1)), None, "{from} -> {to}");
        }
    }
}
