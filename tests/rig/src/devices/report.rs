use std::fmt;
use std::time::Duration;

/// How often a second something was done, and how long each waited.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rate {
    /// So often.
    pub per_second: f64,
    /// Half waited no longer, in milliseconds.
    pub p50_ms: f64,
    /// All but one in a hundred waited no longer.
    pub p99_ms: f64,
}

impl Rate {
    pub(super) fn of(mut waits_us: Vec<u32>, took: Duration) -> Rate {
        waits_us.sort_unstable();
        let at = |share: f64| {
            let index = (share * waits_us.len() as f64) as usize;
            waits_us.get(index).map_or(0.0, |us| f64::from(*us) / 1e3)
        };
        Rate {
            per_second: waits_us.len() as f64 / took.as_secs_f64(),
            p50_ms: at(0.50),
            p99_ms: at(0.99),
        }
    }
}

/// What it came to.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Devices.
    pub count: u64,
    /// Connections that asked at once.
    pub connections: usize,
    /// An empty request.
    pub empty: Rate,
    /// How long the import took.
    pub import_seconds: f64,
    /// Processor time of the daemon for it.
    pub import_cpu_seconds: f64,
    /// How long the database worked on after it.
    pub rest_seconds: f64,
    /// The devices of a user.
    pub lookup: Rate,
    /// Changes of state.
    pub state: Rate,
    /// Reports of a token, each answered after an fsync.
    pub report: Rate,
    /// Without any device.
    pub empty_rss_mib: f64,
    /// After the import.
    pub import_rss_mib: f64,
    /// When the database has come to rest.
    pub rest_rss_mib: f64,
    /// After the lookups.
    pub lookup_rss_mib: f64,
    /// The most there ever was.
    pub peak_rss_mib: f64,
    /// On the disk, without the journals.
    pub disk: u64,
    /// The journals: the latest writes, up to a fixed size.
    pub journals: u64,
    /// A start of the daemon, until it is ready.
    pub start_seconds: f64,
    /// One that asks the driver for the form of every token.
    pub forms_seconds: f64,
    /// Processor time of the daemon for it.
    pub forms_cpu_seconds: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |f: &mut fmt::Formatter<'_>, what: &str, rate: &Rate| {
            writeln!(
                f,
                "{what:<34} {:>9.0}/s  {:>5.2} of an empty request  p50 {:>7.3} ms  p99 {:>7.3} ms",
                rate.per_second,
                rate.per_second / self.empty.per_second,
                rate.p50_ms,
                rate.p99_ms,
            )
        };
        let count = self.count as f64;
        writeln!(
            f,
            "{} devices; {} connections",
            self.count, self.connections
        )?;
        rate(f, "empty request", &self.empty)?;
        writeln!(
            f,
            "{:<34} {:>9.0}/s  {:>5.2} of an empty request  {:.1} s, {:.1} CPU-s; at rest {:.0} s later",
            "import, one connection",
            count / self.import_seconds,
            count / self.import_seconds / self.empty.per_second,
            self.import_seconds,
            self.import_cpu_seconds,
            self.rest_seconds,
        )?;
        rate(f, "lookup of a user at random", &self.lookup)?;
        rate(f, "change of state", &self.state)?;
        rate(f, "report of a token (fsync)", &self.report)?;
        writeln!(
            f,
            "{:<34} {:.0} MiB empty, {:.0} after the import, {:.0} at rest, {:.0} after lookups, {:.0} at most",
            "resident memory",
            self.empty_rss_mib,
            self.import_rss_mib,
            self.rest_rss_mib,
            self.lookup_rss_mib,
            self.peak_rss_mib,
        )?;
        writeln!(
            f,
            "{:<34} {:.0} MiB of journals; {:.0} bytes a device at rest",
            "disk",
            self.journals as f64 / f64::from(1 << 20),
            self.disk as f64 / count
        )?;
        writeln!(
            f,
            "{:<34} {:.2} s; {:.2} s, {:.1} CPU-s with another setting or driver, which looks at all tokens",
            "start of the daemon", self.start_seconds, self.forms_seconds, self.forms_cpu_seconds
        )
    }
}
