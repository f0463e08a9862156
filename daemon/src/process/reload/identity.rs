//! Which channel has which certificate id: phones report it with their tokens, so it must go on
//! standing for what it stood for.
//!
//! In: a plan, what certificate ids stand for. Out: the plan with the ids and apps that are remembered
//! of unreadable files, and without the routes whose id is another's: those are broken channels.
//! Refuses to know what runs.

use std::collections::{BTreeMap, BTreeSet};

use nudged_plugin_api::Timestamp;

use crate::channels::CertificateMeaning;
use crate::channels::{BrokenChannel, Route};
use crate::config::{Config, ConfigProblem};
use crate::model::CertificateId;
use crate::process::plan::Plan;

/// Gives ids and apps that are remembered to the channels whose file cannot be read, and breaks
/// those whose id stands for another account, unless that is wanted.
pub fn identify(
    plan: &mut Plan,
    known: &BTreeMap<CertificateId, CertificateMeaning>,
    rebind: &BTreeSet<CertificateId>,
    now: Timestamp,
) {
    keep_one_per_id(plan, known);
    let taken: BTreeSet<CertificateId> = plan.routes.iter().map(|it| it.certificate_id).collect();
    for channel in &mut plan.broken {
        remember(channel, known, &taken);
    }
    release_taken_ids(&mut plan.broken, known, &taken);
    let (kept, strange): (Vec<_>, Vec<_>) = plan.routes.drain(..).partition(|route| {
        let meaning = known.get(&route.certificate_id);
        // req 68: an id stands for one account for ever, unless it is rebound
        rebind.contains(&route.certificate_id)
            || meaning.is_none_or(|known| !known.differs(&CertificateMeaning::of(route, now)))
    });
    plan.routes = kept;
    for route in strange {
        let known = &known[&route.certificate_id];
        let problem = meaning_problem(
            &plan.config,
            &route,
            known,
            &CertificateMeaning::of(&route, now),
        );
        plan.broken.push(broken_route(&route, problem));
    }
    plan.broken.sort_by(|one, other| one.file.cmp(&other.file));
}

fn broken_route(route: &Route, problem: ConfigProblem) -> BrokenChannel {
    BrokenChannel {
        name: route.name.clone(),
        app: Some(route.app.clone()),
        certificate_id: Some(route.certificate_id),
        info: route.info.clone(),
        defaults: route.defaults.clone(),
        problems: vec![problem],
        sources: route.inputs.sources.clone(),
        file: route.file.clone(),
        credential_expires_at: route.credential_expires_at,
    }
}

/// Of channels with one certificate id, the one that had it keeps it, and the others are not
/// opened. Where none had it nobody can say whose the devices are: none is.
fn keep_one_per_id(plan: &mut Plan, known: &BTreeMap<CertificateId, CertificateMeaning>) {
    let mut files: BTreeMap<CertificateId, Vec<String>> = BTreeMap::new();
    for route in &plan.routes {
        let file = route.file.display().to_string();
        files.entry(route.certificate_id).or_default().push(file);
    }
    let (kept, others): (Vec<_>, Vec<_>) = plan.routes.drain(..).partition(|route| {
        let meaning = known.get(&route.certificate_id);
        let had = |known: &CertificateMeaning| {
            known.channel == route.name
                && known.app == route.app
                && known.driver == route.info.vendor
        };
        // req 1: a certificate id is of one channel, and lasts
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
        plan.broken.push(broken_route(&route, problem));
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
    known: &BTreeMap<CertificateId, CertificateMeaning>,
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
fn release_taken_ids(
    broken: &mut [BrokenChannel],
    known: &BTreeMap<CertificateId, CertificateMeaning>,
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

fn meaning_problem(
    config: &Config,
    route: &Route,
    known: &CertificateMeaning,
    new: &CertificateMeaning,
) -> ConfigProblem {
    let id = route.certificate_id;
    let problem = format!(
        "{id} stands for {} ({}), not for {}",
        known.description(),
        known.history(),
        new.description()
    );
    let hint = format!(
        "give the channel a certificate id that was never used: phones hold tokens of {id}; if it \
         is to stand for this one from now on, nudgectl reload --rebind {id}"
    );
    at_id(config, route, problem).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ChannelSources, FileDigest};

    #[test]
    fn of_two_broken_channels_with_one_id_it_stays_with_the_one_that_had_it() {
        let broken = |name: &str, app: &str| BrokenChannel {
            app: Some(app.to_owned()),
            ..broken(name, Some(1))
        };
        let meaning = CertificateMeaning {
            app: "chat".to_owned(),
            channel: "ios".to_owned(),
            ..CertificateMeaning::default()
        };
        let ids = |known: &BTreeMap<CertificateId, CertificateMeaning>| {
            let mut both = [broken("again", "chat"), broken("ios", "chat")];
            release_taken_ids(&mut both, known, &BTreeSet::new());
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
            sources: ChannelSources::Unreadable {
                name: name.to_owned(),
                digest: FileDigest::of(b""),
            },
            file: "x.toml".into(),
            credential_expires_at: None,
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_gets_what_is_remembered_of_it() {
        let meaning = |channel: &str| CertificateMeaning {
            app: "chat".to_owned(),
            driver: "apns".to_owned(),
            channel: channel.to_owned(),
            ..CertificateMeaning::default()
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
            release_taken_ids(std::slice::from_mut(&mut channel), &known, &taken);
            assert_eq!(channel.certificate_id, id.map(CertificateId), "{name}");
            assert_eq!(channel.app.as_deref(), app, "{name}");
        }
    }
}
