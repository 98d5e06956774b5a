//! Cells as a picture: an SVG that looks the same in every browser, since lines and blocks are drawn as shapes and each
//! piece of text stands at its own column with its own width.

use std::fmt::Write as _;

use ralph_teams::ui::tui::Model;
use ralph_teams::ui::tui::theme::Palette;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

use super::cells;

/// Width and height of a cell.
const CELL: (f32, f32) = (8.4, 18.0);
/// What is left free around the cells.
const MARGIN: f32 = 12.0;

/// What a picture is drawn with.
struct Pen {
    out: String,
    text: &'static str,
    ground: &'static str,
}

/// Red, green and blue of one of the 240 colours that every terminal shows alike.
pub fn rgb(index: u8) -> [u8; 3] {
    let level = |c: u8| if c == 0 { 0 } else { 55 + 40 * c };
    match index {
        232.. => [8 + 10 * (index - 232); 3],
        16..=231 => [level((index - 16) / 36), level((index - 16) / 6 % 6), level((index - 16) % 6)],
        0..=15 => panic!("colour {index} looks different on every terminal"),
    }
}

/// The screen as a picture.
pub fn svg(model: &Model) -> String {
    let (columns, rows) = model.size;
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let (text, ground) =
        if model.theme.palette == Palette::Light { ("#303030", "#ffffff") } else { ("#d0d0d0", "#16181d") };
    let out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"{ground}\"/>\n"
    );
    let mut pen = Pen { out, text, ground };
    let buffer = cells(model);
    for y in 0..rows {
        row(&mut pen, &buffer, columns, y);
    }
    pen.out.push_str("</svg>\n");
    pen.out
}

fn row(pen: &mut Pen, buffer: &Buffer, columns: u16, y: u16) {
    let mut x = 0;
    while x < columns {
        let first = &buffer[(x, y)];
        let same = |cell: &Cell| cell.fg == first.fg && cell.bg == first.bg && cell.modifier == first.modifier;
        let start = x;
        let mut symbols = Vec::new();
        while x < columns && same(&buffer[(x, y)]) {
            let symbol = buffer[(x, y)].symbol();
            symbols.push((x, symbol));
            x += u16::try_from(symbol.width().max(1)).expect("a width");
        }
        piece(pen, first, &symbols, (start, x.min(columns), y));
    }
}

/// Text and ground of a cell as a browser writes them.
fn colours(pen: &Pen, cell: &Cell) -> (String, Option<String>) {
    let hex = |color: Color| match color {
        Color::Indexed(index) => {
            let [r, g, b] = rgb(index);
            Some(format!("#{r:02x}{g:02x}{b:02x}"))
        }
        _ => None,
    };
    let text = hex(cell.fg).unwrap_or_else(|| pen.text.to_owned());
    if cell.modifier.contains(Modifier::REVERSED) {
        return (pen.ground.to_owned(), Some(text));
    }
    (text, hex(cell.bg))
}

fn place(x: u16, y: u16) -> (f32, f32) {
    (MARGIN + f32::from(x) * CELL.0, MARGIN + f32::from(y) * CELL.1)
}

/// A stretch of cells that look alike.
fn piece(pen: &mut Pen, cell: &Cell, symbols: &[(u16, &str)], (from, to, row): (u16, u16, u16)) {
    let (fill, ground) = colours(pen, cell);
    if let Some(ground) = ground {
        let ((x, y), width) = (place(from, row), f32::from(to - from) * CELL.0);
        let height = CELL.1;
        writeln!(pen.out, "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{ground}\"/>")
            .expect("it is written");
    }
    let (mut strokes, mut heavy) = (String::new(), String::new());
    let mut word: Option<(u16, u16, String)> = None;
    for (n, (x, symbol)) in symbols.iter().enumerate() {
        let next_is_blank = symbols.get(n + 1).is_none_or(|(_, next)| *next == " ");
        let is_gap = *symbol == " " && (word.is_none() || next_is_blank);
        let shape = shape(symbol, place(*x, row), &fill);
        if is_gap || shape.is_some() {
            write_word(pen, cell, &fill, word.take(), row);
        }
        match shape {
            Some(Shape::Stroke(path)) => strokes.push_str(&path),
            Some(Shape::Heavy(path)) => heavy.push_str(&path),
            Some(Shape::Both(bold, thin)) => {
                heavy.push_str(&bold);
                strokes.push_str(&thin);
            }
            Some(Shape::Block(block)) => pen.out.push_str(&block),
            None if is_gap => {}
            None => {
                let end = x + u16::try_from(symbol.width().max(1)).expect("a width");
                let word = word.get_or_insert((*x, end, String::new()));
                word.1 = end;
                word.2.push_str(symbol);
            }
        }
    }
    write_word(pen, cell, &fill, word.take(), row);
    for (path, width) in [(strokes, 1.2), (heavy, 2.4)] {
        if !path.is_empty() {
            writeln!(pen.out, "<path d=\"{path}\" fill=\"none\" stroke=\"{fill}\" stroke-width=\"{width}\"/>")
                .expect("it is written");
        }
    }
}

