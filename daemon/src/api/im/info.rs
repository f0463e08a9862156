//! Objects of which no name is passed over in silence.
//!
//! In: a JSON object, as leniently as [`super::tolerant`]. Out: what a struct reads of it, and
//! the members that it does not, if they say anything. Refuses to know what those mean.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use serde::de::{
    DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::tolerant::nothing;

/// An object whose every name matters: what `T` does not read is kept.
#[derive(Clone, Debug, Default)]
pub struct Info<T> {
    /// What `T` reads.
    pub fields: T,
    /// The other members that say anything, in their order.
    pub more: Vec<(String, Box<RawValue>)>,
}

impl<T> Deref for Info<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.fields
    }
}

impl<T> DerefMut for Info<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.fields
    }
}

/// What is understood counts.
impl<T: PartialEq> PartialEq for Info<T> {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Info<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Reader<T> {
            type Value = Info<T>;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("an object")
            }
            fn visit_unit<E>(self) -> Result<Info<T>, E> {
                Ok(Info::default())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Info<T>, E> {
                nothing(text, &self).map(|()| Info::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Info<T>, A::Error> {
                match items.next_element::<IgnoredAny>()? {
                    None => Ok(Info::default()),
                    Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Info<T>, A::Error> {
                let mut more = Vec::new();
                let members = Members {
                    map,
                    known: &[],
                    more: &mut more,
                };
                T::deserialize(members).map(|fields| Info { fields, more })
            }
        }
        from.deserialize_any(Reader(PhantomData))
    }
}

/// The members of an object: those that a struct knows are passed to it, others are kept.
struct Members<'m, A> {
    map: A,
    /// The struct's fields, as it names them when it asks to be read.
    known: &'static [&'static str],
    more: &'m mut Vec<(String, Box<RawValue>)>,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Members<'_, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.known = fields;
        visitor.visit_map(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier
        ignored_any
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key::<Name<'de>>()? {
            if self.known.contains(&&*name.0) {
                return seed.deserialize(name.0.into_deserializer()).map(Some);
            }
            let value: Box<RawValue> = self.map.next_value()?;
            if says_something(value.get()) {
                self.more.push((name.0.into_owned(), value));
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A name, borrowed from the JSON where it can be.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Name<'de>;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        from.deserialize_str(Reader)
    }
}

/// `""`, `null`, `[]` and `{}` are absent everywhere.
fn says_something(json: &str) -> bool {
    let inner = |open, close| {
        let within = json.strip_prefix(open)?.strip_suffix(close)?;
        Some(within.trim().is_empty())
    };
    let is_empty = inner('[', ']').or(inner('{', '}')).unwrap_or_default();
    !is_empty && !matches!(json, "\"\"" | "null")
}
