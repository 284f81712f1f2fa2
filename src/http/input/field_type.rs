//! The types of fields.

use serde_json::{Value, value::RawValue};
use utoipa::openapi::{
    RefOr, Schema,
    schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type},
};

use crate::http::error::FieldError;

/// Everything that is wrong, by field.
pub type Faults = Vec<FieldError>;

/// Schemas by name.
pub type Components = Vec<(String, RefOr<Schema>)>;

/// The type of a field: how its value is parsed and described.
pub trait FieldType {
    type Value;

    /// Parses a JSON value.
    fn parse(&self, value: &Value) -> Result<Self::Value, Faults>;

    /// Parses the text of a JSON value. Only the text has all digits of a number.
    fn parse_json(&self, json: &RawValue) -> Result<Self::Value, Faults> {
        match serde_json::from_str(json.get()) {
            Ok(value) => self.parse(&value),
            Err(_) => fault("holds a number that can't be stored"),
        }
    }

    /// Parses a parameter of a path or a query, which is text.
    fn parse_parameter(&self, text: &str) -> Result<Self::Value, Faults> {
        self.parse(&text.into())
    }

    fn schema(&self) -> RefOr<Schema>;

    /// Adds the schemas that the schema refers to.
    fn components(&self, _: &mut Components) {}
}

/// A value that is wrong as a whole. The message completes "this field …".
pub fn fault<T>(message: impl Into<String>) -> Result<T, Faults> {
    Err(vec![FieldError::new("", message)])
}

/// Names the faults of a value after the field or the place in a list that holds it.
pub fn faults_below(outer: &str, faults: Faults) -> impl Iterator<Item = FieldError> {
    faults.into_iter().map(move |fault| {
        let separator = if fault.field.is_empty() || fault.field.starts_with('[') {
            ""
        } else {
            "."
        };
        FieldError::new(format!("{outer}{separator}{}", fault.field), fault.message)
    })
}

/// A whole number in a range. As in JSON Schema, 1.0 is one too.
pub struct Number(pub i64, pub i64);

impl Number {
    fn in_range(&self, number: Option<i64>) -> Result<i64, Faults> {
        let Self(least, most) = *self;
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(number),
            None if most == i64::MAX => fault(format!("must be a whole number, {least} or more")),
            None => fault(format!("must be a whole number from {least} to {most}")),
        }
    }
}

impl FieldType for Number {
    type Value = i64;

    fn parse(&self, value: &Value) -> Result<i64, Faults> {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "doubles are exact in this range"
        )]
        let whole =
            |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
        self.in_range(value.as_i64().or_else(|| value.as_f64().and_then(whole)))
    }

    fn parse_parameter(&self, text: &str) -> Result<i64, Faults> {
        self.in_range(text.parse().ok())
    }

    fn schema(&self) -> RefOr<Schema> {
        let most = (self.1 < i64::MAX).then_some(self.1);
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(self.0))
            .maximum(most)
            .into()
    }
}

/// A parameter that is `true` or `false`.
pub struct Bool;

impl FieldType for Bool {
    type Value = bool;

    fn parse(&self, value: &Value) -> Result<bool, Faults> {
        value
            .as_bool()
            .map_or_else(|| fault("must be true or false"), Ok)
    }

    fn parse_parameter(&self, text: &str) -> Result<bool, Faults> {
        text.parse().or_else(|_| fault("must be true or false"))
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

/// Only `true`.
pub struct True;

impl FieldType for True {
    type Value = ();

    fn parse(&self, value: &Value) -> Result<(), Faults> {
        if *value == Value::Bool(true) {
            Ok(())
        } else {
            fault("must be true")
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .enum_values(Some([true]))
            .into()
    }
}

/// One of some values, each written as a word.
pub struct OneOf<T: 'static>(pub &'static [T], pub fn(T) -> &'static str);

impl<T: Copy> OneOf<T> {
    fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|value| (self.1)(*value))
    }
}

impl<T: Copy> FieldType for OneOf<T> {
    type Value = T;

    fn parse(&self, value: &Value) -> Result<T, Faults> {
        let chosen = self
            .0
            .iter()
            .find(|choice| value.as_str() == Some((self.1)(**choice)));
        chosen.copied().map_or_else(
            || {
                fault(format!(
                    "must be one of {}",
                    self.words().collect::<Vec<_>>().join(", ")
                ))
            },
            Ok,
        )
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(self.words()))
            .into()
    }
}

/// A parameter with several values, separated by commas. Repeated values count once.
pub struct CommaSeparated<F>(pub F);

impl<F: FieldType<Value: PartialEq>> FieldType for CommaSeparated<F> {
    type Value = Vec<F::Value>;

    fn parse(&self, _: &Value) -> Result<Self::Value, Faults> {
        fault("must be a comma separated list")
    }

    fn parse_parameter(&self, text: &str) -> Result<Self::Value, Faults> {
        let mut values = Vec::new();
        for word in text.split(',') {
            let value = self.0.parse_parameter(word)?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Ok(values)
    }

    fn schema(&self) -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(self.0.schema())
            .min_items(Some(1))
            .into()
    }
}

/// A list with a minimum and a maximum length. The fault of an item names its place, as in `ingredients[3]`.
pub struct List<F>(pub usize, pub usize, pub F);

impl<F: FieldType> FieldType for List<F> {
    type Value = Vec<F::Value>;

    fn parse(&self, value: &Value) -> Result<Self::Value, Faults> {
        let Self(least, most, item) = self;
        let items = value
            .as_array()
            .filter(|items| (*least..=*most).contains(&items.len()));
        let Some(items) = items else {
            return fault(format!("must be a list of {least} to {most}"));
        };
        let mut faults = Faults::new();
        let parse = |(place, value)| match item.parse(value) {
            Ok(value) => Some(value),
            Err(inner) => {
                faults.extend(faults_below(&format!("[{place}]"), inner));
                None
            }
        };
        let values = items.iter().enumerate().filter_map(parse).collect();
        if faults.is_empty() {
            Ok(values)
        } else {
            Err(faults)
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(self.2.schema())
            .min_items(Some(self.0))
            .max_items(Some(self.1))
            .into()
    }

    fn components(&self, components: &mut Components) {
        self.2.components(components);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{FieldType, List, Number};

    #[test]
    fn whole_numbers_may_be_written_with_a_point() {
        assert_eq!(Number(0, 9).parse(&json!(5)).ok(), Some(5));
        assert_eq!(Number(0, 9).parse(&json!(5.0)).ok(), Some(5));
        for wrong in [json!(5.5), json!(10), json!("5"), json!(true)] {
            assert!(Number(0, 9).parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_wrong_item_is_named() {
        let faults = List(1, 3, Number(0, 9))
            .parse(&json!([1, "2", 30]))
            .unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["[1]", "[2]"]);
        assert!(
            List(1, 3, Number(0, 9))
                .parse(&Value::Array(Vec::new()))
                .is_err()
        );
    }
}
