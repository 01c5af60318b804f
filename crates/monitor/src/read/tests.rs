//! What each form of log gives.

use proptest::prelude::*;

use super::*;
use crate::{Connection, Invocation, Outcome};

const ID: &str = "8f5d2c1e-52a1-4f0e-9f1c-0a1b2c3d4e5f";
const OTHER: &str = "11111111-2222-4333-8444-555555555555";
const STREAM: &str = "2026/11/21/[$LATEST]0123456789abcdef";

fn read(lines: &str) -> (Vec<Invocation>, Tally) {
    let mut reader = Reader::new(
        Limits {
            entries: 100,
            bytes: 1 << 20,
        },
        "unnamed",
    );
    for line in lines.lines() {
        reader.line(line);
    }
    let stock = reader.stock();
    let found = stock.invocations.iter().map(|one| one.as_ref().clone());
    (found.collect(), reader.tally())
}

fn one(lines: &str) -> Invocation {
    let (mut found, tally) = read(lines);
    assert_eq!((found.len(), tally.unread), (1, 0), "{found:#?} {tally:?}");
    found.remove(0)
}

fn texts(one: &Invocation) -> Vec<&str> {
    one.lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn our_line_in_json_is_an_invocation_wherever_its_fields_stand() {
    let flat = r#"{"timestamp":"2026-11-21T06:00:00.5Z","level":"INFO","message":"answered => using new database connection","function":"api","id":"req-00001","method":"POST","route":"/v1/login","status":200,"took_ms":12.5,"outcome":"ok","cold":true,"init_ms":31.5,"memory_mb":29.0,"database_connection":"new","target":"countersign_web::kernel::observe"}"#;
    let nested = r#"{"timestamp":"2026-11-21T06:00:00.5Z","level":"INFO","fields":{"message":"answered => using new database connection","status":200,"took_ms":12.5,"outcome":"ok","cold":true,"init_ms":31.5,"memory_mb":29.0},"target":"t","span":{"function":"api","id":"req-00001","method":"POST","route":"/v1/login","address":"198.51.100.7","database_connection":"new","name":"request"}}"#;
    let found = one(flat);
    assert_eq!(found, one(nested));
    assert_eq!(found.outcome, Outcome::Ok);
    assert_eq!(
        (found.status, found.took_ms, found.init_ms),
        (Some(200), 12.5, Some(31.5))
    );
    assert!(found.cold && found.database_connection == Some(Connection::New));
    assert_eq!(
        (found.function.as_str(), found.name()),
        ("api", Some("req-00001"))
    );
    assert_eq!(texts(&found), ["answered => using new database connection"]);
}

#[test]
fn our_line_for_people_is_one_too_with_colours_or_without() {
    let plain = r#"2026-11-21T06:00:00.123456Z  INFO request{id="req-00001" method="GET" route="/v1/users/{id}" address=127.0.0.1 database_connection="existing"}: countersign_web::kernel::observe: answered status=404 took_ms=1.25"#;
    let coloured = plain
        .replace("INFO", "\u{1b}[32mINFO\u{1b}[0m")
        .replace("id=", "\u{1b}[3mid\u{1b}[0m\u{1b}[2m=\u{1b}[0m");
    let found = one(plain);
    assert_eq!(found, one(&coloured));
    assert_eq!(found.route.as_deref(), Some("/v1/users/{id}"));
    assert_eq!((found.outcome, found.took_ms), (Outcome::Refused, 1.25));
    assert_eq!(
        texts(&found),
        ["answered status=404 took_ms=1.25 => using existing database connection"]
    );
    assert!(!format!("{found:?}").contains("127.0.0.1"));
}

/// The tutorials' function: what it prints with `console.log` is found on its invocation's page.
fn tutorial(prefix: &str) -> String {
    [
        "INIT_START Runtime Version: nodejs:22.v30\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0",
        &format!("START RequestId: {ID} Version: $LATEST"),
        &format!("2026-11-21T06:00:00.100Z\t{ID}\tINFO\t=> using new database connection"),
        "a bare line of a native module",
        &format!("END RequestId: {ID}"),
        &format!("REPORT RequestId: {ID}\tDuration: 812.44 ms\tBilled Duration: 813 ms\tMemory Size: 128 MB\tMax Memory Used: 71 MB\tInit Duration: 402.11 ms\t"),
    ]
    .map(|line| format!("{prefix}{line}"))
    .join("\n")
}

#[test]
fn a_function_of_any_language_is_read_from_the_lines_of_the_platform() {
    for prefix in [
        String::new(),
        "2026-11-21T06:00:00 ".to_owned(),
        format!("2026-11-21T06:00:00.100000+00:00 {STREAM} "),
        format!("\u{1b}[32m2026-11-21T06:00:00.100000+00:00\u{1b}[0m \u{1b}[36m{STREAM}\u{1b}[0m "),
        "2026-11-21T06:00:00.100Z ".to_owned(),
    ] {
        let found = one(&tutorial(&prefix));
        assert_eq!(
            (found.took_ms, found.init_ms),
            (812.44, Some(402.11)),
            "{prefix}"
        );
        assert_eq!((found.memory_mb, found.cold), (Some(71.0), true));
        assert_eq!(found.aws_request_id.as_deref(), Some(ID));
        assert_eq!(found.database_connection, Some(Connection::New));
        assert_eq!(
            texts(&found),
            [
                "=> using new database connection",
                "a bare line of a native module"
            ]
        );
        assert_eq!(
            (found.outcome, found.function.as_str()),
            (Outcome::Ok, "unnamed")
        );
    }
}

#[test]
fn lambdas_log_format_in_json_and_its_pretty_form_are_read() {
    let lines = [
        format!(
            r#"{{"time":"2026-11-21T06:00:00.000Z","type":"platform.start","record":{{"requestId":"{ID}","version":"$LATEST"}}}}"#
        ),
        format!(
            r#"{{"timestamp":"2026-11-21T06:00:00.050Z","level":"INFO","requestId":"{ID}","message":"hello","user_name":"x"}}"#
        ),
        format!(
            r#"{{"timestamp":"2026-11-21T06:00:00.060Z","level":"INFO","requestId":"{ID}","message":{{"outcome":"ok"}}}}"#
        ),
        format!(
            r#"{{"time":"2026-11-21T06:00:00.100Z","type":"platform.runtimeDone","record":{{"requestId":"{ID}","status":"success"}}}}"#
        ),
        format!(
            r#"{{"time":"2026-11-21T06:00:00.100Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":99.5,"billedDurationMs":100,"memorySizeMB":128,"maxMemoryUsedMB":40,"initDurationMs":7.5}},"status":"success"}}}}"#
        ),
    ];
    let found = one(&lines.join("\n"));
    assert_eq!(
        (found.took_ms, found.init_ms, found.memory_mb),
        (99.5, Some(7.5), Some(40.0))
    );
    assert_eq!(texts(&found), ["hello user_name=x", "{\"outcome\":\"ok\"}"]);

    let pretty = lines.each_ref().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = serde_json::to_string_pretty(&value).unwrap();
        format!("2026-11-21T06:00:00.100000+00:00 {STREAM} \n{text}")
    });
    assert_eq!(found, one(&pretty.join("\n")));

    let events = lines.each_ref().map(|line| {
        serde_json::json!({ "logStreamName": STREAM, "timestamp": 1_795_240_800_000_i64, "message": format!("{line}\n"), "eventId": "1" })
    });
    let whole = serde_json::json!({ "events": events, "searchedLogStreams": [] });
    assert_eq!(found, one(&serde_json::to_string_pretty(&whole).unwrap()));
    assert_eq!(found, one(&whole.to_string()));
    let each = events.each_ref().map(ToString::to_string);
    assert_eq!(found, one(&each.join("\n")));
}

