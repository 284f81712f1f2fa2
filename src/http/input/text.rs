//! Fields that hold text.

use serde_json::Value;
use utoipa::openapi::{
    Ref, RefOr, Schema,
    schema::{ObjectBuilder, SchemaFormat, Type},
};

use super::field_type::{Components, Faults, FieldType, fault};
use crate::domain::{Id, Price, Time, rules};

/// PostgreSQL can't store U+0000 in text, so neither store accepts it.
const TEXT_PATTERN: &str = r"^[^\x00]*$";
const NOT_BLANK_PATTERN: &str = r"^[^\x00]*[^\s\x00][^\x00]*$";

/// Not blank, up to 100 characters.
pub const NAME: Text = Text::not_blank(100);
pub const SHORT_TEXT: Text = Text::up_to(200);
pub const LONG_TEXT: Text = Text::up_to(2000);
/// For lookups: no row has a text that is too long.
pub const ANY_TEXT: Text = Text {
    max: None,
    may_be_blank: true,
    component: None,
};

/// Text with a maximum length.
#[derive(Clone, Copy)]
pub struct Text {
    max: Option<usize>,
    may_be_blank: bool,
    component: Option<&'static str>,
}

impl Text {
    pub const fn up_to(max: usize) -> Self {
        Self {
            max: Some(max),
            may_be_blank: true,
            component: None,
        }
    }

    pub const fn not_blank(max: usize) -> Self {
        Self {
            max: Some(max),
            may_be_blank: false,
            component: None,
        }
    }

    /// The same type, described by a schema component with this name.
    pub const fn named(self, component: &'static str) -> Self {
        Self {
            component: Some(component),
            ..self
        }
    }

    fn own_schema(&self) -> RefOr<Schema> {
        let pattern = if self.may_be_blank {
            TEXT_PATTERN
        } else {
            NOT_BLANK_PATTERN
        };
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length((!self.may_be_blank).then_some(1))
            .max_length(self.max)
            .pattern(Some(pattern))
            .into()
    }
}

impl FieldType for Text {
    type Value = String;

    fn parse(&self, value: &Value) -> Result<String, Faults> {
        let Some(text) = value.as_str() else {
            return fault("must be a string");
        };
        if !self.may_be_blank && text.chars().all(is_blank) {
            return fault("must not be blank");
        }
        match self.max {
            Some(max) if text.chars().count() > max => {
                fault(format!("must be at most {max} characters"))
            }
            _ if text.contains('\0') => fault("must not contain the character U+0000"),
            _ => Ok(text.to_owned()),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        match self.component {
            Some(name) => Ref::from_schema_name(name).into(),
            None => self.own_schema(),
        }
    }

    fn components(&self, components: &mut Components) {
        components.extend(
            self.component
                .map(|name| (name.to_owned(), self.own_schema())),
        );
    }
}

/// The characters that `\s` matches in a pattern (ECMA-262), so that description and check agree.
fn is_blank(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

/// Text that a function parses.
pub struct Format<T> {
    /// The error completes "this field …".
    pub parse: fn(&str) -> Result<T, String>,
    pub format: Option<&'static str>,
    pub pattern: Option<&'static str>,
    pub length: Option<(usize, usize)>,
}

pub const ID: Format<Id> = Format {
    parse: |text| Id::parse(text).ok_or_else(|| "must be a UUID".into()),
    format: Some("uuid"),
    pattern: None,
    length: None,
};

pub const TIME: Format<Time> = Format {
    parse: |text| {
        Time::parse(text).ok_or_else(|| "must be a time such as 2026-01-31T18:30:00Z".into())
    },
    format: Some("date-time"),
    pattern: None,
    length: None,
};

pub const PRICE: Format<Price> = Format {
    parse: |text| Price::parse(text).ok_or_else(|| Price::EXPECTED.into()),
    format: None,
    pattern: Some(r"^[0-9]{1,8}(\.[0-9]{1,2})?$"),
    length: None,
};

pub const USERNAME: Format<String> = Format {
    parse: |text| rules::username(text).map(|()| text.to_owned()),
    format: None,
    pattern: Some("^[A-Za-z0-9_]+$"),
    length: Some((3, 50)),
};

/// A new password.
pub const PASSWORD: Format<String> = Format {
    parse: |text| rules::password(text).map(|()| text.to_owned()),
    format: Some("password"),
    pattern: None,
    length: Some((8, 128)),
};

/// A password or token that is only compared, so it may hold any character.
pub const SECRET: Format<String> = Format {
    parse: |text| Ok(text.to_owned()),
    format: Some("password"),
    pattern: None,
    length: None,
};

/// In lower case.
pub const EMAIL: Format<String> = Format {
    parse: |text| rules::email(text).map(|()| text.to_lowercase()),
    format: Some("email"),
    pattern: None,
    length: Some((0, 200)),
};

pub const WEB_ADDRESS: Format<String> = Format {
    parse: |text| {
        let rest = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("https://"));
        let starts = |c: char| c.is_ascii_alphanumeric() || c == '[';
        let is_address = rest.is_some_and(|rest| {
            rest.starts_with(starts) && rest.bytes().all(|b| b.is_ascii_graphic())
        });
        if is_address && text.len() <= 500 {
            Ok(text.to_owned())
        } else {
            Err("must be an http or https address of at most 500 characters".into())
        }
    },
    format: None,
    pattern: Some(r"^https?://[0-9A-Za-z\[][!-~]*$"),
    length: Some((0, 500)),
};

impl<T> FieldType for Format<T> {
    type Value = T;

    fn parse(&self, value: &Value) -> Result<T, Faults> {
        let text = value.as_str().ok_or_else(|| "must be a string".to_owned());
        text.and_then(self.parse).or_else(fault)
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(
                self.format
                    .map(|format| SchemaFormat::Custom(format.to_owned())),
            )
            .pattern(self.pattern)
            .min_length(self.length.map(|(min, _)| min).filter(|min| *min > 0))
            .max_length(self.length.map(|(_, max)| max))
            .into()
    }
}
