//! What a sender says for the vendors behind TPNS: their drivers' options, as the daemon hands them
//! on, by vendor.
//!
//! In: those objects, in whatever state; each vendor's own driver has looked at them, where there
//! is one. Out: the values that TPNS has a field for, and which vendors said more than that.

use nudged_driver_kit::category::{VIVO_OPERATIONAL, VIVO_SYSTEM};
use serde::Deserialize;
use serde_json::{Map, Value};

/// By vendor.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Behind(Map<String, Value>);

/// Where each vendor's driver has what TPNS passes on.
const KNOWN: [(&str, &[&str]); 6] = [
    ("huawei", &["/channel_id", "/category", "/importance"]),
    ("honor", &["/importance"]),
    ("xiaomi", &["/channel_id"]),
    ("oppo", &["/channel_id"]),
    ("vivo", &["/classification", "/category"]),
    ("fcm", &["/channel_id", "/android/notification/channel_id"]),
];
/// Longest id of a channel or word of a category that is passed on, in bytes.
pub(crate) const MAX_ID: usize = 128;

impl Behind {
    /// A channel's id, or the word of a category.
    pub fn word(&self, vendor: &str, path: &str) -> Option<&str> {
        let word = self.0.get(vendor)?.pointer(path)?.as_str()?;
        let fits = (1..=MAX_ID).contains(&word.len()) && !word.contains(char::is_control);
        fits.then_some(word)
    }

    /// Huawei's and Honor's importance as TPNS writes it: quiet or not.
    pub fn importance(&self) -> Option<u8> {
        let of = |vendor| self.word(vendor, "/importance");
        match of("huawei").or(of("honor"))? {
            "LOW" => Some(1),
            "NORMAL" | "HIGH" => Some(2),
            _ => None,
        }
    }

    /// vivo's class: operation or system. A category stands for the class that it belongs to.
    pub fn classification(&self) -> Option<&'static str> {
        self.named_class().or_else(|| self.class_of_category())
    }

    fn named_class(&self) -> Option<&'static str> {
        match self.0.get("vivo")?.get("classification")?.as_i64()? {
            0 => Some("0"),
            1 => Some("1"),
            _ => None,
        }
    }

    fn class_of_category(&self) -> Option<&'static str> {
        match self.word("vivo", "/category")? {
            word if VIVO_SYSTEM.contains(&word) => Some("1"),
            word if VIVO_OPERATIONAL.contains(&word) => Some("0"),
            _ => None,
        }
    }

    /// Whether TPNS can be given what is said there, or nothing is.
    fn passes(&self, vendor: &str, path: &str) -> bool {
        let said = self.0.get(vendor).and_then(|said| said.pointer(path));
        match (vendor, path) {
            _ if said.is_none_or(is_empty) => true,
            ("vivo", "/category") => self.class_of_category().is_some(),
            ("vivo", _) => self.named_class().is_some(),
            (_, "/importance") => self.importance().is_some(),
            _ => self.word(vendor, path).is_some(),
        }
    }

    /// The vendors of which something goes no further, each with what does go on.
    pub fn more(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().filter_map(|(vendor, said)| {
            let known = KNOWN.iter().find(|(name, _)| name == vendor);
            let known = known.map_or(&[][..], |(_, paths)| paths);
            let mut rest = said.clone();
            for path in known.iter().filter(|path| self.passes(vendor, path)) {
                take(&mut rest, path);
            }
            let names: Vec<&str> = known.iter().map(|path| &path[1..]).collect();
            (!is_empty(&rest)).then(|| (vendor.as_str(), names.join(", ")))
        })
    }
}

fn take(from: &mut Value, path: &str) {
    let Some((parent, key)) = path.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(object)) = from.pointer_mut(parent) {
        object.remove(key);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.values().all(is_empty),
        Value::String(text) => text.is_empty(),
        value => value.is_null(),
    }
}
