//! The pictures of the documentation, drawn from the same cells. `RALPH_PICTURES=1 cargo test --test tui pictures` draws
//! them anew; without it a picture that grew old fails.

use std::fmt::Write as _;
use std::path::Path;

use ralph_teams::domain::outcome::RunEnd;
use ralph_teams::ui::tui::Model;
use ralph_teams::ui::tui::model::{Page, Tab};
use ralph_teams::ui::tui::theme::{Palette, Theme};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::cells;
use super::scenes::{busy, gate_red, over};

const CELL: (f32, f32) = (8.4, 18.0);

fn pictures() -> Vec<(&'static str, Model)> {
    let size = (120, 36);
    let page = |page| Model { page, ..busy(size) };
    let mut transcript = busy(size);
    transcript.tab = Tab::Transcript;
    let light = Model { theme: Theme { palette: Palette::Light, ..Theme::default() }, ..gate_red(size) };
    vec![
        ("running", busy(size)),
        ("transcript", transcript),
        ("light", light),
        ("graph", page(Page::Graph)),
        ("timeline", page(Page::Timeline)),
        ("end", over(size, RunEnd::Judged { pass: true })),
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

/// The colours of a cell as a browser writes them: text and ground.
fn colours(model: &Model, cell: &Cell) -> (String, Option<String>) {
    let text = if model.theme.palette == Palette::Light { "#303030" } else { "#d0d0d0" };
    let hex = |color: Color| match color {
        Color::Indexed(n @ 16..=231) => {
            let level = |c: u8| if c == 0 { 0 } else { 55 + 40 * c };
            let n = n - 16;
            Some(format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6)))
        }
        Color::Indexed(n @ 232..) => Some(format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (n - 232))),
        _ => None,
    };
    (hex(cell.fg).unwrap_or_else(|| text.to_owned()), hex(cell.bg))
}

fn svg(model: &Model) -> String {
    let (columns, rows) = model.size;
    let (width, height) = (f32::from(columns) * CELL.0 + 24.0, f32::from(rows) * CELL.1 + 24.0);
    let ground = if model.theme.palette == Palette::Light { "#fbfbf8" } else { "#16181d" };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"{ground}\"/>\n"
    );
    let buffer = cells(model);
    for y in 0..rows {
        let mut x = 0;
        while x < columns {
            let first = &buffer[(x, y)];
            let same = |cell: &Cell| cell.fg == first.fg && cell.bg == first.bg && cell.modifier == first.modifier;
            let start = x;
            let mut text = String::new();
            while x < columns && same(&buffer[(x, y)]) {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).expect("a width");
            }
            piece(&mut out, model, first, &text, (start, x.min(columns), y));
        }
    }
    out.push_str("</svg>\n");
    out
}

fn piece(out: &mut String, model: &Model, cell: &Cell, text: &str, (from, to, row): (u16, u16, u16)) {
    let (fill, ground) = colours(model, cell);
    let (x, y) = (12.0 + f32::from(from) * CELL.0, 12.0 + f32::from(row) * CELL.1);
    let width = f32::from(to - from) * CELL.0;
    if let Some(ground) = ground {
        writeln!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{ground}\"/>", CELL.1)
            .expect("it is written");
    }
    if text.trim().is_empty() {
        return;
    }
    let bold = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let line = if cell.modifier.contains(Modifier::UNDERLINED) { " text-decoration=\"underline\"" } else { "" };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" fill=\"{fill}\" xml:space=\"preserve\"{bold}{line}>{text}</text>",
        y + 13.5
    )
    .expect("it is written");
}
