//! The two tables of Meizu's codes, and what the operator should do about each.
//!
//! The same number means one thing for a whole request (`code`) and another for a device
//! (a key of `value`): 110010 is an app that pushes too fast there, and a phone whose user
//! switched pushes off here. So there are two tables and two functions.

use nudged_plugin_api::{Class, Timestamp};

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

const TROUBLE: (Class, &str) = (
    Class::Unavailable,
    "nothing to do: Meizu is in trouble and the message is tried again",
);
const SPEED: (Class, &str) = (
    Class::Throttled,
    "lower the channel's rate, or ask Meizu for a higher one",
);
const UNSUBSCRIBED: (Class, &str) = (
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or unsubscribed; its next start reports a pushId",
);
const ILLEGAL: (Class, &str) = (
    Class::InvalidToken,
    "have the app report the pushId that Meizu gave it, whole and unchanged, and check that \
     app_id is this app's",
);
const REPORT: (Class, &str) = (
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that Meizu does not take",
);

/// What `code` means for a whole request.
pub(crate) fn of_request(code: &str, http: u16) -> (Class, &'static str) {
    if http >= 500 {
        // A server in trouble is no witness against anything, whatever its body says.
        return TROUBLE;
    }
    match code {
        REDIRECT => (
            Class::Unavailable,
            "set region or endpoint to the address in the vendor's text",
        ),
        "201" => (
            Class::Credential,
            "ask Meizu why it refuses the app, in its push console",
        ),
        "500" | "501" | "513" | "519" | "1001" | "1003" => TROUBLE,
        "518" | "110010" | "110051" => SPEED,
        "1005" | "110004" | "110032" => REPORT,
        "1006" | "110033" => (
            Class::Credential,
            "set app_secret to the AppSecret of app_id: Meizu's push console, the app's page",
        ),
        "110000" => (
            Class::Credential,
            "set app_id to the AppId of the app: Meizu's push console, the app's page",
        ),
        "110001" => (
            Class::Credential,
            "check app_id and app_secret: Meizu's push console, the app's page",
        ),
        "110002" => UNSUBSCRIBED,
        "110003" => ILLEGAL,
        "110009" => (
            Class::Credential,
            "ask Meizu to take the app off its blacklist",
        ),
        "110019" => (
            Class::QuotaExceeded,
            "ask Meizu for more pushes a day, or send fewer",
        ),
        "110031" => (
            Class::Credential,
            "check in Meizu's push console that the app's package is the one that app_id \
             belongs to",
        ),
        "110053" => (
            Class::QuotaExceeded,
            "nothing to do: Meizu's limit of transparent messages comes back at midnight",
        ),
        _ => by_status(code, http),
    }
}

/// What a code that Meizu adds tomorrow means, or none at all.
fn by_status(code: &str, http: u16) -> (Class, &'static str) {
    match http {
        // Six digits and 1100 before: something with the request.
        200..=299 if code.len() == 6 && code.starts_with("1100") => (
            Class::BadRequest,
            "look for a newer version of the driver: it does not know this code of Meizu's",
        ),
        401 | 403 => (
            Class::Credential,
            "check app_id, app_secret and the endpoint setting: something refuses the channel",
        ),
        404 | 405 => (
            Class::Credential,
            "check the endpoint setting: its server does not know Meizu's interface",
        ),
        408 => TROUBLE,
        429 => SPEED,
        400..=499 => REPORT,
        _ => (
            Class::Unavailable,
            "something other than Meizu answers; check the endpoint setting and any proxy in \
             between",
        ),
    }
}

/// What a key of `value` means for the devices below it.
pub(crate) fn of_device(code: &str) -> (Class, &'static str) {
    match code {
        NO_RIGHT => (
            Class::Credential,
            "ask Meizu why it refuses the app, in its push console",
        ),
        "501" | "513" | "519" => TROUBLE,
        "518" => SPEED,
        // Trying again would only fold it once more.
        "520" => (
            Class::DeviceOff,
            "send this device fewer messages: Meizu folds more than five a minute",
        ),
        "110002" => UNSUBSCRIBED,
        "110003" => ILLEGAL,
        "110005" => (
            Class::BadRequest,
            "report this to nudged: Meizu speaks of an alias, and the driver sends pushIds",
        ),
        "110010" => (
            Class::DeviceOff,
            "nothing to do: the user switched the app's pushes off",
        ),
        // Tomorrow it gets messages again, and the other devices get them today.
        "110011" => (
            Class::ThrottledDevice,
            "send messages of people to people as private (message_type): a device gets three \
             public ones a day",
        ),
        code if code.len() == 3 && code.starts_with('5') => TROUBLE,
        _ => (
            Class::BadRequest,
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
