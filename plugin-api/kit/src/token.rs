//! Devices' tokens, whatever the vendor: what none can be, each of a request once, and whether it was
//! for one alone.

use std::collections::HashSet;

use nudged_plugin_api::{EncodeError, Target, bad_token};

/// Characters that no token has, and what is wrong with a token that has one.
pub type Never<'a> = (fn(char) -> bool, &'a str);

/// Refuses a token that is empty or a program's word for nothing where `expected` was, longer
/// than `max` bytes, or has a character of `never`; gives back any other. Vendors say little of a
/// token's form, so a driver should name here only what would spoil the request.
pub fn check<'t>(
    token: &'t str,
    expected: &str,
    max: usize,
    never: &[Never<'_>],
) -> Result<&'t str, EncodeError> {
    if token.is_empty() {
        return Err(bad_token(format!("is empty, expected {expected}")));
    }
    if is_nothing(token) {
        return Err(bad_token(format!(
            "is the word that a program prints for nothing, expected {expected}: the app reported \
             before it had one"
        )));
    }
    if token.len() > max {
        let length = token.len();
        return Err(bad_token(format!(
            "is {length} bytes long, the limit is {max}"
        )));
    }
    match never.iter().find(|(odd, _)| token.contains(odd)) {
        Some((_, problem)) => Err(bad_token(*problem)),
        None => Ok(token),
    }
}

/// The token of each target, in their order and every one once, in the form that `form` gives it;
/// or the refusal of the first that it refuses.
pub fn each<'t>(
    targets: &'t [Target],
    form: impl Fn(&'t str) -> Result<&'t str, EncodeError>,
) -> Result<Vec<&'t str>, EncodeError> {
    let tokens: Result<Vec<_>, _> = targets.iter().map(|it| form(&it.token)).collect();
    Ok(distinct(tokens?))
}

/// The token of each target as it is, in their order and every one once.
pub fn once(targets: &[Target]) -> Vec<&str> {
    distinct(targets.iter().map(|it| it.token.as_str()).collect())
}

fn distinct(mut tokens: Vec<&str>) -> Vec<&str> {
    let mut seen = HashSet::with_capacity(tokens.len());
    tokens.retain(|token| seen.insert(*token));
    tokens
}

/// Whether a request was for one device only, however often it was named: then what the vendor says of
/// the request it says of the device.
pub fn is_one(targets: &[Target]) -> bool {
    match targets {
        [first, others @ ..] => others.iter().all(|other| other.token == first.token),
        [] => false,
    }
}

/// Whether a token is the word that a program prints for nothing: the app reported before its phone
/// had one.
pub fn is_nothing(token: &str) -> bool {
    const WORDS: [&str; 6] = ["null", "(null)", "nil", "none", "undefined", "nan"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_for_one_device_where_all_tokens_are_the_same() {
        let targets = |tokens: &[&str]| -> Vec<Target> {
            let targets = tokens.iter().map(|token| Target::new("1", *token));
            targets.collect()
        };
        assert!(is_one(&targets(&["a"])) && is_one(&targets(&["a", "a"])));
        assert!(!is_one(&targets(&["a", "b"])) && !is_one(&[]));
    }

    #[test]
    fn every_token_comes_once_in_its_form_and_the_first_bad_one_is_refused() {
        let targets = |tokens: &[&str]| -> Vec<Target> {
            tokens
                .iter()
                .map(|token| Target::new("1", *token))
                .collect()
        };
        let form = |token| check(token, "a regid", 5, &[]).map(str::trim);
        let all = targets(&["b", "a", " b", "b", "c"]);
        assert_eq!(each(&all, form).as_deref(), Ok(&["b", "a", "c"][..]));
        assert_eq!(once(&all), ["b", "a", " b", "c"]);
        let bad = targets(&["b", "", "abcdef"]);
        assert!(
            each(&bad, form)
                .unwrap_err()
                .problem
                .starts_with("is empty")
        );
        assert_eq!(each(&[], form).as_deref(), Ok(&[][..]));
    }

    fn problem(token: &str) -> Option<String> {
        let comma: Never<'_> = (|c| c == ',', "has a comma");
        let blank: Never<'_> = (char::is_whitespace, "has a space");
        let error = check(token, "a regid", 5, &[comma, blank]).err()?;
        assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
        Some(error.problem)
    }

    #[test]
    fn a_refused_token_is_told_what_is_wrong() {
        assert_eq!(problem("abcde"), None);
        for (token, told) in [
            ("", "is empty, expected a regid"),
            (
                "null",
                "is the word that a program prints for nothing, expected a regid: the app reported \
                 before it had one",
            ),
            ("abcdef", "is 6 bytes long, the limit is 5"),
            ("a ,b", "has a comma"),
            ("a b", "has a space"),
        ] {
            assert_eq!(problem(token).as_deref(), Some(told), "{token:?}");
        }
    }
}
