//! Where the desk's socket is, and that nobody but its owner can reach it.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::net::UnixListener;

use super::DeskFault;
use crate::domain::id::hex;
use crate::effects::fs::FsError;
use crate::effects::paths::RunDir;

/// The longest path of a socket, in bytes: what the system's structure has room for, without the closing NUL.
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The name of the socket in its folder.
const SOCKET: &str = "socket";

/// Where the socket may be, best first: in the run's own folder, else below a folder of the user's with a short path.
#[must_use]
pub fn folders(run_dir: &RunDir, env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let absolute = |name: &str| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    let name = format!("desk-{}", &hex(&Sha256::digest(run_dir.path().as_os_str().as_bytes()))[..16]);
    let short = [absolute("XDG_RUNTIME_DIR"), state].into_iter().flatten();
    let short = short.map(|folder| folder.join("ralph-teams").join(&name));
    std::iter::once(run_dir.desk()).chain(short).collect()
}

/// The paths of the socket that are short enough, best first.
fn fitting(folders: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
    folders.iter().map(|folder| folder.join(SOCKET)).filter(|socket| socket.as_os_str().len() <= LONGEST)
}

/// Binds the socket in the first folder that takes it.
pub fn bind_first(folders: &[PathBuf]) -> Result<(PathBuf, UnixListener), DeskFault> {
    let mut fault = DeskFault::TooLong { most: LONGEST };
    for socket in fitting(folders) {
        match bind(&socket) {
            Ok(listener) => return Ok((socket, listener)),
            Err(refused) => fault = refused,
        }
    }
    Err(fault)
}

/// Binds the socket in a folder that only its owner may enter.
fn bind(socket: &Path) -> Result<UnixListener, DeskFault> {
    let folder = socket.parent().unwrap_or(Path::new("/"));
    make_private(folder).map_err(DeskFault::of("make the folder", folder))?;
    match fs::remove_file(socket) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(DeskFault::of("remove the old", socket)(fault))?,
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket).map_err(DeskFault::of("listen at", socket))?;
    // Nobody else could come in before: the folder is closed to them.
    fs::set_permissions(socket, Permissions::from_mode(0o600)).map_err(DeskFault::of("protect", socket))?;
    Ok(listener)
}

/// Makes a folder of mode 0700, or finds one of our own and closes it.
fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not a folder of this user's"));
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Takes the socket and its folder away, as far as they are there.
pub fn remove(socket: &Path) {
    // What cannot be removed now is removed by the next life.
    let _ = fs::remove_file(socket);
    if let Some(folder) = socket.parent() {
        let _ = fs::remove_dir(folder);
    }
}

/// Writes a file that only its owner can read, from its first byte on.
///
/// # Errors
/// The step that the system refused.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
            return Err(FsError::of("remove the old", path)(fault));
        }
        Ok(()) | Err(_) => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(FsError::of("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::RunId;
    use crate::effects::paths::StateDir;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).expect("it is there").mode() & 0o777
    }

    #[tokio::test]
    async fn socket_and_folder_are_the_owners_alone_and_an_old_one_is_replaced() {
        let base = tempfile::tempdir().expect("a folder");
        let folder = base.path().join("desk");
        fs::create_dir(&folder).expect("a folder");
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("permissions");
        let socket = folder.join(SOCKET);
        fs::write(&socket, "left by an earlier life").expect("a file");
        let listener = bind(&socket).expect("a socket");
        assert_eq!((mode(&folder), mode(&socket)), (0o700, 0o600));
        drop(listener);
        remove(&socket);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_link_in_the_place_of_the_folder_is_not_followed() {
        let base = tempfile::tempdir().expect("a folder");
        let elsewhere = base.path().join("elsewhere");
        fs::create_dir(&elsewhere).expect("a folder");
        std::os::unix::fs::symlink(&elsewhere, base.path().join("desk")).expect("a link");
        assert!(bind(&base.path().join("desk/socket")).is_err());
        assert!(!elsewhere.join(SOCKET).exists());
    }

    #[tokio::test]
    async fn a_folder_that_takes_no_socket_is_passed_over() {
        let base = tempfile::tempdir().expect("a folder");
        fs::write(base.path().join("file"), "").expect("a file");
        let folders = [base.path().join("file/desk"), base.path().join("desk")];
        let (socket, _listener) = bind_first(&folders).expect("a socket");
        assert_eq!(socket, base.path().join("desk/socket"));
        assert!(matches!(bind_first(&folders[..1]), Err(DeskFault::Refused { .. })));
    }

    #[test]
    fn a_repository_with_a_long_path_has_its_socket_elsewhere() {
        let run = RunId::new("20261120-101500-k3f9").expect("a run id");
        let env: BTreeMap<String, String> =
            [("XDG_RUNTIME_DIR", "/run/user/1000"), ("HOME", "/home/u")].map(|(k, v)| (k.into(), v.into())).into();
        let of = |main: &Path| folders(&StateDir::of(main).run(&run), &env);
        let first = |folders: &[PathBuf]| fitting(folders).next();
        let near = first(&of(Path::new("/repo"))).expect("a place");
        assert_eq!(near, Path::new("/repo/.ralph-teams/runs/20261120-101500-k3f9/desk/socket"));
        let far = PathBuf::from(format!("/{}", "x".repeat(100)));
        let socket = first(&of(&far)).expect("a place");
        assert!(socket.starts_with("/run/user/1000/ralph-teams") && socket.as_os_str().len() <= LONGEST, "{socket:?}");
        assert_ne!(Some(socket), first(&of(&far.join("other"))), "two repositories never share one");
        let nowhere = folders(&StateDir::of(&far).run(&run), &BTreeMap::new());
        assert!(matches!(bind_first(&nowhere), Err(DeskFault::TooLong { .. })));
    }

    #[test]
    fn a_secret_can_be_read_by_its_owner_alone() {
        let base = tempfile::tempdir().expect("a folder");
        let path = base.path().join("mcp.json");
        fs::write(&path, "old").expect("a file");
        write_secret(&path, b"new").expect("written");
        assert_eq!((mode(&path), fs::read(&path).expect("a file")), (0o600, b"new".to_vec()));
    }
}
