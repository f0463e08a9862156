use std::collections::BTreeMap;
use std::path::Path;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::Request;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use tower::ServiceExt;

use std::sync::Arc;

use super::*;
use crate::access::{Access, AccessPolicy, Peer};
use crate::admission::Admission;
use crate::api::{Feed, StreamSlots};
use crate::channels::Routes;
use crate::config::{AccessRule, ConfigProblems, Verb};
use crate::dispatch::{Dispatch, Operator, Revoker, SendCheck};
use crate::driver::Catalog;
use crate::model::Rules;
use crate::outcome::{Brakes, Events, Outcomes, Stats, Traces};
use crate::queue::{HeldChannels, Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
use crate::reloading::{LastReload, ReloadMode, Reloaded, Reloading};
use crate::store::{Store, StoreSettings};

/// How a route meets a peer that may do nothing.
enum Meets {
    /// It is refused, for want of this right.
    Refuses(&'static str),
    /// As above, in the answer to the line.
    RefusesLine(&'static str),
    /// It finds nothing that is its own.
    ShowsNothing,
    /// Everybody may.
    Serves,
}

use Meets::{Refuses, RefusesLine, Serves, ShowsNothing};

/// What the router's source says of it.
fn right(meets: &Meets) -> &'static str {
    match meets {
        Refuses(right) | RefusesLine(right) => right,
        ShowsNothing => "everybody, of its own",
        Serves => "everybody",
    }
}

/// Every operation of the OpenAPI document, with a query and a body that can be read.
const ROUTES: [(&str, Meets, &str, &str); 36] = [
    ("post /v1/notifications", Refuses("send"), "", TO_BOB),
    (
        "post /v1/notifications/preview",
        Refuses("send"),
        "",
        TO_BOB,
    ),
    ("get /v1/notifications/{id}", Refuses("observe"), "", ""),
    ("delete /v1/notifications/{id}", Refuses("send"), "", ""),
    (
        "post /v1/im/messages",
        Refuses("send"),
        "call=sendmsg",
        "{}",
    ),
    ("post /v4/openim/sendmsg", Refuses("send"), "", "{}"),
    ("post /v4/openim/batchsendmsg", Refuses("send"), "", "{}"),
    (
        "post /v4/group_open_http_svc/send_group_msg",
        Refuses("send"),
        "",
        "{}",
    ),
    ("post /v4/timpush/batch", Refuses("send"), "", "{}"),
    ("post /v1/devices/import", RefusesLine("devices"), "", LINE),
    ("get /v1/devices/export", Refuses("admin"), "", ""),
    ("get /v1/devices/tombstones", Refuses("observe"), "", ""),
    (
        "post /v1/devices/restore",
        Refuses("admin"),
        "",
        r#"{"user": "bob"}"#,
    ),
    (
        "get /v1/apps/{app}/users/{user}/devices",
        Refuses("devices"),
        "",
        "",
    ),
    (
        "get /v1/apps/{app}/users/{user}/devices/{device}",
        Refuses("devices"),
        "",
        "",
    ),
    (
        "put /v1/apps/{app}/users/{user}/devices/{device}",
        Refuses("devices"),
        "",
        r#"{"token": null}"#,
    ),
    (
        "delete /v1/apps/{app}/users/{user}/devices/{device}",
        Refuses("devices"),
        "",
        "",
    ),
    (
        "put /v1/apps/{app}/users/{user}/devices/{device}/state",
        Refuses("devices"),
        "",
        STATE,
    ),
    (
        "get /v1/apps/{app}/users/{user}/settings",
        Refuses("devices"),
        "",
        "",
    ),
    (
        "put /v1/apps/{app}/users/{user}/settings",
        Refuses("devices"),
        "",
        "{}",
    ),
    (
        "patch /v1/apps/{app}/users/{user}/settings",
        Refuses("devices"),
        "",
        "{}",
    ),
    ("get /v1/events", Refuses("observe"), "", ""),
    ("get /v1/queue", ShowsNothing, "", ""),
    ("delete /v1/queue", Refuses("admin"), "all=true", ""),
    ("post /v1/queue/flush", Refuses("admin"), "", ""),
    ("post /v1/queue/hold", Refuses("admin"), "", CHANNEL),
    ("post /v1/queue/release", Refuses("admin"), "", CHANNEL),
    ("post /v1/queue/check", Refuses("admin"), "", ""),
    ("get /v1/channels", ShowsNothing, "", ""),
    ("get /v1/channels/{name}", Refuses("observe"), "", ""),
    (
        "post /v1/channels/{name}/brake/release",
        Refuses("admin"),
        "",
        "{}",
    ),
    ("get /v1/drivers", Refuses("observe"), "", ""),
    ("get /v1/status", Refuses("observe"), "", ""),
    ("get /v1/health", Serves, "", ""),
    ("post /v1/reload", Refuses("admin"), "", ""),
    ("get /openapi.json", Serves, "", ""),
];

/// What the document has no operation for: itself, and the refusal of Tencent's other calls.
const NOT_IN_THE_DOCUMENT: [&str; 2] = ["/openapi.json", "/v4/{*call}"];

const TO_BOB: &str = r#"{"to": [{"user": "bob"}], "message": {"title": "hi"}}"#;
const LINE: &str = r#"{"user": "bob", "device": "phone", "certificate_id": 1, "token": "00ff"}"#;
const STATE: &str = r#"{"state": "background"}"#;
const CHANNEL: &str = r#"{"channel": "ios"}"#;

/// No daemon reloads here.
struct NoReload;

impl Reloading for NoReload {
    fn reload(
        self: Arc<Self>,
        _: ReloadMode,
    ) -> BoxFuture<'static, Result<Reloaded, ConfigProblems>> {
        unreachable!("nobody may reload")
    }
    fn last(&self) -> Option<LastReload> {
        None
    }
    fn catalog(&self) -> Arc<Catalog> {
        Arc::default()
    }
    fn file(&self) -> &Path {
        Path::new("nudged.toml")
    }
}

/// The routes of a daemon whose only rule is for somebody else.
fn routes(directory: &Path) -> Router {
    let settings = StoreSettings {
        path: directory.to_owned(),
        min_free: 0,
        max_bytes: None,
    };
    let store = Store::open(&settings).expect("a database");
    let rules = Arc::new(ArcSwap::from_pointee(Rules::default()));
    let routes = Arc::<Routes>::default();
    let stats = Arc::<Stats>::default();
    let events = Arc::new(Events::new(store.clone()).expect("events"));
    let registry = Arc::new(Registry::new(store.clone()));
    let queue = Arc::new(Queue::new(store.clone()));
    let revocations = Arc::new(Revocations::open(store.clone()).expect("revocations"));
    let holds = Arc::new(HeldChannels::open(store.clone()).expect("holds"));
    let ledger = Arc::new(Ledger::open(&store).expect("a ledger"));
    let brakes = Arc::new(Brakes::new(rules.clone()));
    let outcomes = Arc::new(Outcomes::new(
        store.clone(),
        queue.clone(),
        registry.clone(),
        stats.clone(),
        events.clone(),
        revocations.clone(),
        brakes.clone(),
    ));
    let dispatch = Arc::new(Dispatch::new(
        queue.clone(),
        outcomes.clone(),
        SendCheck::new(registry.clone(), revocations.clone(), rules.clone()),
        holds.clone(),
        stats.clone(),
        ledger.clone(),
    ));
    let traces = Arc::new(Traces::new(store.clone()));
    let access = Arc::<Access>::default();
    access.replace(AccessPolicy::new(&[rule()]).expect("a good rule"));
    router(Stages {
        access,
        admission: Arc::new(Admission::new(
            store.clone(),
            routes.clone(),
            registry.clone(),
            queue.clone(),
            outcomes.clone(),
            stats.clone(),
            rules,
        )),
        revoker: Arc::new(Revoker::new(
            traces.clone(),
            registry.clone(),
            revocations.clone(),
            outcomes.clone(),
            dispatch.clone(),
        )),
        operator: Arc::new(Operator::new(
            store.clone(),
            queue.clone(),
            outcomes,
            dispatch.clone(),
            holds,
            ledger.clone(),
        )),
        feed: Arc::new(Feed::new(events, routes.clone())),
        slots: Arc::new(StreamSlots::new(1)),
        traces,
        reload: Arc::new(NoReload),
        lifecycle: Arc::default(),
        max_body: 1 << 20,
        registry,
        queue,
        routes,
        dispatch,
        revocations,
        brakes,
        ledger,
        stats,
        store,
    })
}

fn rule() -> AccessRule {
    AccessRule {
        users: vec!["1".to_owned()],
        apps: vec!["*".to_owned()],
        verbs: vec![Verb::Send, Verb::Devices, Verb::Observe, Verb::Admin],
        ..AccessRule::default()
    }
}

/// Neither root nor who runs the test.
fn stranger() -> Arc<Peer> {
    let ours = nix::unistd::geteuid().as_raw();
    Arc::new(Peer {
        uid: if ours == 4711 { 4712 } else { 4711 },
        gids: Vec::new(),
    })
}

async fn ask(router: &Router, route: &str, query: &str, body: &str) -> (u16, String) {
    let (method, path) = route.split_once(' ').expect("method and path");
    let path = path
        .replace("{id}", "01990000-0000-7000-8000-000000000000")
        .replace("{app}", "chat")
        .replace("{user}", "bob")
        .replace("{device}", "phone")
        .replace("{name}", "ios");
    let kind = match path.ends_with("/import") {
        true => "application/x-ndjson",
        false => "application/json",
    };
    let request = Request::builder()
        .method(method.to_ascii_uppercase().as_str())
        .uri(format!("{path}?{query}"))
        .header("content-type", kind)
        .extension(stranger())
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body");
    (
        status,
        String::from_utf8(body.to_bytes().to_vec()).expect("a text"),
    )
}

#[tokio::test]
async fn a_peer_without_rights_is_refused_by_every_route() {
    let directory = tempfile::tempdir().expect("a directory");
    let router = routes(directory.path());
    for (route, meets, query, body) in &ROUTES {
        let (status, answer) = ask(&router, route, query, body).await;
        let told = format!("{route}: {status} {answer}");
        // Tencent's status for every answer, and that of a stream.
        let is_hidden = route.contains("/v4/") || matches!(meets, RefusesLine(_));
        match meets {
            Refuses(right) | RefusesLine(right) => {
                assert_eq!(status, if is_hidden { 200 } else { 403 }, "{told}");
                assert!(answer.contains(r#""code":"forbidden""#), "{told}");
                assert!(answer.contains(&format!("may not {right} in ")), "{told}");
            }
            ShowsNothing => {
                assert_eq!(status, 200, "{told}");
                assert!(answer.contains(r#""channels":[]"#), "{told}");
            }
            Serves => assert_eq!(status, 200, "{told}"),
        }
    }
}

#[test]
fn every_route_stands_in_the_table() {
    let document = openapi::document();
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = BTreeMap::new();
    for (path, item) in paths {
        for method in item.as_object().expect("methods").keys() {
            operations.insert(format!("{method} {path}"), path.as_str());
        }
    }
    for route in operations.keys() {
        let stands = ROUTES.iter().any(|(it, ..)| it == route);
        assert!(stands, "{route}: which right does it ask for?");
    }
    // And what the router serves, the document names.
    let source = include_str!("../router.rs");
    let literals = source.split('"').skip(1).step_by(2);
    for path in literals.filter(|it| it.starts_with("/v") || it.ends_with(".json")) {
        let is_known = paths.contains_key(path) || NOT_IN_THE_DOCUMENT.contains(&path);
        assert!(is_known || path == "/v4/", "{path} is not in the document");
    }
}

#[test]
fn each_route_stands_below_the_right_that_it_asks_for() {
    let source = include_str!("../router.rs").replace("(IM,", &format!("(\"{IM}\","));
    let parts: Vec<&str> = source.split(".route(").collect();
    assert!(parts.len() > 30, "{} routes", parts.len());
    let mut written = "";
    for pair in parts.windows(2) {
        let path = pair[1].split('"').nth(1).expect("a path");
        let asked: Vec<(String, &str)> = (ROUTES.iter())
            .filter_map(|(route, meets, ..)| {
                let (method, _) = route.split_once(' ').filter(|(_, it)| *it == path)?;
                Some((method.to_ascii_uppercase(), right(meets)))
            })
            .collect();
        let is_one = asked.windows(2).all(|it| it[0].1 == it[1].1);
        let expected = match &*asked {
            [] => "everybody".to_owned(),
            [(_, right), ..] if is_one => (*right).to_owned(),
            several => {
                let each = several
                    .iter()
                    .map(|(method, right)| format!("{method} {right}"));
                each.collect::<Vec<_>>().join("; ")
            }
        };
        let mut lines = pair[0].lines().map(str::trim);
        let comment = lines.rfind(|line| line.starts_with("// "));
        written = comment.unwrap_or(written);
        assert_eq!(written, format!("// {expected}"), "{path}");
    }
}
