//! vivo's answers, read leniently: numbers come as texts and the other way round, and one odd
//! field must not cost the others.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields that any of vivo's answers has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `result`, when it is a number.
    pub result: Option<i64>,
    /// `desc`.
    pub desc: String,
    /// `authToken` of `message/auth`.
    pub auth_token: Option<String>,
    /// `taskId`.
    pub task_id: Option<String>,
    /// `invalidUser` of `message/send`.
    pub invalid_user: Option<InvalidUser>,
    /// `invalidUsers` of `message/pushToList`.
    pub invalid_users: Vec<InvalidUser>,
}

/// A regId that vivo did not take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidUser {
    /// The regId that was sent.
    pub userid: String,
    /// What is wrong with it, a digit.
    pub status: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    desc: Option<&'a RawValue>,
    #[serde(borrow)]
    auth_token: Option<&'a RawValue>,
    #[serde(borrow)]
    task_id: Option<&'a RawValue>,
    #[serde(borrow)]
    invalid_user: Option<&'a RawValue>,
    #[serde(borrow)]
    invalid_users: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow, default, alias = "userId")]
    userid: Option<&'a RawValue>,
    #[serde(borrow, default)]
    status: Option<&'a RawValue>,
}

impl Answer {
    /// The code that a refusal has; none where vivo gave none, or 0.
    pub fn refusal(&self) -> String {
        let result = self.result.filter(|&result| result != 0);
        result.map(|result| result.to_string()).unwrap_or_default()
    }

    /// What can be read of a body; nothing of one that is no JSON object.
    pub fn read(body: &[u8]) -> Self {
        // Serde would take an array as the fields in their order.
        let object = body.trim_ascii_start().starts_with(b"{");
        let Some(fields) = object
            .then(|| serde_json::from_slice::<Fields<'_>>(body).ok())
            .flatten()
        else {
            return Self::default();
        };
        let users = fields.invalid_users.map(RawValue::get).unwrap_or_default();
        let users: Vec<&RawValue> = serde_json::from_str(users).unwrap_or_default();
        Self {
            result: fields.result.and_then(|raw| word(raw)?.parse().ok()),
            desc: fields.desc.and_then(word).unwrap_or_default(),
            auth_token: fields.auth_token.and_then(word),
            task_id: fields.task_id.and_then(word),
            invalid_user: fields.invalid_user.and_then(user),
            invalid_users: users.into_iter().filter_map(user).collect(),
        }
    }
}

fn user(raw: &RawValue) -> Option<InvalidUser> {
    if !raw.get().starts_with('{') {
        return None;
    }
    let user: User<'_> = serde_json::from_str(raw.get()).ok()?;
    Some(InvalidUser {
        userid: user.userid.and_then(word).unwrap_or_default(),
        status: user.status.and_then(word)?,
    })
}

/// A text, or a number with all its digits: a regId has 23 of them. Not an empty one, and
/// nothing that is made of parts.
fn word(raw: &RawValue) -> Option<String> {
    let text = raw.get();
    let word = match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok()?,
        b'-' | b'0'..=b'9' => text.to_owned(),
        _ => return None,
    };
    Some(word).filter(|word: &String| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Answer {
        Answer::read(body.as_bytes())
    }

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let answer = read(
            r#"{"result":"10302","taskId":542000000000000000,"invalidUser":
               {"userid":12345678901234567890123,"status":"1"}}"#,
        );
        assert_eq!(answer.result, Some(10302));
        assert_eq!(answer.task_id.as_deref(), Some("542000000000000000"));
        let user = answer.invalid_user.unwrap();
        assert_eq!(user.userid, "12345678901234567890123");
        assert_eq!(user.status, "1");
    }

    #[test]
    fn one_odd_field_does_not_cost_the_others() {
        let answer = read(
            r#"{"result":0,"desc":7,"taskId":{},"invalidUser":[],
               "invalidUsers":[null,7,{"userid":"a"},{"status":2},{"userid":"b","status":2}]}"#,
        );
        assert_eq!(answer.result, Some(0));
        assert_eq!((answer.desc.as_str(), answer.task_id), ("7", None));
        assert_eq!(answer.invalid_user, None);
        let users: Vec<_> = answer
            .invalid_users
            .iter()
            .map(|user| (user.userid.as_str(), user.status.as_str()))
            .collect();
        assert_eq!(users, [("", "2"), ("b", "2")]);
    }

    #[test]
    fn what_is_no_object_says_nothing() {
        for body in ["", "null", "[0]", "7", "{", "<html>", r#"{"result":1e400}"#] {
            assert_eq!(read(body).result, None, "{body}");
        }
    }
}
