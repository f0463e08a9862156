//! An open channel: what may be asked of it, an operation each.

use abi_stable::std_types::{RSlice, RVec};

use super::{CallError, answer};
use crate::call::{
    AuthorizeCall, Authorized, AuthorizedCall, DecodeCall, DecodedItem, EncodeCall, Encoded,
    ProbeCall, Probed, Probing, RecallCall, TokenItem, TokensCall, op, status,
};
use crate::error::EncodeError;
use crate::frame::{Element, Field, from_bytes, to_bytes};
use crate::grant::{Authorize, Grant};
use crate::http::{HttpRequest, HttpResponse};
use crate::module::{ChannelHandle, DriverModuleRef};
use crate::rendered::Notice;
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// An open channel of a driver: the safe face of its four functions.
pub struct Channel {
    pub(super) module: DriverModuleRef,
    pub(super) handle: ChannelHandle,
    pub(super) grant_scope: Option<String>,
    pub(super) account: Option<String>,
    pub(super) advice: Vec<Notice>,
}

// SAFETY: the handle is a `Box<D>` and `D: Driver` is `Send + Sync`; the functions take it by
// shared reference, and `close` runs once, in `drop`.
unsafe impl Send for Channel {}
// SAFETY: as above.
unsafe impl Sync for Channel {}

impl Channel {
    /// Account that grants belong to.
    pub fn grant_scope(&self) -> Option<&str> {
        self.grant_scope.as_deref()
    }

    /// The vendor's account that tokens belong to; none on drivers that do not say.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// What the settings cost every message.
    pub fn advice(&self) -> &[Notice] {
        &self.advice
    }

    /// The one form of each token, or why it can be none of this vendor's; in their order.
    /// Drivers that are older than this leave tokens as they are.
    pub fn tokens(
        &self,
        tokens: Vec<String>,
    ) -> Result<Vec<Result<String, EncodeError>>, CallError> {
        let call = TokensCall { tokens };
        let items: Vec<TokenItem> = match self.items(op::TOKENS, &call, call.tokens.len()) {
            Err(CallError::UnknownOperation(_)) => {
                return Ok(call.tokens.into_iter().map(Ok).collect());
            }
            answer => answer?,
        };
        items
            .into_iter()
            .map(|item| match item {
                TokenItem::Form(form) => Ok(Ok(form)),
                TokenItem::Refused(error) => Ok(Err(error)),
                TokenItem::Panicked(text) => Err(CallError::Panicked(text)),
            })
            .collect()
    }

    /// How to come by a grant. Fails when the driver panics or answers nonsense.
    pub fn authorize(&self, now: Timestamp) -> Result<Authorize, CallError> {
        self.call(op::AUTHORIZE, &AuthorizeCall { now })
    }

    /// The vendor's answer to a request for a grant.
    pub fn authorized(
        &self,
        response: HttpResponse,
        now: Timestamp,
    ) -> Result<Result<Grant, Verdict>, CallError> {
        Ok(
            match self.call(op::AUTHORIZED, &AuthorizedCall { response, now })? {
                Authorized::Grant(grant) => Ok(grant),
                Authorized::Refused(verdict) => Err(verdict),
            },
        )
    }

    /// One request or refusal per job, in their order. A panic fails its job only; the
    /// call fails when the answer as a whole is unusable.
    pub fn encode(&self, call: &EncodeCall) -> Result<Vec<Encoded>, CallError> {
        self.items(op::ENCODE, call, call.jobs.len())
    }

    /// What each answer means, one per job in their order. Fails as `encode` does.
    pub fn decode(&self, call: &DecodeCall) -> Result<Vec<DecodedItem>, CallError> {
        self.items(op::DECODE, call, call.jobs.len())
    }

    /// One request or refusal per recall, in their order. Fails as `encode` does, and with
    /// `UnknownOperation` on drivers that are older than recalls.
    pub fn recall(&self, call: &RecallCall) -> Result<Vec<Encoded>, CallError> {
        self.items(op::RECALL, call, call.jobs.len())
    }

    /// What each answer to a recall means, as `decode` does for messages.
    pub fn recalled(&self, call: &DecodeCall) -> Result<Vec<DecodedItem>, CallError> {
        self.items(op::RECALLED, call, call.jobs.len())
    }

    /// The request that shows whether the credential is good, if there is one. Fails when the
    /// driver panics or answers nonsense, and with `UnknownOperation` on drivers that are older.
    pub fn probe(
        &self,
        grant: Option<Grant>,
        now: Timestamp,
    ) -> Result<Option<HttpRequest>, CallError> {
        let probing: Probing = self.call(op::PROBE, &ProbeCall { now, grant })?;
        Ok(probing.request)
    }

    /// The vendor's answer to that.
    pub fn probed(
        &self,
        response: HttpResponse,
        now: Timestamp,
    ) -> Result<Result<(), Verdict>, CallError> {
        let probed: Probed = self.call(op::PROBED, &AuthorizedCall { response, now })?;
        Ok(probed.refused.map_or(Ok(()), Err))
    }

    fn items<T: Element>(
        &self,
        operation: u32,
        input: &impl Field,
        asked: usize,
    ) -> Result<Vec<T>, CallError> {
        let items: Vec<T> = self.call(operation, input)?;
        if items.len() == asked {
            Ok(items)
        } else {
            Err(CallError::WrongCount {
                asked,
                got: items.len(),
            })
        }
    }

    fn call<T: Field>(&self, operation: u32, input: &impl Field) -> Result<T, CallError> {
        let input = to_bytes(input);
        let mut output = RVec::new();
        let code = (self.module.call())(
            self.handle,
            operation,
            RSlice::from_slice(&input),
            &mut output,
        );
        if code == status::UNKNOWN_OPERATION {
            return Err(CallError::UnknownOperation(operation));
        }
        Ok(from_bytes(answer(code, &output)?)?)
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        (self.module.close())(self.handle);
    }
}
