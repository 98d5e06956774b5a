//! What is coloured can be read: the contrast of each ink against the grounds that it stands on, by the formula of WCAG 2.

use ralph_teams::ui::tui::theme::{Ink, Palette, Theme};
use ratatui::style::{Color, Style};

use super::svg::rgb;

const INKS: [Ink; 8] = [Ink::Text, Ink::Dim, Ink::Faint, Ink::Accent, Ink::Good, Ink::Doubtful, Ink::Bad, Ink::Merge];

/// What is read all the time, and what is looked at once.
const TEXT: f64 = 7.0;
const SIGN: f64 = 4.5;

fn luminance(rgb: [u8; 3]) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn colour(color: Option<Color>) -> [u8; 3] {
    match color {
        Some(Color::Indexed(index)) => rgb(index),
        other => panic!("{other:?} looks different on every terminal"),
    }
}

/// Grounds that terminals of this kind have, and that of the selected line.
fn grounds(palette: Palette) -> Vec<[u8; 3]> {
    let theme = Theme { palette, ..Theme::default() };
    let mut grounds = match palette {
        Palette::Dark => vec![[0, 0, 0], [0x16, 0x18, 0x1d], [0x1e, 0x1e, 0x1e]],
        Palette::Light => vec![[0xff, 0xff, 0xff], [0xfa, 0xfa, 0xf5]],
        Palette::Mono => vec![],
    };
    grounds.push(colour(theme.selected().bg));
    grounds
}

#[test]
fn every_ink_can_be_read_on_every_ground() {
    for palette in [Palette::Dark, Palette::Light] {
        let theme = Theme { palette, ..Theme::default() };
        for ink in INKS {
            let wanted = match ink {
                Ink::Text => TEXT,
                Ink::Dim | Ink::Accent | Ink::Good | Ink::Doubtful | Ink::Bad | Ink::Merge => SIGN,
                // Rules and ornaments: nothing is lost with them.
                Ink::Faint => 1.5,
            };
            for ground in grounds(palette) {
                let found = contrast(colour(theme.style(ink).fg), ground);
                assert!(found >= wanted, "{palette:?} {ink:?} on {ground:?}: {found:.2}, wanted {wanted}");
            }
        }
    }
}

#[test]
fn what_was_searched_for_can_be_read() {
    for palette in [Palette::Dark, Palette::Light] {
        let Style { fg, bg, .. } = Theme { palette, ..Theme::default() }.found();
        let found = contrast(colour(fg), colour(bg));
        assert!(found >= SIGN, "{palette:?}: {found:.2}");
    }
}

#[test]
fn the_formula_is_that_of_wcag() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.01);
    assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.01);
}
