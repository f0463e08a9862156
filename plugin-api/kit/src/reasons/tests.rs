use super::*;

const NOW: Timestamp = Timestamp(1_767_000_000_000);
const TROUBLE: Rule = Rule::new(Class::Unavailable, "nothing to do: it is tried again");
const WRONG: Rule = Rule::new(Class::BadRequest, "correct the field that the text names");
const DEAD: Rule = Rule::new(Class::InvalidToken, "nothing to do").scope(Scope::Token);
const FAST: Rule = Rule::new(Class::Throttled, "lower the rate").wait(Wait::SECOND);
const TESTS: Rule = Rule::new(Class::QuotaExceeded, "send fewer tests")
    .of_class("test")
    .wait(Wait::MIDNIGHT_IN_CHINA);
const SPENT: Rule = Rule::new(Class::Unavailable, "nothing to do")
    .wait(Wait::Millis(0))
    .fresh_connection();
const OTHER: Rule = Rule::new(Class::Unavailable, "check the endpoint setting");
const LISTED: Rule = Rule::new(Class::InvalidToken, "have the app report it again");

const TABLE: Reasons = Reasons::new(
    &[
        Row::status(503, FAST),
        Row::statuses(500, u16::MAX, TROUBLE),
        Row::codes(&["7", "8"], DEAD),
        Row::codes(&["9"], TESTS),
        Row::codes(&["10"], SPENT).at(200, 299),
        Row::when("`dead` names the token", LISTED),
        Row::family(&["80", "81"], 4, WRONG).at(200, 299),
        Row::range(100, 199, WRONG),
        Row::range(i64::MIN, -1, TROUBLE),
        Row::status(404, WRONG).without_code(),
        Row::statuses(400, 499, FAST),
    ],
    OTHER,
)
.scopes(&[(429, Scope::Account)]);

#[test]
fn the_first_row_that_fits_decides() {
    for (status, code, rule) in [
        (503, "7", FAST),
        (500, "7", TROUBLE),
        (999, "", TROUBLE),
        (200, "7", DEAD),
        (400, "8", DEAD),
        (200, "10", SPENT),
        (400, "10", FAST),
        (200, "8001", WRONG),
        (200, "80011", OTHER),
        (200, "100", WRONG),
        (200, "199", WRONG),
        (200, "200", OTHER),
        (200, "-4", TROUBLE),
        (404, "", WRONG),
        (404, "x", FAST),
        (200, "", OTHER),
        (302, "", OTHER),
    ] {
        assert_eq!(TABLE.judge(status, code), rule, "{status} {code}");
    }
    assert_eq!(TABLE.of_code("8"), Some(DEAD));
    assert_eq!(TABLE.of_code("100"), None);
}

#[test]
fn what_a_rule_leaves_open_the_status_says() {
    assert_eq!(TABLE.judge(429, "").scope, Scope::Account);
    assert_eq!(TABLE.judge(429, "7").scope, Scope::Token);
    assert_eq!(TABLE.judge(400, "").scope, Scope::Unsaid);
}

#[test]
fn a_class_is_held_only_by_a_message_of_it() {
    assert_eq!(TESTS.said_of("test").scope, Scope::MessageClass);
    for other in ["", "low"] {
        assert_eq!(TESTS.said_of(other).scope, Scope::Message);
    }
    assert_eq!(DEAD.said_of("low"), DEAD);
}

#[test]
fn a_verdict_has_the_vendors_wait_else_the_rules() {
    let plain = HttpResponse::new(200, "");
    let asked = HttpResponse::new(429, "").with_header("retry-after", "7");
    let wait = |rule: Rule, response| rule.verdict("9", response, NOW).retry_after_millis;
    assert_eq!(wait(FAST, &plain), Some(1000));
    assert_eq!(wait(FAST, &asked), Some(7000));
    assert_eq!(wait(OTHER, &plain), None);
    assert_eq!(wait(OTHER, &asked), Some(7000));
    // Nobody tries these again.
    assert_eq!(wait(DEAD, &asked), None);
    assert_eq!(wait(TESTS, &plain), Some(NOW.millis_until_midnight(8)));
    let spent = SPENT.verdict("", &plain, NOW);
    assert!(spent.fresh_connection && spent.retry_after_millis == Some(0));
    assert_eq!(spent.code, "HTTP 200");
}

#[test]
fn the_table_is_printed_in_the_order_in_which_it_decides() {
    let printed = TABLE.markdown();
    let lines: Vec<&str> = printed.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "| HTTP 503 | `throttled` |  | after 1 s | lower the rate |",
            "| HTTP 500 and above | `unavailable` |  |  | nothing to do: it is tried again |",
            "| `7`, `8` | `invalid_token` | the token |  | nothing to do |",
            "| `9` | `quota_exceeded` | messages of class `test` | at 00:00, UTC+8 | send fewer tests |",
            "| `10` with HTTP 200 to 299 | `unavailable` |  | at once | nothing to do |",
            "| `dead` names the token | `invalid_token` |  |  | have the app report it again |",
            "| others of 4 characters from `80`, `81` with HTTP 200 to 299 | `bad_request` |  |  | correct the field that the text names |",
            "| other `100` to `199` | `bad_request` |  |  | correct the field that the text names |",
            "| up to `-1` | `unavailable` |  |  | nothing to do: it is tried again |",
            "| no code with HTTP 404 | `bad_request` |  |  | correct the field that the text names |",
            "| HTTP 400 to 499 | `throttled` |  | after 1 s | lower the rate |",
            "| anything else | `unavailable` |  |  | check the endpoint setting |",
        ]
    );
    assert_eq!(TABLE.faults(), [""; 0]);
}

#[test]
fn a_table_says_what_is_wrong_with_it() {
    const LOUD: Rule = Rule::new(Class::BadRequest, "Correct it.");
    const LONG: Rule = Rule::new(Class::BadRequest, "correct it. Then send it again");
    const NONE: Rule = Rule::new(Class::BadRequest, "");
    const FAULTY: Reasons = Reasons::new(
        &[
            Row::codes(&["7", "7"], DEAD),
            Row::codes(&["8"], DEAD),
            Row::codes(&["8"], LOUD).at(200, 299),
            Row::codes(&["9"], DEAD).at(200, 299),
            Row::codes(&["9"], LONG),
        ],
        NONE,
    );
    assert_eq!(
        FAULTY.faults(),
        [
            "7: stands in the table twice",
            "8: stands in the table twice",
            "`8` with HTTP 200 to 299: the remedy begins with a capital: Correct it.",
            "`9`: the remedy has two sentences: correct it. Then send it again",
            "anything else: has no remedy: ",
        ]
    );
}
