//! The same without the socket: the registry in this process, on the database that the
//! daemon has left.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nudged::model::CertificateId;
use nudged::registry::{CanonicalTokens, DeviceKey, Registry, StateReport};
use nudged::store::{Store, StoreError, StoreSettings};

use super::{Figures, Plan, RECORDS, Rate, person};
use crate::cost::bytes_of;
use crate::rig::RigError;

pub(super) async fn measure(
    data: &Path,
    plan: &Plan,
    figures: &mut Figures,
) -> Result<(), RigError> {
    let settings = StoreSettings {
        path: data.to_owned(),
        min_free: 0,
        max_bytes: None,
    };
    let began = Instant::now();
    let store = Store::open(&settings).map_err(wrong)?;
    figures.open_seconds = Some(began.elapsed().as_secs_f64());
    let registry = Arc::new(Registry::new(store.clone()));
    figures.inside_lookup = Some(lookups(&registry, plan)?);
    let began = Instant::now();
    let compacting = store.clone();
    tokio::task::spawn_blocking(move || compacting.compact())
        .await
        .map_err(std::io::Error::other)?
        .map_err(wrong)?;
    figures.compact_seconds = Some(began.elapsed().as_secs_f64());
    figures.compacted_lookup = Some(lookups(&registry, plan)?);
    figures.inside_state = Some(states(&registry, plan).await?);
    let began = Instant::now();
    let reformed = registry.canonicalize(&Upper, |_| {}).await.map_err(wrong)?;
    figures.reform_seconds = Some(began.elapsed().as_secs_f64());
    if reformed.changed != plan.count {
        let wanted = plan.count;
        return Err(RigError::Unexpected(format!(
            "{reformed:?} of {wanted} devices"
        )));
    }
    drop((store, registry));
    figures.disk_compacted = Some(at_last(data, &settings).await?);
    Ok(())
}

/// Another form for every token.
struct Upper;

impl CanonicalTokens for Upper {
    fn of(&self, _: CertificateId, tokens: Vec<String>) -> Option<Vec<Option<String>>> {
        let form = |token: String| Some(token.to_uppercase());
        Some(tokens.into_iter().map(form).collect())
    }
}

/// What is on the disk once nobody reads the old files any more: they go at the next start.
async fn at_last(data: &Path, settings: &StoreSettings) -> Result<u64, RigError> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match Store::open(settings) {
            Ok(_store) => return Ok(bytes_of(&data.join(RECORDS))?),
            // Its thread closes the database in its own time.
            Err(_) if Instant::now() < end => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(wrong(error)),
        }
    }
}

fn lookups(registry: &Registry, plan: &Plan) -> Result<Rate, RigError> {
    let mut random = fastrand::Rng::with_seed(1);
    let (began, mut waits) = (Instant::now(), Vec::new());
    while began.elapsed() < Duration::from_secs(plan.seconds) {
        let user = person::user(random.u64(0..plan.count));
        let asked = Instant::now();
        let devices = registry.of_user("default", &user).map_err(wrong)?;
        waits.push(micros(asked));
        if devices.len() != 1 {
            return Err(RigError::Unexpected(format!("{user} has {devices:?}")));
        }
    }
    Ok(Rate::of(waits, began.elapsed()))
}

async fn states(registry: &Arc<Registry>, plan: &Plan) -> Result<Rate, RigError> {
    let began = Instant::now();
    let end = began + Duration::from_secs(plan.seconds);
    let callers: Vec<_> = (0..plan.connections)
        .map(|at| {
            let (registry, count) = (registry.clone(), plan.count);
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(at as u64);
                let mut waits = Vec::new();
                while Instant::now() < end {
                    let asked = Instant::now();
                    let key = DeviceKey {
                        app: "default".to_owned(),
                        user: person::user(random.u64(0..count)),
                        device: "phone".to_owned(),
                    };
                    let report = StateReport::Background { unread: Some(1) };
                    let time = nudged::model::now();
                    registry
                        .set_state(&key, report, time)
                        .await
                        .map_err(wrong)?;
                    waits.push(micros(asked));
                }
                Ok::<_, RigError>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for caller in callers {
        waits.extend(caller.await.map_err(std::io::Error::other)??);
    }
    Ok(Rate::of(waits, began.elapsed()))
}

fn micros(since: Instant) -> u32 {
    since.elapsed().as_micros().try_into().unwrap_or(u32::MAX)
}

fn wrong(error: impl Into<Wrong>) -> RigError {
    let Wrong(text) = error.into();
    RigError::Unexpected(text)
}

struct Wrong(String);

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<nudged::registry::RegistryError> for Wrong {
    fn from(error: nudged::registry::RegistryError) -> Self {
        Self(error.to_string())
    }
}
