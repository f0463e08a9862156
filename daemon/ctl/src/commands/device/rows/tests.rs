use super::*;

fn rows(name: &str, text: &[u8], app: Option<&str>) -> io::Result<Vec<String>> {
    let input = Box::new(io::Cursor::new(text.to_vec()));
    let bar = ProgressBar::hidden();
    let rows = Rows::new(input, Path::new(name), app.map(str::to_owned), &bar)?;
    rows.map(|row| {
        let row = row?;
        let json = row.json.map(|json| String::from_utf8(json).expect("UTF-8"));
        let text = json.unwrap_or_else(|why| format!("cannot be read: {why}"));
        Ok(format!("{} {text}", row.line))
    })
    .collect()
}

#[test]
fn csv_becomes_objects_and_keeps_its_line_numbers() {
    let csv = "user, device ,token,certificate_id\n\
               bob,phone,\"a\"\"b\",1\n\
               \n\
               eve,phone,,x\n\
               joe,phone\n\
               ann,phone,t,2\n";
    let read = rows("x.csv", csv.as_bytes(), None).expect("CSV");
    assert_eq!(
        read,
        [
            r#"2 {"certificate_id":1,"device":"phone","token":"a\"b","user":"bob"}"#,
            r#"4 {"certificate_id":"x","device":"phone","user":"eve"}"#,
            "5 cannot be read: has 2 columns, expected 4 as in the first line",
            r#"6 {"certificate_id":2,"device":"phone","token":"t","user":"ann"}"#,
        ]
    );
}

#[test]
fn a_quote_that_is_not_closed_costs_its_own_line_only() {
    let csv = "user,device,token\na,p,\"T1\nb,p,T2\nc,p,\"T\n3\"\nd,p,T4\n";
    let read = rows("x.csv", csv.as_bytes(), None).expect("CSV");
    let refused = |line: u64| {
        format!(
            "{line} cannot be read: a quote is not closed; a quote inside a cell is written twice"
        )
    };
    assert_eq!(
        read,
        [
            refused(2),
            r#"3 {"device":"p","token":"T2","user":"b"}"#.to_owned(),
            refused(4),
            refused(5),
            r#"6 {"device":"p","token":"T4","user":"d"}"#.to_owned(),
        ]
    );
}

#[test]
fn lines_are_passed_on_and_get_the_app_that_they_lack() {
    let lines = b"{\"user\":\"bob\"}\n\n  \nnonsense\n{\"app\":\"x\"}";
    let read = rows("x", lines, None).expect("lines");
    assert_eq!(
        read,
        ["1 {\"user\":\"bob\"}", "4 nonsense", "5 {\"app\":\"x\"}"]
    );
    let read = rows("x", lines, Some("shop")).expect("lines");
    assert_eq!(read[0], r#"1 {"app":"shop","user":"bob"}"#);
    assert_eq!(read[2], r#"5 {"app":"x"}"#);
    // Half an emoji does not send it to another app.
    let cut = rows("x", br#"{"user":"bob \ud83d"}"#, Some("shop")).expect("lines");
    assert_eq!(cut, ["1 {\"app\":\"shop\",\"user\":\"bob \u{fffd}\"}"]);
}

#[test]
fn what_it_is_is_seen_by_name_or_content_though_packed() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut packed, b"\xef\xbb\xbfuser,device,token\nbob,phone,t\n")
        .expect("memory");
    let packed = packed.finish().expect("memory");
    for name in ["x.csv.gz", "x", "-", "X.CSV"] {
        let read = rows(name, &packed, None).expect("CSV");
        assert_eq!(read, [r#"2 {"device":"phone","token":"t","user":"bob"}"#]);
    }
    let half = &packed[..packed.len() - 10];
    assert!(rows("x.csv.gz", half, None).is_err());
    assert_eq!(rows("x", b"", None).expect("nothing").len(), 0);
}

#[test]
fn what_parts_the_columns_is_seen_by_the_first_line() {
    let row = r#"{"device":"p","token":"a,b;c","user":"bob"}"#;
    for (text, line) in [
        ("user;device;token\nbob;p;\"a,b;c\"\n", 2),
        ("user\tdevice\ttoken\r\nbob\tp\ta,b;c\r\n", 2),
        ("user,device,token\nbob,p,\"a,b;c\"\n", 2),
        ("\u{feff}user;device;token\rbob;p;\"a,b;c\"\r", 2),
        ("sep=|\r\nuser|device|token\r\nbob|p|a,b;c\r\n", 3),
        ("sep=,\nuser,device,token\nbob,p,\"a,b;c\"\n", 3),
    ] {
        for name in ["x.csv", "x.tsv", "x.txt", "-"] {
            let read = rows(name, text.as_bytes(), None).expect("CSV");
            assert_eq!(read, [format!("{line} {row}")], "{text:?}");
        }
    }
    let error = rows("x.csv", b"user|device|token\n", None).expect_err("refused");
    assert!(error.to_string().contains("separated by '|'"), "{error}");
}

#[test]
fn a_json_array_is_refused_whole() {
    for (name, text) in [
        ("x.json", "[\n {\"user\":\"bob\"}\n]"),
        ("x", "\u{feff} [{}]"),
        ("x.csv", "[{}]"),
    ] {
        let error = rows(name, text.as_bytes(), None).expect_err("refused");
        assert!(error.to_string().contains("jq -c '.[]'"), "{error}");
    }
}

#[test]
fn an_object_over_several_lines_is_refused_whole() {
    for text in ["{\n \"user\":\"bob\"\n}\n", "\n{ \r\n\"user\":\"bob\"}"] {
        let error = rows("x.json", text.as_bytes(), None).expect_err("refused");
        assert!(error.to_string().contains("jq -c ."), "{error}");
    }
    assert_eq!(rows("x", b"{}\n{\n", None).expect("lines").len(), 2);
}

#[test]
fn columns_that_are_not_known_are_refused_at_once() {
    for (header, word) in [
        ("user,device,tokne", "tokne"),
        ("user,device,token,user", "twice"),
        ("user,device", "token"),
        ("bob,phone,t", "bob"),
    ] {
        let error = rows("x.csv", header.as_bytes(), None).expect_err("refused");
        assert!(error.to_string().contains(word), "{error}");
    }
}
