//! Who a call is for.
//!
//! In: the accounts of a body, and the members that the caller adds. Out: recipients, each
//! once, and what of a batch is no account; or a problem with the account's place. Refuses to
//! know devices.

use std::collections::BTreeSet;

use super::body::{Body, Extension};
use super::call::Call;
use super::codes;
use super::problem::{invalid, missing};
use super::tolerant::ImAccounts;
use crate::admission::check_name;
use crate::model::MAX_RECIPIENTS;
use nudged_wire::Problem;
use nudged_wire::RecipientSpec;

/// Who gets the message, and who cannot.
#[derive(Debug, Default)]
pub struct Recipients {
    pub to: Vec<RecipientSpec>,
    /// What stands among them and is no account, and why not.
    pub refused: Vec<(String, Problem)>,
}

pub fn recipients(call: Call, body: &Body, extension: &Extension) -> Result<Recipients, Problem> {
    if call != Call::Group && !extension.members.is_empty() {
        let detail = format!("has no meaning for {}", call.name());
        return Err(invalid("nudged.members", detail).hint("name the recipients in To_Account"));
    }
    match &body.to_account {
        ImAccounts::One(account) => {
            check_name(account, "To_Account")?;
            Ok(Recipients {
                to: vec![recipient(account)],
                ..Recipients::default()
            })
        }
        ImAccounts::Many(_) if call == Call::One => {
            let detail = "is an array, expected one account, a text";
            let mut problem = invalid("To_Account", detail);
            problem.tencent = Some(codes::ACCOUNT_TYPE);
            Err(problem.hint("call=batchsendmsg takes up to 500 accounts"))
        }
        ImAccounts::Many(accounts) if !accounts.is_empty() => {
            let accounts = accounts.iter().map(|account| account.as_deref());
            // req 58: a batch fails for each recipient alone; req 59: a group's members are named.
            let each_alone = matches!(call, Call::Many | Call::Push);
            all(
                call,
                "To_Account",
                accounts,
                call.max_accounts(),
                each_alone,
            )
        }
        ImAccounts::Absent | ImAccounts::Many(_) if call == Call::Group => {
            if extension.members.is_empty() {
                return Err(missing("nudged.members", "the members of the group")
                    .hint("nudged knows no groups: add \"nudged\": {\"members\": [...]}"));
            }
            let members = extension.members.iter().map(|member| Some(member.as_str()));
            all(call, "nudged.members", members, MAX_RECIPIENTS, false)
        }
        ImAccounts::Absent | ImAccounts::Many(_) => Err(missing("To_Account", call.accounts())),
    }
}

fn all<'a>(
    call: Call,
    field: &str,
    accounts: impl ExactSizeIterator<Item = Option<&'a str>>,
    max: usize,
    each_alone: bool,
) -> Result<Recipients, Problem> {
    let count = accounts.len();
    if count > max {
        let detail = format!("has {count} accounts, expected at most {max}");
        let mut problem = invalid(field, detail);
        problem.tencent = Some(match call {
            Call::Group => codes::GROUP_ACCOUNTS,
            Call::Many => codes::BATCH,
            Call::One | Call::Push => codes::ACCOUNTS,
        });
        return Err(problem.hint("send several messages"));
    }
    let mut seen = BTreeSet::new();
    let mut recipients = Recipients::default();
    for (at, account) in accounts.enumerate() {
        let account = account.unwrap_or_default();
        match check_name(account, &format!("{field}[{at}]")) {
            Ok(()) if seen.insert(account) => recipients.to.push(recipient(account)),
            Ok(()) => {}
            Err(error) if each_alone => {
                recipients.refused.push((account.to_owned(), error.into()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    if recipients.to.is_empty()
        && let Some((_, problem)) = recipients.refused.first()
    {
        return Err(problem.clone());
    }
    Ok(recipients)
}

fn recipient(account: &str) -> RecipientSpec {
    RecipientSpec {
        user: Some(account.to_owned()),
        ..RecipientSpec::default()
    }
}
