//! Fields that hold objects.

use std::marker::PhantomData;

use serde_json::{Map, Value};
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
        match value {
            Value::Object(values) => Fields::of_object(values.clone()).read(),
            _ => fault("must be an object"),
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

/// An object with any members that a store can hold.
pub struct JsonObject;

impl FieldType for JsonObject {
    type Value = Map<String, Value>;

    fn parse(&self, value: &Value) -> Result<Self::Value, Faults> {
        match json::storable(value) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => fault("must be an object"),
            Err(message) => fault(message),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).into()
    }
}
