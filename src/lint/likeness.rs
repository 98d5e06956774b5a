//! Titles that stand twice, and stories that fit another epic better than their own.

use std::collections::{BTreeMap, BTreeSet};

use super::criteria::quote;
use super::finding::{Field, Finding, Rule, Spot};
use super::text::words_of;
use super::vocabulary::vocabulary;
use crate::domain::plan::{Epic, Plan, Story};

/// Looks at all epics that are still to be done.
pub(super) fn look(plan: &Plan, found: &mut Vec<Finding>) {
    repeated_epics(plan, found);
    repeated_stories(plan, found);
    stray_stories(plan, found);
}

fn open(plan: &Plan) -> impl Iterator<Item = (usize, &Epic)> {
    plan.epics().iter().enumerate().filter(|(_, epic)| epic.is_open())
}

fn repeated_epics(plan: &Plan, found: &mut Vec<Finding>) {
    let mut first: BTreeMap<Vec<String>, &Epic> = BTreeMap::new();
    for (position, epic) in open(plan) {
        let words = words_of(&epic.title);
        if let Some(other) = first.get(&words).filter(|_| !words.is_empty()) {
            let at = Spot::epic(position, Field::Title);
            let what = format!("{} has the same title as {}: {}", epic.id, other.id, quote(&epic.title));
            found.push(Finding::warning(
                Rule::RepeatedTitle,
                at,
                what,
                "make them one epic, or say what sets them apart",
            ));
        } else {
            first.insert(words, epic);
        }
    }
}

/// Stories of one epic with the same title; and stories of two that also have the same criteria.
fn repeated_stories(plan: &Plan, found: &mut Vec<Finding>) {
    let mut first: BTreeMap<Vec<String>, Vec<(usize, &Story)>> = BTreeMap::new();
    for (position, epic) in open(plan) {
        for (n, story) in epic.user_stories.iter().enumerate().filter(|(_, story)| !story.passes) {
            let words = words_of(&story.title);
            if words.is_empty() {
                continue;
            }
            let known = first.entry(words).or_default();
            let same = |criteria: &[String]| !criteria.is_empty() && criteria == story.acceptance_criteria;
            let twin = known.iter().find(|(epic, other)| *epic == position || same(&other.acceptance_criteria));
            if let Some((_, other)) = twin {
                let at = Spot::story(position, n, Field::Title);
                let what = format!("{} has the same title as {}: {}", story.id, other.id, quote(&story.title));
                found.push(Finding::warning(Rule::RepeatedTitle, at, what, "remove one, or say what sets them apart"));
            }
            known.push((position, story));
        }
    }
}

/// Stories that share no word with anything else of their epic, and at least two with the title of another one.
fn stray_stories(plan: &Plan, found: &mut Vec<Finding>) {
    /// Of fewer words nothing can be told.
    const LEAST_WORDS: usize = 5;
    /// So many words in common with another epic are no chance.
    const LEAST_SHARED: usize = 2;
    let titles: Vec<BTreeSet<String>> =
        plan.epics().iter().map(|epic| stems([epic.title.as_str(), &epic.description].into_iter())).collect();
    for (position, epic) in open(plan).filter(|(_, epic)| epic.user_stories.len() > 1) {
        for (n, story) in epic.user_stories.iter().enumerate().filter(|(_, story)| !story.passes) {
            let own = stems(texts(story));
            let others = epic.user_stories.iter().filter(|other| other.id != story.id).flat_map(texts);
            let mut around = stems(others);
            around.extend(titles[position].iter().cloned());
            if own.len() < LEAST_WORDS || around.len() < LEAST_WORDS || !own.is_disjoint(&around) {
                continue;
            }
            let shared = |other: usize| own.intersection(&titles[other]).count();
            let best = (0..titles.len()).max_by_key(|&other| (shared(other), std::cmp::Reverse(other)));
            if let Some(best) = best.filter(|&best| shared(best) >= LEAST_SHARED) {
                let other = &plan.epics()[best].id;
                let what =
                    format!("{} has no word in common with the rest of {}, but some with {other}", story.id, epic.id);
                let instead = format!("move it to {other}, or say what it has to do with {}", epic.id);
                found.push(Finding::hint(Rule::StrayStory, Spot::story(position, n, None), what, instead));
            }
        }
    }
}

fn texts(story: &Story) -> impl Iterator<Item = &str> {
    [story.title.as_str(), &story.description].into_iter().chain(story.acceptance_criteria.iter().map(String::as_str))
}

/// The words of texts that mean something, each cut down so that "lists", "listed" and "list" are the same.
fn stems<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    let words = texts.flat_map(words_of).filter(|word| word.len() > 2 && !vocabulary().common.contains(word));
    words.map(|word| stem(&word)).collect()
}

fn stem(word: &str) -> String {
    let ends = ["ing", "ies", "ied", "es", "ed", "s", "e", "y"];
    let cut = ends.iter().find_map(|end| word.strip_suffix(end).filter(|stem| stem.chars().count() >= 3));
    cut.unwrap_or(word).to_owned()
}
