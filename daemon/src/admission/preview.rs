//! What sending would do: the decisions of a real send and the requests of its drivers, with
//! nothing written and nothing sent.
//!
//! In: deliveries as the queue would get them, and those that are suppressed. Out: the requests that
//! their drivers would make, without secrets and whole tokens. Refuses to know who decided.

use std::sync::Arc;

use nudged_plugin_api::call::Encoded;
use nudged_plugin_api::{Rendered, Target};

use super::content::KIND;
use super::draft::SuppressedDraft;
use crate::channels::{BrokenChannel, REHEARSAL_GRANT, Readiness, Route, RouteEntry, RouteTable};
use crate::clock::now;
use crate::credential::{HIDDEN, Secrets};
use crate::driver::{self, EncodeRefusal};
use crate::model::{Delivery, Outcome, OutcomeKind, Reason, masked, written_at};
use nudged_wire::{
    AcceptedNotice, HeaderView, NoticeView, PreviewDelivery, PreviewRequest, PreviewView,
    ReasonView,
};

/// The outcome of a delivery to a channel that cannot send.
const WAITS: &str = "waits";

/// What these deliveries, and those that end here, would come to now.
pub fn preview(
    table: &RouteTable,
    deliveries: Vec<Delivery>,
    suppressed: Vec<SuppressedDraft>,
    notices: &[AcceptedNotice],
) -> PreviewView {
    let mut draft = PreviewDraft::default();
    for group in groups(table, deliveries) {
        let Some(channel) = table.by_id(group[0].channel) else {
            continue;
        };
        match &channel.readiness {
            Readiness::Ready(route) => {
                let at = draft.0.requests.len();
                let is_as_asked = group[0].content.is_as_asked();
                draft.encoded(route, group);
                if !is_as_asked {
                    add_stand_in_notices(notices, &mut draft.0.requests[at..]);
                }
            }
            Readiness::Broken(broken) => draft.waiting(channel, broken, group),
        }
    }
    let PreviewDraft(mut view) = draft;
    let suppressed = suppressed.into_iter();
    view.deliveries
        .extend(suppressed.map(|it| suppressed_delivery(table, it)));
    view
}

/// Deliveries that share a request, as the queue will lease them.
fn groups(table: &RouteTable, deliveries: Vec<Delivery>) -> Vec<Vec<Delivery>> {
    let mut groups: Vec<Vec<Delivery>> = Vec::new();
    for delivery in deliveries {
        let max = table
            .by_id(delivery.channel)
            .map_or(1, |route| route.info.batch as usize);
        // Each channel has a queue of its own, in which others do not come between.
        let mut groups_of_channel = groups.iter_mut().rev();
        match groups_of_channel.find(|group| group[0].channel == delivery.channel) {
            Some(group)
                if group.len() < max && group[group.len() - 1].may_share_request(&delivery) =>
            {
                group.push(delivery);
            }
            _ => groups.push(vec![delivery]),
        }
    }
    groups
}

/// Adds the notices of alerts that are sent in the place of a call or an activity.
fn add_stand_in_notices(notices: &[AcceptedNotice], requests: &mut [PreviewRequest]) {
    for request in requests {
        let its = |notice: &&AcceptedNotice| {
            notice.field == KIND && notice.channel.as_ref() == Some(&request.channel)
        };
        let stand_ins: Vec<NoticeView> = notices
            .iter()
            .filter(its)
            .map(|notice| NoticeView {
                field: notice.field.clone(),
                text: notice.text.clone(),
            })
            .collect();
        request.warnings.extend(stand_ins);
    }
}

/// A preview that is being made.
#[derive(Default)]
struct PreviewDraft(PreviewView);

impl PreviewDraft {
    fn encoded(&mut self, route: &Arc<Route>, group: Vec<Delivery>) {
        let targets: Vec<Target> = group.iter().map(Delivery::target).collect();
        match route.rehearse_batch(&group[0].content.message, &targets, now()) {
            Some(Encoded::Rendered(rendered)) if is_dropped(route, &rendered.class) => {
                let rule = Reason::OutsideHours;
                self.refused(route, &group, |reason| {
                    reason.outcome = OutcomeKind::Suppressed.as_str().to_owned();
                    reason.code = rule.code().to_owned();
                    reason.text = rule.text().to_owned();
                    reason.remedy = rule.remedy().to_owned();
                });
            }
            Some(Encoded::Rendered(mut rendered)) => {
                let before = &group[0].content.notices;
                rendered.notices.extend_from_slice(before);
                let at = self.0.requests.len();
                self.0.requests.push(request(route, rendered, &targets));
                self.0
                    .deliveries
                    .extend(group.iter().map(|it| PreviewDelivery {
                        pushed: true,
                        request: Some(at),
                        ..device(route, it)
                    }));
            }
            // One device's token does not cost the others their message.
            Some(Encoded::Refused(error)) if group.len() > 1 && error.is_about_token() => {
                for delivery in group {
                    self.encoded(route, vec![delivery]);
                }
            }
            Some(Encoded::Refused(error)) => self.refused(route, &group, |reason| {
                let refusal = EncodeRefusal::of(error, &route.info.vendor);
                reason.outcome = OutcomeKind::Rejected.as_str().to_owned();
                reason.code = refusal.code;
                reason.text = refusal.text;
                reason.remedy = refusal.remedy.to_owned();
            }),
            other => self.refused(route, &group, |reason| {
                reason.outcome = OutcomeKind::Failed.as_str().to_owned();
                reason.code = driver::FAILED.to_owned();
                reason.text = match other {
                    Some(Encoded::Panicked(problem)) => problem,
                    _ => "driver gave no answer".to_owned(),
                };
                reason.remedy = driver::FAILED_REMEDY.to_owned();
            }),
        }
    }

