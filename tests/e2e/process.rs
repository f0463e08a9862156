//! The process: how it starts, what it tells systemd, what it logs, how it ends.

mod broken;
mod permissions;
mod reload;
mod restart;
mod secrets;
mod soak;
mod start;
mod stop;
mod systemd;

use nudged_rig::{Rig, RigOptions, Settings};

use crate::world::{Ran, run};

fn with_settings(change: impl FnOnce(&mut Settings)) -> RigOptions {
    let mut options = RigOptions::default();
    change(&mut options.settings);
    options
}

async fn nudged(rig: &Rig, arguments: &[&str]) -> Ran {
    let config = rig.home.config();
    let mut all = vec!["--config", config.to_str().unwrap()];
    all.extend(arguments);
    run(&rig.artifacts.nudged, &all, "").await
}
