//! nudged-rig
