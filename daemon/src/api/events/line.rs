//! An event as its line.

use crate::channels::RouteTable;
use crate::model::rfc3339;
use crate::outcome::OutcomeEvent;
use nudged_wire::Event;

/// Adds the line of an event.
pub fn write(lines: &mut Vec<u8>, table: &RouteTable, happened: &OutcomeEvent) {
    // A Vec takes everything, and an Event has nothing that JSON lacks.
    let _ = serde_json::to_writer(&mut *lines, &view(table, happened));
    lines.push(b'\n');
}

fn view(table: &RouteTable, happened: &OutcomeEvent) -> Event {
    let trace = &happened.trace;
    let outcome = trace.outcome.clone().unwrap_or_default();
    Event {
        cursor: happened.cursor,
        at: rfc3339(outcome.at),
        id: happened.id.notification.to_string(),
        n: happened.id.n,
        app: trace.app.clone(),
        channel: trace
            .channel
            .and_then(|id| table.by_id(id))
            .map(|route| route.name.clone()),
        certificate_id: trace.channel.map(|id| id.0),
        user: trace.user.clone(),
        device: trace.device.clone(),
        outcome: outcome.kind.as_str().to_owned(),
        code: outcome.code,
        vendor_id: outcome.vendor_id,
    }
}
