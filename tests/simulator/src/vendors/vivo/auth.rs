//! /message/auth: an authToken for who signs with the app's secret.

use http::StatusCode;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::Vivo;
use super::error::{self, Refusal, coded};
use super::message::{app_id, must_text};
use crate::checks::fields::Fields;
use crate::credentials::ids;
use crate::net::exchange::{Acceptance, Reply};
use crate::vendors::Vendor;

const TOLERANCE_MS: u64 = 10 * 60 * 1000;

impl Vivo {
    pub(super) fn auth(&self, value: &Value) -> Result<Acceptance, Refusal> {
        let now_ms = self.world.clock.now_ms();
        let mut fields = Fields::of("", value)?;
        let app_id = app_id(&mut fields)?;
        let (key, sign) = (
            must_text(
                &mut fields,
                "appKey",
                usize::MAX,
                error::APP_KEY_EMPTY,
                error::APP_KEY_WRONG,
            )?,
            must_text(
                &mut fields,
                "sign",
                usize::MAX,
                error::SIGN_EMPTY,
                error::SIGN_WRONG,
            )?,
        );
        let timestamp = fields
            .integer("timestamp", 0..=i64::MAX)
            .map_err(coded(error::TIMESTAMP_WRONG))?;
        let timestamp = fields
            .must("timestamp", timestamp)
            .map_err(coded(error::TIMESTAMP_EMPTY))?;
        fields.end()?;
        {
            let mut book = self.lock();
            let app = book
                .apps
                .get_mut(&app_id)
                .ok_or_else(|| Refusal::new(error::NO_SUCH_APP, "no such app"))?;
            if !app.auths.take(now_ms) {
                return Err(Refusal::new(error::AUTH_TOO_OFTEN, "too many requests"));
            }
            if app.key != key {
                return Err(Refusal::new(error::APP_KEY_WRONG, "appKey is wrong"));
            }
            if now_ms.abs_diff(timestamp.unsigned_abs()) > TOLERANCE_MS {
                return Err(Refusal::new(error::TIMESTAMP_WRONG, "timestamp is wrong"));
            }
            if sign != sign_of(app_id, key, timestamp, &app.secret) {
                return Err(Refusal::new(error::SIGN_WRONG, "sign is wrong"));
            }
        }
        let account = app_id.to_string();
        let customers = self.world.customers(Vendor::Vivo);
        let issued = customers.issue(&account, self.world.clock.now_secs());
        let body = json!({
            "result": 0,
            "desc": "\u{8bf7}\u{6c42}\u{6210}\u{529f}",
            "authToken": issued.token,
        });
        let reply = Reply::json(StatusCode::OK, &body);
        Ok(Acceptance::of_grant(Vendor::Vivo, &account, reply))
    }
}

/// MD5 over the four, one behind the other without blanks around them.
pub(super) fn sign_of(app_id: i64, key: &str, timestamp: i64, secret: &str) -> String {
    let text = format!("{app_id}{}{timestamp}{}", key.trim(), secret.trim());
    ids::to_hex(&Md5::digest(text))
}
