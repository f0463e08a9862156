//! The two tables of Meizu's codes, and what the operator should do about each.
//!
//! The same number means one thing for a whole request (`code`) and another for a device
//! (a key of `value`): 110010 is an app that pushes too fast there, and a phone whose user
//! switched pushes off here. So there are two tables and two functions.

use nudged_plugin_api::{Class, Scope, Timestamp};

/// Hours that Meizu's days are ahead of UTC.
const BEIJING: u32 = 8;
/// Before the next request of a channel that went too fast.
const PAUSE: u64 = 1000;

/// `code` of a request that Meizu took, whole or in part.
pub(crate) const TAKEN: &str = "200";
/// `code` of a request that wants to go elsewhere.
pub(crate) const REDIRECT: &str = "300";
/// Key of `value`: the server refuses.
pub(crate) const NO_RIGHT: &str = "201";

/// What a code means, what it speaks of as far as Meizu's README says, and what to do.
pub(crate) type Meaning = (Class, Scope, &'static str);

const TROUBLE: Meaning = (
    Class::Unavailable,
    Scope::Unsaid,
    "nothing to do: Meizu is in trouble and the message is tried again",
);
const SPEED: Meaning = (
    Class::Throttled,
    Scope::Account,
    "lower the channel's rate, or ask Meizu for a higher one",
);
const UNSUBSCRIBED: Meaning = (
    Class::InvalidToken,
    Scope::Token,
    "nothing to do: the app was uninstalled or unsubscribed; its next start reports a pushId",
);
/// Or another app's.
const ILLEGAL: Meaning = (
    Class::InvalidToken,
    Scope::Credential,
    "have the app report the pushId that Meizu gave it, whole and unchanged, and check that \
     app_id is this app's",
);
const REPORT: Meaning = (
    Class::BadRequest,
    Scope::Unsaid,
    "report the vendor's text to nudged: the driver wrote a request that Meizu does not take",
);

/// What `code` means for a whole request.
pub(crate) fn of_request(code: &str, http: u16) -> Meaning {
    if http >= 500 {
        // A server in trouble is no witness against anything, whatever its body says.
        return TROUBLE;
    }
    match code {
        REDIRECT => (
            Class::Unavailable,
            Scope::Unsaid,
            "set region or endpoint to the address in the vendor's text",
        ),
        "201" => (
            Class::Credential,
            Scope::Unsaid,
            "ask Meizu why it refuses the app, in its push console",
        ),
        "500" | "501" | "513" | "519" | "1001" | "1003" => TROUBLE,
        "518" => (SPEED.0, Scope::Unsaid, SPEED.2),
        "110010" | "110051" => SPEED,
        "1005" | "110004" | "110032" => REPORT,
        "1006" | "110033" => (
            Class::Credential,
            Scope::Credential,
            "set app_secret to the AppSecret of app_id: Meizu's push console, the app's page",
        ),
        "110000" => (
            Class::Credential,
            Scope::Credential,
            "set app_id to the AppId of the app: Meizu's push console, the app's page",
        ),
        "110001" => (
            Class::Credential,
            Scope::Credential,
            "check app_id and app_secret: Meizu's push console, the app's page",
        ),
        "110002" => UNSUBSCRIBED,
        "110003" => ILLEGAL,
        "110009" => (
            Class::Credential,
            Scope::Account,
            "ask Meizu to take the app off its blacklist",
        ),
        "110019" => (
            Class::QuotaExceeded,
            Scope::Account,
            "ask Meizu for more pushes a day, or send fewer",
        ),
        "110031" => (
            Class::Credential,
            Scope::Unsaid,
            "check in Meizu's push console that the app's package is the one that app_id \
             belongs to",
        ),
        "110053" => (
            Class::QuotaExceeded,
            Scope::Message,
            "nothing to do: Meizu's limit of transparent messages comes back at midnight",
        ),
        _ => by_status(code, http),
    }
}

/// What a code that Meizu adds tomorrow means, or none at all.
fn by_status(code: &str, http: u16) -> Meaning {
    match http {
        // Six digits and 1100 before: something with the request.
        200..=299 if code.len() == 6 && code.starts_with("1100") => (
            Class::BadRequest,
            Scope::Unsaid,
            "look for a newer version of the driver: it does not know this code of Meizu's",
        ),
        401 | 403 => (
            Class::Credential,
            Scope::Unsaid,
            "check app_id, app_secret and the endpoint setting: something refuses the channel",
        ),
        404 | 405 => (
            Class::Credential,
            Scope::Credential,
            "check the endpoint setting: its server does not know Meizu's interface",
        ),
        408 => TROUBLE,
        429 => SPEED,
        400..=499 => REPORT,
        _ => (
            Class::Unavailable,
            Scope::Unsaid,
            "something other than Meizu answers; check the endpoint setting and any proxy in \
             between",
        ),
    }
}

/// What a key of `value` means for the devices below it.
pub(crate) fn of_device(code: &str) -> Meaning {
    match code {
        NO_RIGHT => (
            Class::Credential,
            Scope::Unsaid,
            "ask Meizu why it refuses the app, in its push console",
        ),
        "501" | "513" | "519" => TROUBLE,
        "518" => (SPEED.0, Scope::Unsaid, SPEED.2),
        // Trying again would only fold it once more.
        "520" => (
            Class::DeviceOff,
            Scope::Token,
            "send this device fewer messages: Meizu folds more than five a minute",
        ),
        "110002" => UNSUBSCRIBED,
        "110003" => ILLEGAL,
        "110005" => (
            Class::BadRequest,
            Scope::Unsaid,
            "report this to nudged: Meizu speaks of an alias, and the driver sends pushIds",
        ),
        "110010" => (
            Class::DeviceOff,
            Scope::Token,
            "nothing to do: the user switched the app's pushes off",
        ),
        // Tomorrow it gets messages again, and the other devices get them today.
        "110011" => (
            Class::ThrottledDevice,
            Scope::Token,
            "send messages of people to people as private (message_type): a device gets three \
             public ones a day",
        ),
        code if code.len() == 3 && code.starts_with('5') => TROUBLE,
        _ => (
            Class::BadRequest,
            Scope::Unsaid,
            "look for a newer version of the driver: it does not know this code of Meizu's",
        ),
    }
}

/// How long to wait where Meizu does not say.
pub(crate) fn wait(class: Class, now: Timestamp) -> Option<u64> {
    match class {
        Class::Throttled => Some(PAUSE),
        Class::QuotaExceeded | Class::ThrottledDevice => Some(now.millis_until_midnight(BEIJING)),
        _ => None,
    }
}
