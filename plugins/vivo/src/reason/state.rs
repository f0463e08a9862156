//! What the state (`status`) of a regId means that vivo does not take.

use nudged_driver_kit::reasons::{Reasons, Row, Rule};
use nudged_plugin_api::{Class, Scope};

/// What `state` means.
pub(crate) fn judge(state: &str) -> Rule {
    STATES.judge(0, state)
}

/// What vivo says of a regId that it does not take.
pub(super) const STATES: Reasons = Reasons::new(
    &[
        // Or it is another app's.
        Row::codes(
            &["1"],
            Rule::new(
                Class::InvalidToken,
                "have the app report the regId that vivo gave it, whole, under this channel's app",
            )
            .scope(Scope::Credential),
        ),
        Row::codes(
            &["2"],
            Rule::new(
                Class::InvalidToken,
                "nothing to do: the app was uninstalled or unsubscribed, and its next start \
                 reports a regId",
            )
            .scope(Scope::Token),
        ),
        Row::codes(
            &["3"],
            Rule::new(
                Class::InvalidToken,
                "nothing to do: the phone was offline for 90 days, and its app's next start \
                 reports a regId",
            )
            .scope(Scope::Token),
        ),
        Row::codes(
            &["4"],
            Rule::new(
                Class::BadRequest,
                "add the device to the test devices in vivo's developer console, or send without \
                 test",
            )
            .scope(Scope::Token),
        ),
    ],
    Rule::new(
        Class::DeviceOff,
        "look the status up in vivo's reference: the driver does not know it, so the regId stays",
    )
    .scope(Scope::Token),
);
