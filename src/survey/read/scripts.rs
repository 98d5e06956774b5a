//! Scripts whose names are a habit of many projects: `bin/setup`, `script/test`.

use crate::survey::entry::{Entry, Runner};
use crate::survey::found::Found;
use crate::survey::listing::{Folder, SCRIPTS};

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let mut entries = Vec::new();
    for name in SCRIPTS {
        let (Some(text), Some(quote)) = (folder.text(name), folder.opening(name)) else { continue };
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
        let body = lines.map(|(place, line)| (line.trim().to_owned(), folder.quote(name, place + 1))).collect();
        entries.push(Entry { name: (*name).to_owned(), quote, body, needs: Vec::new() });
    }
    Runner { call: "sh", family: "scripts", whole: true, entries }.judge(found);
}
