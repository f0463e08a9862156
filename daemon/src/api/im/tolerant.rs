//! The scalars, lists and objects of Tencent's REST bodies, read as leniently as its servers do.
//!
//! In: JSON as the many clients write it: `""` and `null` for what is absent, numbers for
//! texts, texts for numbers, `[]` for an empty object (PHP). Out: one form of each, or an
//! error that says what was expected; its path is the caller's affair. Refuses to know fields.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use nudged_wire::json::halves;

/// A text; a number becomes its digits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text(pub Option<String>);

/// A whole number; a text of digits is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Number(pub Option<i64>);

/// 0 or 1, or what JSON has for it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flag(pub Option<bool>);

/// Any JSON: a text is taken as it is, everything else as its JSON text, byte for byte.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Anything(pub Option<String>);

/// An array, none where there is nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(pub Vec<T>);

/// An object, an empty one where there is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<T>(pub T);

/// One account, or several of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ImAccounts {
    /// Nothing was said.
    #[default]
    Absent,
    /// A text.
    One(String),
    /// An array, empty texts and all.
    Many(Vec<Text>),
}

impl Flag {
    /// Whether it was set.
    pub fn is_set(self) -> bool {
        self.0 == Some(true)
    }
}

impl Deref for Text {
    type Target = Option<String>;
    fn deref(&self) -> &Option<String> {
        &self.0
    }
}

impl Deref for Anything {
    type Target = Option<String>;
    fn deref(&self) -> &Option<String> {
        &self.0
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> Deref for Object<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Text;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("a text")
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }
            // req 52: `""` is absent.
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text((!text.is_empty()).then(|| text.to_owned())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
        }
        from.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Whole("a whole number")).map(Self)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "0 or 1";
        match from.deserialize_any(Whole(EXPECTED))? {
            None => Ok(Self(None)),
            Some(0) => Ok(Self(Some(false))),
            Some(1) => Ok(Self(Some(true))),
            Some(other) => Err(D::Error::invalid_value(
                Unexpected::Signed(other),
                &EXPECTED,
            )),
        }
    }
}

/// Reads a whole number, and says this when there is none.
struct Whole(&'static str);

impl Visitor<'_> for Whole {
    type Value = Option<i64>;
    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str(self.0)
    }
    fn visit_unit<E>(self) -> Result<Option<i64>, E> {
        Ok(None)
    }
    fn visit_bool<E>(self, yes: bool) -> Result<Option<i64>, E> {
        Ok(Some(yes.into()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Option<i64>, E> {
        Ok(Some(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<i64>, E> {
        i64::try_from(number)
            .map(Some)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<i64>, E> {
        // Every whole number below 2^53 is exact, and no field has use for a larger one.
        if number.fract() == 0.0 && number.abs() < 9e15 {
            return Ok(Some(number as i64));
        }
        Err(E::invalid_value(Unexpected::Float(number), &self))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Option<i64>, E> {
        match text.trim() {
            "" => Ok(None),
            digits => digits
                .parse()
                .map(Some)
                .map_err(|_| E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else {
            return Ok(Self(None));
        };
        let text = match raw.get() {
            text if text.starts_with('"') => {
                halves::read(text.as_bytes()).map_err(D::Error::custom)?
            }
            other => halves::mended(other.to_owned()),
        };
        Ok(Self((!text.is_empty()).then_some(text)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = List<T>;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("an array")
            }
            fn visit_unit<E>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<List<T>, E> {
                nothing(text, &self).map(|()| List::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(List(list))
            }
        }
        from.deserialize_any(Reader(PhantomData))
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Reader<T> {
            type Value = Object<T>;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("an object")
            }
            fn visit_unit<E>(self) -> Result<Object<T>, E> {
                Ok(Object::default())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Object<T>, E> {
                nothing(text, &self).map(|()| Object::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Object<T>, A::Error> {
                match items.next_element::<IgnoredAny>()? {
                    None => Ok(Object::default()),
                    Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        from.deserialize_any(Reader(PhantomData))
    }
}

impl<'de> Deserialize<'de> for ImAccounts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = ImAccounts;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("an account or an array of accounts")
            }
            fn visit_unit<E>(self) -> Result<ImAccounts, E> {
                Ok(ImAccounts::Absent)
            }
            fn visit_str<E>(self, text: &str) -> Result<ImAccounts, E> {
                Ok(match text {
                    "" => ImAccounts::Absent,
                    account => ImAccounts::One(account.to_owned()),
                })
            }
            fn visit_i64<E>(self, number: i64) -> Result<ImAccounts, E> {
                Ok(ImAccounts::One(number.to_string()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<ImAccounts, E> {
                Ok(ImAccounts::One(number.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ImAccounts, A::Error> {
                let mut accounts = Vec::new();
                while let Some(account) = items.next_element()? {
                    accounts.push(account);
                }
                Ok(ImAccounts::Many(accounts))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// Only an empty text stands for nothing.
pub(super) fn nothing<'de, E: Error, V: Visitor<'de>>(text: &str, expected: &V) -> Result<(), E> {
    if text.is_empty() {
        return Ok(());
    }
    Err(E::invalid_type(Unexpected::Str(text), expected))
}
