//! What `encode` makes of a message: the request, and what there is to say about it.

use std::fmt;

use crate::frame::frame;
use crate::http::HttpRequest;

/// A message in its vendor's form. `HttpRequest::post(…).into()` is one without remarks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// What to send.
    pub request: HttpRequest,
    /// Opaque bytes that come back with the answer to `request`; for vendors that save a
    /// message first and push it second.
    pub memo: Vec<u8>,
    /// Name of the [`MessageClass`](crate::info::MessageClass) that the vendor counts this
    /// message in; empty where the vendor has no classes.
    pub class: String,
    /// What of the message this vendor does not show as it was asked to.
    pub notices: Vec<Notice>,
    /// What a [`Recall`](crate::Recall) of this message will have to name besides its devices,
    /// such as the number that it is shown under; empty when it cannot be taken back. At most
    /// 128 bytes.
    pub recall_key: String,
}
frame!(Rendered { 0 request, 1 memo, 2 class, 3 notices, 4 recall_key });

impl Rendered {
    /// A request without remarks.
    pub fn new(request: HttpRequest) -> Self {
        Self {
            request,
            ..Self::default()
        }
    }

    /// Remembers these bytes for the answer.
    pub fn memo(mut self, memo: impl Into<Vec<u8>>) -> Self {
        self.memo = memo.into();
        self
    }

    /// Names the class of message.
    pub fn class(mut self, class: impl Into<String>) -> Self {
        self.class = class.into();
        self
    }

    /// Names what a recall will ask for.
    pub fn recall_key(mut self, key: impl Into<String>) -> Self {
        self.recall_key = key.into();
        self
    }

    /// Adds what was changed or left out.
    pub fn notices(mut self, notices: Vec<Notice>) -> Self {
        self.notices = notices;
        self
    }
}

impl From<HttpRequest> for Rendered {
    fn from(request: HttpRequest) -> Self {
        Self::new(request)
    }
}

/// A part of the message that the vendor cannot show as asked: the message goes out all the
/// same, and the sender finds this in its trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Notice {
    /// Path of the message's field, such as `ext` or `options.xiaomi.sound`.
    pub field: String,
    /// What became of it and why, one sentence that starts in lower case.
    pub text: String,
}
frame!(Notice { 0 field, 1 text });

impl Notice {
    /// Names the field and says what became of it.
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            text: text.into(),
        }
    }

    /// Says that the field was left out, and why.
    pub fn left_out(field: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::new(field, format!("was left out: {why}"))
    }
}
