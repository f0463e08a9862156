//! Drivers: what each makes of a message, and how it comes into the daemon as a file.

mod defaults;
mod features;
mod kinds;
mod library;
mod messages;
