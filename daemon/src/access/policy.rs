//! The rules with the names in them turned into numbers.
//!
//! In: the `[[access]]` rules of the configuration; a peer, a verb and an app. Out: whether a rule
//! allows it. Without a rule everything is allowed: then the mode of the socket decides.

use nix::unistd::{Group, User};

use super::error::name;
use super::{AccessRuleError, Denied, FoundError, Peer};
use crate::config::{AccessRule, Verb};
use crate::telemetry::RateLimitedLog;

static REFUSED: RateLimitedLog<u32> = RateLimitedLog::new(u32::MAX, |uid, more| {
    tracing::warn!(
        uid,
        more,
        "more requests of this peer refused within a minute"
    );
});

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPolicy {
    rules: Vec<Rule>,
    ours: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    uids: Vec<u32>,
    gids: Vec<u32>,
    apps: Vec<String>,
    verbs: Vec<Verb>,
}

impl AccessPolicy {
    /// The rules of the configuration; an unknown user or group is named in the error.
    pub fn new(rules: &[AccessRule]) -> Result<Self, AccessRuleError> {
        let rules = rules
            .iter()
            .map(|rule| {
                if rule.users.is_empty() && rule.groups.is_empty() {
                    return Err(AccessRuleError::NoPeers);
                }
                if rule.verbs.is_empty() || rule.apps.is_empty() {
                    return Err(AccessRuleError::NoRights);
                }
                Ok(Rule {
                    uids: rule
                        .users
                        .iter()
                        .map(|name| uid(name))
                        .collect::<Result<_, _>>()?,
                    gids: rule
                        .groups
                        .iter()
                        .map(|name| gid(name))
                        .collect::<Result<_, _>>()?,
                    apps: rule.apps.clone(),
                    verbs: rule.verbs.clone(),
                })
            })
            .collect::<Result<_, AccessRuleError>>()?;
        Ok(Self {
            rules,
            ours: nix::unistd::geteuid().as_raw(),
        })
    }

    /// Whether a peer may do something in an app; none = something that concerns all apps.
    pub fn allows(&self, peer: &Peer, verb: Verb, app: Option<&str>) -> bool {
        if self.rules.is_empty() || peer.uid == 0 || peer.uid == self.ours {
            return true;
        }
        self.rules.iter().any(|rule| {
            let named = rule.uids.contains(&peer.uid)
                || rule.gids.iter().any(|gid| peer.gids.contains(gid));
            let there = rule
                .apps
                .iter()
                .any(|it| it == "*" || Some(it.as_str()) == app);
            named && there && rule.verbs.contains(&verb)
        })
    }

    /// Whether a peer may do something in any app at all: what is asked before something is
    /// looked up whose app only the record says.
    pub fn check_anywhere(&self, peer: &Peer, verb: Verb) -> Result<(), Denied> {
        let apps = self.rules.iter().flat_map(|rule| &rule.apps);
        let mut apps = apps.map(|app| (app != "*").then_some(app.as_str()));
        if self.allows(peer, verb, None) || apps.any(|app| self.allows(peer, verb, app)) {
            return Ok(());
        }
        self.check(peer, verb, None)
    }

    /// As [`Self::check`], of something that was found. For whoever may not observe its app it is
    /// not there: the answer must not show which ids exist.
    pub fn check_found(
        &self,
        peer: &Peer,
        verb: Verb,
        app: Option<&str>,
    ) -> Result<(), FoundError> {
        let checked = self.check(peer, verb, app);
        if checked.is_err() && !self.allows(peer, Verb::Observe, app) {
            return Err(FoundError::Hidden);
        }
        Ok(checked?)
    }

    /// As [`Self::allows`], with a line in the log for whoever is denied.
    pub fn check(&self, peer: &Peer, verb: Verb, app: Option<&str>) -> Result<(), Denied> {
        if self.allows(peer, verb, app) {
            return Ok(());
        }
        REFUSED.log(peer.uid, || {
            tracing::warn!(uid = peer.uid, verb = name(verb), app, "peer refused");
        });
        Err(Denied {
            uid: peer.uid,
            verb,
            app: app.map(str::to_owned),
        })
    }
}

fn uid(name: &str) -> Result<u32, AccessRuleError> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    match User::from_name(name) {
        Ok(Some(user)) => Ok(user.uid.as_raw()),
        _ => Err(AccessRuleError::UnknownUser(name.to_owned())),
    }
}