fn write_word(pen: &mut Pen, cell: &Cell, fill: &str, word: Option<(u16, u16, String)>, row: u16) {
    let Some((from, to, text)) = word else { return };
    let ((x, y), width) = (place(from, row), f32::from(to - from) * CELL.0);
    let modifiers = [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.65\""),
    ];
    let looks: String =
        modifiers.iter().filter(|(one, _)| cell.modifier.contains(*one)).map(|(_, text)| *text).collect();
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let base = y + 13.5;
    writeln!(
        pen.out,
        "<text x=\"{x:.1}\" y=\"{base}\" textLength=\"{width:.1}\" fill=\"{fill}\" xml:space=\"preserve\"{looks}>{text}</text>"
    )
    .expect("it is written");
}

/// A glyph that is a part of a drawing and not of a text.
enum Shape {
    Stroke(String),
    Heavy(String),
    /// A heavy line that a light one joins.
    Both(String, String),
    Block(String),
}

/// Glyphs of a heavy line that a light one joins, with the arms of both.
const JOINED: [(&str, &str, &str); 12] = [
    ("┯", "lr", "d"),
    ("┷", "lr", "u"),
    ("┠", "ud", "r"),
    ("┨", "ud", "l"),
    ("┺", "ur", "l"),
    ("┲", "dr", "l"),
    ("┡", "ur", "d"),
    ("┢", "dr", "u"),
    ("┹", "ul", "r"),
    ("┱", "dl", "r"),
    ("┩", "ul", "d"),
    ("┪", "dl", "u"),
];

/// The shape of a glyph that has to touch its neighbours, which those of fonts do not everywhere.
fn shape(symbol: &str, (x, y): (f32, f32), fill: &str) -> Option<Shape> {
    let (right, bottom) = (x + CELL.0, y + CELL.1);
    let (middle, centre) = (x + CELL.0 / 2.0, y + CELL.1 / 2.0);
    let arms = |arms: &str| -> String {
        let arm = |arm: char| match arm {
            'l' => format!("M{x:.1} {centre:.1}H{middle:.1}"),
            'r' => format!("M{middle:.1} {centre:.1}H{right:.1}"),
            'u' => format!("M{middle:.1} {y:.1}V{centre:.1}"),
            'd' => format!("M{middle:.1} {centre:.1}V{bottom:.1}"),
            _ => String::new(),
        };
        arms.chars().map(arm).collect()
    };
    let bend = |from: (f32, f32), to: (f32, f32)| {
        Shape::Stroke(format!("M{:.1} {:.1}Q{middle:.1} {centre:.1} {:.1} {:.1}", from.0, from.1, to.0, to.1))
    };
    let block = |width: f32, opacity: f32| {
        let height = CELL.1;
        Shape::Block(format!(
            "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{fill}\" opacity=\"{opacity}\"/>\n"
        ))
    };
    if let Some((_, bold, thin)) = JOINED.iter().find(|(glyph, _, _)| *glyph == symbol) {
        return Some(Shape::Both(arms(bold), arms(thin)));
    }
    Some(match symbol {
        "╭" => bend((middle, bottom), (right, centre)),
        "╮" => bend((middle, bottom), (x, centre)),
        "╰" => bend((middle, y), (right, centre)),
        "╯" => bend((middle, y), (x, centre)),
        "─" => Shape::Stroke(arms("lr")),
        "│" => Shape::Stroke(arms("ud")),
        "├" => Shape::Stroke(arms("udr")),
        "┤" => Shape::Stroke(arms("udl")),
        "┬" => Shape::Stroke(arms("lrd")),
        "┴" => Shape::Stroke(arms("lru")),
        "┼" => Shape::Stroke(arms("lrud")),
        "━" => Shape::Heavy(arms("lr")),
        "┃" => Shape::Heavy(arms("ud")),
        "┏" => Shape::Heavy(arms("rd")),
        "┓" => Shape::Heavy(arms("ld")),
        "┗" => Shape::Heavy(arms("ru")),
        "┛" => Shape::Heavy(arms("lu")),
        "┣" => Shape::Heavy(arms("udr")),
        "┫" => Shape::Heavy(arms("udl")),
        "┳" => Shape::Heavy(arms("lrd")),
        "┻" => Shape::Heavy(arms("lru")),
        "╋" => Shape::Heavy(arms("lrud")),
        "█" => block(CELL.0, 0.9),
        "▓" => block(CELL.0, 0.65),
        "▒" => block(CELL.0, 0.4),
        "░" => block(CELL.0, 0.2),
        "▌" => block(CELL.0 / 2.0, 1.0),
        _ => return None,
    })
}
