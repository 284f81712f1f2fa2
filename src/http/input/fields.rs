//! Reads named fields and collects every fault, so that all of them are reported together.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::description::Description;
use super::field_type::{Faults, FieldType, faults_below};
use crate::http::error::FieldError;

/// Declares how each field of a type is read, checked and described:
///
/// ```text
/// fields! {
///     body NewPizza as "PizzaBody" {
///         /// Unique among pizzas that are not deleted.
///         name: required(NAME) = "Margherita",
///         description: optional(LONG_TEXT) = "With basil from the window sill",
///     }
/// }
/// ```
///
/// A line has the field, its presence (a method of [`Fields`]), its type (a [`FieldType`]) and an example. The doc
/// comment is the field's description. The word before the type is the part of the request: `path`, `query`, `body`
/// with the name of its schema, or `part` for a part of a body. Rules about several fields follow the type, such as
/// `exactly_one_of(username, email)`. With `struct` the macro also declares the type, and each line has the Rust type
/// of its field: `name: required(NAME) as String = "production"`.
macro_rules! fields {
    ($part:ident struct $type:ident $(as $name:literal)? $(, $rule:ident($($argument:ident),*))* { $(
        $(#[doc = $about:literal])*
        $field:ident: $presence:ident($kind:expr $(, $default:expr)?) as $rust:ty $(= $example:expr)?,
    )+ }) => {
        pub struct $type {
            $(pub $field: $rust),+
        }

        $crate::http::input::fields! {
            $part $type $(as $name)? $(, $rule($($argument),*))* { $(
                $(#[doc = $about])*
                $field: $presence($kind $(, $default)?) $(= $example)?,
            )+ }
        }
    };
    ($part:ident $type:ty $(as $name:literal)? $(, $rule:ident($($argument:ident),*))* { $(
        $(#[doc = $about:literal])*
        $field:ident: $presence:ident($kind:expr $(, $default:expr)?) $(= $example:expr)?,
    )+ }) => {
        impl $crate::http::input::fields::FromFields for $type {
            fn from_fields(fields: &mut $crate::http::input::fields::Fields) -> Option<Self> {
                $(fields.$rule($(stringify!($argument)),*);)*
                $(let $field = fields.$presence(stringify!($field), &$kind $(, $default)?);)+
                Some(Self { $($field: $field?),+ })
            }

            fn describe(description: &mut $crate::http::input::description::Description) {
                $(description.$rule($(stringify!($argument)),*);)*
                $(description
                    .$presence(stringify!($field), &$kind $(, $default)?)
                    .about(concat!($($about),*))
                    $(.example(serde_json::json!($example)))?;)+
            }
        }

        $crate::http::input::fields!(@$part $type $(, $name)?);
    };
    // The schema of a body whose fields are read by hand.
    (schema of $type:ty as $name:literal) => { $crate::http::input::fields!(@body $type, $name); };
    (@body $type:ty, $name:literal) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <Self as $crate::http::input::fields::FromFields>::description().into_schema()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
                schemas.extend(<Self as $crate::http::input::fields::FromFields>::description().into_components());
            }
        }
    };
    (@part $type:ty) => {};
    (@path $type:ty) => { $crate::http::input::fields!(@parameters $type, Path); };
    (@query $type:ty) => { $crate::http::input::fields!(@parameters $type, Query); };
    (@parameters $type:ty, $place:ident) => {
        impl utoipa::IntoParams for $type {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                let place = utoipa::openapi::path::ParameterIn::$place;
                <Self as $crate::http::input::fields::FromFields>::description().into_parameters(&place)
            }
        }
    };
}
pub(in crate::http) use fields;

/// A value that is read from the fields of a path, a query or a body.
pub trait FromFields: Sized + Send {
    /// Whether there is anything to read. If not, the body is ignored.
    const HAS_FIELDS: bool = true;

    /// Whether a missing body counts as an empty object.
    const MAY_BE_ABSENT: bool = false;

    /// Reads the fields. `None` means that a fault was recorded.
    fn from_fields(fields: &mut Fields) -> Option<Self>;

    /// Describes the same fields for OpenAPI.
    fn describe(description: &mut Description);

    fn description() -> Description {
        let mut description = Description::default();
        Self::describe(&mut description);
        description
    }
}

impl FromFields for () {
    const HAS_FIELDS: bool = false;

    fn from_fields(_: &mut Fields) -> Option<Self> {
        Some(())
    }

    fn describe(_: &mut Description) {}
}

/// A body whose fields are all optional, so that it may be left out.
pub struct OptionalBody<T>(pub T);

impl<T: FromFields> FromFields for OptionalBody<T> {
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(fields: &mut Fields) -> Option<Self> {
        T::from_fields(fields).map(Self)
    }

    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

impl<A: FromFields, B: FromFields> FromFields for (A, B) {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (first, second) = (A::from_fields(fields), B::from_fields(fields));
        Some((first?, second?))
    }

    fn describe(description: &mut Description) {
        A::describe(description);
        B::describe(description);
    }
}

