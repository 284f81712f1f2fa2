//! Made values: something that fits a column, the same for the same number.

use chrono::{DateTime, Duration, Utc};
use regex::Regex;
use uuid::Builder;

use crate::database::{
    made_text,
    schema::{Check, Column},
    schema_text::literals,
};

/// What may stand in a column, the likeliest first; `number` makes the first one new.
pub fn candidates(column: &Column, number: u64, checks: &[&Check]) -> Vec<String> {
    let mut found = vec![first(column, number)];
    let (mut quoted, mut numbers) = (Vec::new(), Vec::new());
    for check in checks {
        let (more_quoted, more_numbers) = literals(&check.expression);
        quoted.extend(more_quoted);
        numbers.extend(more_numbers);
    }
    let family = Family::of(column);
    match family {
        Family::Number => found.extend(number_candidates(&numbers, number)),
        Family::Text => found.extend(text_candidates(column, &quoted, &numbers, number)),
        Family::Date | Family::Moment => found.extend(moment_candidates(family, &quoted, number)),
        Family::Boolean => found.extend(["false", "true"].map(str::to_owned)),
        Family::Label => found.extend(column.labels.iter().cloned()),
        Family::Other if column.category == "A" => found.extend(array_candidates(&quoted, number)),
        Family::Other => {}
    }
    let mut seen = Vec::new();
    found.retain(|text| {
        let good = family.takes(column, text) && !seen.contains(text);
        seen.push(text.clone());
        good
    });
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Date,
    Moment,
    Boolean,
    Label,
    Other,
}

impl Family {
    fn of(column: &Column) -> Self {
        let name = column.type_name.to_ascii_lowercase();
        let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
        let typed_by_name = column.category.is_empty() && (name == "text" || name.is_empty());
        match column.category.as_str() {
            "E" => Self::Label,
            "A" | "C" | "R" => Self::Other,
            _ if typed_by_name && is_moment_name(&column.name) => Self::Moment,
            _ if begins(&["bool"]) => Self::Boolean,
            _ if begins(&[
                "smallint", "int", "bigint", "numeric", "decimal", "real", "double", "float", "oid",
            ]) && !begins(&["interval"]) =>
            {
                Self::Number
            }
            _ if begins(&["date"]) && name != "datetime" => Self::Date,
            _ if begins(&["timestamp", "datetime"]) => Self::Moment,
            _ if begins(&[
                "char", "varchar", "nchar", "nvarchar", "text", "clob", "citext", "name", "bpchar",
            ]) =>
            {
                Self::Text
            }
            "" if !begins(&["blob", "uuid", "json"]) => Self::Text,
            _ => Self::Other,
        }
    }

    /// Whether the type can hold it: a text that can't be cast would spoil the search for one that can.
    fn takes(self, column: &Column, text: &str) -> bool {
        let (size, scale) = sizes(&column.type_name);
        match self {
            Self::Number => text.parse::<f64>().is_ok_and(|value| {
                let name = column.type_name.as_str();
                let whole = text
                    .trim_start_matches('-')
                    .split('.')
                    .next()
                    .unwrap_or_default();
                match (name, size) {
                    ("smallint", _) => text.parse::<i16>().is_ok(),
                    ("integer", _) if !column.category.is_empty() => text.parse::<i32>().is_ok(),
                    ("bigint", _) => text.parse::<i64>().is_ok(),
                    (_, Some(size)) if value.abs() >= 1.0 => whole.len() + scale <= size,
                    _ => true,
                }
            }),
            Self::Text => size.is_none_or(|size| text.chars().count() <= size),
            _ => true,
        }
    }
}

/// A value for a column that no condition speaks of; `attempt` counts the ones that didn't do.
pub fn value(column: &Column, number: u64, attempt: usize) -> String {
    let few = matches!(Family::of(column), Family::Label | Family::Boolean);
    let mut found = if few {
        candidates(column, number, &[])
    } else {
        vec![first(column, number)]
    };
    let index = attempt % found.len().max(1);
    if found.is_empty() {
        String::new()
    } else {
        found.swap_remove(index)
    }
}

/// The usual value of a column.
fn first(column: &Column, number: u64) -> String {
    let name = column.type_name.to_ascii_lowercase();
    let (size, scale) = sizes(&name);
    match Family::of(column) {
        Family::Label => column.labels.first().cloned().unwrap_or_default(),
        Family::Boolean => "false".to_owned(),
        Family::Number => first_number(&name, size, scale, number),
        Family::Date => day(number).format("%Y-%m-%d").to_string(),
        Family::Moment => crate::database::value::rfc3339(day(number)),
        Family::Text => first_text(&column.name, size, number),
        Family::Other => other(column, &name, size, number),
    }
}

