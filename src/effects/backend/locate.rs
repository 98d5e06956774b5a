//! Finds a program the way a shell does: by path, or by name along `PATH`. A path has to be a full one: a relative path would be
//! looked for in each worktree, where an agent could have put something else.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Settings;

/// A program as people know it.
pub(super) struct Known {
    /// The backend that it belongs to.
    pub backend: &'static str,
    /// What people call it.
    pub people_say: &'static str,
    /// Its usual name in `PATH`.
    pub usual: &'static str,
    /// How it is installed.
    pub install: &'static str,
}

impl Known {
    /// The path of the program: the one that the configuration names, or the usual one.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do now.
    pub fn locate(&self, settings: &Settings) -> Result<PathBuf, String> {
        let Self { backend, people_say, usual, install } = self;
        let key = format!("backends.{backend}.program");
        let program = settings.program.as_deref().unwrap_or(usual);
        refuse_relative(&key, program)?;
        locate(program, &settings.base).ok_or_else(|| {
            format!("{people_say} was not found as {program:?}: install it ({install}), or name it in {key}")
        })
    }
}

/// The program of a backend that is nothing but a command line of the user's.
///
/// # Errors
/// One sentence that says what is missing and what to do now.
pub(super) fn of_argv(backend: &str, settings: &Settings) -> Result<PathBuf, String> {
    let key = format!("backends.{backend}.argv");
    let program = settings.argv.first().ok_or_else(|| format!("{key} is empty: name a program there"))?;
    refuse_relative(&key, program)?;
    locate(program, &settings.base)
        .ok_or_else(|| format!("the program {program:?} of {key} was not found or cannot be run: check its path"))
}

/// This very program, which plays a part in the session.
///
/// # Errors
/// One sentence that says that it is gone and what to do now.
pub(super) fn of_this_program(path: &Path) -> Result<PathBuf, String> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let path = path.display();
    Err(format!("this program is no longer where it was started from ({path}): put it back, or start it again"))
}

fn refuse_relative(key: &str, program: &str) -> Result<(), String> {
    if program.contains('/') && !program.starts_with('/') {
        return Err(format!("{key} names {program:?}: give the full path, or a name that is in PATH"));
    }
    Ok(())
}

/// The program's path. `PATH` is the one of `base`, because that is what the session gets.
fn locate(program: &str, base: &BTreeMap<String, String>) -> Option<PathBuf> {
    if program.contains('/') {
        let path = PathBuf::from(program);
        return runnable(&path).then_some(path);
    }
    let path = base.get("PATH")?;
    std::env::split_paths(path)
        // An empty or relative entry means the working directory, and that is a worktree that an agent writes to.
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(program))
        .find(|candidate| runnable(candidate))
}

/// The native program behind the start script of an npm package, or the program as it was found when it is no such
/// script. A script that starts the program as a child leaves it running when it is killed itself, so the program
/// is started without it. `package` is the script's (`@owner/name`); `natives` are the places of the native program in
/// packages of its own, from a `node_modules` on, in the order in which they are tried.
pub(super) fn behind_script(found: PathBuf, package: &str, natives: &[String]) -> PathBuf {
    let Ok(real) = found.canonicalize() else { return found };
    let inside = real.ancestors().any(|folder| folder.ends_with(Path::new("node_modules").join(package)));
    if !inside {
        return found;
    }
    // Where node itself would look: beside the package, below it, and in every folder above.
    let modules = real.ancestors().map(|folder| folder.join("node_modules"));
    let places = modules.flat_map(|modules| natives.iter().map(move |native| modules.join(native)));
    places.into_iter().find(|place| runnable(place)).unwrap_or(found)
}

/// The system and the processor as node calls them, for the names of npm packages.
pub(super) fn node_platform() -> (&'static str, &'static str) {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    (system, processor)
}

