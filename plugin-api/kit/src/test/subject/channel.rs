//! An open channel of the driver under test: each call made in every way, all of which agree.

use std::fmt::Debug;

use super::{Answered, Caught, EncodedOrNone, Object, call, settle, spread};
use crate::test::report::Report;
use nudged_plugin_api::call::{
    DecodeCall, DecodeJob, DecodedItem, EncodeCall, EncodeJob, Encoded, RecallCall, RecallJob,
};
use nudged_plugin_api::guard::guard;
use nudged_plugin_api::{
    Authorize, Batch, Context, Decoded, EncodeError, Exchange, Grant, HttpRequest, HttpResponse,
    Message, Notice, Recall, Rendered, Target, Timestamp, Verdict, host,
};

/// An open channel, three times over when the driver is linked: one that is used for
/// everything, one that never encoded, and one behind the frames.
pub struct Channel {
    pub(super) framed: host::Channel,
    pub(super) linked: Option<[Box<dyn Object>; 2]>,
}

impl Channel {
    pub fn account(&self, report: &mut Report) -> Option<String> {
        let framed = || Ok(self.framed.account().map(str::to_owned));
        self.both("account", |object| object.account(), framed, report)?
    }

    pub fn advice(&self, report: &mut Report) -> Option<Vec<Notice>> {
        let framed = || Ok(self.framed.advice().to_vec());
        self.both("advice", |object| object.advice(), framed, report)
    }

    /// The token's one form, or why it is none.
    pub fn token(&self, token: &str, report: &mut Report) -> Option<Result<String, EncodeError>> {
        let framed = || {
            let mut answers = call("token", self.framed.tokens(vec![token.to_owned()]))?;
            answers
                .pop()
                .ok_or_else(|| "no answer for a token".to_owned())
        };
        self.both("token", |object| object.token(token), framed, report)
    }

    pub fn grant_scope(&self, report: &mut Report) -> Option<String> {
        let framed = || Ok(self.framed.grant_scope().map(str::to_owned));
        self.both("grant_scope", |object| object.grant_scope(), framed, report)?
    }

    pub fn authorize(&self, now: Timestamp, report: &mut Report) -> Option<Authorize> {
        let framed = || call("authorize", self.framed.authorize(now));
        self.both("authorize", |object| object.authorize(now), framed, report)
    }

    pub fn authorized(
        &self,
        response: &HttpResponse,
        now: Timestamp,
        report: &mut Report,
    ) -> Option<Result<Grant, Verdict>> {
        let framed = || call("authorized", self.framed.authorized(response.clone(), now));
        let linked = |object: &dyn Object| object.authorized(response, now);
        self.both("authorized", linked, framed, report)
    }

