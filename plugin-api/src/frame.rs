//! The codec: plain data to bytes and back.
//!
//! A frame is a CBOR map from field number to value. A field that holds its
//! default is left out; a field that the reader does not know is skipped. That
//! is the whole compatibility story: a number is given once and never reused,
//! and an older and a newer side of the same major version understand each other.

use std::collections::BTreeMap;

use minicbor::decode::Error as DecodeError;
use minicbor::{Decoder, Encoder};

/// Bytes that could not be read as the frame they should have been.
#[derive(Debug, thiserror::Error)]
#[error("malformed frame: {0}")]
pub struct FrameError(#[from] DecodeError);

/// The writing end: an encoder into a growing buffer, which cannot fail.
pub type Writer<'a> = Encoder<&'a mut Vec<u8>>;

/// One value inside a frame.
pub trait Field: Sized {
    /// Appends the value.
    fn put(&self, to: &mut Writer<'_>);
    /// Reads the value.
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError>;
    /// Whether the value may be left out because reading nothing gives it back.
    fn is_default(&self) -> bool {
        false
    }
}

/// Writes `value` as a whole frame.
pub fn to_bytes<T: Field>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    value.put(&mut Encoder::new(&mut bytes));
    bytes
}

/// Reads a whole frame. Fails on anything else, also on bytes after its end.
pub fn from_bytes<T: Field>(bytes: &[u8]) -> Result<T, FrameError> {
    let mut from = Decoder::new(bytes);
    let value = T::take(&mut from)?;
    if from.position() < bytes.len() {
        return Err(DecodeError::message("bytes after the end").into());
    }
    Ok(value)
}

/// What every `put` says of the encoder: its sink is a `Vec`.
#[doc(hidden)]
pub const INFALLIBLE: &str = "writing to a Vec cannot fail";

macro_rules! scalar {
    ($($type:ty: $method:ident),+) => {$(
        impl Field for $type {
            fn put(&self, to: &mut Writer<'_>) {
                to.$method(*self).expect(INFALLIBLE);
            }
            fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                from.$method()
            }
            fn is_default(&self) -> bool {
                *self == <$type>::default()
            }
        }
    )+};
}
scalar!(u16: u16, u32: u32, u64: u64, i64: i64, bool: bool);

impl Field for String {
    fn put(&self, to: &mut Writer<'_>) {
        to.str(self).expect(INFALLIBLE);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(from.str()?.to_owned())
    }
    fn is_default(&self) -> bool {
        self.is_empty()
    }
}

/// Bytes get CBOR's byte string, unlike any other vector.
impl Field for Vec<u8> {
    fn put(&self, to: &mut Writer<'_>) {
        to.bytes(self).expect(INFALLIBLE);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(from.bytes()?.to_vec())
    }
    fn is_default(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, to: &mut Writer<'_>) {
        match self {
            Some(value) => value.put(to),
            None => {
                to.null().expect(INFALLIBLE);
            }
        }
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if from.datatype()? == minicbor::data::Type::Null {
            from.null()?;
            return Ok(None);
        }
        T::take(from).map(Some)
    }
    fn is_default(&self) -> bool {
        self.is_none()
    }
}

/// Marks the types that travel as lists. (`u8` is not one: bytes are a byte string.)
pub trait Element: Field {}
impl Element for String {}
impl Element for u32 {}
impl Element for (String, String) {}

impl<T: Element> Field for Vec<T> {
    fn put(&self, to: &mut Writer<'_>) {
        put_list(self, to);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let length = definite(from.array()?)?;
        // A hostile count must not reserve memory that its bytes do not back.
        let mut list = Vec::with_capacity(length.min(1024) as usize);
        for _ in 0..length {
            list.push(T::take(from)?);
        }
        Ok(list)
    }
    fn is_default(&self) -> bool {
        self.is_empty()
    }
}

/// Writes a list without owning it.
pub fn put_list<T: Field>(list: &[T], to: &mut Writer<'_>) {
    to.array(list.len() as u64).expect(INFALLIBLE);
    for item in list {
        item.put(to);
    }
}

