//! A token's canonical form, which only its vendor's driver knows.
//!
//! In: tokens as they were reported, many at once: a call costs more than a token. Out: their
//! canonical tokens, or the driver's refusals. Where nobody can be asked, as the channel is broken or its driver
//! fails, a token stays as it is.

use nudged_plugin_api::EncodeError;
use nudged_plugin_api::host::CallError;

use super::{MAX_TOKEN_BYTES, Route, RouteEntry};
use crate::driver;

/// A token's canonical form, or why its driver says that it can be none of the vendor's.
pub type CanonicalToken = Result<String, EncodeError>;

impl RouteEntry {
    /// The form of each token, in their order.
    pub fn canonical_tokens(&self, tokens: Vec<String>) -> Vec<CanonicalToken> {
        match self.route() {
            Some(route) => route.canonical_tokens(tokens),
            None => tokens.into_iter().map(Ok).collect(),
        }
    }

    /// The canonical form of one token.
    pub fn canonical_token(&self, token: String) -> CanonicalToken {
        let given = token.clone();
        self.canonical_tokens(vec![token])
            .pop()
            .unwrap_or(Ok(given))
    }
}

impl Route {
    /// The form of each token, in their order.
    pub fn canonical_tokens(&self, tokens: Vec<String>) -> Vec<CanonicalToken> {
        forms(tokens, |tokens| self.driver.tokens(tokens)).unwrap_or_else(|(tokens, error)| {
            let cost = ": the tokens are taken as they are";
            driver::log_failure(&self.name, &self.info.vendor, "tokens", error, cost);
            tokens
        })
    }
}

/// Asks for all at once; where that fails, for each by itself: one token may make a driver fail.
/// On failure, too, each has its result.
fn forms(
    tokens: Vec<String>,
    ask: impl Fn(Vec<String>) -> Result<Vec<CanonicalToken>, CallError>,
) -> Result<Vec<CanonicalToken>, (Vec<CanonicalToken>, CallError)> {
    let mut failed = None;
    // A driver's call takes what it is given, and this is needed should it fail.
    let mut forms = match ask(tokens.clone()) {
        Ok(forms) => forms,
        Err(error) if tokens.len() == 1 => {
            failed = Some(error);
            tokens.iter().cloned().map(Ok).collect()
        }
        Err(error) => {
            failed = Some(error);
            let one = |token: &String| {
                let form = ask(vec![token.clone()]).ok().and_then(|mut it| it.pop());
                form.unwrap_or_else(|| Ok(token.clone()))
            };
            tokens.iter().map(one).collect()
        }
    };
    for (form, token) in forms.iter_mut().zip(tokens) {
        if form.as_ref().is_ok_and(|form| !can_be_kept(form)) {
            *form = Ok(token);
        }
    }
    match failed {
        None => Ok(forms),
        Some(error) => Err((forms, error)),
    }
}

/// A driver is not trusted to answer with a token.
fn can_be_kept(form: &str) -> bool {
    !form.is_empty() && form.len() <= MAX_TOKEN_BYTES && !form.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tokens: Vec<String>) -> Result<Vec<CanonicalToken>, CallError> {
        let form = |token: String| match token.as_str() {
            "panic" => Err(CallError::Panicked("oh".into())),
            "bad" => Ok(Err(EncodeError::new("BadToken", "token", "is bad"))),
            "nothing" => Ok(Ok(String::new())),
            "endless" => Ok(Ok("x".repeat(MAX_TOKEN_BYTES + 1))),
            _ => Ok(Ok(token.to_lowercase())),
        };
        tokens.into_iter().map(form).collect()
    }

    fn formed(tokens: &[&str]) -> (Vec<String>, bool) {
        let tokens = tokens.iter().map(|it| (*it).to_owned()).collect();
        let (forms, well) = match forms(tokens, ask) {
            Ok(forms) => (forms, true),
            Err((forms, _)) => (forms, false),
        };
        let text = |form: CanonicalToken| form.unwrap_or_else(|error| error.to_string());
        (forms.into_iter().map(text).collect(), well)
    }

    #[test]
    fn each_token_gets_its_form_or_the_refusal() {
        let (forms, well) = formed(&["AB", "bad", "c"]);
        assert_eq!(forms, ["ab", "token: is bad", "c"]);
        assert!(well);
        assert_eq!(formed(&[]), (Vec::new(), true));
    }

    #[test]
    fn a_token_that_makes_the_driver_fail_stays_as_it_is_and_costs_the_others_nothing() {
        let (forms, well) = formed(&["AB", "panic", "bad"]);
        assert_eq!(forms, ["ab", "panic", "token: is bad"]);
        assert!(!well);
        assert_eq!(formed(&["panic"]), (vec!["panic".to_owned()], false));
    }

    #[test]
    fn what_can_be_no_token_is_no_form() {
        let (forms, well) = formed(&["nothing", "endless"]);
        assert_eq!(forms, ["nothing", "endless"]);
        assert!(well);
    }
}
