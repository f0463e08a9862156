use proptest::prelude::*;

use super::*;

#[test]
fn an_address_that_is_right_stays_as_it_is() {
    for right in [
        "http://a",
        "https://example.com",
        "https://example.com?a=b",
        "https://example.com/chat?id=42#end",
        "https://my_bucket.example.com./a%20b/%E5%9B%BE.png",
        "https://Example.COM:8443/A",
        "https://192.0.2.1/x",
        "https://ann:pw@example.com/",
        "https://xn--fsqu00a.xn--0zwm56d/",
    ] {
        assert!(
            matches!(web(right), Ok(Cow::Borrowed(it)) if it == right),
            "{right}"
        );
        assert_eq!(mended(right), None, "{right}");
    }
}

#[test]
fn an_address_is_mended_where_there_is_no_room_for_what_it_says() {
    for (said, right) in [
        (
            "https://cdn.cn/图片.png",
            "https://cdn.cn/%E5%9B%BE%E7%89%87.png",
        ),
        ("https://cdn.cn/a b.png", "https://cdn.cn/a%20b.png"),
        (" https://cdn.cn/a.png\n", "https://cdn.cn/a.png"),
        ("HTTPS://cdn.cn/a.png", "https://cdn.cn/a.png"),
        ("hTTp://a", "http://a"),
        ("https://x/a{1}.png", "https://x/a%7B1%7D.png"),
        (
            "https://a.cn/路径?q=汉",
            "https://a.cn/%E8%B7%AF%E5%BE%84?q=%E6%B1%89",
        ),
        (
            "https://a.cn/\"x|y\\z^`<>",
            "https://a.cn/%22x%7Cy%5Cz%5E%60%3C%3E",
        ),
        ("https://a.cn/?a[]=1#b#c", "https://a.cn/?a%5B%5D=1#b%23c"),
        (
            "https://a.cn/50%?x=%zz&y=%4",
            "https://a.cn/50%25?x=%25zz&y=%254",
        ),
        ("https://a.cn/a\tb\nc", "https://a.cn/a%09b%0Ac"),
        ("https://例子.测试/x", "https://xn--fsqu00a.xn--0zwm56d/x"),
        (
            "https://例子。测试:81",
            "https://xn--fsqu00a.xn--0zwm56d:81",
        ),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://ü:p w@a.cn/", "https://%C3%BC:p%20w@a.cn/"),
    ] {
        assert_eq!(web(said).as_deref(), Ok(right), "{said}");
        assert_eq!(mended(said).as_deref(), Some(right), "{said}");
    }
}

#[test]
fn what_is_no_address_is_told_why() {
    use NoAddress::{Brackets, Host, Plain, Port, Scheme};
    for (said, why) in [
        ("", Scheme),
        ("example.com", Scheme),
        ("ftp://a", Scheme),
        ("javascript:alert(1)", Scheme),
        ("https:/a", Scheme),
        ("https:a", Scheme),
        ("https://", Host),
        ("https:///etc", Host),
        ("https://?x", Host),
        ("https://.a", Host),
        ("https://a..b/", Host),
        ("https://-a/", Host),
        ("https://a b/", Host),
        ("https://a%20b/", Host),
        ("https://a\\b/", Host),
        ("https://ann@/", Host),
        ("https://a:b@c:d@/", Host),
        ("https://例 子/", Host),
        ("https://[::1", Host),
        ("https://[a]/", Host),
        ("https://[::1]:80/x", Brackets),
        ("http://ann@[2001:db8::1]/", Brackets),
        ("https://a:b/", Port),
        ("https://a:65536/", Port),
        ("https://a:1:2/", Port),
        ("https://a:+1/", Port),
    ] {
        assert_eq!(web(said), Err(why), "{said}");
        assert_eq!(mended(said), None, "{said}");
        assert_eq!(is_web(said), why == Brackets, "{said}");
    }
    assert_eq!(https("http://a"), Err(Plain));
    assert_eq!(https("HTTPS://a").as_deref(), Ok("https://a"));
    let long = format!("https://{}/", "a".repeat(64));
    assert_eq!(web(&long), Err(Host));
}

proptest! {
    #[test]
    fn what_was_mended_needs_no_mending(text in "(https?|HTTPS)://\\PC{0,40}") {
        if let Ok(address) = web(&text) {
            let odd = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}[]".contains(c);
            prop_assert!(!address.contains(odd), "{address}");
            prop_assert!(matches!(web(&address), Ok(Cow::Borrowed(same)) if same == address));
        }
    }

    #[test]
    fn no_text_is_too_odd(text in any::<String>()) {
        let _ = web(&text);
        let _ = web(&format!("https://{text}"));
        let _ = web(&format!("https://a.cn/{text}"));
    }
}

#[test]
fn a_web_page_has_a_host_and_no_blanks() {
    for page in ["http://a", "https://example.com/chat?id=42#end"] {
        assert!(is_web_page(page), "{page}");
    }
    for other in [
        "",
        "https://",
        "https:///etc",
        "HTTPS://a",
        "ftp://a",
        "javascript:alert(1)",
        "https://a b",
        "https://a\n",
        "https://a/汉",
        "https://[::1]/",
    ] {
        assert!(!is_web_page(other), "{other:?}");
    }
}
