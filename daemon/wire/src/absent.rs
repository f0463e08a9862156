//! null in the place of what may be absent, and words that are no texts.
//!
//! In: members of a body as clients write them: many languages write null for what they have not
//! set. Out: as if the member were not there; or an error that says what was expected, where serde
//! would call an enum of another type broken JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::StrDeserializer;
use serde::de::{Error, IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer};

/// null is the default.
pub fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(from).map(Option::unwrap_or_default)
}

/// null is true.
pub fn or_yes<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Option::deserialize(from).map(|it| it.unwrap_or(true))
}

/// null is no member, and so is a member that is null.
pub fn members<'de, D, T>(from: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let members = Option::<BTreeMap<String, Option<T>>>::deserialize(from)?;
    let members = members.unwrap_or_default().into_iter();
    Ok(members
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

/// One of the words of an enum.
pub fn word<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Word::deserialize(from).map(|it| it.0)
}

/// null is the default word.
pub fn word_or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    word_or_none(from).map(Option::unwrap_or_default)
}

/// null is no word.
pub fn word_or_none<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<Word<T>>::deserialize(from).map(|it| it.map(|word| word.0))
}

struct Word<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(OneWord(PhantomData))
    }
}

struct OneWord<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneWord<T> {
    type Value = Word<T>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the enum knows its words, and it tells them to whoever has none.
        let none: StrDeserializer<'_, serde::de::value::Error> = "".into_deserializer();
        let told = T::deserialize(none).err().map(|error| error.to_string());
        let told = told.unwrap_or_default();
        to.write_str(told.split_once("expected ").map_or("a word", |it| it.1))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Word<T>, E> {
        T::deserialize(word.into_deserializer()).map(Word)
    }
}
