//! `composer.json`: its scripts, and the tools that it depends on.

use crate::survey::entry::{Entry, Runner};
use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Build, Format, Lint, Setup, Test};
use crate::survey::quote::Quote;
use crate::survey::tree::{Node, json};

const FILE: &str = "composer.json";

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let Some(text) = folder.text(FILE) else { return };
    let Some(root) = json(text) else { return super::unread(folder, FILE, found) };
    let path = folder.path(FILE);
    let scripts = root.get("scripts").map(Node::entries).unwrap_or_default();
    let entries = scripts.iter().map(|(name, node)| {
        let quote = Quote::of(&path, text, node.line);
        let said = node.text().into_iter().chain(node.items().iter().filter_map(Node::text));
        let (needs, own): (Vec<&str>, Vec<&str>) = said.partition(|command| command.starts_with('@'));
        let needs = needs.into_iter().map(|need| need.trim_start_matches('@').to_owned()).collect();
        let body = own.into_iter().map(|command| (command.to_owned(), quote.clone())).collect();
        Entry { name: name.clone(), quote, body, needs }
    });
    Runner { call: "composer run", family: "php", whole: false, entries: entries.collect() }.judge(found);
    let depends = |name: &str| {
        let node = ["require-dev", "require"].iter().find_map(|table| root.at(&[table, name]))?;
        Some(folder.quote(FILE, node.line))
    };
    found.usual("php", Test, "vendor/bin/phpunit", depends("phpunit/phpunit"));
    found.usual("php pest", Test, "vendor/bin/pest", depends("pestphp/pest"));
    found.usual("php", Build, "vendor/bin/phpstan analyse", depends("phpstan/phpstan"));
    found.usual("php", Format, "vendor/bin/php-cs-fixer fix --dry-run", depends("friendsofphp/php-cs-fixer"));
    found.usual("php", Format, "vendor/bin/pint --test", depends("laravel/pint"));
    found.usual("php", Lint, "vendor/bin/phpcs", depends("squizlabs/php_codesniffer"));
    let locked = folder.find("composer.lock", |line| line.contains("content-hash"));
    let required = root.get("require").map(|node| folder.quote(FILE, node.line));
    found.usual("php", Setup, "composer install", locked.or(required));
}
