//! The format of the database, written into it; a newer one is refused, not misread.

use std::path::Path;
use std::sync::Arc;

use fjall::{Database, KeyspaceCreateOptions, PersistMode};

use super::StoreError;

const FORMAT: u64 = 1;
const KEY: &str = "format";

/// Refuses a format that this version does not know; marks a new database. Gives the keyspace
/// of what is known of the database itself.
pub fn check(db: &Database, path: &Path) -> Result<fjall::Keyspace, StoreError> {
    let failed = |source| StoreError::Open {
        path: path.to_owned(),
        source: Arc::new(source),
    };
    let meta = db
        .keyspace("meta", KeyspaceCreateOptions::default)
        .map_err(failed)?;
    let Some(found) = meta.get(KEY).map_err(failed)? else {
        meta.insert(KEY, FORMAT.to_be_bytes()).map_err(failed)?;
        db.persist(PersistMode::SyncAll).map_err(failed)?;
        return Ok(meta);
    };
    let found = found
        .first_chunk::<8>()
        .copied()
        .map_or(0, u64::from_be_bytes);
    if found == FORMAT {
        Ok(meta)
    } else {
        Err(StoreError::Format {
            path: path.to_owned(),
            found,
            ours: FORMAT,
        })
    }
}
