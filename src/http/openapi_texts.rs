//! What texts may hold, as the description says it: no U+0000 anywhere, because PostgreSQL keeps none.

use utoipa::openapi::{
    OpenApi, RefOr, Schema,
    schema::{ArrayItems, Object, SchemaType, Type},
};

const KEPT: &str = r"^[^\x00]*$";
/// What `\S` becomes, which is how the types say that a text isn't blank.
const KEPT_AND_NOT_BLANK: &str = r"^[^\x00]*[^\s\x00][^\x00]*$";

/// Says it of all texts in the components of these names.
pub fn describe(api: &mut OpenApi, names: &[String]) {
    let Some(components) = &mut api.components else {
        return;
    };
    for name in names {
        if let Some(schema) = components.schemas.get_mut(name) {
            describe_schema(schema);
        }
    }
}

/// Says it of all texts in a schema; what it refers to has a name of its own.
pub fn describe_schema(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else {
        return;
    };
    match schema {
        Schema::Object(object) => {
            describe_text(object);
            object.properties.values_mut().for_each(describe_schema);
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                describe_schema(items);
            }
        }
        Schema::OneOf(one_of) => one_of.items.iter_mut().for_each(describe_schema),
        Schema::AllOf(all_of) => all_of.items.iter_mut().for_each(describe_schema),
        _ => {}
    }
}

/// A format or a list of words rules that character out already; a password is only hashed, so it may hold anything.
fn describe_text(object: &mut Object) {
    let is_text = match &object.schema_type {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    };
    if !is_text || object.format.is_some() || object.enum_values.is_some() {
        return;
    }
    match object.pattern.as_deref() {
        None => object.pattern = Some(KEPT.into()),
        Some(r"\S") => object.pattern = Some(KEPT_AND_NOT_BLANK.into()),
        Some(_) => {}
    }
}
