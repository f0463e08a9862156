use super::*;

const RECALL: &str = "/v3/message/regid/revoke";
const FIELDS: [(&str, &str); 4] = [
    ("registration_ids", "regidA="),
    ("registration_ids", "regidB="),
    ("restricted_package_name", "com.example.app"),
    ("notify_id", "41207"),
];

fn code(fields: &[(&str, &str)]) -> String {
    ask(&xiaomi(), RECALL, &encode(fields)).code()
}

/// The fields with another value of one; an empty one takes it out.
fn changed(name: &str, value: &str) -> String {
    let mut fields = FIELDS.to_vec();
    fields.retain(|(other, _)| *other != name);
    if !value.is_empty() {
        fields.push((name, value));
    }
    code(&fields)
}

#[test]
fn a_message_is_taken_back_from_the_devices_that_are_named() {
    let xiaomi = xiaomi();
    let sent = ask(&xiaomi, V3, &with(&[("notify_id", "41207")]));
    let (acceptance, received) = (sent.acceptance.unwrap(), sent.received);
    xiaomi.world.record.accept(&acceptance, received, None);
    let shown = |token| xiaomi.world.record.shown(Vendor::Xiaomi, token).len();
    assert_eq!([shown("regidA="), shown("regidB=")], [1, 1]);
    let other = encode(&[&FIELDS[1..3], &[("notify_id", "7")]].concat());
    assert_eq!(ask(&xiaomi, RECALL, &other).code(), "0");
    assert_eq!([shown("regidA="), shown("regidB=")], [1, 1]);
    let answer = ask(&xiaomi, RECALL, &encode(&FIELDS[1..]));
    assert_eq!(answer.code(), "0");
    assert_eq!([shown("regidA="), shown("regidB=")], [1, 0]);
    assert!(answer.received.is_none());
}

#[test]
fn every_field_must_be_there_and_right() {
    assert_eq!(code(&FIELDS), "0");
    for (name, value, expected) in [
        ("registration_ids", "", "10016"),
        ("registration_ids", "regidA=,regidB=", "66007"),
        ("restricted_package_name", "", "10016"),
        ("restricted_package_name", "com.example.unknown", "22022"),
        ("notify_id", "", "10016"),
        ("notify_id", "-1", "22103"),
        ("notify_id", "2147483648", "22103"),
        ("registration_id", "regidA=", "10008"),
    ] {
        assert_eq!(changed(name, value), expected, "{name} {value}");
    }
    let twice = [&FIELDS[..], &FIELDS[3..]].concat();
    assert_eq!(code(&twice), "10008");
}
