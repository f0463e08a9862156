//! Notifications of one length, so that each is made by writing over the one before.
//!
//! Three places differ: the token, a number in the text, and the time of sending.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::vendor::APNS;

/// Tokens that are sent to, in turn.
pub(super) const TOKENS: usize = 10_000;

const TOKEN_DIGITS: usize = 64;
const NUMBER_DIGITS: usize = 12;
const TIME_DIGITS: usize = 16;

/// The JSON of a notification, to be written over.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    json: Vec<u8>,
    token: usize,
    number: usize,
    time: usize,
}

impl Notification {
    pub(super) fn new() -> Notification {
        let token = "a".repeat(TOKEN_DIGITS);
        let number = "b".repeat(NUMBER_DIGITS);
        // Sixteen digits from the year 2001 to 2286.
        let time = 1_234_567_890_123_456_u64;
        let json = json!({
            "to": [{"channel": APNS.channel, "token": token}],
            "message": {
                "title": "Carol in Weekend plans",
                "body": format!(
                    "Message {number}: shall we take the early train, or rather sleep in and \
                     meet at the lake around noon?"
                ),
                "ext": json!({"conversation": "c-20391", "sent_us": time}).to_string(),
                "thread": "c-20391",
            },
        })
        .to_string();
        let at = |wanted: &str| json.find(wanted).expect("it was written just now");
        let (token, number, time) = (at(&token), at(&number), at(&time.to_string()));
        Notification {
            json: json.into_bytes(),
            token,
            number,
            time,
        }
    }

    /// The notification with this number, sent now.
    pub(super) fn numbered(&mut self, number: usize) -> &[u8] {
        write_digits(
            &mut self.json[self.token..][..TOKEN_DIGITS],
            number % TOKENS,
        );
        write_digits(&mut self.json[self.number..][..NUMBER_DIGITS], number);
        write_digits(&mut self.json[self.time..][..TIME_DIGITS], now_us());
        &self.json
    }

    pub(super) fn len(&self) -> usize {
        self.json.len()
    }
}

/// A token as the notifications have it.
pub(super) fn token(number: usize) -> String {
    format!("{:0TOKEN_DIGITS$}", number % TOKENS)
}

fn write_digits(place: &mut [u8], mut number: usize) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn now_us() -> usize {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    since.as_micros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notification_has_its_own_token_number_and_time() {
        let mut notification = Notification::new();
        let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();

        let first = read(notification.numbered(7));
        let other = read(notification.numbered(10_008));

        assert_eq!(first["to"][0]["token"], token(7));
        assert_eq!(other["to"][0]["token"], token(8));
        assert!(
            other["message"]["body"]
                .as_str()
                .unwrap()
                .starts_with("Message 000000010008:")
        );
        let time = |it: &serde_json::Value| {
            let ext = it["message"]["ext"].as_str().unwrap();
            read(ext.as_bytes())["sent_us"].as_u64().unwrap()
        };
        assert!(time(&first) > 1_600_000_000_000_000);
        assert!(time(&other) >= time(&first));
        assert_eq!(notification.len(), notification.numbered(3).len());
    }
}