fn first_number(name: &str, size: Option<usize>, scale: usize, number: u64) -> String {
    match (name, size) {
        ("smallint" | "int2", _) => (number % 32_000 + 1).to_string(),
        (_, Some(size)) if size <= scale => format!(
            "0.{:0scale$}",
            number % 10_u64.pow(u32::try_from(scale.min(18)).unwrap_or(18))
        ),
        (_, Some(size)) => {
            (number % 10_u64.pow(u32::try_from((size - scale).min(18)).unwrap_or(18))).to_string()
        }
        _ => number.to_string(),
    }
}

/// The column's name and the number; of a short column the number's last places, in letters and digits.
fn first_text(name: &str, size: Option<usize>, number: u64) -> String {
    let lower = name.to_ascii_lowercase();
    let long = match lower.as_str() {
        _ if lower.contains("email") => format!("made{number}@example.com"),
        _ if lower == "id" || lower.ends_with("_id") => uuid(number),
        _ if lower.ends_with("url") => format!("https://example.com/{number}"),
        _ => format!("{lower} {number}"),
    };
    let fits = |text: &String| size.is_none_or(|size| text.chars().count() <= size);
    [long, format!("made{number}")]
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| {
            let size = size.unwrap_or(1);
            let mut rest = number;
            let mut text = String::new();
            while text.len() < size && (rest > 0 || text.is_empty()) {
                text.insert(
                    0,
                    char::from_digit(u32::try_from(rest % 36).unwrap_or(0), 36).unwrap_or('0'),
                );
                rest /= 36;
            }
            text
        })
}

fn other(column: &Column, name: &str, size: Option<usize>, number: u64) -> String {
    let low = number % 65_536;
    let bits = size.unwrap_or(1);
    match name.split(['(', ' ']).next().unwrap_or_default() {
        _ if column.category == "A" => "{}".to_owned(),
        _ if column.category == "C" => format!("({})", ",".repeat(column.parts.saturating_sub(1))),
        "uuid" => uuid(number),
        "json" | "jsonb" => format!("{{\"made\": {number}}}"),
        "bytea" | "blob" => format!("\\x{number:016x}"),
        "time" => format!(
            "{:02}:{:02}:{:02}",
            number / 3600 % 24,
            number / 60 % 60,
            number % 60
        ),
        "interval" => format!("{number} seconds"),
        "inet" => format!("10.{}.{}.{}", number / 65_536 % 256, low / 256, low % 256),
        "cidr" => format!("10.{}.{}.0/24", low / 256, low % 256),
        "macaddr" => format!(
            "02:00:{:02x}:{:02x}:{:02x}:{:02x}",
            number >> 24 & 255,
            number >> 16 & 255,
            low / 256,
            low % 256
        ),
        "macaddr8" => format!(
            "02:00:00:00:{:02x}:{:02x}:{:02x}:{:02x}",
            number >> 24 & 255,
            number >> 16 & 255,
            low / 256,
            low % 256
        ),
        "bit" => format!("{:0bits$b}", number % (1 << bits.min(60))),
        "xml" => format!("<made n=\"{number}\"/>"),
        "int4range" | "int8range" | "numrange" => format!("[{number},{})", number + 1),
        "daterange" | "tsrange" | "tstzrange" => {
            format!(
                "[{},{})",
                day(number).format("%Y-%m-%d"),
                day(number + 1).format("%Y-%m-%d")
            )
        }
        range if range.ends_with("multirange") => "{}".to_owned(),
        _ if column.category == "R" => "empty".to_owned(),
        "point" => format!("({number},{number})"),
        "line" => format!("{{1,1,{number}}}"),
        "lseg" | "box" => format!("((0,0),({number},{number}))"),
        "path" => format!("[(0,0),(1,{number})]"),
        "polygon" => format!("((0,0),(0,1),(1,{number}))"),
        "circle" => format!("<(0,0),{number}>"),
        "pg_lsn" => format!("0/{number:X}"),
        "tsvector" | "tsquery" | "ltree" => format!("made{number}"),
        "hstore" => format!("made=>{number}"),
        _ => number.to_string(),
    }
}

fn number_candidates(numbers: &[String], number: u64) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in numbers {
        found.push(text.clone());
        if let Ok(value) = text.parse::<f64>() {
            found.extend(
                [
                    value + 1.0,
                    value - 1.0,
                    value + 0.5,
                    value / 2.0,
                    value * 2.0,
                    -value,
                ]
                .map(|value| value.to_string()),
            );
        }
    }
    let general = ["1", "0", "2", "5", "10", "50", "100", "1000", "-1", "0.5"].map(str::to_owned);
    found.extend(general);
    found.extend([number % 100, number % 1000].map(|value| value.to_string()));
    found
}

