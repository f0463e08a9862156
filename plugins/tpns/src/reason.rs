//! The table of `ret_code`: "服务端错误码" of the TPNS documents, and what the operator should
//! do about each, and what it speaks of. A code that TPNS adds tomorrow is judged by its neighbours and the HTTP
//! status, and passed on as it is.

use nudged_plugin_api::{Class, Scope};

/// Before the next request of a channel that went too fast.
const PAUSE: u64 = 1000;

/// `ret_code` of a push that TPNS took.
pub(crate) const TAKEN: &str = "0";

/// What a refusal means, what it speaks of, and what to do about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    pub class: Class,
    pub scope: Scope,
    pub remedy: &'static str,
}

const fn means(class: Class, remedy: &'static str) -> Meaning {
    Meaning {
        class,
        scope: Scope::Unsaid,
        remedy,
    }
}

impl Meaning {
    const fn of(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

// TPNS says the same of a token that has died and of one that another application or another
// region has: so it may be the settings that are wrong.
pub(crate) const INVALID_TOKEN: Meaning = means(
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or unregistered, or the token is another \
     application's; if it hits every device, check access_id and region; else the app's next \
     start reports a new one",
)
.of(Scope::Credential);
const TROUBLE: Meaning = means(
    Class::Unavailable,
    "nothing to do: TPNS is in trouble and the message is tried again",
);
const REPORT: Meaning = means(
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that TPNS does not take",
)
.of(Scope::Message);
const SECRET: Meaning = means(
    Class::Credential,
    "set access_id and secret_key to those of one application (TPNS console, Configuration, \
     Basic configuration), and check this machine's clock",
)
.of(Scope::Credential);
const PAY: Meaning = means(
    Class::Credential,
    "buy or renew the push resources of the application in the TPNS console",
)
.of(Scope::Account);

/// What a refusal means, and what to do about it.
pub(crate) fn judge(ret_code: &str, http: u16) -> Meaning {
    if http >= 500 {
        // A server in trouble is no witness against a token, whatever its body says.
        return TROUBLE;
    }
    match ret_code {
        "1008001" | "1008002" | "1008007" | "10010012" => REPORT,
        "1008003" | "10030002" => SECRET,
        "1008004" => TROUBLE,
        "1008006" | "1008029" | "10010005" => INVALID_TOKEN,
        "1008019" => means(
            Class::BadRequest,
            "change title or text: Tencent's content check refuses them",
        )
        .of(Scope::Message),
        // Of the environment that the message asks for: another may have a good one.
        "1008020" | "1008021" | "1008022" | "1008023" => means(
            Class::Credential,
            "upload a valid APNs certificate of the application's environment in the TPNS \
             console",
        ),
        "1008028" => means(
            Class::Throttled,
            "lower the channel's rate, or ask Tencent for a higher one",
        )
        .of(Scope::Account),
        "1008030" | "1008031" | "1010001" => PAY,
        "1008035" => means(
            Class::Credential,
            "check access_id, and set region to the service access point of the TPNS product",
        )
        .of(Scope::Credential),
        "10010018" => means(
            Class::BadRequest,
            "nothing to do: TPNS has taken the same push before",
        )
        .of(Scope::Message),
        // Of interfaces for files, certificates, statistics and accounts.
        "1008011" | "1008012" | "1008013" | "1008015" | "1008016" | "1008025" | "1008026"
        | "1008027" | "10110008" => REPORT,
        _ => by_status(ret_code, http),
    }
}

/// What a code that TPNS adds tomorrow means, or none at all.
fn by_status(ret_code: &str, http: u16) -> Meaning {
    let known_kind = ["1008", "1001", "1011"]
        .iter()
        .any(|head| ret_code.len() >= 7 && ret_code.starts_with(head));
    match http {
        200..=299 if known_kind => means(
            Class::BadRequest,
            "look for a newer version of the driver: it does not know this code of TPNS's",
        ),
        // Whoever answers so is not TPNS itself, which says it in its own codes.
        401 | 403 => SECRET.of(Scope::Unsaid),
        404 | 405 => means(
            Class::Credential,
            "check the endpoint setting: its server does not know TPNS's interface",
        ),
        408 => TROUBLE,
        429 => means(
            Class::Throttled,
            "lower the channel's rate, or ask Tencent for a higher one",
        ),
        400..=499 => REPORT,
        _ => means(
            Class::Unavailable,
            "something other than TPNS answers; check the endpoint setting and any proxy in \
             between",
        ),
    }
}

/// How long to wait where TPNS does not say.
pub(crate) fn wait(class: Class) -> Option<u64> {
    (class == Class::Throttled).then_some(PAUSE)
}
