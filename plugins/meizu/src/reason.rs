//! Meizu's codes: what each means, and what to do about it.
//!
//! The same number means one thing for a whole request (`code`) and another for a device
//! (a key of `value`): 110010 is an app that pushes too fast there, and a phone whose user
//! switched pushes off here. So there are two tables and two functions. What a code speaks of stands
//! beside it as far as Meizu's README says.

use nudged_driver_kit::reasons::{Reasons, Row, Rule, Wait};
use nudged_plugin_api::{Class, Scope};

/// `code` of a request that Meizu took, whole or in part.
pub(crate) const TAKEN: &str = "200";
/// `code` of a request that wants to go elsewhere.
pub(crate) const REDIRECT: &str = "300";
/// Key of `value`: the server refuses.
pub(crate) const NO_RIGHT: &str = "201";

/// What `code` means for a whole request; an empty one is none.
pub(crate) fn judge(status: u16, code: &str) -> Rule {
    REASONS.judge(status, code)
}

/// What a key of `value` means for the devices below it.
pub(crate) fn judge_device(code: &str) -> Rule {
    DEVICE_REASONS.judge(200, code)
}

const TROUBLE: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: Meizu is in trouble and the message is tried again",
);
const SLOWER: Rule = Rule::new(
    Class::Throttled,
    "lower the channel's rate, or ask Meizu for a higher one",
)
.scope(Scope::Account)
.wait(Wait::SECOND);
const UNSUBSCRIBED: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or unsubscribed; its next start reports a pushId",
)
.scope(Scope::Token);
/// Or another app's.
const ILLEGAL: Rule = Rule::new(
    Class::InvalidToken,
    "have the app report the pushId that Meizu gave it, whole and unchanged, and check that \
     app_id is this app's",
)
.scope(Scope::Credential);
const REPORT: Rule = Rule::new(
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that Meizu does not take",
);
const REFUSED: Rule = Rule::new(
    Class::Credential,
    "ask Meizu why it refuses the app, in its push console",
);
/// Refused one of several: that is the device, and not the app.
pub(crate) const REFUSED_DEVICE: Rule =
    Rule::new(Class::BadRequest, REFUSED.remedy).scope(Scope::Token);
/// A batch that is refused for a pushId names none, so it costs none.
pub(crate) const DEAD_AMONG_MANY: Rule = Rule::new(
    Class::BadRequest,
    "nothing to do: Meizu refuses the batch for a pushId that it does not name, so the batch is \
     sent in halves until it is found",
);
const NEW_CODE: Rule = Rule::new(
    Class::BadRequest,
    "look for a newer version of the driver: it does not know this code of Meizu's",
);
const GUARDED: Rule = Rule::new(
    Class::Credential,
    "check app_id, app_secret and the endpoint setting: something refuses the channel",
);

/// What Meizu says of a request.
pub(crate) const REASONS: Reasons = Reasons::new(
    &[
        // A server in trouble is no witness against anything, whatever its body says.
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::codes(
            &[REDIRECT],
            Rule::new(
                Class::Unavailable,
                "set region or endpoint to the address in the vendor's text",
            ),
        ),
        Row::codes(&["201"], REFUSED),
        Row::codes(&["500", "501", "513", "519", "1001", "1003"], TROUBLE),
        Row::codes(&["518"], SLOWER.scope(Scope::Unsaid)),
        Row::codes(&["110010", "110051"], SLOWER),
        Row::codes(&["1005", "110004", "110032"], REPORT),
        Row::codes(
            &["1006", "110033"],
            Rule::new(
                Class::Credential,
                "set app_secret to the AppSecret of app_id: Meizu's push console, the app's page",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["110000"],
            Rule::new(
                Class::Credential,
                "set app_id to the AppId of the app: Meizu's push console, the app's page",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["110001"],
            Rule::new(
                Class::Credential,
                "check app_id and app_secret: Meizu's push console, the app's page",
            )
            .scope(Scope::Credential),
        ),
        Row::when("110002 or 110003 for several devices", DEAD_AMONG_MANY),
        Row::codes(&["110002"], UNSUBSCRIBED),
        Row::codes(&["110003"], ILLEGAL),
        Row::codes(
            &["110009"],
            Rule::new(
                Class::Credential,
                "ask Meizu to take the app off its blacklist",
            )
            .scope(Scope::Account),
        ),
        Row::codes(
            &["110019"],
            Rule::new(
                Class::QuotaExceeded,
                "ask Meizu for more pushes a day, or send fewer",
            )
            .scope(Scope::Account)
            .wait(Wait::MIDNIGHT_IN_CHINA),
        ),
        Row::codes(
            &["110031"],
            Rule::new(
                Class::Credential,
                "check in Meizu's push console that the app's package is the one that app_id \
                 belongs to",
            ),
        ),
        Row::codes(
            &["110053"],
            Rule::new(
                Class::QuotaExceeded,
                "nothing to do: Meizu's limit of transparent messages comes back at midnight",
            )
            .scope(Scope::Message)
            .wait(Wait::MIDNIGHT_IN_CHINA),
        ),
        // Six digits and 1100 before: something with the request.
        Row::family(&["1100"], 6, NEW_CODE).at(200, 299),
        Row::status(401, GUARDED),
        Row::status(403, GUARDED),
        Row::statuses(
            404,
            405,
            Rule::new(
                Class::Credential,
                "check the endpoint setting: its server does not know Meizu's interface",
            )
            .scope(Scope::Credential),
        ),
        Row::status(408, TROUBLE),
        Row::status(429, SLOWER),
        Row::statuses(400, 499, REPORT),
    ],
    Rule::new(
        Class::Unavailable,
        "something other than Meizu answers; check the endpoint setting and any proxy in between",
    ),
);

/// What Meizu says of a device.
pub(crate) const DEVICE_REASONS: Reasons = Reasons::new(
    &[
        Row::when("201 of some of the devices", REFUSED_DEVICE),
        Row::codes(&[NO_RIGHT], REFUSED),
        Row::codes(&["501", "513", "519"], TROUBLE),
        Row::codes(&["518"], SLOWER.scope(Scope::Unsaid)),
        // Trying again would only fold it once more.
        Row::codes(
            &["520"],
            Rule::new(
                Class::DeviceOff,
                "send this device fewer messages: Meizu folds more than five a minute",
            )
            .scope(Scope::Token),
        ),
        Row::codes(&["110002"], UNSUBSCRIBED),
        Row::codes(&["110003"], ILLEGAL),
        Row::codes(
            &["110005"],
            Rule::new(
                Class::BadRequest,
                "report this to nudged: Meizu speaks of an alias, and the driver sends pushIds",
            ),
        ),
        Row::codes(
            &["110010"],
            Rule::new(
                Class::DeviceOff,
                "nothing to do: the user switched the app's pushes off",
            )
            .scope(Scope::Token),
        ),
        // Tomorrow it gets messages again, and the other devices get them today.
        Row::codes(
            &["110011"],
            Rule::new(
                Class::ThrottledDevice,
                "send messages of people to people as private (message_type): a device gets three \
                 public ones a day",
            )
            .scope(Scope::Token)
            .wait(Wait::MIDNIGHT_IN_CHINA),
        ),
        Row::family(&["5"], 3, TROUBLE),
    ],
    NEW_CODE,
);

#[cfg(test)]
nudged_driver_kit::tables_hold!(crate::Meizu, "reasons" => REASONS, "device reasons" => DEVICE_REASONS);