#[test]
fn our_line_on_lambda_and_the_platforms_report_make_one_invocation() {
    let ours = format!(
        r#"{{"timestamp":"2026-11-21T06:00:00.5Z","level":"INFO","message":"answered => using existing database connection","function":"countersign","id":"req-00001","aws_request_id":"{ID}","method":"GET","route":"/v1/me","status":200,"took_ms":2.5,"outcome":"ok","cold":false}}"#
    );
    let metrics = r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"Invocations":1}"#;
    let report = format!(
        "REPORT RequestId: {ID}\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\t"
    );
    let (found, tally) = read(&format!(
        "START RequestId: {ID} Version: 1\n{ours}\n{metrics}\nEND RequestId: {ID}\n{report}"
    ));
    assert_eq!((found.len(), tally.unread, tally.beside), (1, 0, 1));
    assert_eq!((found[0].took_ms, found[0].memory_mb), (2.5, Some(31.0)));
    assert_eq!(found[0].name(), Some("req-00001"));
}

#[test]
fn a_crash_and_a_time_out_are_failures() {
    for lines in [
        format!(
            "START RequestId: {ID} Version: 1\n2026-11-21T06:00:03.000Z {ID} Task timed out after 3.00 seconds\nEND RequestId: {ID}\nREPORT RequestId: {ID}\tDuration: 3000.00 ms\tMax Memory Used: 40 MB"
        ),
        format!(
            "REPORT RequestId: {ID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tStatus: timeout"
        ),
        format!(
            "START RequestId: {ID} Version: 1\nRequestId: {ID} Error: Runtime exited with error: exit status 1\nREPORT RequestId: {ID}\tDuration: 3000.00 ms"
        ),
        format!(
            "2026-11-21T06:00:00.100Z\t{ID}\tERROR\tUncaught Exception \t{{\"errorType\":\"Error\"}}\nREPORT RequestId: {ID}\tDuration: 3000.00 ms"
        ),
    ] {
        let found = one(&lines);
        assert_eq!(
            (found.outcome, found.took_ms),
            (Outcome::Failed, 3000.0),
            "{lines}"
        );
    }
}

