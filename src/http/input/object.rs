//! Fields that hold objects.

use std::marker::PhantomData;

use serde_json::{Value, value::RawValue};
use utoipa::{
    ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

use super::field_type::{Components, Faults, FieldType, fault};
use super::fields::{Fields, FromFields};
use super::json;
use crate::domain::JsonText;

/// An object with declared fields.
pub struct Object<T>(PhantomData<T>);

impl<T> Object<T> {
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: FromFields + ToSchema> FieldType for Object<T> {
    type Value = T;

    fn parse(&self, value: &Value) -> Result<T, Faults> {
        match Fields::of_object(&value.to_string()) {
            Some(fields) => fields.read(),
            None => fault("must be an object"),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        Ref::from_schema_name(T::name()).into()
    }

    fn components(&self, components: &mut Components) {
        T::schemas(components);
        components.push((T::name().into_owned(), T::schema()));
    }
}

/// An object with any members that a store can hold. It is stored as it was written.
pub struct JsonObject;

impl FieldType for JsonObject {
    type Value = JsonText;

    fn parse(&self, value: &Value) -> Result<JsonText, Faults> {
        json_object(&value.to_string())
    }

    fn parse_json(&self, json: &RawValue) -> Result<JsonText, Faults> {
        json_object(json.get())
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).into()
    }
}

fn json_object(text: &str) -> Result<JsonText, Faults> {
    let found = json::scan(text);
    if found.has_nul {
        return fault("must not contain the character U+0000");
    }
    let object = Some(found.compact).filter(|text| text.starts_with('{'));
    object
        .and_then(JsonText::parse)
        .map_or_else(|| fault("must be an object"), Ok)
}
