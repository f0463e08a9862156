//! `token`: every token has one form, or is refused in words.

use super::encode::refusal;
use super::report::{Report, shorten};
use super::{Bench, hostile};

pub fn check(bench: &Bench, report: &mut Report) {
    for token in &bench.samples.tokens {
        if let Some(Err(error)) = bench.channel.token(token, report) {
            let what = format!("a sample token was refused with `{error}`");
            report.fail("token-form", what, "its form");
        }
    }
    let hostile = hostile::tokens();
    for token in bench.samples.tokens.iter().chain(&hostile) {
        let place = format!("token {:?}", shorten(token, 20));
        match bench.channel.token(token, report) {
            Some(Ok(form)) if bench.channel.token(&form, report) != Some(Ok(form.clone())) => {
                report.fail(
                    "token-form",
                    format!("{place} has a form that is not its own form"),
                    "the same again",
                );
            }
            Some(Err(error)) => refusal(bench, &place, &error, report),
            _ => {}
        }
    }
}
