//! requestIds through the whole exchange: a fault decides whether the first was taken.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::*;
use crate::faults::{Fault, FaultKind};
use crate::net::exchange::{Order, Respond, answer_read};

struct Unheard;

impl Respond for Unheard {
    fn send(&mut self, _reply: Reply) {}
    fn go_away(&mut self, _orders: &UnboundedSender<Order>) {}
    fn reset(&mut self) {}
}

/// One request, as far as it gets without waiting; how many messages were received then.
async fn exchange(vivo: &Vivo) -> usize {
    let request = json_to(SEND).header("authToken", grant(vivo));
    let (head, ()) = request.body(()).unwrap().into_parts();
    let body = Bytes::from(message().to_string());
    let (orders, _received) = unbounded_channel();
    let world = vivo.world.clone();
    let mut answer = pin!(answer_read(vivo, &world, &(), head, body, Unheard, &orders));
    poll_fn(|cx| {
        let _done_or_cut = answer.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
    vivo.world.record.received().len()
}

#[tokio::test]
async fn a_repeat_of_what_was_taken_is_not_received_again() {
    for (kind, taken) in [
        (FaultKind::LoseReply, 1),
        (FaultKind::Drop, 0),
        (FaultKind::Garbage, 0),
    ] {
        let vivo = vivo();
        vivo.world.add_fault(Fault::new(kind.clone()).times(1));

        assert_eq!(exchange(&vivo).await, taken, "{kind:?}");
        assert_eq!(exchange(&vivo).await, 1, "{kind:?}");
        assert_eq!(exchange(&vivo).await, 1, "{kind:?}");
    }
}
