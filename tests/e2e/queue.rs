//! The queue: what was accepted outlives kills, power cuts, full disks and damage, and the
//! operator looks into it, holds it, flushes it and takes from it.

mod audit;
mod crash;
mod disk;
mod orders;