/// Literals themselves, then texts of many forms and of the lengths that the numbers name.
fn text_candidates(
    column: &Column,
    quoted: &[String],
    numbers: &[String],
    number: u64,
) -> Vec<String> {
    let pattern = |text: &&String| text.contains(['^', '[', '\\']);
    let fitting = quoted.iter().filter(pattern);
    let mut found: Vec<String> = fitting
        .filter_map(|text| made_text::for_pattern(text, number))
        .collect();
    found.extend(quoted.iter().cloned());
    found.extend(
        quoted
            .iter()
            .filter(|text| text.contains(['%', '_']))
            .map(|text| text.replace('%', &number.to_string()).replace('_', "a")),
    );
    let letters: String = number
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect();
    found.extend([
        format!("made{number}"),
        format!("made-{number}"),
        format!("made{number}@example.com"),
        format!("https://example.com/{number}"),
        letters.clone(),
        letters.to_uppercase(),
        format!("Made {letters}"),
        format!("MADE{number}"),
        number.to_string(),
        format!("{:03}", number % 1000),
        format!("+1555{number:07}"),
        format!("#{:06x}", number % 0x100_0000),
        format!("{}-{:04}", "ABC", number % 10_000),
        uuid(number),
        "a".to_owned(),
        "A".to_owned(),
        String::new(),
    ]);
    let size = sizes(&column.type_name).0;
    let lengths = numbers
        .iter()
        .filter_map(|text| text.parse::<usize>().ok())
        .chain(size);
    for length in lengths.filter(|length| *length <= 4096) {
        for length in [length, length.saturating_sub(1), length + 1] {
            for base in [
                number.to_string(),
                letters.clone(),
                letters.to_uppercase(),
                format!("{number:x}"),
            ] {
                let text: String = base.chars().rev().cycle().take(length).collect();
                found.push(text);
            }
        }
    }
    found
}

fn moment_candidates(family: Family, quoted: &[String], number: u64) -> Vec<String> {
    let write = |moment: DateTime<Utc>| match family {
        Family::Date => moment.format("%Y-%m-%d").to_string(),
        _ => crate::database::value::rfc3339(moment),
    };
    let spoken = quoted.iter().filter_map(|text| {
        let day = format!("{} 00:00:00", text.get(..10)?);
        crate::database::value::moment(text).or_else(|| crate::database::value::moment(&day))
    });
    let base = day(number);
    let general = [base, Utc::now()];
    spoken
        .chain(general)
        .flat_map(|moment| {
            [0, 1, -1, 365, -365 * 30].map(|days| write(moment + Duration::days(days)))
        })
        .collect()
}

fn array_candidates(quoted: &[String], number: u64) -> Vec<String> {
    let element = |text: &String| {
        format!(
            "{{\"{}\"}}",
            text.replace('\\', "\\\\").replace('"', "\\\"")
        )
    };
    quoted
        .iter()
        .map(element)
        .chain([format!("{{{number}}}"), "{1}".to_owned()])
        .collect()
}

/// Length or precision, and scale, as the type's name tells them.
fn sizes(type_name: &str) -> (Option<usize>, usize) {
    let numbers = Regex::new(r"\((\d+)(?:,\s*(\d+))?\)")
        .ok()
        .and_then(|sizes| {
            let found = sizes.captures(type_name)?;
            let number = |index| found.get(index).and_then(|text| text.as_str().parse().ok());
            Some((number(1), number(2).unwrap_or_default()))
        });
    match numbers {
        Some(sizes) => sizes,
        None if type_name == "character" || type_name == "\"char\"" => (Some(1), 0),
        None => (None, 0),
    }
}

/// `SQLite` has no type for a time; a column's name tells.
fn is_moment_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("_at") || name.ends_with("_until") || name.ends_with("_time")
}

/// In the future, so that what should expire some day hasn't.
fn day(number: u64) -> DateTime<Utc> {
    let days = i64::try_from(number % 10_000).unwrap_or_default();
    DateTime::UNIX_EPOCH + Duration::days(25_000 + days)
}

/// A number spread over all bytes (the finalizer of `SplitMix64`), so that ids look like ids.
fn uuid(number: u64) -> String {
    let mix = |mut bits: u64| {
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    let bits = u128::from(mix(number)) << 64 | u128::from(mix(!number));
    Builder::from_random_bytes(bits.to_be_bytes())
        .into_uuid()
        .to_string()
}
