//! A bare client: no driver, no retries, so that tests see what the wire carries.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Bytes, BytesMut};
use h2::client::SendRequest;
use http::{HeaderMap, Request};
use nudged_simulator::{ClientCertificate, Simulator};
use p256::ecdsa::signature::{SignatureEncoding, Signer};
use p256::pkcs8::DecodePrivateKey;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;

pub const TEAM: &str = "SIMTEAM001";
pub const KEY: &str = "SIMKEY0001";
pub const TOPIC: &str = "com.example.chat";
pub const ALERT: &str = r#"{"aps":{"alert":{"title":"Alice","body":"hello"},"badge":1}}"#;
/// For waits that end at once unless something is broken.
pub const SOON: Duration = Duration::from_secs(20);

pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub fn token(last: u8) -> String {
    format!("{:0>64}", format!("{last:02x}"))
}

pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn reason(&self) -> String {
        self.json()["reason"].as_str().unwrap_or("").to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[derive(Clone)]
pub struct Client {
    send: SendRequest<Bytes>,
    base: String,
}

impl Client {
    pub async fn connect(
        url: &str,
        ca_pem: &str,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Client, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        let mut config = match certificate {
            None => builder.with_no_client_auth(),
            Some(certificate) => builder.with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(
                    certificate.certificate_pem.as_bytes(),
                )?],
                PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes())?,
            )?,
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let address = url.strip_prefix("https://").unwrap();
        let socket = TcpStream::connect(address).await?;
        let tls = tokio_rustls::TlsConnector::from(Arc::new(config))
            .connect(ServerName::try_from("127.0.0.1")?, socket)
            .await?;
        let (send, connection) = h2::client::handshake(tls).await?;
        tokio::spawn(async move {
            let _ended = connection.await;
        });
        Ok(Client {
            send,
            base: url.to_owned(),
        })
    }

    pub async fn apns(simulator: &Simulator) -> Client {
        Client::connect(&simulator.apns().url(), &simulator.ca_pem(), None)
            .await
            .unwrap()
    }

    pub async fn fcm(simulator: &Simulator) -> Client {
        Client::connect(&simulator.fcm().url(), &simulator.ca_pem(), None)
            .await
            .unwrap()
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, h2::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        let mut send = self.send.clone().ready().await?;
        let (response, mut stream) =
            send.send_request(request.body(()).unwrap(), body.is_empty())?;
        if !body.is_empty() {
            stream.send_data(body, true)?;
        }
        let (head, mut received) = response.await?.into_parts();
        let mut body = BytesMut::new();
        while let Some(chunk) = received.data().await {
            body.extend_from_slice(&chunk?);
        }
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.freeze(),
        })
    }

    /// A good alert to a device.
    pub async fn push(&self, jwt: &str, token: &str) -> Result<Answer, h2::Error> {
        let authorization = format!("bearer {jwt}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("apns-topic", TOPIC),
            ("apns-push-type", "alert"),
        ];
        self.send("POST", &format!("/3/device/{token}"), &headers, ALERT)
            .await
    }

    pub async fn message(
        &self,
        project: &str,
        grant: &str,
        message: Value,
    ) -> Result<Answer, h2::Error> {
        let authorization = format!("Bearer {grant}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        let path = format!("/v1/projects/{project}/messages:send");
        let body = json!({ "message": message }).to_string();
        self.send("POST", &path, &headers, body).await
    }

    pub async fn exchange(&self, assertion: &str) -> Answer {
        let body = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}"
        );
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", "/token", &headers, body).await.unwrap()
    }

    pub async fn grant(&self, account: &str) -> String {
        let answer = self.exchange(&assertion(account, |_| {})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// An APNs provider token.
pub fn provider_token(p8: &str, kid: &str, team: &str, iat: i64) -> String {
    signed_es256(
        p8,
        &json!({ "alg": "ES256", "kid": kid }),
        &json!({ "iss": team, "iat": iat }),
        false,
    )
}

pub fn signed_es256(p8: &str, header: &Value, claims: &Value, der: bool) -> String {
    let key = p256::ecdsa::SigningKey::from_pkcs8_pem(p8).unwrap();
    let text = unsigned(header, claims);
    let signature: p256::ecdsa::Signature = key.sign(text.as_bytes());
    let signature = match der {
        true => signature.to_der().to_bytes().to_vec(),
        false => signature.to_bytes().to_vec(),
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The assertion of a service account, its claims changed before signing.
pub fn assertion(account: &str, change: impl FnOnce(&mut Value)) -> String {
    let account: Value = serde_json::from_str(account).unwrap();
    let mut claims = json!({
        "iss": account["client_email"],
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": account["token_uri"],
        "iat": now(),
        "exp": now() + 3600,
    });
    change(&mut claims);
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": account["private_key_id"] });
    let text = unsigned(&header, &claims);
    let pem = account["private_key"].as_str().unwrap();
    let key = rsa::RsaPrivateKey::from_pkcs8_pem(pem).unwrap();
    let key = rsa::pkcs1v15::SigningKey::<rsa::sha2::Sha256>::new(key);
    let signature: rsa::pkcs1v15::Signature = key.sign(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.to_vec()))
}
