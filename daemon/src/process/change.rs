//! What a plan changes against what is in use, before anything is touched.
//!
//! In: a plan, the channels in use, what certificate ids stand for. Out: a plan that can be taken,
//! or the mistakes that stand in its way. What changed must work, all of it. What did not change
//! stands in nobody's way: a channel that was broken stays broken, and one that is running goes on
//! though it could not be opened again, as when its certificate has expired meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use super::meaning::Meaning;
use super::plan::Plan;
use crate::config::{Config, ConfigProblem, ConfigProblems, shown};
use crate::dispatch::{BrokenChannel, Route, RouteChanges, Table};
use crate::model::CertificateId;

/// Gives ids and apps that are remembered to the channels whose file cannot be read, and breaks
/// those whose id stands for another account, unless that is wanted.
pub fn identify(
    plan: &mut Plan,
    known: &BTreeMap<CertificateId, Meaning>,
    rebind: &BTreeSet<CertificateId>,
    now: Timestamp,
) {
    part(plan, known);
    let taken: BTreeSet<CertificateId> = plan.routes.iter().map(|it| it.certificate_id).collect();
    for channel in &mut plan.broken {
        remember(channel, known, &taken);
    }
    disown(&mut plan.broken, known, &taken);
    let (kept, strange): (Vec<_>, Vec<_>) = plan.routes.drain(..).partition(|route| {
        let meaning = known.get(&route.certificate_id);
        rebind.contains(&route.certificate_id)
            || meaning.is_none_or(|known| !known.differs(&Meaning::of(route, now)))
    });
    plan.routes = kept;
    for route in strange {
        let known = &known[&route.certificate_id];
        let problem = stranger(&plan.config, &route, known, &Meaning::of(&route, now));
        plan.broken.push(closed(&route, problem));
    }
    plan.broken.sort_by(|one, other| one.file.cmp(&other.file));
}

fn closed(route: &Route, problem: ConfigProblem) -> BrokenChannel {
    BrokenChannel {
        name: route.name.clone(),
        app: Some(route.app.clone()),
        certificate_id: Some(route.certificate_id),
        info: route.info.clone(),
        defaults: route.defaults.clone(),
        problems: vec![problem],
        sources: route.sources,
        file: route.file.clone(),
        credential_expires_at: route.credential_expires_at,
    }
}

/// Of channels with one certificate id, the one that had it keeps it, and the others are not
/// opened. Where none had it nobody can say whose the devices are: none is.
fn part(plan: &mut Plan, known: &BTreeMap<CertificateId, Meaning>) {
    let mut files: BTreeMap<CertificateId, Vec<String>> = BTreeMap::new();
    for route in &plan.routes {
        let file = route.file.display().to_string();
        files.entry(route.certificate_id).or_default().push(file);
    }
    let (kept, others): (Vec<_>, Vec<_>) = plan.routes.drain(..).partition(|route| {
        let meaning = known.get(&route.certificate_id);
        let had = |known: &Meaning| {
            known.channel == route.name
                && known.app == route.app
                && known.driver == route.info.vendor
        };
        files[&route.certificate_id].len() == 1 || meaning.is_some_and(had)
    });
    plan.routes = kept;
    for route in others {
        let id = route.certificate_id;
        let own = route.file.display().to_string();
        let others: Vec<&str> = files[&id]
            .iter()
            .filter(|file| **file != own)
            .map(String::as_str)
            .collect();
        let problem = format!("{id} is the certificate id of {} too", others.join(", "));
        let problem = at_id(&plan.config, &route, problem)
            .hint("give every channel a number of its own and never change it");
        plan.broken.push(closed(&route, problem));
    }
}

/// A problem with the certificate id of a channel.
fn at_id(config: &Config, route: &Route, problem: String) -> ConfigProblem {
    let file = config.channels.iter().find(|file| file.name == route.name);
    match file {
        Some(file) => file.problem("certificate_id", problem),
        None => ConfigProblem::new(&route.file, problem).key("certificate_id"),
    }
}

fn remember(
    channel: &mut BrokenChannel,
    known: &BTreeMap<CertificateId, Meaning>,
    taken: &BTreeSet<CertificateId>,
) {
    let by_name = || {
        let mut named = known
            .iter()
            .filter(|(id, meaning)| meaning.channel == channel.name && !taken.contains(id));
        named.next().map(|(id, _)| *id)
    };
    let id = channel.certificate_id.or_else(by_name);
    let Some((id, meaning)) = id.and_then(|id| Some((id, known.get(&id)?))) else {
        return;
    };
    channel.certificate_id = Some(id);
    channel.app.get_or_insert_with(|| meaning.app.clone());
    if channel.info.vendor.is_empty() {
        channel.info.vendor.clone_from(&meaning.driver);
    }
}

