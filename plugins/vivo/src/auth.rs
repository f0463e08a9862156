//! From AppSecret to authToken: `POST message/auth`.
//!
//! In: the channel's keys and the time. Out: the signed request, and from its answer a grant
//! or what vivo said instead.

use md5::{Digest, Md5};
use nudged_driver_kit::text::hex;
use nudged_plugin_api::{Grant, HttpRequest, HttpResponse, Timestamp, Verdict};

use crate::decode::Answer;
use crate::payload::{self, json};
use crate::reason::{self, NO_TOKEN};
use crate::settings::Channel;

/// How long vivo takes a token.
const LIFE: u64 = 24 * 3600;
/// vivo wants a new one every hour or two; several are valid at once.
const REFRESH: u64 = 3600;
/// vivo limits the calls (10093), so a token that was just refused is not replaced at once.
const NOT_AGAIN: u64 = 5;

/// App, key and server that a grant belongs to. The secret itself must not stand here, only a
/// mark that changes with it.
pub(crate) fn scope(channel: &Channel) -> String {
    let mark = hex_md5(&format!("nudged-vivo:{}", channel.app_secret));
    let mut scope = format!("{}/{}/{}", channel.app_id, channel.app_key, &mark[..8]);
    if channel.elsewhere {
        // A grant of a test server is no grant of vivo's.
        scope.push('@');
        scope.push_str(&channel.auth_url);
    }
    scope
}

/// Asks for an authToken.
pub(crate) fn request(channel: &Channel, now: Timestamp) -> HttpRequest {
    let body = payload::Auth {
        app_id: channel.app_id,
        app_key: &channel.app_key,
        timestamp: now.0,
        sign: sign(channel, now),
    };
    HttpRequest::post(channel.auth_url.as_str())
        .header("content-type", "application/json")
        .body(json(&body))
}

/// Lower-case hex of the MD5 of appId, appKey, timestamp and appSecret.
fn sign(channel: &Channel, now: Timestamp) -> String {
    hex_md5(&format!(
        "{}{}{}{}",
        channel.app_id, channel.app_key, now.0, channel.app_secret
    ))
}

fn hex_md5(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

/// The grant in an answer, or what vivo said instead.
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    let answer = Answer::read(&response.body);
    if !(200..300).contains(&response.status) || !matches!(answer.result, None | Some(0)) {
        let code = answer.refusal();
        let rule = reason::judge_grant(response.status, &code);
        return Err(rule
            .verdict(&code, response, now)
            .text(answer.desc.as_str()));
    }
    let token = answer.auth_token.filter(|_| answer.result.is_some());
    let token = token.filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
    match token {
        Some(token) => Ok(Grant::new(token, now, LIFE)
            .refresh_after(REFRESH)
            .not_again_for(NOT_AGAIN)),
        None => Err(NO_TOKEN.verdict("no authToken", response, now)),
    }
}

#[cfg(test)]
mod tests {
    use super::hex_md5;

    #[test]
    fn md5_is_written_in_lower_case_hex() {
        // RFC 1321, appendix A.5.
        assert_eq!(hex_md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex_md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
