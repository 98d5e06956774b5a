//! Finds what an earlier life, or a host that was killed, left behind: by the marks in the environment of processes.

use std::collections::BTreeMap;

use super::spec::{JOB_VARIABLE, RUN_VARIABLE};

/// Which processes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// Runs whose processes are meant: this one, and perhaps older ones of the same repository.
    pub runs: &'a [&'a str],
    /// Only the processes of this job; `None`: of all jobs.
    pub job: Option<&'a str>,
}

/// A process that a sweep killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptProcess {
    /// Its id.
    pub pid: u32,
    /// Its run.
    pub run: String,
    /// Its job, when it says so.
    pub job: Option<String>,
    /// Its command line, for people.
    pub command: String,
}

/// What a sweep came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// What was killed.
    pub killed: Vec<SweptProcess>,
    /// How many would not die within the bound.
    pub n_survivors: u32,
}

impl Mark<'_> {
    /// Whether an environment carries the mark.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no /proc to read environments from"))]
    fn fits(&self, environment: &BTreeMap<String, String>) -> bool {
        let run_fits = environment.get(RUN_VARIABLE).is_some_and(|run| self.runs.contains(&run.as_str()));
        run_fits && self.job.is_none_or(|job| environment.get(JOB_VARIABLE).is_some_and(|found| found == job))
    }
}

/// Kills every process that carries the mark, and what descends from one, until none is left or two seconds are over.
///
/// Never kills the calling process or one that it descends from, so that a run may itself be hosted by a run. Blocks;
/// on systems without `/proc` it finds nothing. An orphan that threw its environment away is not found: that one only
/// a host that lives can hold.
#[must_use]
pub fn sweep(mark: &Mark<'_>) -> Swept {
    sweeper::sweep(mark)
}

/// The processes that a sweep would kill. Nothing is done to them.
#[must_use]
pub fn find(mark: &Mark<'_>) -> Vec<SweptProcess> {
    sweeper::find(mark)
}

#[cfg(not(target_os = "linux"))]
mod sweeper {
    pub(super) fn find(_mark: &super::Mark<'_>) -> Vec<super::SweptProcess> {
        Vec::new()
    }

    pub(super) fn sweep(_mark: &super::Mark<'_>) -> super::Swept {
        super::Swept::default()
    }
}

#[cfg(target_os = "linux")]
mod sweeper {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use rustix::process::{Pid, Signal};

    use super::{JOB_VARIABLE, Mark, RUN_VARIABLE, Swept, SweptProcess};
    use crate::clock;
    use crate::effects::host::gits;
    use crate::effects::host::proc::{self, Process};

    const LIMIT: Duration = Duration::from_secs(2);
    const PAUSE: Duration = Duration::from_millis(10);

    pub(super) fn sweep(mark: &Mark<'_>) -> Swept {
        let spared = own_line();
        let began = clock::now();
        let mut killed = BTreeMap::new();
        loop {
            let found = marked(mark, &spared);
            let n_survivors = u32::try_from(found.len()).unwrap_or(u32::MAX);
            if found.is_empty() || began.elapsed() > LIMIT {
                return Swept { killed: killed.into_values().collect(), n_survivors };
            }
            // Stopped first: what is stopped cannot fork while its family is being killed.
            let all = |signal| {
                for (process, _) in &found {
                    proc::signal(process, signal);
                }
            };
            all(Signal::STOP);
            gits::end(found.iter().map(|(process, _)| process));
            all(Signal::KILL);
            killed.extend(found.into_iter().map(|(process, swept)| (process.key(), swept)));
            std::thread::sleep(PAUSE);
        }
    }

    pub(super) fn find(mark: &Mark<'_>) -> Vec<SweptProcess> {
        marked(mark, &own_line()).into_iter().map(|(_, found)| found).collect()
    }

    /// The calling process and all that it descends from.
    fn own_line() -> Vec<Pid> {
        let mut line = Vec::new();
        let mut next = Some(rustix::process::getpid());
        while let Some(pid) = next.filter(|pid| !line.contains(pid)) {
            line.push(pid);
            next = proc::read(pid).and_then(|process| Pid::from_raw(process.parent));
        }
        line
    }

    fn marked(mark: &Mark<'_>, spared: &[Pid]) -> Vec<(Process, SweptProcess)> {
        let mut found = BTreeMap::new();
        for pid in proc::pids() {
            let environment = environment(pid);
            if !mark.fits(&environment) || spared.contains(&pid) {
                continue;
            }
            // Those that threw their environment away are found as descendants.
            for process in proc::read(pid).into_iter().chain(proc::descendants(&[pid])) {
                if !process.zombie && !spared.contains(&process.pid) {
                    found.entry(process.key()).or_insert_with(|| (process, describe(process.pid, &environment)));
                }
            }
        }
        found.into_values().collect()
    }

    fn environment(pid: Pid) -> BTreeMap<String, String> {
        let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| [RUN_VARIABLE, JOB_VARIABLE].contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn describe(pid: Pid, environment: &BTreeMap<String, String>) -> SweptProcess {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        SweptProcess {
            pid: pid.as_raw_nonzero().get().unsigned_abs(),
            run: environment.get(RUN_VARIABLE).cloned().unwrap_or_default(),
            job: environment.get(JOB_VARIABLE).cloned(),
            command: String::from_utf8_lossy(&command).replace('\0', " ").trim_end().to_owned(),
        }
    }
}