/// Takes the id from broken channels that another one has: what is for it must wait for, or go
/// through, nobody else. Of several broken ones it stays with the one that had it.
fn disown(
    broken: &mut [BrokenChannel],
    known: &BTreeMap<CertificateId, Meaning>,
    taken: &BTreeSet<CertificateId>,
) {
    let mut count: BTreeMap<CertificateId, usize> = BTreeMap::new();
    for id in broken.iter().filter_map(|it| it.certificate_id) {
        *count.entry(id).or_default() += 1;
    }
    for channel in broken {
        let Some(id) = channel.certificate_id else {
            continue;
        };
        let had = known.get(&id).is_some_and(|meaning| {
            meaning.channel == channel.name && channel.app.as_ref() == Some(&meaning.app)
        });
        if taken.contains(&id) || (count[&id] > 1 && !had) {
            channel.certificate_id = None;
        }
    }
}

fn stranger(config: &Config, route: &Route, known: &Meaning, new: &Meaning) -> ConfigProblem {
    let id = route.certificate_id;
    let problem = format!(
        "{id} stands for {} ({}), not for {}",
        known.words(),
        known.history(),
        new.words()
    );
    let hint = format!(
        "give the channel a certificate id that was never used: phones hold tokens of {id}; if it \
         is to stand for this one from now on, nudgectl reload --rebind {id}"
    );
    at_id(config, route, problem).hint(hint)
}

/// Lets what did not change stay as it is; what changed and does not work refuses all.
pub fn reconcile(plan: &mut Plan, before: &Table) -> Result<(), ConfigProblems> {
    let mut problems = Vec::new();
    let mut still = Vec::new();
    for channel in plan.broken.drain(..) {
        match fate(&channel, before) {
            Fate::Runs(route) => {
                plan.warnings.push(format!(
                    "channel {} goes on as it is, but could not be opened again: {}",
                    channel.name,
                    channel.reason()
                ));
                plan.routes.push(route);
            }
            Fate::StaysBroken => {
                plan.warnings.push(format!(
                    "channel {} is still broken: {}",
                    channel.name,
                    channel.reason()
                ));
                still.push(channel);
            }
            Fate::Refused => problems.extend(channel.problems),
        }
    }
    plan.broken = still;
    match problems.is_empty() {
        true => Ok(()),
        false => Err(ConfigProblems(problems)),
    }
}

enum Fate {
    Runs(Arc<Route>),
    StaysBroken,
    Refused,
}

fn fate(channel: &BrokenChannel, before: &Table) -> Fate {
    let mut routes = before.routes();
    if let Some(route) =
        routes.find(|route| route.name == channel.name && route.sources == channel.sources)
    {
        return Fate::Runs(route.clone());
    }
    let mut broken = before.broken().iter();
    match broken.any(|it| it.name == channel.name && it.sources == channel.sources) {
        true => Fate::StaysBroken,
        false => Fate::Refused,
    }
}

/// What taking the plan would do to the channels that run.
pub fn preview(plan: &Plan, before: &Table) -> RouteChanges {
    let mut changes = RouteChanges::default();
    for route in &plan.routes {
        let name = route.name.clone();
        let mut running = before.routes();
        match running.find(|it| it.certificate_id == route.certificate_id) {
            Some(old) if old.fingerprint == route.fingerprint => changes.kept.push(name),
            Some(_) => changes.replaced.push(name),
            None => changes.started.push(name),
        }
    }
    let stays = |id| plan.routes.iter().any(|it| it.certificate_id == id);
    let stopped = before.routes().filter(|it| !stays(it.certificate_id));
    changes.stopped.extend(stopped.map(|it| it.name.clone()));
    changes
}

/// The channels that are new or changed.
pub fn new_or_changed<'a>(
    plan: &'a Plan,
    before: &'a Table,
) -> impl Iterator<Item = &'a Arc<Route>> {
    let mut routes = plan.routes.iter();
    std::iter::from_fn(move || {
        routes.find(|route| {
            let mut running = before.routes();
            !running
                .any(|it| it.certificate_id == route.certificate_id && it.sources == route.sources)
        })
    })
}

/// Whether a channel is new, or has other settings or another driver.
pub fn is_new(route: &Route, before: &Table) -> bool {
    let mut running = before.routes();
    !running.any(|it| it.certificate_id == route.certificate_id && it.forms == route.forms)
}

