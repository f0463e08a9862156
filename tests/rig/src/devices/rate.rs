use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::{Plan, Rate, person};
use crate::caller::Caller;
use crate::rig::RigError;
use crate::vendor::APNS;

/// What is asked, of a user at random.
#[derive(Debug, Clone, Copy)]
pub(super) enum Request {
    /// Nothing.
    Health,
    /// The devices of the user.
    Lookup,
    /// Foreground or background.
    State,
    /// The same token again.
    Report,
}

/// Asks over all connections as fast as the answers come.
pub(super) async fn measure(
    socket: &Path,
    plan: &Plan,
    request: Request,
) -> Result<Rate, RigError> {
    let began = Instant::now();
    let end = began + Duration::from_secs(plan.seconds);
    let callers = LocalSet::new();
    let handles: Vec<_> = (0..plan.connections)
        .map(|at| {
            let (socket, count) = (socket.to_owned(), plan.count);
            callers.spawn_local(async move {
                let random = fastrand::Rng::with_seed(at as u64);
                call(&socket, count, request, random, end).await
            })
        })
        .collect();
    callers.await;
    let took = began.elapsed();
    let mut waits = Vec::new();
    for handle in handles {
        waits.extend(handle.await.map_err(std::io::Error::other)??);
    }
    Ok(Rate::of(waits, took))
}

async fn call(
    socket: &Path,
    count: u64,
    request: Request,
    mut random: fastrand::Rng,
    end: Instant,
) -> Result<Vec<u32>, RigError> {
    let mut caller = Caller::connect(socket).await?;
    let mut waits = Vec::new();
    loop {
        let began = Instant::now();
        if began >= end {
            return Ok(waits);
        }
        let bytes = bytes(request, &mut random, count);
        let answer = caller.ask(&bytes).await?;
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            let answer = String::from_utf8_lossy(&answer).into_owned();
            return Err(RigError::Unexpected(answer));
        }
        waits.push(began.elapsed().as_micros().try_into().unwrap_or(u32::MAX));
    }
}

fn bytes(request: Request, random: &mut fastrand::Rng, count: u64) -> Vec<u8> {
    let n = random.u64(0..count);
    let devices = format!("/v1/apps/default/users/{}/devices", person::user(n));
    let (method, path, body) = match request {
        Request::Health => ("GET", "/v1/health".to_owned(), String::new()),
        Request::Lookup => ("GET", devices, String::new()),
        Request::State => {
            let state = if random.bool() {
                r#"{"state":"foreground","lease":400}"#.to_owned()
            } else {
                format!(r#"{{"state":"background","unread":{}}}"#, n % 100)
            };
            ("PUT", format!("{devices}/phone/state"), state)
        }
        Request::Report => {
            let (id, token) = (APNS.certificate_id, person::token(n));
            let report = format!(r#"{{"certificate_id":{id},"token":"{token}"}}"#);
            ("PUT", format!("{devices}/phone"), report)
        }
    };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
