//! The sender's own keys: `extra.ext` and those of the options.

use nudged_plugin_api::{EncodeError, bad_option};

use super::Plan;
use crate::payload::Extra;

/// Most own keys of a message.
const MAX_PAIRS: usize = 10;
/// Most bytes of own keys and values. The newest document says 2048, older ones 1024, and each
/// wants less than that; what lies between the two is Xiaomi's to refuse.
const MAX_BYTES: usize = 2047;
const EXT: &str = "ext";
/// Longest `ext` alone.
pub(super) const MAX_EXT: usize = MAX_BYTES - EXT.len();
/// Keys of notification styles are Xiaomi's, not the sender's.
const STYLE: &str = "notification_style_";

impl<'a> Plan<'a> {
    /// Writes the own keys, `ext` first.
    pub(super) fn own_keys(
        &self,
        ext: Option<&'a str>,
        extra: &mut Extra<'a>,
    ) -> Result<(), EncodeError> {
        if let Some(size) = ext.map(str::len).filter(|size| *size > MAX_EXT) {
            let problem = format!("is {size} bytes long, at most {MAX_EXT} pass");
            return Err(EncodeError::new("PayloadTooLarge", EXT, problem));
        }
        extra.put_some(EXT, ext);
        let (mut pairs, mut bytes) = (0, 0);
        let own = self.options.extra.iter();
        let own = own.filter(|(key, _)| !key.starts_with(STYLE));
        let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
        for (key, value) in own.chain(ext.map(|ext| (EXT, ext))) {
            pairs += 1;
            bytes += key.len() + value.len();
        }
        if pairs > MAX_PAIRS {
            let problem = format!("makes {pairs} keys with ext, at most {MAX_PAIRS} pass");
            return Err(bad_option("extra", problem));
        }
        if bytes > MAX_BYTES {
            let problem = format!("makes {bytes} bytes with ext, at most {MAX_BYTES} pass");
            return Err(EncodeError::new(
                "PayloadTooLarge",
                "options.extra",
                problem,
            ));
        }
        for (key, value) in &self.options.extra {
            extra.put(key, value.as_str());
        }
        Ok(())
    }
}