#[test]
fn no_invocation_takes_longer_than_time_itself() {
    let line = |took: &str| {
        format!(
            r#"{{"timestamp":"2026-11-21T06:00:00.5Z","message":"answered","function":"api","id":"req-00001","method":"GET","route":"/v1/me","status":200,"took_ms":{took},"outcome":"ok"}}"#
        )
    };
    assert_eq!(read(&line("999999999")).0.len(), 1);
    for impossible in ["1e308", "1e9", "-1"] {
        assert!(read(&line(impossible)).0.is_empty(), "{impossible}");
    }
}

#[test]
fn text_between_two_functions_at_work_belongs_to_the_one_of_its_stream() {
    let other = STREAM.replace("0123", "9999");
    let lines = format!(
        "2026-11-21T06:00:00+00:00 {STREAM} START RequestId: {ID} Version: 1\n\
         2026-11-21T06:00:00+00:00 {other} START RequestId: {OTHER} Version: 1\n\
         2026-11-21T06:00:01+00:00 {STREAM} mine\n\
         2026-11-21T06:00:01+00:00 {other} theirs\n\
         2026-11-21T06:00:02+00:00 {STREAM} REPORT RequestId: {ID}\tDuration: 1.00 ms\n\
         2026-11-21T06:00:02+00:00 {other} REPORT RequestId: {OTHER}\tDuration: 1.00 ms\n\
         2026-11-21T06:00:03+00:00 {STREAM} nobody's"
    );
    let (found, tally) = read(&lines);
    assert_eq!(
        found.iter().map(texts).collect::<Vec<_>>(),
        [["mine"], ["theirs"]]
    );
    assert_eq!(tally.unread, 1);
    // Without the stream's name nobody can tell, and nothing is made up.
    let (found, tally) = read(
        &lines
            .replace(&format!("{STREAM} "), "")
            .replace(&format!("{other} "), ""),
    );
    assert!(found.iter().all(|one| one.lines.is_empty()), "{found:?}");
    assert_eq!(tally.unread, 3);
}

#[test]
fn an_invocation_that_is_not_over_is_not_counted_yet() {
    let mut reader = Reader::new(
        Limits {
            entries: 100,
            bytes: 1 << 20,
        },
        "f",
    );
    reader.line(&format!("START RequestId: {ID} Version: 1"));
    assert!(reader.stock().invocations.is_empty());
    reader.line(&format!("REPORT RequestId: {ID}\tDuration: 1.00 ms"));
    assert_eq!(reader.stock().invocations.len(), 1);
    assert_eq!(reader.fresh_ones().len(), 1);
    assert!(reader.fresh_ones().is_empty());
}

