//! Tencent's calls that carry a push.

use super::codes;
use nudged_wire::{Code, Problem};

/// A call that carries a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// From one user to another.
    One,
    /// From one user to several.
    Many,
    /// To a group.
    Group,
    /// A push without a message.
    Push,
}

impl Call {
    pub const ALL: [Self; 4] = [Self::One, Self::Many, Self::Group, Self::Push];

    /// Tencent's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "sendmsg",
            Self::Many => "batchsendmsg",
            Self::Group => "send_group_msg",
            Self::Push => "timpush_batch",
        }
    }

    /// How many accounts it may name.
    pub const fn max_accounts(self) -> usize {
        match self {
            Self::One => 1,
            // req 59: up to 50 named members of a group.
            Self::Group => 50,
            // req 58: a batch has at most 500 recipients.
            Self::Many | Self::Push => 500,
        }
    }

    /// The form in which it names them.
    pub const fn accounts(self) -> &'static str {
        match self {
            Self::One => "an account, a text",
            _ => "an array of accounts",
        }
    }

    /// The call of this name.
    pub fn named(name: Option<&str>) -> Result<Self, Problem> {
        let problem = |detail: String| {
            let known = Self::ALL.map(Self::name).join(", ");
            let detail = format!("{detail}, expected one of {known}");
            let mut problem = Problem::new(Code::BadRequest, detail).field("call");
            problem.tencent = Some(codes::RESOURCE);
            problem
        };
        match name {
            None => Err(problem("missing".to_owned())),
            Some(name) => {
                let call = Self::ALL.into_iter().find(|call| call.name() == name);
                call.ok_or_else(|| problem(format!("is {name:?}")))
            }
        }
    }
}
