//! The table of vivo's result codes, in the order of its reference.
//!
//! Below HTTP 500 vivo's own code decides where there is one, else the HTTP status. A code
//! that is not in the table is passed on as it is and judged by its neighbours.

use nudged_plugin_api::{Class, HttpResponse, Scope, Timestamp, Verdict};

use crate::classification::Classification;
use crate::decode::Answer;

/// What a refusal means.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub class: Class,
    /// vivo's code, or what stands for it.
    pub code: String,
    pub remedy: &'static str,
    /// The code speaks of the regId, so `invalidUser` beside it says more.
    pub of_reg_id: bool,
    /// The code speaks of the words, which look like a test's.
    pub of_words: bool,
    wait: Wait,
    of: Of,
}

/// What a code speaks of.
#[derive(Clone, Copy, Debug)]
enum Of {
    Scope(Scope),
    /// The messages of this class, whatever the class of the one that it refuses.
    Class(Classification),
}

/// When vivo may take it.
#[derive(Clone, Copy, Debug)]
enum Wait {
    /// It does not say, or never.
    Unsaid,
    /// Milliseconds from now.
    Millis(u64),
    /// Quotas are counted by the day in Beijing.
    Midnight,
    /// Operational messages pass from 07:00 in Beijing.
    Morning,
}

/// The phone takes no notifications now.
const NO_NOTICES: i64 = 10311;
/// Hours that Beijing is ahead of UTC.
const BEIJING: u32 = 8;
/// First hour of operational messages.
const MORNING: u32 = 7;

impl Refusal {
    /// The same code in a place where it means something else.
    pub fn instead(self, class: Class, remedy: &'static str) -> Self {
        Self {
            class,
            remedy,
            ..self
        }
    }

    /// Whether the state that stands beside the code says more than the code does.
    pub fn yields_to_state(&self) -> bool {
        self.code != NO_NOTICES.to_string()
    }

    /// What it speaks of, said of a message that was sent in this class.
    pub fn scope(&self, sent_in: Option<Classification>) -> Scope {
        match self.of {
            Of::Scope(scope) => scope,
            Of::Class(class) if sent_in == Some(class) => Scope::MessageClass,
            // vivo counted it in another class than it was sent in, whose messages may pass.
            Of::Class(_) => Scope::Message,
        }
    }

    /// With vivo's words, and when to try again.
    pub fn verdict(&self, answer: &Answer, response: &HttpResponse, now: Timestamp) -> Verdict {
        let tried_again = matches!(
            self.class,
            Class::Throttled
                | Class::ThrottledDevice
                | Class::QuotaExceeded
                | Class::Unavailable
                | Class::GrantExpired
                | Class::Credential
        );
        let wait = match self.wait {
            Wait::Unsaid => None,
            Wait::Millis(millis) => Some(millis),
            Wait::Midnight => Some(now.millis_until_midnight(BEIJING)),
            Wait::Morning => Some(now.millis_until_hour(MORNING, BEIJING)),
        };
        let wait = response.retry_after_millis(now).or(wait);
        Verdict::refused(self.class, self.code.as_str(), self.remedy)
            .text(answer.desc.as_str())
            .retry_after_millis(wait.filter(|_| tried_again))
    }
}

/// What an answer other than success means.
pub(crate) fn judge(status: u16, result: Option<i64>) -> Refusal {
    let code = result.map_or_else(|| format!("HTTP {status}"), |code| code.to_string());
    let (class, wait, remedy) = match (status, result) {
        // A server in trouble is no witness, whatever its body says.
        (500.., _) => (Class::Unavailable, Wait::Unsaid, IN_TROUBLE),
        (429, None) => (
            Class::Throttled,
            Wait::Millis(1000),
            "lower the channel's rate if this stays",
        ),
        (_, Some(code)) => by_code(code),
        (_, None) => by_http(status),
    };
    Refusal {
        class,
        code,
        remedy,
        of_reg_id: status < 500 && matches!(result, Some(10302 | 10303 | NO_NOTICES)),
        of_words: status < 500 && matches!(result, Some(10085 | 10104)),
        of: match (status, result) {
            (500.., _) => Of::Scope(Scope::Unsaid),
            (_, Some(code)) => of_code(code, class),
            // Nothing answers at the paths of the settings; something may refuse one request.
            (404 | 405, None) => Of::Scope(Scope::Credential),
            (429, None) => Of::Scope(Scope::Account),
            (_, None) => Of::Scope(Scope::Unsaid),
        },
        wait,
    }
}

