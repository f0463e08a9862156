//! One notification to each vendor, shown from both ends.

use std::fmt::Write as _;

use nudged_simulator::Received;
use serde_json::{Value, json};

use crate::rig::{Rig, RigError};
use crate::vendor::{Shown, Vendor};

/// What is said to everybody.
fn said() -> Shown {
    Shown {
        title: "Carol".into(),
        body: "Lunch at one?".into(),
        ext: r#"{"conversation":"c42"}"#.into(),
        click: "app".into(),
    }
}

/// How it went with one vendor.
#[derive(Debug)]
pub struct Sent {
    vendor: Vendor,
    id: String,
    trace: Value,
    received: Vec<Received>,
}

/// Registers a device of the vendor, sends to its user, waits for the outcome.
pub async fn send(rig: &Rig, vendor: Vendor) -> Result<Sent, RigError> {
    rig.register(vendor.user, vendor.device, vendor.channel, vendor.token)
        .await?;
    let Shown {
        title, body, ext, ..
    } = said();
    let notification = json!({
        "to": [{"user": vendor.user}],
        "message": {"title": title, "body": body, "ext": ext},
    });
    let id = rig.accept(&notification).await?;
    rig.client.outcomes(&id, 1).await?;
    let trace = rig.client.trace(&id).await?.expect(200);
    let received = rig.simulator.received();
    let received = received
        .into_iter()
        .filter(|it| it.vendor == vendor.name)
        .collect();
    Ok(Sent {
        vendor,
        id,
        trace,
        received,
    })
}

impl Sent {
    /// What is wrong; nothing when all went as it should.
    pub fn problems(&self) -> Vec<String> {
        let title = self.vendor.title;
        let mut problems = Vec::new();
        match &self.received[..] {
            [received] => {
                if received.token != self.vendor.token {
                    problems.push(format!(
                        "{title} was given another token: {}",
                        received.token
                    ));
                }
                let shown = self.vendor.shown(received);
                if shown != said() {
                    problems.push(format!("{title} received {shown:?}, not {:?}", said()));
                }
            }
            all => problems.push(format!("{title} received {} messages, not 1", all.len())),
        }
        let outcome = &self.trace["deliveries"][0]["outcome"]["kind"];
        if outcome != "accepted" {
            problems.push(format!(
                "the trace of {} says {outcome}, not accepted",
                self.id
            ));
        }
        problems
    }

    /// What arrived, as a row under [`HEADER`].
    pub fn row(&self) -> [String; 6] {
        let Some(received) = self.received.first() else {
            let nothing = || "-".to_owned();
            let title = self.vendor.title.to_owned();
            return [
                title,
                "nothing".to_owned(),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
            ];
        };
        let Shown {
            title,
            body,
            ext,
            click,
        } = self.vendor.shown(received);
        let request = format!("{} {}", received.method, received.path);
        [
            self.vendor.title.to_owned(),
            shorten(&request, MAX_REQUEST),
            title,
            body,
            ext,
            shorten(&click, MAX_CLICK),
        ]
    }

    /// What the daemon tells of it afterwards.
    pub fn trace(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.show_trace(&mut text);
        text
    }

    fn show_trace(&self, text: &mut String) -> std::fmt::Result {
        let said = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        writeln!(text, "trace of {}", self.id)?;
        for delivery in self.trace["deliveries"].as_array().into_iter().flatten() {
            let (user, device) = (said(&delivery["user"]), said(&delivery["device"]));
            line(
                text,
                "to",
                &format!("{user}/{device} by channel {}", said(&delivery["channel"])),
            )?;
            for attempt in delivery["attempts"].as_array().into_iter().flatten() {
                let (class, code) = (said(&attempt["class"]), said(&attempt["code"]));
                let took = attempt["elapsed_ms"].as_u64().unwrap_or_default();
                line(text, "attempt", &format!("{class} {code} in {took} ms"))?;
            }
            let outcome = &delivery["outcome"];
            let vendor_id = said(&outcome["vendor_id"]);
            line(
                text,
                "outcome",
                &format!("{}, vendor's id {vendor_id}", said(&outcome["kind"])),
            )?;
        }
        Ok(())
    }
}

/// Columns of the table.
pub const HEADER: [&str; 6] = ["VENDOR", "REQUEST", "TITLE", "BODY", "EXT", "A TAP OPENS"];

const MAX_REQUEST: usize = 56;
const MAX_CLICK: usize = 40;

/// Rows under [`HEADER`], each column as wide as it must be.
pub fn table(rows: &[[String; 6]]) -> String {
    let header = HEADER.map(str::to_owned);
    let all: Vec<_> = std::iter::once(&header).chain(rows).collect();
    let width = |column: usize| {
        let lengths = all.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for row in all {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn line(text: &mut String, name: &str, value: &str) -> std::fmt::Result {
    writeln!(text, "  {name:<8} {value}")
}

/// Enough of a long text to recognise it.
fn shorten(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}