fn runnable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_along_the_given_path_only() {
        let base = BTreeMap::from([("PATH".to_owned(), "relative::/nonexistent:/bin:/usr/bin".to_owned())]);
        let found = locate("sh", &base).expect("a shell");
        assert!(found.is_absolute() && found.ends_with("sh"));
        assert_eq!(locate("sh", &BTreeMap::new()), None);
        assert_eq!(locate("no-such-program-anywhere", &base), None);
    }

    #[test]
    fn a_path_must_be_a_program() {
        assert_eq!(locate("/bin/sh", &BTreeMap::new()), Some(PathBuf::from("/bin/sh")));
        let file = tempfile::NamedTempFile::new().expect("a file that is no program");
        assert_eq!(locate(&file.path().to_string_lossy(), &BTreeMap::new()), None);
        assert_eq!(locate("/tmp/", &BTreeMap::new()), None);
    }

    #[test]
    fn a_relative_path_is_refused_wherever_it_is_configured() {
        let known = Known { backend: "claude", people_say: "Claude Code", usual: "claude", install: "npm" };
        for program in ["./claude", "bin/claude", "~/bin/claude", "../sh"] {
            let program = program.to_owned();
            let settings =
                Settings { program: Some(program.clone()), argv: vec![program.clone()], ..Settings::default() };
            let faults = [known.locate(&settings), of_argv("command", &settings)];
            for (fault, key) in faults.into_iter().zip(["backends.claude.program", "backends.command.argv"]) {
                let fault = fault.expect_err("a refusal");
                assert!(fault.starts_with(key) && fault.contains(&program) && fault.contains("full path"), "{fault}");
            }
        }
    }

    fn program(path: &Path) -> PathBuf {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, "#!/bin/sh\n").expect("a program");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
        path.to_owned()
    }

    const NATIVES: [&str; 2] = ["@acme/tool-linux-x64/bin/tool", "@acme/tool-linuxmusl-x64/bin/tool"];

    fn behind(found: &Path) -> PathBuf {
        behind_script(found.to_owned(), "@acme/tool", &NATIVES.map(str::to_owned))
    }

    /// Its name on `PATH`: a link to the start script of the package in this folder.
    fn installed(folder: &Path) -> PathBuf {
        let script = program(&folder.join("node_modules/@acme/tool/bin/tool.js"));
        let link = folder.join("tool");
        std::os::unix::fs::symlink(script, &link).expect("a link");
        link
    }

    #[test]
    fn the_native_program_is_found_beside_the_package_below_it_and_above_it() {
        for place in ["node_modules", "node_modules/@acme/tool/node_modules", "../node_modules"] {
            let folder = tempfile::tempdir().expect("a folder");
            let top = folder.path().canonicalize().expect("a path").join("app");
            let link = installed(&top);
            assert_eq!(behind(&link), link, "without the native one the script is all there is");
            let native = program(&top.join(place).join(NATIVES[1]));
            assert_eq!(behind(&link).canonicalize().ok(), native.canonicalize().ok(), "{place}");
            let better = program(&top.join(place).join(NATIVES[0]));
            assert_eq!(behind(&link).canonicalize().ok(), better.canonicalize().ok(), "{place}");
        }
    }

    #[test]
    fn a_store_of_packages_that_are_linked_together_is_understood() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().canonicalize().expect("a path");
        let store = top.join("node_modules/.store/tool@1");
        let link = installed(&store);
        let native = program(&top.join("node_modules/.store/native@1").join(NATIVES[0]));
        let linked = store.join("node_modules/@acme/tool-linux-x64");
        std::os::unix::fs::symlink(native.ancestors().nth(2).expect("a package"), linked).expect("a link");
        assert_eq!(behind(&link).canonicalize().ok(), Some(native));
    }

    #[test]
    fn a_program_that_is_no_start_script_is_taken_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let wrapper = program(&folder.path().join("tool"));
        program(&folder.path().join("node_modules").join(NATIVES[0]));
        assert_eq!(behind(&wrapper), wrapper);
        assert_eq!(behind(Path::new("/nonexistent/tool")), Path::new("/nonexistent/tool"));
    }
}
