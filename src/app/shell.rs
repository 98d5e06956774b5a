//! `ralph-teams completions` and `ralph-teams man`, both made from the very definition of the command line.

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::refusal::Refusal;
use super::table::print;
use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::effects::fs::{create_directory, write_atomic};
use crate::exit::ExitCode;

/// `ralph-teams completions`.
///
/// # Errors
/// Standard output cannot be written.
pub fn completions(args: &CompletionsArgs) -> Result<ExitCode, Refusal> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut for_people(), "ralph-teams", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// The command line without what is not for people, which the scripts of some shells would offer all the same.
fn for_people() -> clap::Command {
    let whole = Cli::command();
    let shown = whole.get_subcommands().filter(|below| !below.is_hide_set()).cloned();
    clap::Command::new("ralph-teams").version(env!("CARGO_PKG_VERSION")).subcommands(shown)
}

/// `ralph-teams man`.
///
/// # Errors
/// A page cannot be written.
pub fn man(args: &ManArgs) -> Result<ExitCode, Refusal> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.dir else {
        let (_, page) = page(command)?;
        return print(&page);
    };
    create_directory(folder).map_err(Refusal::environment)?;
    let mut names = Vec::new();
    for (name, page) in pages(&command)? {
        write_atomic(&folder.join(&name), page.as_bytes()).map_err(Refusal::environment)?;
        names.push(folder.join(name).display().to_string() + "\n");
    }
    print(&names.concat())
}

/// The pages of a command and of all below it that people are to know of.
fn pages(command: &clap::Command) -> Result<Vec<(String, String)>, Refusal> {
    let mut found = vec![page(command.clone())?];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        found.extend(pages(below)?);
    }
    Ok(found)
}

fn page(command: clap::Command) -> Result<(String, String), Refusal> {
    let man = Man::new(command);
    let mut page = Vec::new();
    man.render(&mut page).map_err(Refusal::internal)?;
    Ok((man.get_filename(), String::from_utf8_lossy(&page).into_owned()))
}
