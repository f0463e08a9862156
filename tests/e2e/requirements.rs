//! The numbered rules of IM offline push, a test or more for each: what a chat server relies
//! on, from its socket to the vendors' requests.

mod accounts;
mod addresses;
mod blame;
mod calls;
mod coverage;
mod devices;
mod empty;
mod events;
mod faults;
mod fitted;
mod fitted_apple;
mod im;
mod kinds;
mod kinds_sent;
mod messages;
mod refusals;
mod restore;
mod rich;
mod selftest;
mod settings;
mod sounds;
mod tencent;
mod tokens;
mod vendors;
