//! Clicks: what the vendor cannot do becomes the channel's own click, with a notice.

use super::Bench;
use super::encode::encode_all;
use super::report::Report;
use nudged_plugin_api::{Click, HttpRequest, Kind, Message, Rendered};

/// Pages in the forms of several vendors, and of none.
const PAGES: [&str; 6] = [
    "intent:#Intent;component=com.example.chat/.ChatActivity;end",
    "com.example.chat.ChatActivity",
    "com.example.chat.OPEN",
    "chat://room/42",
    "https://app.example/room/42",
    "room 42",
];

/// A click, and what the driver makes of it alone.
struct Tried {
    click: Click,
    /// The request; none where the driver opens the app.
    opens: Option<HttpRequest>,
    is_told: bool,
}

pub fn check(bench: &Bench, report: &mut Report) {
    let samples = bench.samples.messages.iter();
    let Some(sample) = samples.clone().find(|it| it.kind == Kind::Alert) else {
        return;
    };
    let mut plain = sample.clone();
    plain.click = Click::OpenApp;
    plain.click_else = None;
    plain.ext = None;
    plain.options = None;
    let pages = PAGES.map(|it| Click::Page(it.to_owned()));
    let clicks = pages
        .into_iter()
        .chain([Click::Url("https://app.example/".to_owned())]);
    let tried = tried(bench, &plain, clicks.collect(), report);
    for first in &tried {
        together(bench, &plain, first, &tried, report);
    }
}

fn tried(bench: &Bench, plain: &Message, clicks: Vec<Click>, report: &mut Report) -> Vec<Tried> {
    let all = [Click::OpenApp].into_iter().chain(clicks.clone());
    let messages = all.map(|click| with(plain, click, None));
    let mut answers = encoded(bench, messages.collect(), report).into_iter();
    let Some(Some(app)) = answers.next() else {
        return Vec::new();
    };
    let tried = clicks.into_iter().zip(answers);
    let tried = tried.filter_map(|(click, answer)| {
        let answer = answer?;
        Some(Tried {
            click,
            is_told: is_told(&answer),
            opens: Some(answer.request).filter(|it| *it != app.request),
        })
    });
    tried.collect()
}

/// The click, with each other one as the channel's own.
fn together(bench: &Bench, plain: &Message, first: &Tried, others: &[Tried], report: &mut Report) {
    let messages = others
        .iter()
        .map(|it| with(plain, first.click.clone(), Some(it.click.clone())));
    let answers = encoded(bench, messages.collect(), report);
    for (other, answer) in others.iter().zip(answers) {
        let place = format!("{:?}, else {:?}", first.click, other.click);
        let expected = match (&first.opens, &other.opens) {
            // Done, but not as asked: then the driver knows best.
            (Some(_), _) if first.is_told => continue,
            (None, None) => continue,
            (Some(own), _) => own,
            (None, Some(other)) => other,
        };
        let Some(answer) = answer else {
            report.fail("click-else", format!("{place} was refused"), "a request");
            continue;
        };
        if answer.request != *expected {
            report.fail(
                "click-else",
                format!("{place} opens neither as it should"),
                "the message's click, else the channel's own, as `click::first` does",
            );
        } else if first.opens.is_none() && !is_told(&answer) {
            report.fail(
                "click-else",
                format!("{place} is not told"),
                "a notice on `click`",
            );
        }
    }
}

fn with(plain: &Message, click: Click, click_else: Option<Click>) -> Message {
    let mut message = plain.clone();
    message.click = click;
    message.click_else = click_else;
    message
}

fn encoded(bench: &Bench, messages: Vec<Message>, report: &mut Report) -> Vec<Option<Rendered>> {
    let jobs = messages.into_iter().map(|message| {
        let place = format!("{:?}, else {:?}", message.click, message.click_else);
        (place, message, bench.targets(1))
    });
    let answers = encode_all(bench, jobs.collect(), report).into_iter();
    answers.map(|answer| answer?.ok()).collect()
}

fn is_told(answer: &Rendered) -> bool {
    answer.notices.iter().any(|it| it.field == "click")
}