    /// One answer per job: a message and its targets.
    pub fn encode(
        &self,
        jobs: &[(Message, Vec<Target>)],
        grant: Option<&Grant>,
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<EncodedOrNone> {
        let input = EncodeCall {
            now,
            grant: grant.cloned(),
            messages: jobs.iter().map(|(message, _)| message.clone()).collect(),
            jobs: (0..)
                .zip(jobs)
                .map(|(message, (_, targets))| EncodeJob {
                    message,
                    targets: targets.clone(),
                })
                .collect(),
        };
        let framed = || spread(jobs.len(), self.framed.encode(&input), caught);
        let linked = |object: &dyn Object| {
            let context = Context::new(now, grant);
            jobs.iter()
                .map(|(message, targets)| {
                    guard(|| object.encode(Batch::new(message, targets), &context))
                })
                .collect()
        };
        // The second channel never encodes: what it decodes, it decodes without a memory.
        self.items("encode", [0, 0], linked, framed, report)
    }

    /// One answer per job: targets, response and memo.
    pub fn decode(
        &self,
        jobs: &[Answered],
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<Option<Decoded>> {
        let input = decode_call(jobs, now);
        let framed = || {
            spread(jobs.len(), self.framed.decode(&input), |item| match item {
                DecodedItem::Decoded(decoded) => Ok(decoded),
                DecodedItem::Panicked(message) => Err(message),
            })
        };
        let linked = |object: &dyn Object| {
            jobs.iter()
                .map(|(targets, response, memo)| {
                    guard(|| object.decode(Exchange::with_memo(targets, response, memo), now))
                })
                .collect()
        };
        self.items("decode", [0, 1], linked, framed, report)
    }

    /// One answer per recall.
    pub fn recall(
        &self,
        jobs: &[RecallJob],
        grant: Option<&Grant>,
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<EncodedOrNone> {
        let input = RecallCall {
            now,
            grant: grant.cloned(),
            jobs: jobs.to_vec(),
        };
        let framed = || spread(jobs.len(), self.framed.recall(&input), caught);
        let linked = |object: &dyn Object| {
            let context = Context::new(now, grant);
            jobs.iter()
                .map(|job| {
                    let recall = Recall::new(&job.targets, &job.key, job.vendor_id.as_deref());
                    guard(|| object.recall(recall, &context))
                })
                .collect()
        };
        self.items("recall", [0, 1], linked, framed, report)
    }

    /// One answer per job, as `decode` gives.
    pub fn recalled(
        &self,
        jobs: &[Answered],
        now: Timestamp,
        report: &mut Report,
    ) -> Vec<Option<Decoded>> {
        let input = decode_call(jobs, now);
        let framed = || {
            spread(
                jobs.len(),
                self.framed.recalled(&input),
                |item| match item {
                    DecodedItem::Decoded(decoded) => Ok(decoded),
                    DecodedItem::Panicked(message) => Err(message),
                },
            )
        };
        let linked = |object: &dyn Object| {
            jobs.iter()
                .map(|(targets, response, memo)| {
                    let exchange = Exchange::with_memo(targets, response, memo);
                    guard(|| Decoded::Verdicts(object.recalled(exchange, now)))
                })
                .collect()
        };
        self.items("recalled", [0, 1], linked, framed, report)
    }

    /// None when it was reported already.
    pub fn probe(
        &self,
        grant: Option<&Grant>,
        now: Timestamp,
        report: &mut Report,
    ) -> Option<Option<HttpRequest>> {
        let framed = || call("probe", self.framed.probe(grant.cloned(), now));
        let linked = |object: &dyn Object| object.probe(&Context::new(now, grant));
        self.both("probe", linked, framed, report)
    }

    pub fn probed(
        &self,
        response: &HttpResponse,
        now: Timestamp,
        report: &mut Report,
    ) -> Option<Result<(), Verdict>> {
        let framed = || call("probed", self.framed.probed(response.clone(), now));
        let linked = |object: &dyn Object| object.probed(response, now);
        self.both("probed", linked, framed, report)
    }

    fn both<T: PartialEq + Debug>(
        &self,
        name: &'static str,
        linked: impl Fn(&dyn Object) -> T,
        framed: impl Fn() -> Caught<T>,
        report: &mut Report,
    ) -> Option<T> {
        match &self.linked {
            Some(pair) => {
                let answers = pair.each_ref().map(|object| guard(|| linked(&**object)));
                let [first, second] = answers;
                settle(name, [first, second, framed()], report)
            }
            None => settle(name, [framed(), framed()], report),
        }
    }

    fn items<T: PartialEq + Debug>(
        &self,
        name: &'static str,
        channels: [usize; 2],
        linked: impl Fn(&dyn Object) -> Vec<Caught<T>>,
        framed: impl Fn() -> Vec<Caught<T>>,
        report: &mut Report,
    ) -> Vec<Option<T>> {
        let [first, second] = match &self.linked {
            Some(pair) => channels.map(|index| linked(&*pair[index])),
            None => [framed(), framed()],
        };
        first
            .into_iter()
            .zip(second)
            .zip(framed())
            .map(|((first, second), framed)| settle(name, [first, second, framed], report))
            .collect()
    }
}

/// What a driver made of an item, or the message of its panic.
fn caught(item: Encoded) -> Caught<Result<Rendered, EncodeError>> {
    match item {
        Encoded::Rendered(rendered) => Ok(Ok(rendered)),
        Encoded::Refused(error) => Ok(Err(error)),
        Encoded::Panicked(message) => Err(message),
    }
}

fn decode_call(jobs: &[Answered], now: Timestamp) -> DecodeCall {
    let jobs = jobs.iter().map(|(targets, response, memo)| DecodeJob {
        targets: targets.clone(),
        response: response.clone(),
        memo: memo.clone(),
    });
    DecodeCall {
        now,
        jobs: jobs.collect(),
    }
}
