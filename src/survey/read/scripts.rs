//! Scripts whose names are a habit of many projects: `bin/setup`, `script/test`.

use crate::survey::entry::{Entry, Runner, run_too};
use crate::survey::found::Found;
use crate::survey::listing::{Folder, SCRIPTS};

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let mut entries = Vec::new();
    for name in SCRIPTS {
        let (Some(text), Some(quote)) = (folder.text(name), folder.opening(name)) else { continue };
        let mut body = Vec::new();
        for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
            run_too(&mut body, line.trim().to_owned(), folder.quote(name, place + 1));
        }
        entries.push(Entry { name: (*name).to_owned(), quote, body, needs: Vec::new() });
    }
    Runner { call: "sh", family: "scripts", whole: true, entries }.judge(found);
}
