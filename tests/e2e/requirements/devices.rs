//! 10 to 20: what apps report of their devices, and who is pushed by it.

mod badges;
mod reports;
mod states;