type Row = (Class, Wait, &'static str);

const IN_TROUBLE: &str = "nothing to do: vivo is in trouble and the message is tried again";
const CONSOLE: &str =
    "copy app_id, app_key and app_secret again from the app's page in vivo's developer console";
const UNKNOWN: &str = "look the code up in vivo's reference, and for a newer version of the driver";
const WRONG_FIELD: &str = "correct the field that vivo's text names in the message or its options";
const REPORT: &str = "report the code and vivo's text to nudged: the driver wrote a request that \
                      vivo does not take";

#[rustfmt::skip]
fn by_code(code: i64) -> Row {
    use Class::{BadRequest, Credential, DeviceOff, GrantExpired, InvalidToken, QuotaExceeded, Throttled, Unavailable};
    use Wait::{Midnight, Millis, Morning, Unsaid};
    match code {
        10000 => (GrantExpired, Unsaid, "nothing to do if it happens once; if it stays, have another program that shares this app's keys checked, or copy the keys again"),
        10040 => (Unavailable, Unsaid, IN_TROUBLE),
        10043 => (Credential, Unsaid, "switch push on for the app in vivo's developer console, message push"),
        10045 => (Credential, Unsaid, "wait for vivo to approve the app: until then only test messages to test devices pass"),
        10050 => (BadRequest, Unsaid, REPORT),
        10051 => (BadRequest, Unsaid, "set classification to one that vivo has granted to the app"),
        10054 => (BadRequest, Unsaid, "set notifyType or notify_type to 1, 2, 3 or 4"),
        10055 => (BadRequest, Unsaid, "give the message a title that shows something"),
        10056 => (BadRequest, Unsaid, "shorten the title, or set wide_characters to two if it is Chinese: vivo counts to 40"),
        10057 => (BadRequest, Unsaid, "give the message a text that shows something"),
        10058 => (BadRequest, Unsaid, "shorten the text, or set wide_characters to two if it is Chinese: vivo counts to 100"),
        10059 => (BadRequest, Unsaid, "give the message a lifetime of 15 minutes to 1 day"),
        10060 => (BadRequest, Unsaid, "correct the message's click: vivo opens the app, an http(s) URL, or an intent URI of the app"),
        10065 => (BadRequest, Unsaid, "set networkType to -1 or 1"),
        10067 => (BadRequest, Unsaid, "shorten ext or clientCustomMap: vivo takes 10 pairs of 1024 characters together"),
        10070 => (QuotaExceeded, Midnight, "send fewer operational messages, or apply to vivo for more: today's are used up"),
        10071 => (QuotaExceeded, Morning, "send operational messages between 07:00 and 23:00 Beijing time"),
        10072 => (Throttled, Millis(1000), "lower the channel's rate if this stays"),
        10073 => (QuotaExceeded, Midnight, "apply to vivo for more system messages: today's are used up"),
        10082 => (Credential, Unsaid, "apply for system messages in vivo's developer console, or set classification to operational"),
        10085 | 10104 => (BadRequest, Unsaid, "change title and text: vivo takes them for a test's, so mark real tests as such"),
        10089 => (BadRequest, Unsaid, "check callback_url, callback_id and callbackParam"),
        10093 => (Throttled, Millis(1000), "check that no other program fetches tokens with this app's keys all the time"),
        10094 => (Credential, Unsaid, CONSOLE),
        10095 => (BadRequest, Unsaid, "set notifyId to 1 to 2147483647"),
        10096 => (BadRequest, Unsaid, "name a category that vivo has, such as IM; new apps must name one"),
        10097 => (BadRequest, Unsaid, "name a category that belongs to the message's classification"),
        10103 => (BadRequest, Unsaid, "change title and text: vivo finds words in them that it does not show"),
        10150..=10153 => (BadRequest, Unsaid, REPORT),
        // The saved message is gone: at once it is saved again.
        10155 => (Unavailable, Millis(0), "nothing to do: the message is saved again and then pushed"),
        10200..=10202 | 10205 => (Credential, Unsaid, CONSOLE),
        10203 | 10204 => (Credential, Unsaid, REPORT),
        10206 => (Credential, Unsaid, "copy app_secret again from the app's page in vivo's developer console"),
        10207 => (Credential, Unsaid, "set this machine's clock: it differs from vivo's by more than ten minutes"),
        10250 => (Throttled, Millis(60_000), "check that no other program fetches tokens with this app's keys all the time"),
        10252 => (QuotaExceeded, Midnight, "send fewer messages to several devices, or apply to vivo for more: today's are used up"),
        10254 => (QuotaExceeded, Midnight, "send fewer messages: today's are used up"),
        10302 => (InvalidToken, Unsaid, "nothing to do: the app was uninstalled or gets a new regId, which its next start reports"),
        // The reference does not say whether the regId is dead, so it stays.
        10303 => (DeviceOff, Unsaid, "nothing unless it stays: vivo does not find the device, which its app's next start may mend"),
        10304 => (BadRequest, Unsaid, REPORT),
        10305 => (BadRequest, Unsaid, "shorten callback_url to 128 characters"),
        10306 => (BadRequest, Unsaid, "shorten callbackParam to 64 characters"),
        10311 => (DeviceOff, Unsaid, "nothing to do: the phone takes no notifications of the app now, or was not used for long"),
        10352 | 10353 => (BadRequest, Unsaid, REPORT),
        // Codes of the interface for live messages, which the driver does not call.
        10800 | 10801 => (BadRequest, Unsaid, REPORT),
        10200..=10249 => (Credential, Unsaid, UNKNOWN),
        10251..=10299 => (QuotaExceeded, Unsaid, UNKNOWN),
        10001..=10999 => (BadRequest, Unsaid, WRONG_FIELD),
        _ => (Unavailable, Unsaid, UNKNOWN),
    }
}

/// What a code speaks of, as far as vivo's reference says.
fn of_code(code: i64, class: Class) -> Of {
    Of::Scope(match code {
        10070 | 10071 => return Of::Class(Classification::Operational),
        10073 | 10082 => return Of::Class(Classification::System),
        10043 | 10045 | 10072 | 10093 | 10250 => Scope::Account,
        // vivo wants the interface left alone for the day, and lowers the quota of who does not.
        10252 | 10254 => Scope::Account,
        10094 | 10200..=10207 => Scope::Credential,
        // The regId does not exist: it may be another app's.
        10302 => Scope::Credential,
        _ if class == Class::BadRequest => Scope::Message,
        _ => Scope::Unsaid,
    })
}

fn by_http(status: u16) -> Row {
    match status {
        401 => (
            Class::GrantExpired,
            Wait::Unsaid,
            "nothing to do if it happens once; if it stays, check the endpoint setting",
        ),
        403 => (
            Class::Credential,
            Wait::Unsaid,
            "check the endpoint setting, and that vivo or a proxy lets this machine in",
        ),
        404 | 405 => (
            Class::Credential,
            Wait::Unsaid,
            "check the endpoint and token_url settings: nothing of vivo's answers at this path",
        ),
        408 => (Class::Unavailable, Wait::Unsaid, IN_TROUBLE),
        400..=499 => (Class::BadRequest, Wait::Unsaid, REPORT),
        _ => (
            Class::Unavailable,
            Wait::Unsaid,
            "something other than vivo answers; check the endpoint setting and any proxy in \
             between",
        ),
    }
}

/// What `status` of an invalid user means.
pub(crate) fn by_status(status: &str) -> (Class, Scope, &'static str) {
    match status {
        "1" => (
            Class::InvalidToken,
            // Or it is another app's.
            Scope::Credential,
            "have the app report the regId that vivo gave it, whole, under this channel's app",
        ),
        "2" => (
            Class::InvalidToken,
            Scope::Token,
            "nothing to do: the app was uninstalled or unsubscribed, and its next start reports \
             a regId",
        ),
        "3" => (
            Class::InvalidToken,
            Scope::Token,
            "nothing to do: the phone was offline for 90 days, and its app's next start reports \
             a regId",
        ),
        "4" => (
            Class::BadRequest,
            Scope::Token,
            "add the device to the test devices in vivo's developer console, or send without test",
        ),
        _ => (
            Class::DeviceOff,
            Scope::Token,
            "look the status up in vivo's reference: the driver does not know it, so the regId \
             stays",
        ),
    }
}
