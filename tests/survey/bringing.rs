//! Which ignored files are brought along.

use ralph_teams::survey::{Ignored, Listing, Quote, survey};

#[test]
fn settings_of_the_machine_are_brought_along_and_nothing_else() {
    let rule = Quote { file: ".gitignore".to_owned(), line: 3, text: ".env*".to_owned() };
    let ignored = [
        ".env",
        ".env.local",
        "web/.env.test",
        ".envrc",
        "config/master.key",
        ".env.bak",
        "target/",
        "node_modules/",
        "notes.txt",
        ".DS_Store",
        "settings.local.json",
        ".env.[x]",
    ];
    let ignored = ignored.map(|path| Ignored { path: path.to_owned(), rule: rule.clone() });
    let survey = survey(&Listing { ignored: ignored.into(), ..Listing::default() });
    let brought: Vec<&str> = survey.bring.iter().map(|bring| bring.path.as_str()).collect();
    assert_eq!(brought, [".env", ".env.local", "web/.env.test", ".envrc", "config/master.key", "settings.local.json"]);
    assert!(survey.bring.iter().all(|bring| bring.rule == rule), "each is backed by the rule that ignores it");
}
