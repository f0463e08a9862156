//! The house as it is built: who may know whom, held against the sources.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

mod imports;

use std::collections::{BTreeMap, BTreeSet};

use imports::{House, Module, text, types};

/// What every room may know: the nouns, the time, the locks, the log.
const GROUND: &[&str] = &["model", "clock", "sync", "telemetry"];

/// The rooms above the ground, each with the rooms that it may know besides: a stage knows only the
/// next, and what all of them stand on.
const FLOORS: &[(&str, &[&str])] = &[
    ("lifecycle", &[]),
    ("credential", &[]),
    ("store", &[]),
    ("driver", &["credential"]),
    ("transport", &["credential"]),
    ("quota", &["store"]),
    ("registry", &["store"]),
    ("queue", &["store"]),
    ("config", &["quota"]),
    ("access", &["config"]),
    ("outcome", &["queue", "quota", "registry", "store"]),
    (
        "channels",
        &[
            "config",
            "credential",
            "driver",
            "outcome",
            "quota",
            "registry",
            "store",
            "transport",
        ],
    ),
    (
        "dispatch",
        &[
            "channels",
            "driver",
            "outcome",
            "queue",
            "quota",
            "registry",
            "store",
            "transport",
        ],
    ),
    (
        "admission",
        &[
            "channels",
            "config",
            "credential",
            "driver",
            "outcome",
            "queue",
            "registry",
            "store",
        ],
    ),
    ("reloading", &["channels", "config", "dispatch", "driver"]),
    (
        "api",
        &[
            "access",
            "admission",
            "channels",
            "config",
            "credential",
            "dispatch",
            "driver",
            "lifecycle",
            "outcome",
            "queue",
            "quota",
            "registry",
            "reloading",
            "store",
        ],
    ),
    (
        "process",
        &[
            "access",
            "admission",
            "api",
            "channels",
            "config",
            "credential",
            "dispatch",
            "driver",
            "lifecycle",
            "outcome",
            "queue",
            "quota",
            "registry",
            "reloading",
            "store",
            "transport",
        ],
    ),
];

/// Which rooms, or files, read and write each keyspace, besides the store itself.
const OWNERS: &[(&str, &[&str])] = &[
    ("Ready", &["queue"]),
    ("Waiting", &["queue"]),
    ("Content", &["queue"]),
    ("Trace", &["queue", "outcome"]),
    ("Events", &["outcome"]),
    ("Devices", &["registry"]),
    ("Tokens", &["registry"]),
    ("Keys", &["admission"]),
    ("Settings", &["registry"]),
    ("Revoked", &["queue"]),
    ("Holds", &["queue"]),
    ("Tombstones", &["registry"]),
    ("Quotas", &["quota"]),
    ("Meanings", &["channels/meaning"]),
];

/// What reads a clock, waits, or reaches outside.
const IMPURE: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "clock::now",
    "Zoned::now",
    "std::fs",
    "std::net",
    "std::env",
    "tokio::",
    ".await",
];

fn printed(module: &Module) -> String {
    module.join("/")
}

