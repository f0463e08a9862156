//! A database that takes more than the operator allows: nothing new, in words, and all else
//! goes on.

use nudged_rig::{Rig, RigOptions};

use crate::world::{nudgectl, prepared, problem, text, to_token};

/// A daemon whose database is over its budget from the start.
async fn over_budget() -> Rig {
    let mut rig = prepared(RigOptions::default()).await;
    rig.launch().await.unwrap();
    let long = to_token(1, &"x".repeat(3000)).to_string();
    let accepted = rig.client.send_lines(&vec![long; 600]).await.unwrap();
    assert!(accepted.iter().all(|answer| answer["id"].is_string()));
    rig.terminate().await.unwrap();
    let config = std::fs::read_to_string(rig.home.config()).unwrap();
    let tight = config.replace("[store]\n", "[store]\nmax_mib = 1\n");
    rig.home.write("nudged.toml", tight).unwrap();
    rig.launch().await.unwrap();
    rig
}

#[tokio::test]
async fn over_the_budget_a_notification_is_refused_with_the_time_to_send_it_again() {
    let rig = over_budget().await;
    let refusal = rig.client.send(&to_token(2, "refused")).await.unwrap();
    assert_eq!(refusal.headers["retry-after"], "5", "{}", refusal.what);
    let problem = problem(refusal, 503, "storage_full");
    assert!(
        text(&problem, "hint").contains("store.max_mib"),
        "{problem:#}"
    );
    let ran = nudgectl(&rig, &["status"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[tokio::test]
async fn a_stream_that_pauses_for_room_is_answered_when_the_daemon_stops() {
    let mut rig = over_budget().await;
    let mut stream = rig.client.open_stream().await.unwrap();
    assert!(stream.write(format!("{}\n", to_token(3, "paused"))).await);
    rig.terminate().await.unwrap();
    let answer = stream.answers.next().await.unwrap().expect("an answer");
    // Whether the line came before the signal is a race; that it is answered is none.
    let code = text(&answer["problem"], "code");
    assert!(["storage_full", "stopping"].contains(&code), "{answer:#}");
    assert_eq!(answer["problem"]["line"], 1);
}
