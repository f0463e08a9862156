//! The table of `ret_code`: "服务端错误码" of the TPNS documents, and what the operator should
//! do about each. A code that TPNS adds tomorrow is judged by its neighbours and the HTTP
//! status, and passed on as it is.

use nudged_plugin_api::Class;

/// Before the next request of a channel that went too fast.
const PAUSE: u64 = 1000;

/// `ret_code` of a push that TPNS took.
pub(crate) const TAKEN: &str = "0";

pub(crate) const INVALID_TOKEN: (Class, &str) = (
    Class::InvalidToken,
    "nothing to do: the app was uninstalled or unregistered, or the token is another \
     application's; the app's next start reports a new one",
);
const TROUBLE: (Class, &str) = (
    Class::Unavailable,
    "nothing to do: TPNS is in trouble and the message is tried again",
);
const REPORT: (Class, &str) = (
    Class::BadRequest,
    "report the vendor's text to nudged: the driver wrote a request that TPNS does not take",
);
const SECRET: (Class, &str) = (
    Class::Credential,
    "set access_id and secret_key to those of one application (TPNS console, Configuration, \
     Basic configuration), and check this machine's clock",
);
const PAY: (Class, &str) = (
    Class::Credential,
    "buy or renew the push resources of the application in the TPNS console",
);

/// What a refusal means, and what to do about it.
pub(crate) fn judge(ret_code: &str, http: u16) -> (Class, &'static str) {
    if http >= 500 {
        // A server in trouble is no witness against a token, whatever its body says.
        return TROUBLE;
    }
    match ret_code {
        "1008001" | "1008002" | "1008007" | "10010012" => REPORT,
        "1008003" | "10030002" => SECRET,
        "1008004" => TROUBLE,
        "1008006" | "1008029" | "10010005" => INVALID_TOKEN,
        "1008019" => (
            Class::BadRequest,
            "change title or text: Tencent's content check refuses them",
        ),
        "1008020" | "1008021" | "1008022" | "1008023" => (
            Class::Credential,
            "upload a valid APNs certificate of the application's environment in the TPNS \
             console",
        ),
        "1008028" => (
            Class::Throttled,
            "lower the channel's rate, or ask Tencent for a higher one",
        ),
        "1008030" | "1008031" | "1010001" => PAY,
        "1008035" => (
            Class::Credential,
            "check access_id, and set region to the service access point of the TPNS product",
        ),
        "10010018" => (
            Class::BadRequest,
            "nothing to do: TPNS has taken the same push before",
        ),
        // Of interfaces for files, certificates, statistics and accounts.
        "1008011" | "1008012" | "1008013" | "1008015" | "1008016" | "1008025" | "1008026"
        | "1008027" | "10110008" => REPORT,
        _ => by_status(ret_code, http),
    }
}

/// What a code that TPNS adds tomorrow means, or none at all.
fn by_status(ret_code: &str, http: u16) -> (Class, &'static str) {
    let known_kind = ["1008", "1001", "1011"]
        .iter()
        .any(|head| ret_code.len() >= 7 && ret_code.starts_with(head));
    match http {
        200..=299 if known_kind => (
            Class::BadRequest,
            "look for a newer version of the driver: it does not know this code of TPNS's",
        ),
        401 | 403 => SECRET,
        404 | 405 => (
            Class::Credential,
            "check the endpoint setting: its server does not know TPNS's interface",
        ),
        408 => TROUBLE,
        429 => (
            Class::Throttled,
            "lower the channel's rate, or ask Tencent for a higher one",
        ),
        400..=499 => REPORT,
        _ => (
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
