//! A loop around reqwest, as one writes it when there is no library for a vendor.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client};

use crate::request::Requests;
use crate::{Failure, Request, route};

pub fn client() -> Result<Client, Failure> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "there is a provider already")?;
    let authority = Certificate::from_pem(&route::authority()?)?;
    Ok(Client::builder()
        .tls_certs_only([authority])
        .http2_prior_knowledge()
        .build()?)
}

pub fn url() -> Result<String, Failure> {
    Ok(format!("https://{}/3/device/", route::sink()?))
}

pub fn headers(requests: &Requests) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in &requests.headers {
        headers.insert(
            HeaderName::try_from(name)?,
            HeaderValue::try_from(value.as_str())?,
        );
    }
    Ok(headers)
}

pub async fn send(
    client: &Client,
    url: &str,
    headers: &HeaderMap,
    request: Request,
) -> Result<(), Failure> {
    client
        .post(format!("{url}{}", request.token))
        .headers(headers.clone())
        .body(request.body)
        .send()
        .await?
        .error_for_status()?;
    Ok(())
}
