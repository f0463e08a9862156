//! What every command works with: the daemon's socket, and where answers go.
//!
//! In: the options that hold for all commands. Out: for programs the daemon's JSON as it came, for
//! people what the command makes of it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{ApiResponse, Client, encode};
use crate::error::CtlError;
use crate::print::Out;

/// One run of nudgectl.
pub struct Session<'a> {
    pub client: Client,
    pub json: bool,
    pub out: &'a mut Out,
}

impl Session<'_> {
    /// For programs, the answer as it came; says whether that was all.
    pub fn passed_on(&mut self, answer: &ApiResponse) -> Result<bool, CtlError> {
        if self.json {
            self.out.raw(&answer.body)?;
        }
        Ok(self.json)
    }

    /// An answer to make something of for people; none where it went to a program as it came.
    pub fn read<T: DeserializeOwned>(
        &mut self,
        answer: &ApiResponse,
    ) -> Result<Option<T>, CtlError> {
        match self.passed_on(answer)? {
            true => Ok(None),
            false => answer.parse().map(Some),
        }
    }

    /// A JSON object of our own on a line.
    pub fn value(&mut self, value: &impl Serialize) -> Result<(), CtlError> {
        self.out.raw(&encode(value)?)
    }
}
