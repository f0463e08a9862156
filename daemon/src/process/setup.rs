//! `nudged --drivers`: where a configuration keeps its things, and the drivers there, for tools
//! that write channel files. Starts nothing.

use std::path::Path;

use nudged_wire::Setup;

use crate::api::{driver_view, refused_view};
use crate::config::{self, DriversSection};
use crate::driver::Loader;

/// What there is. Of a configuration that cannot be read, the drivers are looked for where they
/// are by default.
pub fn of(file: &Path) -> Setup {
    let mut setup = Setup::default();
    match config::read(file) {
        Ok(config) => {
            let whole = config.channels.iter().map(|it| it.certificate_id);
            let torn = config.unreadable.iter();
            let all = whole.chain(torn.filter_map(|it| it.certificate_id));
            setup.certificate_ids = all.map(|id| id.0).collect();
            setup.channels_directory = config.channels_directory;
            setup.drivers_directory = config.drivers.directory;
        }
        Err(problems) => {
            setup.problems = problems.0;
            setup.drivers_directory = DriversSection::default().directory;
        }
    }
    let catalog = Loader::default().scan(&setup.drivers_directory);
    let refused = catalog.refused().iter().map(refused_view);
    setup.drivers = catalog.drivers().map(driver_view).chain(refused).collect();
    setup
}
