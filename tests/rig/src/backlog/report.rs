use std::fmt;

use serde::Serialize;

/// What a queue of one length comes to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Its length.
    pub queued: usize,
    /// Of these, added since the length before.
    pub filled: usize,
    /// How long that took.
    pub fill_seconds: f64,
    /// Processor time of the daemon for it.
    pub fill_cpu: f64,
    /// Bytes on the disk, all of the data directory.
    pub disk: u64,
    /// From the start of the process to its word that it is ready, after a stop in order.
    pub ready_seconds: f64,
    /// The same after a kill.
    pub ready_after_kill_seconds: f64,
    /// Until it knows how many are queued.
    pub counted_seconds: f64,
    /// Memory after the filling.
    pub filled_rss_mib: f64,
    /// Memory after the start.
    pub start_rss_mib: f64,
    /// The most memory since the start, with accepting and sending.
    pub peak_rss_mib: f64,
    /// Processor time for accepting 100,000 more.
    pub submit_cpu: f64,
    /// Processor time for sending 100,000.
    pub send_cpu: f64,
}

impl Figures {
    /// Ready within this time, however many are queued.
    const READY: f64 = 2.0;

    /// Whether it was ready in time.
    pub fn is_soon(&self) -> bool {
        self.ready_seconds <= Self::READY && self.ready_after_kill_seconds <= Self::READY
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>9} queued: ready in {:.2} s, after kill -9 in {:.2} s, counted after {:.2} s; \
             {:.0} MiB on disk; RSS {:.0} MiB filled, {:.0} started, {:.0} peak; \
             CPU-s/100k: fill {:.2}, accept {:.2}, send {:.2}",
            self.queued,
            self.ready_seconds,
            self.ready_after_kill_seconds,
            self.counted_seconds,
            self.disk as f64 / f64::from(1 << 20),
            self.filled_rss_mib,
            self.start_rss_mib,
            self.peak_rss_mib,
            self.fill_cpu * 1e5 / self.filled.max(1) as f64,
            self.submit_cpu,
            self.send_cpu,
        )
    }
}
