//! An HTTP proxy that opens tunnels, and fails on demand: for one port behind it only, so
//! that all others go on through the same proxy.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// With a 502.
    Refuses,
    /// By saying nothing.
    Hangs,
}

/// A proxy on loopback; it and its tunnels end when it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    /// The port that it fails for, and how.
    failing: watch::Sender<Option<(u16, Failure)>>,
    failed: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub(super) async fn start() -> std::io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (failing, watched) = watch::channel(None);
        let failed = Arc::<AtomicU64>::default();
        let mut tasks = JoinSet::new();
        let count = failed.clone();
        tasks.spawn(async move {
            let mut tunnels = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (watched, count) = (watched.clone(), count.clone());
                tunnels.spawn(async move { serve(client, watched, &count).await });
                while tunnels.try_join_next().is_some() {}
            }
        });
        Ok(Proxy {
            port,
            failing,
            failed,
            _tasks: tasks,
        })
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Cuts the tunnels to this port, and opens no more.
    pub(super) fn fail(&self, port: u16, how: Failure) {
        self.failing.send_replace(Some((port, how)));
    }

    /// Opens tunnels again.
    pub(super) fn mend(&self) {
        self.failing.send_replace(None);
    }

    /// Tunnels that were asked for in vain.
    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

/// One client; whatever goes wrong ends its connection.
async fn serve(
    mut client: TcpStream,
    mut failing: watch::Receiver<Option<(u16, Failure)>>,
    failed: &AtomicU64,
) {
    let Some(port) = wanted(&mut client).await else {
        return;
    };
    let failure = failing.borrow_and_update().filter(|(of, _)| *of == port);
    if let Some((_, failure)) = failure {
        failed.fetch_add(1, Ordering::Relaxed);
        if failure == Failure::Refuses {
            let _gone = client
                .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                .await;
            return;
        }
        // Until the client has had enough.
        let _gone = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
        return;
    }
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    let _plain = (client.set_nodelay(true), server.set_nodelay(true));
    if client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_err() {
        return;
    }
    let fails = failing.wait_for(|failing| failing.is_some_and(|(of, _)| of == port));
    tokio::select! {
        _failing = fails => {}
        _ended = copy_bidirectional(&mut client, &mut server) => {}
    }
}

/// The port that a client asks for a tunnel to.
async fn wanted(client: &mut TcpStream) -> Option<u16> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        head.push(client.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let target = head.strip_prefix("CONNECT ")?.split(' ').next()?;
    target.rsplit_once(':')?.1.parse().ok()
}
