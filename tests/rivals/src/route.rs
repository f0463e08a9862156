//! Where the sink is, and the way there for a client that knows Apple's address only.
//!
//! a2 cannot be told another host or port. So this program has its own `getaddrinfo` and
//! `connect` in front of those of the C library: Apple's name is this machine's, and its port
//! is the sink's. That happens once a connection and costs the measurement nothing.

use std::ffi::{CStr, c_char, c_int};
use std::net::SocketAddr;

use libc::{addrinfo, sockaddr, sockaddr_in, socklen_t};

use crate::Failure;

const APPLE: &CStr = c"api.push.apple.com";
const APPLE_PORT: u16 = 443;

/// The sink's address.
pub fn sink() -> Result<SocketAddr, Failure> {
    let sink = std::env::var("NUDGED_SINK").map_err(|_| "NUDGED_SINK is not set")?;
    Ok(sink.parse()?)
}

/// The sink's authority, PEM.
pub fn authority() -> Result<Vec<u8>, Failure> {
    let file = std::env::var("NUDGED_SINK_CA").map_err(|_| "NUDGED_SINK_CA is not set")?;
    Ok(std::fs::read(file)?)
}

type Resolve = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const addrinfo,
    *mut *mut addrinfo,
) -> c_int;

/// # Safety
/// As that of the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getaddrinfo(
    name: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    to: *mut *mut addrinfo,
) -> c_int {
    // SAFETY: the name is ours, and what is found under it has this type.
    let next = unsafe { libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr()) };
    assert!(!next.is_null(), "the C library resolves names");
    // SAFETY: as above.
    let next: Resolve = unsafe { std::mem::transmute(next) };
    // SAFETY: the caller's name is a string or null.
    let is_apple = !name.is_null() && unsafe { CStr::from_ptr(name) } == APPLE;
    let name = if is_apple {
        c"127.0.0.1".as_ptr()
    } else {
        name
    };
    // SAFETY: the caller's arguments.
    unsafe { next(name, service, hints, to) }
}

/// # Safety
/// As that of the C library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn connect(
    socket: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    let mut to = address;
    let mut sink_address: sockaddr_in;
    // SAFETY: the caller's address has a family, and of this family is a `sockaddr_in`.
    if unsafe { (*address).sa_family } == libc::AF_INET as libc::sa_family_t {
        sink_address = unsafe { *address.cast::<sockaddr_in>() };
        if sink_address.sin_port == APPLE_PORT.to_be()
            && let Ok(sink) = sink()
        {
            sink_address.sin_port = sink.port().to_be();
            to = (&raw const sink_address).cast();
        }
    }
    // SAFETY: the caller's arguments, or an address of the same length.
    unsafe { libc::syscall(libc::SYS_connect, socket, to, length) as c_int }
}
