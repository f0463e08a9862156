//! A way to a vendor that forgets its connections, as a NAT or firewall does: those that exist
//! fall silent without a word to either side, new ones pass.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// A forwarder on loopback. Dropping it ends its connections.
#[derive(Debug)]
pub struct SilentProxy {
    port: u16,
    way: Arc<Way>,
    _task: JoinSet<()>,
}

#[derive(Debug)]
struct Way {
    to: u16,
    /// Connections of an earlier generation are forgotten.
    generation: AtomicU64,
    opened: AtomicU64,
    heard: Mutex<Instant>,
}

impl SilentProxy {
    /// Before a vendor at this port of localhost.
    pub async fn before(to: u16) -> io::Result<SilentProxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let way = Arc::new(Way {
            to,
            generation: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            heard: Mutex::new(Instant::now()),
        });
        let mut task = JoinSet::new();
        task.spawn(accept(listener, Arc::clone(&way)));
        Ok(SilentProxy {
            port,
            way,
            _task: task,
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Connections so far.
    pub fn opened(&self) -> u64 {
        self.way.opened.load(Ordering::SeqCst)
    }

    /// Forgets the connections that there are.
    pub fn forget(&self) {
        self.way.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until nothing has passed for so long.
    pub async fn quiet(&self, time: Duration) {
        loop {
            let heard = *self.way.lock();
            if heard.elapsed() >= time {
                return;
            }
            tokio::time::sleep_until(heard + time).await;
        }
    }
}

impl Way {
    fn lock(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, way: Arc<Way>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        way.opened.fetch_add(1, Ordering::SeqCst);
        connections.spawn(forward(near, Arc::clone(&way)));
    }
}

async fn forward(near: TcpStream, way: Arc<Way>) {
    let generation = way.generation.load(Ordering::SeqCst);
    let Ok(far) = TcpStream::connect(("127.0.0.1", way.to)).await else {
        return;
    };
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::join!(
        pass(near_in, far_out, &way, generation),
        pass(far_in, near_out, &way, generation),
    );
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    way: &Way,
    generation: u64,
) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if way.generation.load(Ordering::SeqCst) != generation {
            // Read, so that the kernel acknowledges it, and never answered: nor is the end of
            // either side told to the other.
            if read == 0 {
                return std::future::pending().await;
            }
            continue;
        }
        *way.lock() = Instant::now();
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
