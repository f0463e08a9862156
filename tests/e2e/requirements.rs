//! The numbered rules of IM offline push, a test or more for each: what a chat server relies
//! on, from its socket to the vendors' requests.

mod devices;
mod messages;
mod phones;
mod settings;
mod vendors;
