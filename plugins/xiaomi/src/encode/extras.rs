//! The sender's own keys: `extra.ext` and those of the options.

use nudged_driver_kit::fit::{Extras, spare};
use nudged_plugin_api::{EncodeError, bad_option, too_large};

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
        &mut self,
        ext: Option<&'a str>,
        extra: &mut Extra<'a>,
    ) -> Result<(), EncodeError> {
        // req 40: byte for byte, where `getExtra().get("ext")` finds it.
        extra.put_some(EXT, ext);
        let all = &self.options.extra;
        if self.extras == Extras::LeftOut {
            spare("extra", !all.is_empty(), &mut self.notices);
            return self.fits(ext.map(|ext| (EXT, ext)).into_iter());
        }
        let own = all.iter().filter(|(key, _)| !key.starts_with(STYLE));
        let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
        if own.clone().count() > MAX_PAIRS {
            let problem = format!("has more than {MAX_PAIRS} keys");
            return Err(bad_option("extra", problem));
        }
        self.fits(own.chain(ext.map(|ext| (EXT, ext))))?;
        for (key, value) in all {
            extra.put(key, value.as_str());
        }
        Ok(())
    }

    fn fits<'b>(&self, keys: impl Iterator<Item = (&'b str, &'b str)>) -> Result<(), EncodeError> {
        let (mut pairs, mut bytes, mut field) = (0, 0, EXT);
        for (key, value) in keys {
            if key != EXT {
                field = "options.extra";
            }
            pairs += 1;
            bytes += key.len() + value.len();
        }
        if pairs > MAX_PAIRS {
            return Err(too_large(field, pairs, MAX_PAIRS, "keys"));
        }
        if bytes > MAX_BYTES {
            return Err(too_large(field, bytes, MAX_BYTES, "bytes of own keys"));
        }
        Ok(())
    }
}
