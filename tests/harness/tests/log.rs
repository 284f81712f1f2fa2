//! Log lines in JSON are shown as people read them, and completely.

use bdd_harness::slot::logs::Line;

fn shown(line: &str) -> String {
    Line::read(line).shown()
}

#[test]
fn every_library_has_its_own_names() {
    for (line, expected) in [
        // tracing-subscriber, with and without flattened events
        (
            r#"{"timestamp":"t","level":"WARN","fields":{"message":"slow","ms":12},"target":"shop","span":{"path":"/a","name":"request"},"spans":[{"name":"server"},{"path":"/a","name":"request"}]}"#,
            " WARN shop: slow timestamp=t ms=12 · request path=/a · server",
        ),
        (
            r#"{"timestamp":"t","level":"INFO","message":"greeted","name":"ada","target":"shop"}"#,
            " INFO shop: greeted timestamp=t name=ada",
        ),
        // pino
        (
            r#"{"level":30,"time":1,"pid":7,"hostname":"h","msg":"request completed","res":{"statusCode":200}}"#,
            r#" INFO: request completed time=1 pid=7 hostname=h res={"statusCode":200}"#,
        ),
        // zap
        (
            r#"{"level":"error","ts":1.5,"caller":"api/pay.go:7","msg":"no payment","error":"refused"}"#,
            "ERROR: no payment ts=1.5 caller=api/pay.go:7 error=refused",
        ),
        // python-json-logger, structlog
        (
            r#"{"asctime":"t","levelname":"WARNING","name":"library.api","message":"late"}"#,
            "WARNING: late asctime=t name=library.api",
        ),
        (
            r#"{"event":"borrowed","level":"info","logger":"library","book":4}"#,
            " INFO library: borrowed book=4",
        ),
        // logstash-logback-encoder, Serilog
        (
            r#"{"@timestamp":"t","@version":"1","message":"started","logger_name":"app.Main","thread_name":"main","level":"INFO","level_value":20000}"#,
            " INFO app.Main: started @timestamp=t @version=1 thread_name=main level_value=20000",
        ),
        (
            r#"{"@t":"t","@m":"Paid 4","@l":"Debug","SourceContext":"Shop.Pay"}"#,
            "DEBUG Shop.Pay: Paid 4 @t=t",
        ),
    ] {
        assert_eq!(shown(line), expected);
    }
}

#[test]
fn a_traceback_keeps_its_lines() {
    let line = r#"{"level":50,"msg":"it broke","err":{"type":"TypeError","stack":"TypeError: x\n    at a.js:1\n    at b.js:2"},"id":7}"#;
    assert_eq!(
        shown(line),
        "ERROR: it broke err.type=TypeError id=7\n  err.stack=\n    TypeError: x\n        at a.js:1\n        at b.js:2"
    );
}

#[test]
fn other_lines_stay_as_they_are() {
    for line in [
        "INFO plain text",
        r#"{"status":200}"#,
        r#"["message"]"#,
        r#"{"message":{"text":"nested"}}"#,
        r#"{"message":"one","message":"two"}"#,
        r#"{"message":"cut of"#,
        "",
    ] {
        assert_eq!(shown(line), line);
    }
}

#[test]
fn a_span_that_is_not_among_the_spans_is_a_field() {
    assert_eq!(
        shown(r#"{"message":"m","span":{"name":"a"},"spans":[{"name":"b"}]}"#),
        r#"m span={"name":"a"} spans=[{"name":"b"}]"#
    );
    assert_eq!(shown(r#"{"message":"m","span":4}"#), "m span=4");
}
