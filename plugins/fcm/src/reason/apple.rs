//! What APNs said to FCM, which FCM passes on (`ApnsError`): it decides, whatever FCM calls it.
//!
//! In: APNs's reason and HTTP status. Out: the rule that the kit's table of Apple's words has for it, as
//! it holds for who sends through FCM: the key is the project's, so of a credential only iPhones
//! suffer, and the token is FCM's to renew.

use nudged_driver_kit::apple;
use nudged_driver_kit::reasons::{Rule, Wait};
use nudged_plugin_api::{Class, Scope};

pub(super) const CONSOLE_MESSAGING: &str = "in Firebase console, Project settings, Cloud \
     Messaging, upload a valid APNs authentication key for the iOS app or a valid Web Push key \
     pair; Android phones are not concerned";

/// req 72: APNs was shown the activity's token only, so the device's stays.
pub(crate) const ACTIVITY_OVER: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the Live Activity is over or got a new token, which the app reports with the \
     activity's id",
)
.scope(Scope::Beside);
const KEY: Rule = Rule::new(Class::Credential, CONSOLE_MESSAGING).scope(Scope::Token);
const ELSEWHERE: Rule = Rule::new(
    Class::InvalidToken,
    "if it hits many iPhones, upload in Firebase console, Project settings, Cloud Messaging the APNs \
     key of the app's team for the environment that the app was built for; else nothing to do, the \
     token leaves the registry",
)
.scope(Scope::Credential);
const GONE: Rule = Rule::new(
    Class::InvalidToken,
    "nothing to do: the app was removed from the iPhone or got a new token, which its next start \
     reports",
);
const WRONG: Rule = Rule::new(
    Class::BadRequest,
    "correct what Apple's word names in the message or in options.fcm.apns",
);
/// Other devices are not at APNs, or at another server of it.
const LATER: Rule = Rule::new(
    Class::Unavailable,
    "nothing to do: APNs takes the message later, and it is tried again",
)
.scope(Scope::Token)
.wait(Wait::Millis(10_000));

/// The rule of an answer of APNs; none where there is no telling what it was.
pub(crate) fn judge(reason: &str, status: u16) -> Option<Rule> {
    let by_status = || {
        (400..600)
            .contains(&status)
            .then(|| apple::REASONS.judge(status, ""))
    };
    let of_apple = apple::REASONS.of_code(reason).or_else(by_status)?;
    Some(match (of_apple.class, of_apple.scope) {
        (Class::Credential | Class::GrantExpired, _) => KEY,
        (Class::InvalidToken, Scope::Credential) => ELSEWHERE,
        (Class::InvalidToken, scope) => GONE.scope(scope),
        (Class::BadRequest, scope) => WRONG.scope(scope),
        (Class::Unavailable, _) => LATER,
        (class, _) => Rule { class, ..LATER }.wait(Wait::Millis(60_000)),
    })
}