#[test]
fn what_can_not_be_read_is_counted_and_ends_nothing() {
    let lines = format!(
        "garbage\n{{\"half\": \n{{\n  \"never\":\nSTART\n{{}}\n[1]\n\u{0}\u{1}\nREPORT RequestId: {ID}\tDuration: 2.00 ms"
    );
    let (found, tally) = read(&lines);
    assert_eq!(found.len(), 1);
    assert_eq!((tally.lines, tally.beside), (9, 2), "{tally:?}");
    assert_eq!(tally.unread, 6);
}

#[test]
fn the_memory_of_a_reader_is_bounded() {
    let mut reader = Reader::new(
        Limits {
            entries: 10,
            bytes: 1 << 20,
        },
        "f",
    );
    for n in 0..300 {
        reader.line(&format!("START RequestId: {ID}-{n} Version: 1"));
        reader.line(&format!("REPORT RequestId: {ID}-{n}\tDuration: 1.00 ms"));
    }
    let stock = reader.stock();
    assert_eq!((stock.invocations.len(), stock.pushed_out), (10, 290));
    let mut reader = Reader::new(
        Limits {
            entries: 1000,
            bytes: 100_000,
        },
        "f",
    );
    for _ in 0..300 {
        reader.line(&format!(
            "2026-11-21T06:00:00.100Z\t{ID}\tINFO\t{}",
            "x ".repeat(1000)
        ));
    }
    assert!(reader.stock().invocations.is_empty());
}

#[test]
fn no_line_keeps_a_token_that_a_function_wrote() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2lnbmF0dXJl";
    let found = one(&format!(
        "2026-11-21T06:00:00.100Z\t{ID}\tINFO\tevent.authorizationToken {token}\nREPORT RequestId: {ID}\tDuration: 1.00 ms"
    ));
    assert_eq!(texts(&found), ["event.authorizationToken [token]"]);
}

proptest! {
    #[test]
    fn no_text_ends_the_reading(lines in proptest::collection::vec("\\PC{0,120}|[\\[\\]{}\":,a\\\\ \t=]{0,60}", 0..40)) {
        let mut reader = Reader::new(Limits { entries: 10, bytes: 10_000 }, "f");
        for line in &lines {
            reader.line(line);
        }
        let tally = reader.tally();
        prop_assert_eq!(tally.lines, lines.len() as u64);
        prop_assert!(tally.unread + tally.beside <= tally.lines + 40);
    }

    #[test]
    fn a_line_cut_anywhere_ends_nothing(cut in 0_usize..700, line in 0_usize..4) {
        let lines = tutorial("2026-11-21T06:00:00 ");
        let line = lines.lines().nth(line).unwrap_or_default();
        let cut = line.floor_char_boundary(cut.min(line.len()));
        let mut reader = Reader::new(Limits { entries: 10, bytes: 10_000 }, "f");
        reader.line(&line[..cut]);
        prop_assert_eq!(reader.tally().lines, 1);
    }
}

/// Whoever has a function log what it was sent can write such a line: its reading took minutes, the square
/// of its fields.
#[test]
fn a_line_of_very_many_fields_is_read_as_fast_as_it_is_long() {
    let fields: Vec<String> = (0..60_000).map(|n| format!(r#""field{n}":{n}"#)).collect();
    let fields = fields.join(",");
    let line = format!(r#"{{{fields},"id":"{ID}","status":200,"took_ms":1,"message":"answered"}}"#);
    let begun = std::time::Instant::now();
    let found = one(&line);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    assert_eq!(found.status, Some(200));
    assert!(found.lines[0].text.starts_with("answered field"));
    assert!(found.lines[0].text.len() < 3000);
}

#[test]
fn a_document_that_never_ends_is_not_read_again_and_again() {
    let mut reader = Reader::new(
        Limits {
            entries: 10,
            bytes: 1 << 20,
        },
        "unnamed",
    );
    reader.line("{");
    for _ in 0..MAX_ENDS {
        assert!(reader.document.is_some());
        reader.line("]x");
    }
    assert!(reader.document.is_none());
    assert_eq!(reader.tally().unread, 1 + u64::from(MAX_ENDS));
}
