//! The page for agents, made of listings.

use ralph_teams::survey::guide::{MOST_LINES, existing, missing, propose};
use ralph_teams::survey::readiness::{Facts, State, report};
use ralph_teams::survey::{Listing, Subject, survey};

use crate::scene::listing;

/// A repository that says much about itself.
fn shop() -> Listing {
    let mut files = vec![
        ("README.md", "# Shop\n\n[![ci](x)](y)\n\nA shop for things that nobody needs.\n"),
        (
            "Makefile",
            "setup:\n\tnpm ci\n\nbuild:\n\tnpm run build\n\ntest: build\n\tnpx jest\n\nlint:\n\tnpx eslint .\n\ndeploy:\n\t./deploy.sh\n",
        ),
        (
            "package.json",
            "{\n  \"name\": \"shop\",\n  \"description\": \"Sells | things\",\n  \"scripts\": {\n    \"test:e2e\": \"playwright test\"\n  }\n}\n",
        ),
        ("package-lock.json", "{\n  \"lockfileVersion\": 3\n}\n"),
        (".editorconfig", "root = true\n[*]\nindent_size = 2\n"),
        (".github/workflows/ci.yml", "on: [push]\njobs:\n  test:\n    steps:\n      - run: make test\n"),
        (".gitattributes", "src/api/*.ts linguist-generated\n"),
        ("CONTRIBUTING.md", "# Contributing\n\n## Commits\n"),
        (".nvmrc", "22\n"),
        ("docs/README.md", "# Docs\n\nEverything that was ever decided.\n"),
    ];
    let folders = ["src/api", "src/cart", "src/pages", "test/api", "test/cart", "vendor/lib"];
    let names: Vec<String> =
        folders.iter().flat_map(|folder| (0..5).map(move |n| format!("{folder}/file{n}.ts"))).collect();
    files.extend(names.iter().map(|name| (name.as_str(), "")));
    let mut listing = listing(&files);
    let subject = |n: usize| Subject { commit: format!("abc{n}"), text: format!("feat(cart): add thing {n}") };
    listing.subjects = (0..6).map(subject).collect();
    listing
}

#[test]
fn a_page_holds_only_what_files_say_and_names_them() {
    let listing = shop();
    let survey = survey(&listing);
    let page = propose(&listing, &survey).expect("a page").new;
    insta::assert_snapshot!(page);
    for line in page.lines().filter(|line| line.contains("(from ")) {
        let (_, places) = line.rsplit_once("(from ").expect("places");
        for place in places.trim_end_matches(')').split(", ").filter(|place| place.contains(':')) {
            let (file, number) = place.rsplit_once(':').expect("a line");
            let text = &listing.texts[file];
            assert!(text.lines().count() >= number.parse::<usize>().expect("a number"), "{line}");
        }
    }
}

#[test]
fn a_page_that_was_written_is_good_and_nothing_is_added_to_it_again() {
    let mut listing = shop();
    let first = propose(&listing, &survey(&listing)).expect("a page");
    listing.files.insert(first.file.clone());
    listing.texts.insert(first.file.clone(), first.new);
    let survey = survey(&listing);
    assert_eq!(missing(existing(&listing).expect("a page").text, &listing, &survey), []);
    assert_eq!(propose(&listing, &survey), None);
}

#[test]
fn what_a_person_wrote_stays_and_what_it_lacks_stands_below_it() {
    for text in ["", "# Mine\nUse `make test`.", "# Mine\r\n\r\n## Layout\r\n\r\nall in src\r\n", "\u{feff}# Mine\n"] {
        let mut listing = shop();
        listing.files.insert("CLAUDE.md".to_owned());
        listing.texts.insert("CLAUDE.md".to_owned(), text.to_owned());
        let added = propose(&listing, &survey(&listing)).expect("something is missing");
        assert_eq!(added.file, "CLAUDE.md", "the page that is there is the one that grows");
        assert!(added.new.starts_with(text) && added.new.len() > text.len(), "{text:?}");
        assert_eq!(added.new.contains("\n## Layout\n"), !text.contains("Layout"), "{text:?}");
        assert_eq!(added.new.contains("\n## Test\n"), !text.contains("make test"), "{text:?}");
        listing.texts.insert("CLAUDE.md".to_owned(), added.new);
        assert_eq!(propose(&listing, &survey(&listing)), None, "{text:?}");
    }
}

#[test]
fn a_page_that_is_too_long_is_poor_and_nothing_is_added() {
    let mut listing = shop();
    let text = "Line\n".repeat(MOST_LINES + 1);
    listing.files.insert("AGENTS.md".to_owned());
    listing.texts.insert("AGENTS.md".to_owned(), text);
    let survey = survey(&listing);
    assert_eq!(propose(&listing, &survey), None);
    let report = report(&listing, survey, &Facts::default());
    assert_eq!((report.ready, report.checks[0].state), (false, State::Poor));
}

#[test]
fn however_large_a_repository_is_its_page_can_be_read() {
    let mut listing = shop();
    for folder in 0..300 {
        for file in 0..9 {
            listing.files.insert(format!("pkg{folder}/sub{file}/a.go"));
        }
    }
    let page = propose(&listing, &survey(&listing)).expect("a page");
    assert!(page.added_lines <= 200, "{} lines", page.added_lines);
    assert!(page.new.contains("## Evidence"), "{}", page.new);
}

#[test]
fn an_empty_repository_gets_a_short_page_and_is_not_ready() {
    let listing = Listing::default();
    let survey = survey(&listing);
    let page = propose(&listing, &survey).expect("a page");
    assert!(page.added_lines < 30, "{}", page.new);
    let report = report(&listing, survey, &Facts::default());
    let open: Vec<&str> =
        report.checks.iter().filter(|c| c.needed && c.state != State::Good).map(|c| c.name.as_str()).collect();
    assert_eq!(open, ["guide", "gates", "tests"]);
}

#[test]
fn a_program_that_is_not_there_makes_a_repository_not_ready() {
    let listing = shop();
    let survey = survey(&listing);
    let facts = |is_there| Facts { programs: [("make".to_owned(), is_there)].into(), ..Facts::default() };
    let runnable = |is_there| report(&listing, survey.clone(), &facts(is_there)).checks[2].state;
    assert_eq!((runnable(true), runnable(false)), (State::Good, State::Missing));
}