    fn waiting(&mut self, channel: &RouteEntry, broken: &BrokenChannel, group: Vec<Delivery>) {
        let reason = ReasonView {
            outcome: WAITS.to_owned(),
            code: "channel_broken".to_owned(),
            text: broken.reason(),
            remedy: "put the channel's file right and reload".to_owned(),
        };
        self.0
            .deliveries
            .extend(group.iter().map(|it| PreviewDelivery {
                user: it.recipient.user.clone(),
                device: it.recipient.device.clone(),
                token: masked(&it.recipient.token),
                channel: Some(channel.name.clone()),
                certificate_id: Some(channel.certificate_id.0),
                driver: Some(channel.info.vendor.clone()),
                reason: Some(reason.clone()),
                ..PreviewDelivery::default()
            }));
    }

    fn refused(&mut self, route: &Route, group: &[Delivery], why: impl FnOnce(&mut ReasonView)) {
        let mut reason = ReasonView::default();
        why(&mut reason);
        self.0
            .deliveries
            .extend(group.iter().map(|it| PreviewDelivery {
                reason: Some(reason.clone()),
                ..device(route, it)
            }));
    }
}

/// Whether the channel drops a message of this class now.
fn is_dropped(route: &Route, class: &str) -> bool {
    let terms = route.terms.iter().find(|terms| terms.class == class);
    terms.is_some_and(|terms| terms.drops(now()))
}

fn device(route: &Route, delivery: &Delivery) -> PreviewDelivery {
    PreviewDelivery {
        user: delivery.recipient.user.clone(),
        device: delivery.recipient.device.clone(),
        token: masked(&delivery.recipient.token),
        channel: Some(route.name.clone()),
        certificate_id: Some(route.certificate_id.0),
        driver: Some(route.info.vendor.clone()),
        ..PreviewDelivery::default()
    }
}

fn suppressed_delivery(table: &RouteTable, suppressed: SuppressedDraft) -> PreviewDelivery {
    let trace = suppressed.suppressed.trace;
    let route = trace.channel.and_then(|id| table.by_id(id));
    let outcome = trace
        .outcome
        .unwrap_or_else(|| Outcome::suppressed(suppressed.reason, trace.accepted_at));
    PreviewDelivery {
        user: trace.user,
        device: trace.device,
        token: trace.token,
        channel: route.map(|route| route.name.clone()),
        certificate_id: trace.channel.map(|id| id.0),
        driver: route.map(|route| route.info.vendor.clone()),
        reason: Some(ReasonView {
            outcome: outcome.kind.as_str().to_owned(),
            code: outcome.code,
            text: outcome.text,
            remedy: outcome.remedy,
        }),
        ..PreviewDelivery::default()
    }
}

fn request(route: &Route, rendered: Rendered, targets: &[Target]) -> PreviewRequest {
    let mask = RequestMask::new(route, targets);
    let request = rendered.request;
    let header = |(name, value): (String, String)| HeaderView {
        value: if name == "authorization" {
            scheme_only(&value)
        } else {
            mask.hide(value)
        },
        name,
    };
    PreviewRequest {
        channel: route.name.clone(),
        driver: route.info.vendor.clone(),
        method: request.method.as_str().to_owned(),
        url: mask.hide(request.url),
        headers: request.headers.into_iter().map(header).collect(),
        body: mask.hide(String::from_utf8_lossy(&request.body).into_owned()),
        devices: targets.len(),
        continues: !rendered.memo.is_empty(),
        warnings: rendered
            .notices
            .into_iter()
            .map(|notice| NoticeView {
                field: written_at(&notice.field, &route.info.vendor),
                text: notice.text,
            })
            .collect(),
    }
}

/// `Bearer …`: what lets in is after the scheme.
fn scheme_only(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, _)) => format!("{scheme} {HIDDEN}"),
        None => HIDDEN.to_owned(),
    }
}

/// What must not be seen in a request, and what stands in its place.
struct RequestMask<'a> {
    secrets: &'a Secrets,
    replaced: Vec<(String, String)>,
}

impl<'a> RequestMask<'a> {
    fn new(route: &'a Route, targets: &[Target]) -> Self {
        let grant = (REHEARSAL_GRANT, HIDDEN.to_owned());
        let beside = targets.iter().filter_map(|it| it.activity_token.as_ref());
        let tokens = targets.iter().map(|it| &it.token).chain(beside);
        let tokens = tokens.map(|token| (token.as_str(), masked(token)));
        let mut replaced = Vec::new();
        for (text, shown) in [grant]
            .into_iter()
            .chain(tokens)
            .filter(|(text, _)| !text.is_empty())
        {
            let escaped: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            if escaped != text {
                replaced.push((escaped, shown.clone()));
            }
            replaced.push((text.to_owned(), shown));
        }
        // A text that is part of another one must not cut it in two.
        replaced.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        let secrets = route.driver.secrets();
        Self { secrets, replaced }
    }

    fn hide(&self, mut text: String) -> String {
        for (secret, shown) in &self.replaced {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), shown);
            }
        }
        self.secrets.hide(text)
    }
}
