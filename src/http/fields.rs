//! Reads fields one by one and collects every fault, so that all are answered together.

use serde_json::{Map, Value};

use super::error::FieldError;
use super::kinds::{self, Reading};
use crate::domain::Id;

/// Something that is read from named fields. `None` only when a fault was noted.
pub trait Read: Sized + Send {
    /// Whether there is anything to read; without, a body isn't looked at.
    const EXPECTED: bool = true;
    /// Reads the fields.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// Nothing: no path variable, no parameter, no body.
impl Read for () {
    const EXPECTED: bool = false;
    fn read(_: &mut Fields) -> Option<Self> {
        Some(())
    }
}

/// The `id` of a path.
impl Read for Id {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.parameter("id", kinds::id)
    }
}

/// The fields of a body or the parameters of a query.
pub struct Fields {
    values: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The fields to read.
    pub fn new(values: Map<String, Value>) -> Self {
        Self {
            values,
            errors: Vec::new(),
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Ends the reading: fields that nobody asked for are faults too.
    pub fn finish(mut self) -> Vec<FieldError> {
        for name in std::mem::take(&mut self.values).keys() {
            self.fault(name, "is unknown");
        }
        self.errors
    }

    /// Ends the reading of what others own: fields that nobody asked for are theirs.
    pub fn finish_leniently(self) -> Vec<FieldError> {
        self.errors
    }

    /// A value that must be there.
    pub fn required<T>(&mut self, field: &str, kind: impl Fn(&Value) -> Reading<T>) -> Option<T> {
        let value = self.present(field)?;
        self.of_kind(field, &value, kind)
    }

    /// A value that may be left out or null.
    pub fn optional<T>(&mut self, field: &str, kind: impl Fn(&Value) -> Reading<T>) -> Option<T> {
        self.patch_optional(field, kind).flatten()
    }

    /// A change to a value that must stay: `None` leaves it, null is a fault.
    pub fn patch_required<T>(
        &mut self,
        field: &str,
        kind: impl Fn(&Value) -> Reading<T>,
    ) -> Option<T> {
        match self.values.remove(field)? {
            Value::Null => {
                self.fault(field, "can't be null");
                None
            }
            value => self.of_kind(field, &value, kind),
        }
    }

    /// A change to a value that may be cleared: `None` leaves it, null clears it.
    pub fn patch_optional<T>(
        &mut self,
        field: &str,
        kind: impl Fn(&Value) -> Reading<T>,
    ) -> Option<Option<T>> {
        match self.values.remove(field)? {
            Value::Null => Some(None),
            value => self.of_kind(field, &value, kind).map(Some),
        }
    }

    /// A field that may not be there.
    pub fn refused(&mut self, field: &str, message: &str) {
        if self.values.remove(field).is_some() {
            self.fault(field, message);
        }
    }

    /// A list of so many values that must be there; a bad one is named with its place, as in `ingredients[3]`.
    pub fn required_list<T>(
        &mut self,
        field: &str,
        least: usize,
        most: usize,
        kind: impl Fn(&Value) -> Reading<T>,
    ) -> Option<Vec<T>> {
        let values = self.list(field, least, most)?;
        let read: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(place, value)| self.of_kind(&format!("{field}[{place}]"), value, &kind))
            .collect();
        read.into_iter().collect()
    }

    /// A list of so many objects that must be there; their faults are named as in `items[3].price`.
    pub fn required_objects<T: Read>(
        &mut self,
        field: &str,
        least: usize,
        most: usize,
    ) -> Option<Vec<T>> {
        let values = self.list(field, least, most)?;
        let mut read = Vec::new();
        for (place, value) in values.into_iter().enumerate() {
            let Value::Object(values) = value else {
                self.fault(&format!("{field}[{place}]"), "must be an object");
                continue;
            };
            let mut inner = Fields::new(values);
            read.push(T::read(&mut inner));
            self.errors
                .extend(inner.finish().into_iter().map(|error| FieldError {
                    field: format!("{field}[{place}].{}", error.field),
                    ..error
                }));
        }
        read.into_iter().collect()
    }

    /// A parameter of a path or a query; given once.
    pub fn parameter<T>(&mut self, field: &str, kind: impl Fn(&Value) -> Reading<T>) -> Option<T> {
        let value = self.values.remove(field)?;
        // The query's reader puts nothing where a name came more than once.
        if value.is_null() {
            self.fault(field, "is given more than once");
            return None;
        }
        self.of_kind(field, &value, kind)
    }

    /// Notes a fault unless exactly one of two fields is there.
    pub fn either(&mut self, one: &str, other: &str) {
        match (
            self.values.contains_key(one),
            self.values.contains_key(other),
        ) {
            (false, false) => self.fault(one, format!("is required, or else {other}")),
            (true, true) => self.fault(other, format!("can't be given together with {one}")),
            _ => {}
        }
    }

    fn present(&mut self, field: &str) -> Option<Value> {
        let value = self.values.remove(field).filter(|value| !value.is_null());
        if value.is_none() {
            self.fault(field, "is required");
        }
        value
    }

    fn list(&mut self, field: &str, least: usize, most: usize) -> Option<Vec<Value>> {
        match self.present(field)? {
            Value::Array(values) if (least..=most).contains(&values.len()) => Some(values),
            _ => {
                self.fault(field, format!("must be a list of {least} to {most}"));
                None
            }
        }
    }

    fn of_kind<T>(
        &mut self,
        field: &str,
        value: &Value,
        kind: impl Fn(&Value) -> Reading<T>,
    ) -> Option<T> {
        match kind(value) {
            Ok(read) => Some(read),
            Err(message) => {
                self.fault(field, message);
                None
            }
        }
    }
}