/// Whose devices get no push from now on, or may not: what is said of each id that goes, changes
/// its channel or comes to stand for another account. `devices` tells how many there are, none
/// while they are not counted.
pub fn cut_off(
    plan: &Plan,
    before: &Table,
    known: &BTreeMap<CertificateId, Meaning>,
    devices: impl Fn(CertificateId) -> Option<u64>,
    now: Timestamp,
) -> Vec<String> {
    let mut said = Vec::new();
    let broken = plan.broken.iter().filter_map(|it| it.certificate_id);
    let there: BTreeSet<CertificateId> = plan
        .routes
        .iter()
        .map(|it| it.certificate_id)
        .chain(broken)
        .collect();
    for entry in before.all() {
        let id = entry.certificate_id;
        if there.contains(&id) {
            continue;
        }
        let Some(count) = counted(devices(id)) else {
            continue;
        };
        let mut now_named = plan.routes.iter().filter(|it| it.name == entry.name);
        let instead = match now_named.next() {
            Some(route) => format!(
                ": the channel has certificate id {} now",
                route.certificate_id
            ),
            None => String::new(),
        };
        said.push(gone(&entry.name, id, &count) + &instead);
    }
    for route in &plan.routes {
        let id = route.certificate_id;
        let new = Meaning::of(route, now);
        let old = known.get(&id).filter(|known| known.differs(&new));
        if let (Some(old), Some(count)) = (old, counted(devices(id))) {
            said.push(format!(
                "channel {}, certificate id {id}: {count} hold tokens of {}, and are pushed by {} \
                 from now on, which may know none of them",
                route.name,
                old.words(),
                new.words()
            ));
        }
    }
    said
}

/// That the devices of a certificate id get no push.
pub fn gone(channel: &str, id: CertificateId, count: &str) -> String {
    let get = if count == "1 device" { "gets" } else { "get" };
    format!("channel {channel}, certificate id {id}: {count} {get} no push from now on")
}

/// `12,345 devices`; none for none.
pub fn counted(devices: Option<u64>) -> Option<String> {
    match devices {
        None => Some("its devices, which are not counted yet,".to_owned()),
        Some(0) => None,
        Some(1) => Some("1 device".to_owned()),
        Some(count) => Some(format!("{} devices", shown::thousands(count))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_counted_in_words() {
        for (devices, words) in [
            (Some(1), Some("1 device")),
            (Some(999), Some("999 devices")),
            (Some(12_345), Some("12,345 devices")),
            (Some(1_234_567), Some("1,234,567 devices")),
            (Some(0), None),
        ] {
            assert_eq!(counted(devices).as_deref(), words);
        }
        let not_yet = counted(None).expect("words");
        assert_eq!(
            gone("xiaomi", CertificateId(3), "12,345 devices"),
            "channel xiaomi, certificate id 3: 12,345 devices get no push from now on"
        );
        assert!(gone("a", CertificateId(3), &not_yet).contains("not counted yet, get no push"));
    }

    #[test]
    fn of_two_broken_channels_with_one_id_it_stays_with_the_one_that_had_it() {
        let broken = |name: &str, app: &str| BrokenChannel {
            app: Some(app.to_owned()),
            ..broken(name, Some(1))
        };
        let meaning = Meaning {
            app: "chat".to_owned(),
            channel: "ios".to_owned(),
            ..Meaning::default()
        };
        let ids = |known: &BTreeMap<CertificateId, Meaning>| {
            let mut both = [broken("again", "chat"), broken("ios", "chat")];
            disown(&mut both, known, &BTreeSet::new());
            both.map(|it| it.certificate_id.map(|id| id.0))
        };
        assert_eq!(ids(&[(CertificateId(1), meaning)].into()), [None, Some(1)]);
        assert_eq!(ids(&BTreeMap::new()), [None, None]);
    }

    fn broken(name: &str, id: Option<u32>) -> BrokenChannel {
        BrokenChannel {
            name: name.to_owned(),
            app: None,
            certificate_id: id.map(CertificateId),
            info: nudged_plugin_api::Info::new("", "", ""),
            defaults: Default::default(),
            problems: Vec::new(),
            sources: 0,
            file: "x.toml".into(),
            credential_expires_at: None,
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_gets_what_is_remembered_of_it() {
        let meaning = |channel: &str| Meaning {
            app: "chat".to_owned(),
            driver: "apns".to_owned(),
            channel: channel.to_owned(),
            ..Meaning::default()
        };
        let known: BTreeMap<_, _> = [(1, "ios"), (2, "android"), (3, "ios")]
            .map(|(id, name)| (CertificateId(id), meaning(name)))
            .into();
        let taken = [CertificateId(1)].into();
        for (name, given, id, app) in [
            ("ios", None, Some(3), Some("chat")),
            ("android", None, Some(2), Some("chat")),
            ("android", Some(9), Some(9), None),
            ("new", None, None, None),
            ("other", Some(1), None, Some("chat")),
            ("other", Some(3), Some(3), Some("chat")),
        ] {
            let mut channel = broken(name, given);
            remember(&mut channel, &known, &taken);
            disown(std::slice::from_mut(&mut channel), &known, &taken);
            assert_eq!(channel.certificate_id, id.map(CertificateId), "{name}");
            assert_eq!(channel.app.as_deref(), app, "{name}");
        }
    }
}
