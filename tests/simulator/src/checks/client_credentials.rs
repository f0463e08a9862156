//! A request for a grant with `grant_type=client_credentials`, RFC 6749 4.4, its client in
//! the form. Who the client is, and how a refusal looks, is the vendor's to say.

use http::Method;
use http::request::Parts;

use crate::checks::form::{self, FormError};

const PARAMETERS: [&str; 3] = ["grant_type", "client_id", "client_secret"];

/// Who asks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// Why it is no request for a grant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRequest {
    #[error("method is not POST")]
    Method,
    #[error(transparent)]
    Form(#[from] FormError),
    #[error("missing parameter {0}")]
    Missing(&'static str),
    #[error("unknown parameter {0}")]
    Unknown(String),
    #[error("grant_type is not client_credentials")]
    GrantType,
}

pub(crate) fn read(head: &Parts, body: &[u8]) -> Result<Client, BadRequest> {
    if head.method != Method::POST {
        return Err(BadRequest::Method);
    }
    let form = form::parse(&head.headers, body)?;
    if let Some(name) = form.unknown(&PARAMETERS) {
        return Err(BadRequest::Unknown(name.to_owned()));
    }
    let text = |name| {
        form.get(name)
            .filter(|text| !text.is_empty())
            .ok_or(BadRequest::Missing(name))
    };
    if text("grant_type")? != "client_credentials" {
        return Err(BadRequest::GrantType);
    }
    Ok(Client {
        id: text("client_id")?.to_owned(),
        secret: text("client_secret")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::CONTENT_TYPE;

    use super::*;

    fn ask(request: http::request::Builder, body: &str) -> Result<Client, BadRequest> {
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        read(&request.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    #[test]
    fn only_the_documented_form_asks_for_a_grant() {
        let good = "grant_type=client_credentials&client_id=1&client_secret=a%2Bb";
        let client = Client {
            id: "1".into(),
            secret: "a+b".into(),
        };
        assert_eq!(ask(Request::post("/"), good), Ok(client));
        assert_eq!(ask(Request::get("/"), good), Err(BadRequest::Method));
        for (body, problem) in [
            ("", BadRequest::Missing("grant_type")),
            ("grant_type=password", BadRequest::GrantType),
            (&good[..41], BadRequest::Missing("client_secret")),
            (
                "grant_type=client_credentials&client_secret=a",
                BadRequest::Missing("client_id"),
            ),
            (
                &format!("{good}&scope=push"),
                BadRequest::Unknown("scope".into()),
            ),
            (
                &format!("{good}&client_id=1"),
                BadRequest::Form(FormError::Twice("client_id".into())),
            ),
        ] {
            assert_eq!(ask(Request::post("/"), body), Err(problem), "{body}");
        }
    }
}
