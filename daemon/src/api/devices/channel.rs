//! The channel that a report names, by its name or its certificate id.

use crate::channels::RouteTable;
use crate::model::CertificateId;
use nudged_wire::{Code, Problem};

/// The channel that is named, by fields whose paths begin with `at`.
pub fn channel(
    table: &RouteTable,
    app: &str,
    name: Option<String>,
    id: Option<u32>,
    at: &str,
) -> Result<CertificateId, Problem> {
    // req 19: an unknown certificate id is an error, not silence.
    let unknown = |field: &str, what: String| {
        Err(Problem::new(Code::Invalid, format!("there is no {what}"))
            .field(format!("{at}{field}"))
            .hint(table.names(app)))
    };
    match (name, id) {
        (Some(name), None) => match table.by_name(app, &name) {
            Some(route) => Ok(route.certificate_id),
            None => unknown("channel", format!("channel {name:?}")),
        },
        (None, Some(id)) => match table
            .by_id(CertificateId(id))
            .filter(|route| route.app == app)
        {
            Some(route) => Ok(route.certificate_id),
            None => unknown("certificate_id", format!("certificate id {id}")),
        },
        _ => Err(Problem::new(
            Code::Invalid,
            "a report of a token names either channel or certificate_id",
        )
        .field(format!("{at}channel"))
        .hint(table.names(app))),
    }
}