#[test]
fn a_room_knows_only_the_rooms_that_it_may_know() {
    let ground = GROUND.iter().map(|room| (*room, [].as_slice()));
    let floors: BTreeMap<&str, &[&str]> = FLOORS.iter().copied().chain(ground).collect();
    let mut wrong = BTreeSet::new();

    for (from, to) in House::read().arrows() {
        let may = floors.get(&*from[0]).copied();
        let is_ground = GROUND.contains(&&*to[0]);
        let may = is_ground || may.is_some_and(|may| may.contains(&&*to[0]));
        // The ground stands on nothing, but the log on the locks.
        let on_ground = GROUND.contains(&&*from[0]);
        if from[0] != to[0] && (!may || on_ground && (&*from[0], &*to[0]) != ("telemetry", "sync"))
        {
            wrong.insert(format!("{} takes from {}", printed(&from), printed(&to)));
        }
    }

    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_type_has_its_name_for_itself() {
    let house = House::read();
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (module, file) in &house.files {
        for name in types(file) {
            owners.entry(name).or_default().push(printed(module));
        }
    }
    assert!(owners.len() > 300, "{} types were found", owners.len());

    let shared = owners.into_iter().filter(|(_, files)| files.len() > 1);
    let shared: Vec<String> = shared
        .map(|(name, files)| format!("{name} is a type of {}", files.join(" and ")))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

#[test]
fn what_a_room_may_know_lies_below_it() {
    let mut below = BTreeSet::new();

    for (room, knows) in FLOORS {
        for known in *knows {
            assert!(below.contains(known), "{known} lies above {room}");
        }
        below.insert(*room);
    }
}

#[test]
fn files_know_each_other_one_way_only() {
    let house = House::read();
    let mut arrows: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in house.arrows() {
        // A folder's own file shows what is in the folder.
        if !to.starts_with(&from) {
            arrows.entry(from).or_default().insert(to);
        }
    }

    let circles: Vec<String> = house
        .files
        .keys()
        .filter_map(|file| way_back(&arrows, file))
        .map(|way| way.iter().map(printed).collect::<Vec<_>>().join(" > "))
        .collect();

    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// The shortest way from a file back to itself.
fn way_back(arrows: &BTreeMap<Module, BTreeSet<Module>>, file: &Module) -> Option<Vec<Module>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![file.clone()]];
    while !ways.is_empty() {
        let mut next = Vec::new();
        for way in ways {
            for to in arrows.get(way.last()?).into_iter().flatten() {
                let way: Vec<Module> = way.iter().chain([to]).cloned().collect();
                if to == file {
                    return Some(way);
                }
                if seen.insert(to.clone()) {
                    next.push(way);
                }
            }
        }
        ways = next;
    }
    None
}

#[test]
fn what_calls_itself_pure_reads_no_clock_and_reaches_for_nothing() {
    let mut pure = 0;
    let mut wrong = Vec::new();

    for (module, file) in House::read().files {
        let text = text(&file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let head = |line: &&str| line.starts_with("//!");
        let is_pure = |line: &str| line.contains("Pure") || line.contains(" pure ");
        if !code.lines().take_while(head).any(is_pure) {
            continue;
        }
        pure += 1;
        let body = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for (line, word) in body.flat_map(|line| IMPURE.iter().map(move |word| (line, word))) {
            if line.contains(word) {
                wrong.push(format!("{}: {}", printed(&module), line.trim()));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pure > 20, "only {pure} files say that they are pure");
}

#[test]
fn each_keyspace_is_named_by_its_owners_only() {
    let house = House::read();
    let keyspaces = text(&house.files[&vec!["store".to_owned(), "keyspace".to_owned()]]);
    let listed = keyspaces
        .lines()
        .filter_map(|line| line.split_once(" = \""));
    let listed: Vec<&str> = listed.map(|(name, _)| name.trim()).collect();
    let owned: Vec<&str> = OWNERS.iter().map(|(name, _)| *name).collect();
    let mut strangers = Vec::new();

    for (module, words) in &house.words {
        let file = printed(module);
        for pair in words.windows(2).filter(|pair| pair[0] == "Keyspace") {
            let owners = OWNERS.iter().find(|(name, _)| *name == pair[1]);
            let is_owner = |owner: &&str| file == **owner || file.starts_with(&format!("{owner}/"));
            let may = owners.is_none_or(|(_, owners)| owners.iter().any(is_owner));
            if !may && module[0] != "store" {
                strangers.push(format!("{file} names {}", pair[1]));
            }
        }
    }

    assert_eq!(listed, owned);
    for owner in OWNERS.iter().flat_map(|(_, owners)| *owners) {
        let is_there = house.files.keys().any(|module| printed(module) == *owner);
        assert!(is_there, "there is no {owner}");
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
}

#[test]
fn no_handler_reads_the_database_or_asks_the_policy_itself() {
    let house = House::read();
    let api: Vec<_> = house
        .words
        .iter()
        .filter(|(module, _)| module[0] == "api")
        .collect();
    for (module, words) in &api {
        let is_leave = printed(module) == "api/allowed";
        let mut words = words.iter();
        let never = words.find(|word| *word == "Keyspace" || *word == "policy" && !is_leave);
        assert!(never.is_none(), "{} names {never:?}", printed(module));
    }
    assert!(api.len() > 50, "only {} files of the api", api.len());
}
