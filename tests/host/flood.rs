//! A log of any size and shape is followed in bounded memory.

use ralph_teams::effects::follow::{Follow, Line};
use serde_json::json;

use crate::scene::{Scene, within};

/// The largest memory that this process ever used, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_flood_of_200_megabytes_is_followed_in_bounded_memory() {
    let scene = Scene::new();
    let before = peak_memory();
    let steps = json!([{ "flood": { "bytes": 100_000_000 } }, { "flood": { "bytes": 100_000_000, "line": 0 } }]);
    let spec = scene.spec("job", steps);
    let mut hosted = scene.start(&spec);
    let mut follow = Follow::new(&spec.stdout);
    let (mut n_lines, mut n_cut) = (0_u64, 0_u64);
    let mut on_line = |line: Line<'_>| {
        n_lines += 1;
        n_cut += u64::from(line.cut);
    };
    let exit = within(async {
        loop {
            tokio::select! {
                exit = hosted.wait() => break exit,
                read = follow.more(&mut on_line) => { read.unwrap(); }
            }
        }
    })
    .await;
    within(follow.finish(&mut on_line)).await.unwrap();
    assert_eq!((exit.code, follow.n_bytes()), (Some(0), 200_000_000));
    assert_eq!((n_lines, n_cut), (1_000_001, 1));
    let grown = peak_memory() - before;
    assert!(grown < 64 << 20, "{grown} bytes more than before");
}