fn gid(name: &str) -> Result<u32, AccessRuleError> {
    if let Ok(number) = name.parse() {
        return Ok(number);
    }
    match Group::from_name(name) {
        Ok(Some(group)) => Ok(group.gid.as_raw()),
        _ => Err(AccessRuleError::UnknownGroup(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rules: &[AccessRule]) -> AccessPolicy {
        AccessPolicy {
            ours: 999,
            ..AccessPolicy::new(rules).expect("good rules")
        }
    }

    fn rule(users: &[&str], groups: &[&str], apps: &[&str], verbs: &[Verb]) -> AccessRule {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        AccessRule {
            users: owned(users),
            groups: owned(groups),
            apps: owned(apps),
            verbs: verbs.to_vec(),
        }
    }

    #[test]
    fn the_access_matrix_holds() {
        let policy = policy(&[
            rule(&["1000"], &[], &["chat"], &[Verb::Send, Verb::Devices]),
            rule(&[], &["2000"], &["*"], &[Verb::Observe]),
        ]);
        let sender = Peer {
            uid: 1000,
            gids: vec![1000],
        };
        let observer = Peer {
            uid: 1001,
            gids: vec![1001, 2000],
        };
        let both = Peer {
            uid: 1000,
            gids: vec![2000],
        };
        let stranger = Peer {
            uid: 1002,
            gids: vec![1002],
        };
        let root = Peer {
            uid: 0,
            gids: vec![0],
        };
        let ourselves = Peer {
            uid: 999,
            gids: vec![999],
        };
        use Verb::{Admin, Devices, Observe, Send};
        for verb in [Send, Devices, Observe, Admin] {
            for app in [Some("chat"), Some("mail"), None] {
                let allowed = |peer: &Peer| policy.allows(peer, verb, app);
                let sends = matches!(verb, Send | Devices) && app == Some("chat");
                let observes = verb == Observe;
                assert_eq!(allowed(&sender), sends, "{verb:?} {app:?}");
                assert_eq!(allowed(&observer), observes, "{verb:?} {app:?}");
                assert_eq!(allowed(&both), sends || observes, "{verb:?} {app:?}");
                assert!(!allowed(&stranger), "{verb:?} {app:?}");
                assert!(allowed(&root) && allowed(&ourselves), "{verb:?} {app:?}");
            }
        }
    }

    #[test]
    fn what_may_not_be_observed_looks_like_what_is_not_there() {
        let policy = policy(&[
            rule(&["1000"], &[], &["chat"], &[Verb::Send, Verb::Observe]),
            rule(&["1000"], &[], &["mail"], &[Verb::Send]),
        ]);
        let peer = |uid| Peer {
            uid,
            gids: Vec::new(),
        };
        let found = |uid, verb, app| {
            let checked = policy.check_found(&peer(uid), verb, Some(app));
            checked.map_err(|error| error == FoundError::Hidden)
        };
        assert_eq!(found(1000, Verb::Observe, "chat"), Ok(()));
        assert_eq!(found(1000, Verb::Admin, "chat"), Err(false));
        assert_eq!(found(1000, Verb::Send, "mail"), Ok(()));
        assert_eq!(found(1000, Verb::Observe, "mail"), Err(true));
        assert_eq!(found(1000, Verb::Observe, "shop"), Err(true));
        let anywhere = |uid, verb| policy.check_anywhere(&peer(uid), verb).is_ok();
        assert!(anywhere(1000, Verb::Observe) && !anywhere(1000, Verb::Admin));
        assert!(!anywhere(1001, Verb::Observe) && anywhere(0, Verb::Admin));
    }

    #[test]
    fn without_rules_the_sockets_mode_decides() {
        let stranger = Peer {
            uid: 1002,
            gids: vec![],
        };
        assert!(policy(&[]).allows(&stranger, Verb::Admin, None));
    }

    #[test]
    fn a_rule_that_could_never_match_is_refused() {
        let unknown = rule(&["no-such-user-here"], &[], &["*"], &[Verb::Send]);
        assert_eq!(
            AccessPolicy::new(&[unknown]),
            Err(AccessRuleError::UnknownUser("no-such-user-here".to_owned()))
        );
        assert!(AccessPolicy::new(&[rule(&[], &[], &["*"], &[Verb::Send])]).is_err());
        assert!(AccessPolicy::new(&[rule(&["0"], &[], &["*"], &[])]).is_err());
    }
}
