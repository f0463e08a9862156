use super::*;

const NOW: Timestamp = Timestamp(1_000_000_000);

fn cell(grant: Grant, error: Option<Timestamp>) -> (GrantCell, Arc<Grant>) {
    let grant = Arc::new(grant);
    let error = error.map(|until| GrantError {
        since: NOW,
        until,
        asked: false,
        reason: "down".to_owned(),
    });
    let state = GrantState {
        grant: Some(grant.clone()),
        error,
        ..GrantState::default()
    };
    (
        GrantCell {
            state: Mutex::new(state),
            ..GrantCell::default()
        },
        grant,
    )
}

fn at(cell: &GrantCell, seconds: u64) -> Option<bool> {
    cell.valid(NOW.plus_seconds(seconds))
        .map(|valid| valid.stale)
}

#[test]
fn a_grant_is_renewed_while_it_still_works() {
    let (cell, _) = cell(Grant::new("g", NOW, 3600), None);
    assert_eq!(at(&cell, 3299), Some(false));
    assert_eq!(at(&cell, 3300), Some(true));
    assert_eq!(at(&cell, 3600), None);
}

#[test]
fn a_failed_refresh_leaves_the_old_grant_in_use_until_the_next_try() {
    let (cell, _) = cell(Grant::new("g", NOW, 3600), Some(NOW.plus_seconds(3400)));
    assert_eq!(at(&cell, 3350), Some(false));
    assert_eq!(at(&cell, 3400), Some(true));
}

#[test]
fn a_refused_grant_is_dropped_once_and_by_its_own_refusal_only() {
    let (cell, grant) = cell(Grant::new("g", NOW, 3600), None);
    cell.refused(&Arc::new(Grant::new("older", NOW, 60)), "expired", NOW);
    assert_eq!(at(&cell, 1), Some(false));
    cell.refused(&grant, "expired", NOW);
    cell.refused(&grant, "expired", NOW);
    assert_eq!(at(&cell, 1), None);
    assert!(
        cell.lock().error(NOW).is_none(),
        "the next may be fetched at once"
    );
}

#[test]
fn a_grant_too_young_to_renew_is_tried_every_minute_and_then_renewed() {
    let (cell, grant) = cell(Grant::new("g", NOW, 3600).not_again_for(1200), None);
    for minute in 1..20 {
        let refused = minute * 60;
        cell.refused(&grant, "expired", NOW.plus_seconds(refused));
        // Others that were in flight say nothing new.
        cell.refused(&grant, "expired", NOW.plus_seconds(refused + 1));
        assert_eq!(at(&cell, refused + 59), None);
        let due = minute == 19;
        assert_eq!(at(&cell, refused + 60), Some(due), "{minute}");
    }
    cell.worked();
    assert_eq!(at(&cell, 1_300), Some(false));
}

#[test]
fn the_operator_has_a_refused_grant_tried_at_once() {
    let (cell, grant) = cell(Grant::new("g", NOW, 3600).not_again_for(1200), None);
    cell.refused(&grant, "expired", NOW);
    assert_eq!(at(&cell, 1), None);
    cell.retry_now();
    assert_eq!(at(&cell, 1), Some(false));
}

#[test]
fn a_time_that_the_vendor_named_is_not_cut_short_by_a_flush() {
    let (cell, _) = cell(Grant::new("g", NOW, 3600), Some(NOW.plus_seconds(60)));
    if let Some(error) = &mut cell.lock().error {
        error.asked = true;
    }
    cell.retry_now();
    assert!(cell.lock().error(NOW).is_some());
    cell.release();
    assert!(cell.lock().error(NOW).is_none());
}

#[test]
fn a_grant_of_a_clock_that_was_ahead_is_renewed_once_that_is_set_right() {
    let (cell, grant) = cell(Grant::new("g", NOW, 3600).not_again_for(1200), None);
    cell.lock().fetched_at = NOW;
    let right = Timestamp(NOW.0 - 7_200_000);
    cell.refused(&grant, "expired", NOW);
    assert!(cell.lock().error(right).is_none());
    assert!(cell.valid(right).is_none(), "the next is fetched");
}

#[test]
fn grants_and_failures_of_a_clock_that_was_years_ahead_are_not_believed() {
    let years = NOW.plus_seconds(3650 * 86_400);
    let (ahead, _) = cell(Grant::new("g", years, 3600), Some(years));
    assert!(ahead.lock().error(NOW).is_none());
    assert_eq!(at(&ahead, 0), None, "the next is fetched");
}

#[test]
fn a_second_refusal_in_a_row_is_no_matter_of_time() {
    let (cell, first) = cell(Grant::new("first", NOW, 3600), None);
    cell.refused(&first, "expired", NOW);
    let second = Arc::new(Grant::new("second", NOW, 3600));
    cell.lock().grant = Some(second.clone());
    cell.refused(&second, "expired", NOW);
    assert!(cell.lock().error(NOW).is_some());
}
