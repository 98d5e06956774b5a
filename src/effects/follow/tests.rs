//! What following a file must survive.

use super::*;
use std::io::Write as _;

type Seen = Vec<(Vec<u8>, u64, u64, bool)>;

fn keep(seen: &mut Seen) -> impl FnMut(Line<'_>) + '_ {
    |line| seen.push((line.bytes.to_vec(), line.offset, line.len, line.cut))
}

fn texts(seen: &Seen) -> Vec<String> {
    seen.iter().map(|(bytes, ..)| String::from_utf8_lossy(bytes).into_owned()).collect()
}

struct Log {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        Self { _folder: folder, path }
    }

    fn append(&self, bytes: &[u8]) {
        File::options().append(true).create(true).open(&self.path).unwrap().write_all(bytes).unwrap();
    }
}

#[tokio::test]
async fn lines_arrive_when_they_end_and_the_last_one_at_the_finish() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    log.append(b"one\ntw");
    assert_eq!(follow.more(&mut keep(&mut seen)).await.unwrap(), 6);
    assert_eq!(texts(&seen), ["one"]);
    log.append(b"o\r\n\nlast");
    follow.more(&mut keep(&mut seen)).await.unwrap();
    follow.finish(&mut keep(&mut seen)).await.unwrap();
    assert_eq!(texts(&seen), ["one", "two\r", "", "last"]);
    assert_eq!(seen.iter().map(|line| line.1).collect::<Vec<_>>(), [0, 4, 9, 10]);
    assert_eq!(follow.n_bytes(), 14);
}

#[tokio::test]
async fn a_file_that_appears_later_is_read_from_its_beginning() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    let began = follow.quiet_since();
    let mut on_line = keep(&mut seen);
    let writer = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        log.append(b"late\n");
    };
    let (read, ()) = tokio::join!(follow.more(&mut on_line), writer);
    assert_eq!(read.unwrap(), 5);
    drop(on_line);
    assert_eq!(texts(&seen), ["late"]);
    assert!(follow.quiet_since() > began);
}

#[tokio::test]
async fn a_long_line_is_cut_but_its_place_and_length_are_known() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    log.append(b"first\n");
    log.append(&vec![b'x'; 5 * LINE_CAP]);
    log.append(b"\nnext\n");
    follow.finish(&mut keep(&mut seen)).await.unwrap();
    assert_eq!(seen.len(), 3);
    assert_eq!((seen[1].0.len(), seen[1].1, seen[1].2, seen[1].3), (LINE_CAP, 6, 5 * LINE_CAP as u64, true));
    assert_eq!(seen[2], (b"next".to_vec(), 7 + 5 * LINE_CAP as u64, 4, false));
}

#[tokio::test]
async fn bytes_that_are_no_text_pass_as_they_are() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    log.append(b"\xff\x00\xfe\n\xc3");
    follow.finish(&mut keep(&mut seen)).await.unwrap();
    assert_eq!(seen[0].0, b"\xff\x00\xfe");
    assert_eq!(seen[1].0, b"\xc3");
}

#[tokio::test]
async fn a_truncated_file_is_followed_from_its_new_beginning() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    log.append(b"a long first line\nhalf");
    follow.more(&mut keep(&mut seen)).await.unwrap();
    std::fs::write(&log.path, b"new\n").unwrap();
    follow.more(&mut keep(&mut seen)).await.unwrap();
    assert_eq!(texts(&seen), ["a long first line", "half", "new"]);
}

#[tokio::test]
async fn a_rotated_file_is_followed_under_its_name() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    log.append(b"old\n");
    follow.more(&mut keep(&mut seen)).await.unwrap();
    std::fs::rename(&log.path, log.path.with_extension("1")).unwrap();
    log.append(b"a new and longer line\n");
    follow.more(&mut keep(&mut seen)).await.unwrap();
    assert_eq!(texts(&seen), ["old", "a new and longer line"]);
}

#[test]
fn a_part_begins_with_its_first_whole_line_and_ends_where_it_is_told() {
    let log = Log::new();
    log.append(b"first\nsecond\nthird\nfourth\n");
    let part = |begin, end| {
        let (mut follow, mut seen) = (Follow::part(&log.path, begin, end), Seen::new());
        while follow.now(&mut keep(&mut seen)).unwrap() > 0 {}
        seen
    };
    assert_eq!(texts(&part(0, u64::MAX)), ["first", "second", "third", "fourth"]);
    assert_eq!(texts(&part(2, u64::MAX)), ["second", "third", "fourth"]);
    assert_eq!(texts(&part(0, 15)), ["first", "second"]);
    assert_eq!(part(2, 13), [(b"second".to_vec(), 6, 6, false)]);
}

#[tokio::test]
async fn a_missing_file_ends_in_peace() {
    let log = Log::new();
    let (mut follow, mut seen) = (Follow::new(&log.path), Seen::new());
    follow.finish(&mut keep(&mut seen)).await.unwrap();
    assert!(seen.is_empty());
}