/// A value that was given for a field.
enum Given {
    Json(Box<RawValue>),
    /// A parameter of a path or a query.
    Text(String),
}

impl Given {
    fn is_null(&self) -> bool {
        matches!(self, Self::Json(json) if json.get() == "null")
    }
}

/// The fields of a JSON object, or the parameters of a path or a query.
#[derive(Default)]
pub struct Fields {
    values: BTreeMap<String, Given>,
    ignores_unknown: bool,
    faults: Faults,
}

impl Fields {
    /// Fields of a JSON object; `None` if the text is something else.
    pub fn of_object(text: &str) -> Option<Self> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
        let values = members
            .into_iter()
            .map(|(name, json)| (name, Given::Json(json)));
        Some(Self {
            values: values.collect(),
            ..Self::default()
        })
    }

    /// Parameters of a path or a query.
    pub fn of_parameters(parameters: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut fields = Self::default();
        let mut repeated = Vec::new();
        for (name, text) in parameters {
            let given = Given::Text(text);
            if fields.values.insert(name.clone(), given).is_some() {
                repeated.push(name);
            }
        }
        for name in repeated {
            if fields.values.remove(&name).is_some() {
                fields.refuse(&name, "is given more than once");
            }
        }
        fields
    }

    /// Reads a value from all fields. Fields that nothing reads are faults.
    pub fn read<T: FromFields>(mut self) -> Result<T, Faults> {
        let value = T::from_fields(&mut self);
        if !self.ignores_unknown {
            for name in std::mem::take(&mut self.values).keys() {
                self.refuse(name, "is unknown");
            }
        }
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }

    /// A field that must be present and not null.
    pub fn required<F: FieldType>(&mut self, name: &str, field: &F) -> Option<F::Value> {
        match self.values.remove(name) {
            Some(value) if !value.is_null() => self.parse(name, field, &value),
            _ => self.record(name, "is required"),
        }
    }

    /// A field that may be absent or null.
    pub fn optional<F: FieldType>(&mut self, name: &str, field: &F) -> Option<Option<F::Value>> {
        match self.values.remove(name) {
            Some(value) if !value.is_null() => self.parse(name, field, &value).map(Some),
            _ => Some(None),
        }
    }

    /// A field that has a default.
    pub fn optional_or<F: FieldType>(
        &mut self,
        name: &str,
        field: &F,
        default: F::Value,
    ) -> Option<F::Value> {
        let value = self.optional(name, field)?;
        Some(value.unwrap_or(default))
    }

    /// A field that may be absent, but not null.
    pub fn not_null<F: FieldType>(&mut self, name: &str, field: &F) -> Option<Option<F::Value>> {
        match self.values.remove(name) {
            None => Some(None),
            Some(value) if value.is_null() => self.record(name, "can't be null"),
            Some(value) => self.parse(name, field, &value).map(Some),
        }
    }

    /// A field of a PATCH (RFC 7396): absent keeps the value, null clears it.
    #[allow(
        clippy::option_option,
        reason = "absent, null and a value are three things"
    )]
    pub fn clearable<F: FieldType>(
        &mut self,
        name: &str,
        field: &F,
    ) -> Option<Option<Option<F::Value>>> {
        if self.values.contains_key(name) {
            self.optional(name, field).map(Some)
        } else {
            Some(None)
        }
    }

    /// Exactly one of two fields must be present.
    pub fn exactly_one_of(&mut self, one: &str, other: &str) {
        let has = |name| self.values.contains_key(name);
        match (has(one), has(other)) {
            (false, false) => self.refuse(one, format!("is required, or else {other}")),
            (true, true) => self.refuse(other, format!("can't be given together with {one}")),
            _ => {}
        }
    }

    /// Fields that may not be present.
    pub fn refused(&mut self, names: &[&str], message: &str) {
        for name in names {
            if self.values.remove(*name).is_some() {
                self.refuse(name, message);
            }
        }
    }

    /// A field that is set at creation and can't be changed.
    pub fn unchangeable(&mut self, name: &str) {
        self.refused(&[name], "can't be changed");
    }

    /// Unknown fields are ignored, because somebody else defines the format.
    pub fn open(&mut self) {
        self.ignores_unknown = true;
    }

    /// Whether a field is this text.
    pub fn is(&self, name: &str, text: &str) -> bool {
        match self.values.get(name) {
            Some(Given::Json(json)) => {
                serde_json::from_str(json.get()).is_ok_and(|found: String| found == text)
            }
            Some(Given::Text(found)) => found == text,
            None => false,
        }
    }

    fn parse<F: FieldType>(&mut self, name: &str, field: &F, value: &Given) -> Option<F::Value> {
        let parsed = match value {
            Given::Json(json) => field.parse_json(json),
            Given::Text(text) => field.parse_parameter(text),
        };
        parsed
            .map_err(|faults| self.faults.extend(faults_below(name, faults)))
            .ok()
    }

    fn record<T>(&mut self, name: &str, message: &str) -> Option<T> {
        self.refuse(name, message);
        None
    }

    fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.faults.push(FieldError::new(name, message));
    }
}
