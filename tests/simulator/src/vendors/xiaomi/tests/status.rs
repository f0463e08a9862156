use super::*;

fn code(request: Builder) -> String {
    testing::ask(&xiaomi(), request, "").code()
}

fn get(query: &str) -> Builder {
    let path = format!("/v1/trace/messages/status{query}");
    Request::get(path).header(AUTHORIZATION, format!("key={SECRET}"))
}

#[test]
fn the_state_of_a_period_is_told_to_who_has_the_secret() {
    const PERIOD: &str = "?begin_time=1000&end_time=2000";
    assert_eq!(code(get(PERIOD)), "0");
    let other = Request::get("/v1/trace/messages/status?begin_time=1000&end_time=2000")
        .header(AUTHORIZATION, "key=another");
    assert_eq!(code(other), "21301");
    for (query, expected) in [
        ("", "10016"),
        ("?begin_time=1000", "10016"),
        ("?begin_time=yesterday&end_time=2000", "10017"),
        ("?begin_time=3000&end_time=2000", "10017"),
        ("?begin_time=1000&end_time=2000&page=1", "10008"),
    ] {
        assert_eq!(code(get(query)), expected, "{query}");
    }
    let post = Request::post("/v1/trace/messages/status").header(AUTHORIZATION, "key=x");
    assert_eq!(code(post), "10021");
}
