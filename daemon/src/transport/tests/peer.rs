//! A vendor in the test's hands: TLS by rustls, HTTP/2 by hand.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::within;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200` in HPACK's static table.
const OK: &[u8] = &[0x88];

pub struct Vendor {
    listener: TcpListener,
    tls: TlsAcceptor,
    authority: CertificateDer<'static>,
}

impl Vendor {
    pub async fn start() -> Self {
        Self::with(&[b"h2"], None).await
    }

    pub async fn with(alpn: &[&[u8]], clients: Option<Arc<dyn ClientCertVerifier>>) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &authority).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = match clients {
            Some(verifier) => config.with_client_cert_verifier(verifier),
            None => config.with_no_client_auth(),
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut config = config
            .with_single_cert(vec![leaf.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Self {
            listener: TcpListener::bind("localhost:0").await.unwrap(),
            tls: TlsAcceptor::from(Arc::new(config)),
            authority: authority.der().clone(),
        }
    }

    pub fn authority(&self) -> CertificateDer<'static> {
        self.authority.clone()
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/3/device/token", self.port())
    }

    pub async fn tcp(&self) -> TcpStream {
        within(self.listener.accept()).await.unwrap().0
    }

    pub async fn stream(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = self.tcp().await;
        within(self.tls.accept(tcp)).await
    }

    /// Accepts a connection, announces a stream limit and answers the client's first PING.
    pub async fn peer(&self, limit: u32) -> RawPeer {
        let mut io = self.stream().await.unwrap();
        let mut preface = [0; 24];
        within(io.read_exact(&mut preface)).await.unwrap();
        let mut peer = RawPeer { io };
        peer.limit(limit).await;
        loop {
            let frame = peer.raw().await.unwrap();
            match frame.kind {
                SETTINGS if frame.flags & ACK == 0 => peer.write(SETTINGS, ACK, 0, &[]).await,
                PING => {
                    peer.write(PING, ACK, 0, &frame.payload).await;
                    return peer;
                }
                _ => {}
            }
        }
    }
}

pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub struct RawPeer {
    io: TlsStream<TcpStream>,
}

impl RawPeer {
    pub async fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.io.write_all(&frame).await.unwrap();
        self.io.flush().await.unwrap();
    }

    async fn raw(&mut self) -> std::io::Result<Frame> {
        let mut head = [0; 9];
        within(self.io.read_exact(&mut head)).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        within(self.io.read_exact(&mut payload)).await?;
        Ok(Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
            payload,
        })
    }

    /// The next frame that matters; none at the end. Answers PINGs on the way.
    pub async fn frame(&mut self) -> Option<Frame> {
        loop {
            let frame = self.raw().await.ok()?;
            match frame.kind {
                PING if frame.flags & ACK == 0 => {
                    self.write(PING, ACK, 0, &frame.payload).await;
                }
                SETTINGS | WINDOW_UPDATE => {}
                _ => return Some(frame),
            }
        }
    }

    /// Waits for a PING of the client, before which it says nothing else.
    pub async fn ping(&mut self) -> Vec<u8> {
        let frame = loop {
            let frame = self.raw().await.unwrap();
            if ![SETTINGS, WINDOW_UPDATE].contains(&frame.kind) {
                break frame;
            }
        };
        assert_eq!((frame.kind, frame.flags & ACK), (PING, 0));
        frame.payload
    }

    /// Answers a PING.
    pub async fn pong(&mut self, payload: &[u8]) {
        self.write(PING, ACK, 0, payload).await;
    }

    /// So many interim answers at once.
    pub async fn interim(&mut self, stream: u32, count: usize) {
        // HPACK: `:status` by its name's place in the table, not to be added to it.
        let block = [0x08, 3, b'1', b'0', b'3'];
        let mut frame = vec![0, 0, block.len() as u8, HEADERS, END_HEADERS];
        frame.extend(stream.to_be_bytes());
        frame.extend(block);
        self.io.write_all(&frame.repeat(count)).await.unwrap();
        self.io.flush().await.unwrap();
    }

    /// Waits for a whole request; its stream and header block.
    pub async fn request_with_headers(&mut self) -> (u32, Vec<u8>) {
        let head = self.frame().await.unwrap();
        assert_eq!(head.kind, HEADERS);
        let data = self.frame().await.unwrap();
        assert_eq!((data.kind, data.flags & END_STREAM), (DATA, END_STREAM));
        assert_eq!(data.payload, b"{}");
        (head.stream, head.payload)
    }

    pub async fn request(&mut self) -> u32 {
        self.request_with_headers().await.0
    }

    pub async fn requests<const N: usize>(&mut self) -> [u32; N] {
        let mut streams = [0; N];
        // Bodies may come between other requests' headers.
        let mut heads = 0;
        let mut bodies = 0;
        while bodies < N {
            let frame = self.frame().await.unwrap();
            match frame.kind {
                HEADERS => {
                    streams[heads] = frame.stream;
                    heads += 1;
                }
                DATA => bodies += 1,
                kind => panic!("frame {kind}"),
            }
        }
        streams
    }

    pub async fn answer(&mut self, stream: u32) {
        self.write(HEADERS, END_HEADERS | END_STREAM, stream, OK)
            .await;
    }

    pub async fn answer_with(&mut self, stream: u32, body: &[u8]) {
        self.write(HEADERS, END_HEADERS, stream, OK).await;
        self.write(DATA, END_STREAM, stream, body).await;
    }

    pub async fn limit(&mut self, streams: u32) {
        let mut setting = vec![0, 3];
        setting.extend(streams.to_be_bytes());
        self.write(SETTINGS, 0, 0, &setting).await;
    }

    pub async fn reset(&mut self, stream: u32, reason: h2::Reason) {
        let reason = u32::from(reason).to_be_bytes();
        self.write(RST_STREAM, 0, stream, &reason).await;
    }

    pub async fn go_away(&mut self, last: u32) {
        let mut payload = last.to_be_bytes().to_vec();
        payload.extend([0; 4]);
        payload.extend(br#"{"reason":"Shutdown"}"#);
        self.write(GOAWAY, 0, 0, &payload).await;
    }

    /// Asserts that the client, which has now heard all that was written, says nothing.
    pub async fn hears_nothing(&mut self) {
        self.write(PING, 0, 0, b"question").await;
        let frame = self.frame().await.unwrap();
        assert_eq!((frame.kind, frame.flags), (PING, ACK));
        assert_eq!(frame.payload, b"question");
    }

    /// Waits until the client has ended the connection.
    pub async fn ended(&mut self) {
        while let Some(frame) = self.frame().await {
            assert_eq!(frame.kind, GOAWAY);
        }
    }
}
