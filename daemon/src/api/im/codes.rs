//! Tencent's error codes.

// Of every REST call; https://cloud.tencent.com/document/product/269/1671.
/// HTTP cannot be parsed, check the format of the URL.
pub const URL: u32 = 60002;
/// The rate of REST calls exceeds its limit.
pub const TOO_OFTEN: u32 = 60007;
/// The request timed out, or the format of its HTTP is wrong.
pub const HTTP: u32 = 60008;
/// No such resource, check the URL.
pub const RESOURCE: u32 = 60009;
/// An account in the body has the wrong type.
pub const ACCOUNT_TYPE: u32 = 60015;

// Of one-to-one messages and pushes; the same page, and 269/117847 for pushes.
/// The JSON cannot be parsed.
pub const JSON: u32 = 90001;
/// MsgBody is not as described, or no array.
pub const MSG_BODY: u32 = 90002;
/// To_Account is missing, or there is no such account.
pub const TO_ACCOUNT: u32 = 90003;
/// MsgRandom is missing or no integer.
pub const MSG_RANDOM: u32 = 90005;
/// From_Account is missing, or there is no such account.
pub const FROM_ACCOUNT: u32 = 90008;
/// The call needs an administrator of the app.
pub const ADMIN: u32 = 90009;
/// An element is not as TIMMsgElement is described.
pub const ELEMENT: u32 = 90010;
/// A batch has more than 500 accounts.
pub const BATCH: u32 = 90011;
/// Too many accounts in a call.
pub const ACCOUNTS: u32 = 90018;
/// The time of keeping is wrong, 7 days at most.
pub const LIFE_TIME: u32 = 90026;
/// The body of a push is too long.
pub const PUSH_LENGTH: u32 = 90056;
/// Internal error of the service, try again.
pub const INTERNAL: u32 = 91000;
/// The message is too long.
pub const LENGTH: u32 = 93000;

// Of messages in groups.
/// Internal error of the server, try again.
pub const GROUP_INTERNAL: u32 = 10002;
/// A parameter is not allowed.
pub const GROUP_INVALID: u32 = 10004;
/// Too many accounts in the body.
pub const GROUP_ACCOUNTS: u32 = 10005;
/// Not enough rights for this.
pub const GROUP_ADMIN: u32 = 10007;
/// The JSON of the body cannot be parsed.
pub const GROUP_JSON: u32 = 10011;
/// The user who acts is not valid.
pub const GROUP_SENDER: u32 = 10012;
/// No group has this id.
pub const GROUP_ID: u32 = 10015;
/// The content of the message is too long.
pub const GROUP_LENGTH: u32 = 80002;
