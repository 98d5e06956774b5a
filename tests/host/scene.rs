//! A folder and a run of its own for each test, and ways to wait for facts.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ralph_teams::effects::host::spec::{Environment, HostExit, HostSpec};
use ralph_teams::effects::host::sweep::{Mark, sweep};
use ralph_teams::effects::hosted::Hosted;
use serde_json::{Value, json};

/// The program under test.
pub const HOST: &str = env!("CARGO_BIN_EXE_ralph-teams");

/// The program that misbehaves as its script says.
pub const AGENT: &str = env!("CARGO_BIN_EXE_fake-agent");

/// Longer than anything here takes; only a hang gets there.
pub const HANG: Duration = Duration::from_secs(60);

/// A sleep that outlives every test unless it is killed.
pub const FOR_EVER: u64 = 600_000;

/// A folder, a run of its own, and the processes that carry that run's mark.
pub struct Scene {
    pub folder: tempfile::TempDir,
    pub run: String,
}

impl Scene {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let run = format!("test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self { folder: tempfile::tempdir().unwrap(), run }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn env(&self, job: &str) -> Environment {
        let path = std::env::var_os("PATH").unwrap();
        let pairs: [(&str, OsString); 4] = [
            ("PATH", path),
            ("RALPH_RUN_ID", self.run.clone().into()),
            ("RALPH_JOB", job.into()),
            ("FAKE_AGENT_SCRIPT", self.path(&format!("{job}.script")).into()),
        ];
        pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    /// A job that takes these steps, with a short ladder.
    pub fn spec(&self, job: &str, steps: Value) -> HostSpec {
        std::fs::write(self.path(&format!("{job}.script")), json!({ "*/*/*": steps }).to_string()).unwrap();
        let (log, exit) = (self.path(&format!("{job}.log")), self.path(&format!("{job}.exit.json")));
        let mut spec = HostSpec::new(vec![AGENT.to_owned()], self.env(job), self.folder.path(), &log, &exit);
        (spec.int_ms, spec.term_ms) = (100, 100);
        spec
    }

    pub fn start(&self, spec: &HostSpec) -> Hosted {
        Hosted::start(Path::new(HOST), spec, &spec.exit_file.with_extension("spec")).unwrap()
    }

    pub async fn run(&self, steps: Value) -> HostExit {
        within(self.start(&self.spec("job", steps)).wait()).await
    }

    /// The living processes that carry the run's mark.
    pub fn processes(&self) -> BTreeSet<u32> {
        marked(&format!("RALPH_RUN_ID={}", self.run))
    }

    pub async fn exists(&self, name: &str) {
        until(name, || self.path(name).exists()).await;
    }

    pub async fn all_gone(&self) {
        until("end of all processes", || self.processes().is_empty()).await;
    }
}

/// A test that failed half-way leaves nothing behind either.
impl Drop for Scene {
    fn drop(&mut self) {
        let _ = sweep(&Mark { runs: &[&self.run], job: None });
    }
}

fn marked(mark: &str) -> BTreeSet<u32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair == mark.as_bytes())
    })
    .collect()
}

pub async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < HANG, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG, future).await.expect("it hangs")
}

pub fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}