impl Field for (String, String) {
    fn put(&self, to: &mut Writer<'_>) {
        to.array(2).expect(INFALLIBLE);
        self.0.put(to);
        self.1.put(to);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        match definite(from.array()?)? {
            2 => Ok((String::take(from)?, String::take(from)?)),
            n => Err(DecodeError::message(format!("a pair has {n} items"))),
        }
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn put(&self, to: &mut Writer<'_>) {
        to.map(self.len() as u64).expect(INFALLIBLE);
        for (key, value) in self {
            key.put(to);
            value.put(to);
        }
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let length = definite(from.map()?)?;
        (0..length)
            .map(|_| Ok((String::take(from)?, T::take(from)?)))
            .collect()
    }
    fn is_default(&self) -> bool {
        self.is_empty()
    }
}

/// Frames never use CBOR's indefinite lengths.
#[doc(hidden)]
pub fn definite(length: Option<u64>) -> Result<u64, DecodeError> {
    length.ok_or_else(|| DecodeError::message("indefinite length"))
}

/// Gives a struct its field numbers: `frame!(Target { 0 id, 1 token });`.
#[doc(hidden)]
#[macro_export]
macro_rules! frame {
    ($type:ident { $($number:literal $field:ident),+ $(,)? }) => {
        impl $crate::frame::Field for $type {
            fn put(&self, to: &mut $crate::frame::Writer<'_>) {
                use $crate::frame::INFALLIBLE;
                let present = 0 $(+ u64::from(!$crate::frame::Field::is_default(&self.$field)))+;
                to.map(present).expect(INFALLIBLE);
                $(if !$crate::frame::Field::is_default(&self.$field) {
                    to.u32($number).expect(INFALLIBLE);
                    $crate::frame::Field::put(&self.$field, to);
                })+
            }
            fn take(
                from: &mut $crate::minicbor::Decoder<'_>,
            ) -> Result<Self, $crate::minicbor::decode::Error> {
                let mut value = Self::default();
                for _ in 0..$crate::frame::definite(from.map()?)? {
                    match from.u32()? {
                        $($number => value.$field = $crate::frame::Field::take(from)?,)+
                        _ => from.skip()?,
                    }
                }
                Ok(value)
            }
        }
        impl $crate::frame::Element for $type {}
    };
}

/// Gives a field-less enum its numbers; a number of the future reads as the fallback.
#[doc(hidden)]
#[macro_export]
macro_rules! numbered {
    ($type:ident { $($number:literal $variant:ident),+ $(,)? } else $fallback:ident) => {
        impl $crate::frame::Field for $type {
            fn put(&self, to: &mut $crate::frame::Writer<'_>) {
                let number: u32 = match self { $(Self::$variant => $number,)+ };
                to.u32(number).expect($crate::frame::INFALLIBLE);
            }
            fn take(
                from: &mut $crate::minicbor::Decoder<'_>,
            ) -> Result<Self, $crate::minicbor::decode::Error> {
                Ok(match from.u32()? {
                    $($number => Self::$variant,)+
                    _ => Self::$fallback,
                })
            }
            fn is_default(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

/// Gives an enum with values its numbers, as a map of one entry. A variant of
/// the future is an error: its meaning cannot be guessed.
#[doc(hidden)]
#[macro_export]
macro_rules! tagged {
    ($type:ident { $($number:literal $variant:ident $(($inner:ident))?),+ $(,)? }) => {
        impl $crate::frame::Field for $type {
            fn put(&self, to: &mut $crate::frame::Writer<'_>) {
                use $crate::frame::INFALLIBLE;
                to.map(1).expect(INFALLIBLE);
                match self {
                    $(Self::$variant $(($inner))? => {
                        to.u32($number).expect(INFALLIBLE);
                        $crate::tagged!(@put to $($inner)?);
                    })+
                }
            }
            fn take(
                from: &mut $crate::minicbor::Decoder<'_>,
            ) -> Result<Self, $crate::minicbor::decode::Error> {
                use $crate::minicbor::decode::Error;
                if $crate::frame::definite(from.map()?)? != 1 {
                    return Err(Error::message(concat!(stringify!($type), " has one entry")));
                }
                match from.u32()? {
                    $($number => $crate::tagged!(@take from $variant $($inner)?),)+
                    n => Err(Error::message(format!(
                        concat!("unknown ", stringify!($type), " number {}"), n
                    ))),
                }
            }
        }
    };
    (@put $to:ident) => { $to.null().expect(INFALLIBLE); };
    (@put $to:ident $inner:ident) => { $crate::frame::Field::put($inner, $to); };
    (@take $from:ident $variant:ident) => {{ $from.skip()?; Ok(Self::$variant) }};
    (@take $from:ident $variant:ident $inner:ident) => {
        Ok(Self::$variant($crate::frame::Field::take($from)?))
    };
}

pub use crate::{frame, numbered, tagged};

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Old {
        name: String,
        count: u32,
    }
    frame!(Old { 0 name, 1 count });

    #[derive(Debug, Default, PartialEq)]
    struct New {
        name: String,
        count: u32,
        extra: Vec<String>,
    }
    frame!(New { 0 name, 1 count, 7 extra });

    #[test]
    fn an_older_reader_skips_what_it_does_not_know() {
        let new = New {
            name: "n".into(),
            count: 3,
            extra: vec!["x".into()],
        };
        let old: Old = from_bytes(&to_bytes(&new)).expect("readable");
        assert_eq!(
            old,
            Old {
                name: "n".into(),
                count: 3
            }
        );
    }

    #[test]
    fn a_newer_reader_fills_in_the_default() {
        let old = Old {
            name: "n".into(),
            count: 0,
        };
        let new: New = from_bytes(&to_bytes(&old)).expect("readable");
        assert_eq!(
            new,
            New {
                name: "n".into(),
                count: 0,
                extra: vec![]
            }
        );
    }

    #[test]
    fn every_truncation_is_an_error_and_never_a_panic() {
        let bytes = to_bytes(&New {
            name: "name".into(),
            count: 3,
            extra: vec!["x".into()],
        });
        for end in 0..bytes.len() {
            assert!(from_bytes::<New>(&bytes[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn bytes_after_the_end_are_an_error() {
        let mut bytes = to_bytes(&String::from("whole"));
        bytes.push(0);
        assert!(from_bytes::<String>(&bytes).is_err());
    }

    #[test]
    fn a_hostile_count_reserves_no_memory() {
        let mut bytes = Vec::new();
        let mut to = Encoder::new(&mut bytes);
        to.map(1)
            .and_then(|e| e.u32(7))
            .and_then(|e| e.array(u64::MAX))
            .expect(INFALLIBLE);
        assert!(from_bytes::<New>(&bytes).is_err());
    }
}
