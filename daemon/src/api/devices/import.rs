//! Devices by the million: lines that share a transaction, and so an fsync.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use nudged_plugin_api::Timestamp;
use tokio::sync::watch;

use super::owners::log_taken;
use super::problem::problem;
use super::report;
use crate::admission::check_name;
use crate::api::allowed::{Allowed, Caller, Devices, OfApp};
use crate::api::lines::{self, Lines};
use crate::api::refusal::Refusal;
use crate::api::state::MaxBody;
use crate::channels::MangledText;
use crate::channels::{RouteTable, Routes};
use crate::clock::now;
use crate::lifecycle::Lifecycle;
use crate::model::DEFAULT_APP;
use crate::registry::{
    DeviceKey, Registry, RegistryError, RegistryView, Report, ReportResult, StateReport,
};
use crate::store::{Commit, StoreError};
use nudged_wire::{Code, Problem};
use nudged_wire::{DeviceLine, DeviceReport, ImportAnswer, ImportRefusal, StateName, StateSpec};

/// Lines that share a transaction; nobody else's report waits for more than these.
const MAX_BATCH: usize = 1000;

/// Takes devices line by line (`application/x-ndjson`), as their reports would be taken. The
/// answer is a stream too: each of its lines tells up to where everything is on disk, and
/// which lines were refused. The body is read only as fast as it is written to the disk. A
/// daemon that stops says so with the problem `stopping`. A JSON array is refused whole.
#[utoipa::path(
    post, path = "/v1/devices/import",
    request_body(content((DeviceLine = "application/x-ndjson"))),
    responses(
        (status = 200, body = ImportAnswer, content_type = "application/x-ndjson"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn import(
    caller: Caller<Devices>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
    State(lifecycle): State<Arc<Lifecycle>>,
    State(MaxBody(max_body)): State<MaxBody>,
    request: Request,
) -> Result<Response, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).map(|it| it.as_bytes());
    if !kind.is_some_and(|kind| kind.starts_with(b"application/x-ndjson")) {
        let detail = "an import is application/x-ndjson: one JSON object a line";
        return Err(Problem::new(Code::UnsupportedMediaType, detail).into());
    }
    let lines = Lines::of(request.into_body(), max_body, MAX_BATCH);
    let state = Import {
        stopping: lifecycle.stopping(),
        caller,
        registry,
        routes,
        lines,
        through: 0,
        broken: false,
    };
    let answers = futures_util::stream::unfold(state, |mut state| async move {
        let answer = state.next().await?;
        Some((Ok::<_, Infallible>(answer), state))
    });
    Ok((
        [(CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(answers),
    )
        .into_response())
}

struct Import {
    caller: Caller<Devices>,
    registry: Arc<Registry>,
    routes: Arc<Routes>,
    lines: Lines,
    through: u64,
    broken: bool,
    stopping: watch::Receiver<bool>,
}

impl OfApp for DeviceKey {
    fn app(&self) -> Option<&str> {
        Some(&self.app)
    }
}

/// A line that can be taken.
struct ImportedDevice {
    line: u64,
    key: DeviceKey,
    report: Report,
    state: Option<StateReport>,
}

/// What a transaction did.
#[derive(Default)]
struct ImportedBatch {
    accepted: u64,
    refused: Vec<ImportRefusal>,
    taken: Vec<(DeviceKey, ReportResult)>,
}

impl Import {
    /// Takes the lines that are there, and answers them.
    async fn next(&mut self) -> Option<Bytes> {
        if self.broken {
            self.lines.drain().await;
            return None;
        }
        let lines = self.lines.next_until(&mut self.stopping).await?;
        if lines.is_empty() {
            let problem = lines::stopping(self.lines.next_number()?);
            self.broken = true;
            return Some(line_of(&ImportAnswer {
                through: self.through,
                problem: Some(problem),
                ..ImportAnswer::default()
            }));
        }
        if self.through == 0
            && let Some((_, Ok(first))) = lines.first()
            && is_array(first)
        {
            // Some of its lines would look like devices: all of them, or none.
            self.broken = true;
            let detail = "the body is a JSON array, expected one JSON object a line";
            let problem = Problem::new(Code::BadRequest, detail)
                .hint("write its objects one a line; `jq -c '.[]'` does that");
            return Some(line_of(&ImportAnswer {
                problem: Some(problem),
                ..ImportAnswer::default()
            }));
        }
        let last = lines.last().map_or(self.through, |(line, _)| *line);
        let mut table = self.routes.current();
        let mut refused = Vec::new();
        let mut devices = Vec::with_capacity(lines.len());
        for (line, text) in lines {
            let read = text
                .and_then(|text| nudged_wire::json::parse(&text))
                .and_then(|it| self.read(&table, line, it));
            match read {
                Ok(it) => devices.push(it),
                Err(problem) => refused.push(refusal(line, problem)),
            }
        }
        let time = now();
        let taken = loop {
            let canonicalized = canonicalized(&table, devices, &mut refused);
            let in_form = || self.routes.is_current(&table);
            let build = |view: &mut RegistryView<'_>, devices| take(view, devices, time);
            let taken = self
                .registry
                .transact_if(canonicalized, in_form, build)
                .await;
            match taken {
                Ok(Ok(done)) => break Ok(done),
                // A reload came between: its drivers may give tokens another form.
                Ok(Err(again)) => devices = again,
                Err(error) => break Err(error),
            }
            table = self.routes.current();
        };
        let answer = match taken {
            Ok(done) => {
                self.through = last;
                let mut taken = 0;
                for (key, reported) in &done.taken {
                    log_taken(key, reported);
                    taken += reported.lost();
                }
                refused.extend(done.refused);
                refused.sort_by_key(|it| it.line);
                ImportAnswer {
                    through: self.through,
                    accepted: done.accepted,
                    taken,
                    refused,
                    problem: None,
                }
            }
            Err(error) => {
                self.broken = true;
                ImportAnswer {
                    through: self.through,
                    problem: Some(error.into()),
                    ..ImportAnswer::default()
                }
            }
        };
        Some(line_of(&answer))
    }

    fn read(
        &self,
        table: &RouteTable,
        line: u64,
        from: DeviceLine,
    ) -> Result<ImportedDevice, Problem> {
        let app = from.app.filter(|app| !app.is_empty());
        let key = DeviceKey {
            app: app.unwrap_or_else(|| DEFAULT_APP.to_owned()),
            user: from.user,
            device: from.device,
        };
        check_name(&key.app, "app")?;
        check_name(&key.user, "user")?;
        check_name(&key.device, "device")?;
        whole(&key.user, "user")?;
        whole(&key.device, "device")?;
        let Allowed { object: key, .. } = self.caller.allow(key)?;
        let report = DeviceReport {
            channel: from.channel,
            certificate_id: from.certificate_id,
            token: Some(from.token),
            tokens: from.tokens,
            platform: from.platform,
            language: from.language,
            app_version: from.app_version,
            login: false,
        };
        let state = (from.state.is_some() || from.unread.is_some()).then(|| StateSpec {
            state: from.state.unwrap_or(StateName::Background),
            lease: None,
            unread: from.unread,
        });
        Ok(ImportedDevice {
            line,
            report: report::report(table, &key.app, report)?,
            state: state.as_ref().map(report::state).transpose()?,
            key,
        })
    }
}

/// What a spreadsheet rounded names nobody any more, or somebody else.
fn whole(name: &str, field: &str) -> Result<(), Problem> {
    match MangledText::of_name(name) {
        Some(damage) => Err(Problem::new(Code::Invalid, damage.to_string()).field(field)),
        None => Ok(()),
    }
}

/// The lines whose tokens their drivers take, in their form.
fn canonicalized(
    table: &RouteTable,
    mut devices: Vec<ImportedDevice>,
    refused: &mut Vec<ImportRefusal>,
) -> Vec<ImportedDevice> {
    let mut reports: Vec<&mut Report> = devices.iter_mut().map(|it| &mut it.report).collect();
    let taken = report::canonicalize(table, &mut reports);
    let pairs = devices.into_iter().zip(taken);
    pairs
        .filter_map(|(it, taken)| match taken {
            Ok(()) => Some(it),
            Err(problem) => {
                refused.push(refusal(it.line, problem));
                None
            }
        })
        .collect()
}

fn line_of(answer: &ImportAnswer) -> Bytes {
    // An answer has nothing that JSON lacks.
    let mut bytes = serde_json::to_vec(answer).unwrap_or_default();
    bytes.push(b'\n');
    bytes.into()
}

fn is_array(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line.trim_ascii_start().starts_with(b"[")
}

fn take(
    view: &mut RegistryView<'_>,
    devices: Vec<ImportedDevice>,
    time: Timestamp,
) -> Result<(Commit, ImportedBatch), StoreError> {
    let mut done = ImportedBatch::default();
    for it in devices {
        // Who tells the state of a device tells also that it is logged in, or not.
        let login = it.state.is_some();
        let reported = view.report(&it.key, it.report, login, time);
        let recorded = reported.and_then(|reported| {
            if let Some(state) = it.state {
                view.set_state(&it.key, state, time)?;
            }
            Ok(reported)
        });
        match recorded {
            Ok(reported) => {
                done.accepted += 1;
                if reported.lost() > 0 {
                    done.taken.push((it.key, reported));
                }
            }
            Err(RegistryError::Store(error)) => return Err(error),
            Err(error) => done.refused.push(refusal(it.line, problem(error, &it.key))),
        }
    }
    let commit = Commit::accepting(Vec::new());
    Ok((commit, done))
}

fn refusal(line: u64, problem: Problem) -> ImportRefusal {
    let mut detail = problem.detail.clone();
    if let Some(hint) = &problem.hint {
        detail.push_str("; ");
        detail.push_str(hint);
    }
    ImportRefusal {
        line,
        code: problem.code.clone(),
        detail,
        field: problem.field.clone(),
    }
}
