//! JSON is compared as it is written.

use bdd_harness::{
    json::{Comparison, Json, Mode, compare, compare_text, path::JsonPath},
    variables::Variables,
};

fn json(text: &str) -> Json {
    Json::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"))
}

fn compared(expected: &str, found: &str) -> Comparison {
    compare(Mode::Exact, &json(expected), Some(&json(found)), "$")
        .expect("no matcher is misspelled")
}

#[test]
fn numbers_are_equal_when_they_have_the_same_value() {
    for (one, other) in [
        ("1.10", "1.1"),
        ("1", "1.0"),
        ("1e3", "1000"),
        ("0.1E+2", "10"),
        ("0", "-0.0"),
        ("1200e-2", "12"),
        ("0.30000000000000000001", "30000000000000000001e-20"),
        ("1e400", "10e399"),
    ] {
        assert!(compared(one, other).is_good(), "{one} and {other}");
        assert!(compared(other, one).is_good(), "{other} and {one}");
    }
}

#[test]
fn numbers_differ_by_their_last_digit() {
    for (one, other) in [
        ("9007199254740993", "9007199254740992"),
        ("9007199254740993", "9007199254740992.0"),
        ("12345678901234567800000000", "12345678901234567890123456"),
        ("0.3", "0.30000000000000000001"),
        ("1e400", "1e401"),
        ("1e99999999999999999999", "1e99999999999999999998"),
        ("-1", "1"),
    ] {
        assert!(!compared(one, other).is_good(), "{one} and {other}");
        let by_text = compare_text(one, Some(&json(other)), "$").expect("no matcher");
        assert!(!by_text.is_good(), "{one} and {other} as texts");
    }
}

#[test]
fn matchers_see_every_digit() {
    for (matcher, number, holds) in [
        ("#> 9007199254740992", "9007199254740993", true),
        ("#> 9007199254740993", "9007199254740993", false),
        ("#>= 9007199254740993", "9007199254740993.0", true),
        (
            "#< 12345678901234567890123456",
            "12345678901234567890123455.9",
            true,
        ),
        (
            "#< 12345678901234567890123456",
            "12345678901234567890123456",
            false,
        ),
        ("#<= -0.30000000000000000001", "-0.3", false),
        ("#< -0.3", "-0.30000000000000000001", true),
        ("#> 5", "-6", false),
        ("#int", "1e3", true),
        ("#int", "12345678901234567890123456", true),
        ("#int", "3.0", true),
        ("#int", "9007199254740993.5", false),
        ("#int", "1e-1", false),
        ("#regex ^1\\.10$", "1.10", true),
    ] {
        let comparison = compare_text(matcher, Some(&json(number)), "$").expect("a matcher");
        assert_eq!(comparison.is_good(), holds, "{matcher} for {number}");
    }
}

#[test]
fn a_duplicate_member_is_named() {
    for (text, place) in [
        (r#"{"status": "dead", "status": "healthy"}"#, "$.status"),
        (
            r#"{"data": [1, {"an id": {"a": 1, "b": 2, "a": 1}}]}"#,
            "$.data[1][\"an id\"].a",
        ),
    ] {
        let flaw = Json::parse(text).expect_err(text).to_string();
        assert_eq!(flaw, format!("the member {place} is written twice"));
        let cell = compare_text(text, Some(&json("1")), "$").expect_err("the cell is refused");
        assert!(cell.message.contains(place), "{}", cell.message);
        let below = Variables::new(1)
            .json(text)
            .expect_err("the docstring is refused");
        assert!(below.message.contains(place), "{}", below.message);
    }
}

#[test]
fn a_saved_number_keeps_its_text() {
    let found = json(r#"{"price": 1.10, "id": 12345678901234567890123456}"#);
    let mut variables = Variables::new(1);
    for name in ["price", "id"] {
        let value = JsonPath::parse(name).expect("a path").find(&found).cloned();
        variables.set(name, value.expect("it is there"));
    }
    let filled = variables.json_text(r#"{"a": {{price}}, "b": "{{price}}", "c": [{{id}}]}"#);
    assert_eq!(
        filled.expect("JSON"),
        r#"{"a": 1.10, "b": "1.10", "c": [12345678901234567890123456]}"#
    );
}

#[test]
fn a_value_is_written_as_it_was_read() {
    for text in [
        r#"{"b":1.10,"a":[null,true,"ä \"\n"],"":{}}"#,
        "12345678901234567890123456.0E+2",
    ] {
        assert_eq!(json(text).to_string(), text);
    }
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    assert!(Json::parse(&deep).is_err());
}
