//! 66 and 67, for addresses: pictures, web pages and intents that are not quite right reach each
//! vendor in the form that its stand-in takes, or the app opens, and the sender is told.

use nudged_rig::{Rig, VENDORS, Vendor, vendor};
use serde_json::{Value, json};

use super::fitted::check;
use crate::world::{problem, rig_of, taken_by, text_at};

/// A daemon with a channel of each vendor.
async fn rig() -> Rig {
    rig_of(&VENDORS).await
}

/// What the vendor's newest request says.
fn newest(rig: &Rig, vendor: Vendor) -> nudged_simulator::Received {
    taken_by(rig, vendor).pop().expect("it was sent")
}

fn clicking(action: &str, value: &str) -> Value {
    json!({"body": "Lunch?", "click": {"action": action, "value": value}})
}

/// What the sender of this message to one device of the vendor's is told of the field.
async fn told(rig: &Rig, vendor: Vendor, message: &Value, field: &str) -> Vec<String> {
    let to = json!([{"channel": vendor.channel, "token": vendor.numbered(999)}]);
    let ask = json!({"to": to, "message": message});
    let answer = rig.client.post("/v1/notifications", &ask).await.unwrap();
    let answer = answer.expect(202);
    let notices = answer["notices"].as_array().into_iter().flatten();
    let notices = notices.filter(|notice| notice["field"] == field);
    notices.map(|it| text_at(it, "/text").to_owned()).collect()
}

#[tokio::test]
async fn req_66_a_picture_reaches_each_vendor_whatever_its_address() {
    let rig = rig().await;
    let mut n = 0;
    for (image, right) in [
        (
            "https://cdn.cn/图片.png",
            "https://cdn.cn/%E5%9B%BE%E7%89%87.png",
        ),
        ("https://cdn.cn/a b.png", "https://cdn.cn/a%20b.png"),
        ("https://cdn.cn/a.png\n", "https://cdn.cn/a.png"),
        ("HTTPS://cdn.cn/a.png", "https://cdn.cn/a.png"),
        (
            "https://x/a{1}.png?b[]=50%",
            "https://x/a%7B1%7D.png?b%5B%5D=50%25",
        ),
        (
            "https://例子.测试/1.png",
            "https://xn--fsqu00a.xn--0zwm56d/1.png",
        ),
        ("http://cdn.cn/a.png", ""),
        ("https://[::1]/a.png", ""),
        ("https://", ""),
        ("图片.png", ""),
    ] {
        n += 1;
        check(&rig, n, &json!({"body": "Lunch?", "image": image})).await;
        for (vendor, pointer) in [
            (vendor::HUAWEI, "/message/android/notification/image"),
            (vendor::HARMONY, "/payload/notification/image"),
        ] {
            let sent = newest(&rig, vendor);
            let image = sent.body.pointer(pointer).and_then(Value::as_str);
            assert_eq!(image.unwrap_or_default(), right, "{}", vendor.title);
        }
    }
    // What is left out is told, with its reason.
    for vendor in [vendor::HUAWEI, vendor::HONOR, vendor::HARMONY] {
        for (image, why) in [
            ("http://cdn.cn/a.png", "starts with http://"),
            ("https://[::1]/a.png", "IPv6"),
            ("https:///a.png", "has no host"),
        ] {
            let message = json!({"body": "Lunch?", "image": image});
            let told = told(&rig, vendor, &message, "message.image").await;
            assert!(told.iter().any(|it| it.contains(why)), "{image}: {told:?}");
        }
    }
}

#[tokio::test]
async fn req_67_a_web_page_opens_at_each_vendor_whatever_its_address() {
    let rig = rig().await;
    let browsers = VENDORS
        .into_iter()
        .filter(|it| !["apns", "fcm", "harmony"].contains(&it.name));
    let browsers: Vec<_> = browsers.collect();
    let mut n = 0;
    for (page, right) in [
        (
            "https://a.cn/路径?q=汉",
            "https://a.cn/%E8%B7%AF%E5%BE%84?q=%E6%B1%89",
        ),
        ("https://a.cn/\"x", "https://a.cn/%22x"),
        ("https://a.cn/{id}|x", "https://a.cn/%7Bid%7D%7Cx"),
        ("https://例.cn/", "https://xn--fsq.cn/"),
        (" HTTPS://a.cn/b c\n", "https://a.cn/b%20c"),
        ("https://[::1]:80/x", "app"),
        ("http://ann@[2001:db8::1]/", "app"),
    ] {
        for action in ["open_url", "open_page"] {
            n += 1;
            let message = clicking(action, page);
            check(&rig, n, &message).await;
            for vendor in &browsers {
                let shown = vendor.shown(&newest(&rig, *vendor));
                assert_eq!(shown.click, right, "{} {action} {page}", vendor.title);
                if right == "app" {
                    let told = told(&rig, *vendor, &message, "message.click").await;
                    let opens = told.iter().any(|it| it.starts_with("opens the app"));
                    assert!(opens, "{} {told:?}", vendor.title);
                }
            }
        }
    }
}

