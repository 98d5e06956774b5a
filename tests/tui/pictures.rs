//! The pictures of the documentation, drawn from the same cells. `RALPH_PICTURES=1 cargo test --test tui pictures` draws
//! them anew; without it a picture that grew old fails. `RALPH_LOOK=FOLDER` draws every scene in every palette into a
//! folder of your choice, to be looked at.

use std::path::Path;

use ralph_teams::ui::tui::Model;
use ralph_teams::ui::tui::model::{Page, Tab};
use ralph_teams::ui::tui::theme::{Palette, Theme};

use super::scenes::{ledger, ledger_over, scenes};
use super::svg::svg;

fn pictures() -> Vec<(&'static str, Model)> {
    let size = (120, 40);
    let page = |page| Model { page, ..ledger(size) };
    let light = Model { theme: Theme { palette: Palette::Light, ..Theme::default() }, ..ledger(size) };
    vec![
        ("running", ledger(size)),
        ("transcript", Model { tab: Tab::Transcript, ..ledger(size) }),
        ("light", light),
        ("small", ledger((80, 24))),
        ("graph", Model { size: (120, 26), ..page(Page::Graph) }),
        ("timeline", Model { size: (120, 26), ..page(Page::Timeline) }),
        ("end", ledger_over((120, 26), true)),
        ("failed", ledger_over((120, 26), false)),
    ]
}

#[test]
fn the_pictures_show_what_the_program_shows() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    for (name, model) in pictures() {
        let path = directory.join(format!("{name}.svg"));
        let drawn = svg(&model);
        if std::env::var_os("RALPH_PICTURES").is_some() {
            std::fs::create_dir_all(&directory).expect("a directory");
            std::fs::write(&path, drawn).expect("it is written");
        } else {
            let known = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(known == drawn, "{} is old; draw it anew with RALPH_PICTURES=1", path.display());
        }
    }
}

#[test]
fn every_scene_can_be_looked_at() {
    let Some(folder) = std::env::var_os("RALPH_LOOK") else { return };
    for size in [(60, 20), (80, 24), (120, 40), (200, 60)] {
        for (name, mut model) in scenes(size) {
            for (palette, word) in [(Palette::Dark, "dark"), (Palette::Light, "light"), (Palette::Mono, "mono")] {
                model.theme.palette = palette;
                let path = Path::new(&folder).join(format!("{name}-{}x{}-{word}.svg", size.0, size.1));
                std::fs::write(path, svg(&model)).expect("it is written");
            }
        }
    }
}
