//! A histogram of latencies: 32 linear steps to each power of two, so at most 3 % off.

const STEPS: usize = 32;
const STEP_BITS: u32 = 5;

#[derive(Debug)]
pub(crate) struct Latency {
    buckets: Vec<u64>,
    total: u64,
}

impl Default for Latency {
    fn default() -> Self {
        Latency {
            buckets: vec![0; STEPS * (64 - STEP_BITS as usize + 1)],
            total: 0,
        }
    }
}

impl Latency {
    pub(crate) fn add(&mut self, us: u64) {
        self.buckets[bucket_of(us)] += 1;
        self.total += 1;
    }

    /// The upper edge of the bucket in which the given share of all values ends, in milliseconds.
    pub(crate) fn percentile_ms(&self, share: f64) -> Option<f64> {
        if self.total == 0 {
            return None;
        }
        let wanted = (share * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Some(upper_edge(index) as f64 / 1000.0);
            }
        }
        None
    }
}

fn bucket_of(us: u64) -> usize {
    if us < STEPS as u64 {
        return us as usize;
    }
    let shift = 63 - us.leading_zeros() - STEP_BITS;
    let step = (us >> shift) as usize - STEPS;
    STEPS * (shift as usize + 1) + step
}

fn upper_edge(index: usize) -> u64 {
    if index < STEPS {
        return index as u64;
    }
    let shift = index / STEPS - 1;
    let step = (index % STEPS + STEPS) as u64;
    ((step + 1) << shift).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_within_three_percent_of_its_bucket() {
        for us in [
            0,
            1,
            31,
            32,
            33,
            63,
            64,
            1_000,
            123_456,
            99_999_999,
            u64::MAX,
        ] {
            let edge = upper_edge(bucket_of(us));
            assert!(edge >= us, "{us}: {edge}");
            assert!((edge - us) as f64 <= us as f64 * 0.032, "{us}: {edge}");
        }
    }

    #[test]
    fn percentiles_follow_the_values() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentile_ms(0.5), None);
        (1..=1000).for_each(|ms| latency.add(ms * 1000));

        let p50 = latency.percentile_ms(0.5).unwrap();
        let p99 = latency.percentile_ms(0.99).unwrap();

        assert!((485.0..=516.0).contains(&p50), "{p50}");
        assert!((975.0..=1022.0).contains(&p99), "{p99}");
    }
}