#[tokio::test]
async fn req_67_an_intent_that_is_not_quite_one_is_mended_or_opens_the_app() {
    let rig = rig().await;
    let of_intents = [
        vendor::XIAOMI,
        vendor::HUAWEI,
        vendor::OPPO,
        vendor::VIVO,
        vendor::HONOR,
    ];
    let mut n = 0;
    for (page, right) in [
        (
            "#Intent;component=com.example.chat/.B;end",
            "intent:#Intent;component=com.example.chat/.B;end",
        ),
        (
            " intent:#Intent;component=com.example.chat/.B;end\n",
            "intent:#Intent;component=com.example.chat/.B;end",
        ),
        ("intent:#Intent;end", "app"),
        ("#Intent;end", "app"),
        (
            "intent:#Intent;SEL;component=com.example.chat/.B;end",
            "app",
        ),
        ("intent:#Intent;component=B;end", "app"),
        (
            "intent:#Intent;component=com.example.chat/.B;x=1;end",
            "app",
        ),
        (
            "intent:#Intent;component=com.example.chat/.B;S.a=%zz;end",
            "app",
        ),
        (
            "intent:#Intent;component=com.example.chat/.B;i.n=x;end",
            "app",
        ),
        ("intent://room/42", "app"),
    ] {
        n += 1;
        let message = clicking("open_page", page);
        check(&rig, n, &message).await;
        for vendor in of_intents {
            let shown = vendor.shown(&newest(&rig, vendor));
            assert_eq!(shown.click, right, "{} {page}", vendor.title);
            if right == "app" {
                let told = told(&rig, vendor, &message, "message.click").await;
                let opens = told.iter().any(|it| it.starts_with("opens the app"));
                assert!(opens, "{} {told:?}", vendor.title);
            }
        }
    }
}

#[tokio::test]
async fn req_67_what_has_no_host_is_refused_with_what_a_url_is() {
    let rig = rig().await;
    for url in [
        "https://",
        "https:///etc",
        "https://a b/",
        "https://a:b/",
        "ftp://a.cn",
    ] {
        let to = json!([{"channel": vendor::VIVO.channel, "token": vendor::VIVO.numbered(1)}]);
        let ask = json!({"to": to, "message": clicking("open_url", url)});
        let refused = problem(rig.client.send(&ask).await.unwrap(), 422, "invalid");
        assert_eq!(refused["field"], "message.click.value", "{url}");
    }
}

#[tokio::test]
async fn req_66_what_takes_the_room_is_named_where_nothing_can_be_cut() {
    let rig = rig().await;
    let vendor = vendor::HONOR;
    let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
    let ask = json!({
        "to": to, "message": {"body": "b"},
        "options": {"honor": {"group": "汉".repeat(1500)}},
    });
    let refused = problem(rig.client.send(&ask).await.unwrap(), 422, "invalid");
    assert_eq!(refused["field"], "options.honor.group", "{refused:#}");
    let shorten = refused.to_string().contains("shorten it");
    assert!(shorten, "{refused:#}");

    for vendor in VENDORS {
        let message = json!({"kind": "background", "ext": "x".repeat(5000)});
        let to = json!([{"channel": vendor.channel, "token": vendor.numbered(2)}]);
        let ask = json!({"to": to, "message": message});
        let answer = rig.client.send(&ask).await.unwrap().expect(202);
        let notices = answer["notices"].as_array().cloned().unwrap_or_default();
        for notice in &notices {
            let field = text_at(notice, "/field");
            assert_ne!(field, "message.message", "{}", vendor.title);
            assert_ne!(field, "message", "{}", vendor.title);
        }
        let is_told = notices.iter().any(|it| it["field"] == "message.ext");
        let knows_data = ["apns", "fcm", "huawei", "honor", "harmony"].contains(&vendor.name);
        assert!(is_told || !knows_data, "{} {answer:#}", vendor.title);
    }
}
