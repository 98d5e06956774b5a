//! Taskfiles: tasks, what they depend on, and what they run.

use crate::survey::entry::{Entry, Runner};
use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::quote::Quote;
use crate::survey::tree::{Node, yaml};

const NAMES: &[&str] = &["Taskfile.yml", "Taskfile.yaml"];

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let Some((name, text)) = folder.first_text(NAMES) else { return };
    let Some(root) = yaml(text) else { return super::unread(folder, name, found) };
    let tasks = root.get("tasks").map(Node::entries).unwrap_or_default();
    let path = folder.path(name);
    let entries = tasks.iter().filter_map(|(task, node)| {
        let quote = Quote::first(&path, text, |line| line.trim_start().starts_with(&format!("{task}:")))?;
        let commands = [node.get("cmd"), Some(node)].into_iter().flatten().chain(node.items());
        let commands = commands.chain(node.get("cmds").map(Node::items).unwrap_or_default());
        let mut body = Vec::new();
        for command in commands {
            if let Some(said) = command.text().or_else(|| command.get("cmd")?.text()) {
                let first = said.lines().next().unwrap_or_default();
                body.push((said.to_owned(), Quote::near(&path, text, quote.line, first)));
            }
        }
        let named = |node: &Node| node.text().or_else(|| node.get("task")?.text()).map(str::to_owned);
        let called = node.get("cmds").map(Node::items).unwrap_or_default().iter();
        let called = called.filter_map(|command| Some(command.get("task")?.text()?.to_owned()));
        let deps = node.get("deps").map(Node::items).unwrap_or_default().iter().filter_map(named);
        Some(Entry { name: task.clone(), quote, body, needs: deps.chain(called).collect() })
    });
    Runner { call: "task", family: "task", whole: true, entries: entries.collect() }.judge(found);
}
