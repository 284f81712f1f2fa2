//! An example for everything that the description names and that has none where it is declared.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::{OpenApi, RefOr, Schema, schema::ArrayItems};

/// What a schema's name ends with; what stands before it is the resource.
const ENDINGS: [&str; 4] = ["Answer", "Body", "Change", "Secret"];

/// Examples by resource and field.
type Known = BTreeMap<(String, String), Value>;

/// Gives an example to each field that has none: that of the same field in another schema of its resource, or else the
/// one that its name has below.
pub fn complete(api: &mut OpenApi) {
    let Some(components) = &mut api.components else {
        return;
    };
    let mut known = Known::new();
    for (name, schema) in &mut components.schemas {
        each_field(schema, &mut |field, schema| {
            if let Some(example) = example_in(schema) {
                known.insert((resource(name), field.to_owned()), example.clone());
            }
        });
    }
    for (name, schema) in &mut components.schemas {
        each_field(schema, &mut |field, schema| {
            if !is_told(schema) {
                let same = known.get(&(resource(name), field.to_owned())).cloned();
                set(schema, same.or_else(|| by_name(field)));
            }
        });
    }
}

/// The same for a parameter, whose schema this is.
pub fn complete_parameter(name: &str, schema: &mut RefOr<Schema>) {
    if !is_told(schema) {
        set(schema, by_name(name));
    }
}

/// `PizzaBody` is about pizzas, and so is a list of them; a profile is a user's.
fn resource(schema: &str) -> String {
    let schema = schema.strip_prefix("Listed_").unwrap_or(schema);
    let ending = ENDINGS
        .iter()
        .find_map(|ending| schema.strip_suffix(ending));
    match ending.unwrap_or(schema) {
        "Profile" | "Registration" => "User".to_owned(),
        resource => resource.to_owned(),
    }
}

fn each_field(schema: &mut RefOr<Schema>, visit: &mut impl FnMut(&str, &mut RefOr<Schema>)) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            for (name, field) in &mut object.properties {
                visit(name, field);
                each_field(field, visit);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                each_field(items, visit);
            }
        }
        RefOr::T(Schema::OneOf(one_of)) => {
            for item in &mut one_of.items {
                each_field(item, visit);
            }
        }
        RefOr::T(Schema::AllOf(all_of)) => {
            for item in &mut all_of.items {
                each_field(item, visit);
            }
        }
        _ => {}
    }
}

/// Whether a reader sees what it looks like: by an example, a list of words, its fields, or the type that it refers to.
fn is_told(schema: &mut RefOr<Schema>) -> bool {
    let has_example = example_in(schema).is_some();
    has_example
        || match schema {
            RefOr::Ref(_) => true,
            RefOr::T(Schema::Object(object)) => {
                object.enum_values.is_some() || !object.properties.is_empty()
            }
            RefOr::T(Schema::Array(array)) => match &mut array.items {
                ArrayItems::RefOrSchema(items) => is_told(items),
                ArrayItems::False => false,
            },
            RefOr::T(Schema::OneOf(one_of)) => one_of.items.iter_mut().any(is_told),
            RefOr::T(_) => false,
        }
}

fn example_in(schema: &mut RefOr<Schema>) -> Option<&mut Value> {
    place(schema)?.as_mut()
}

fn set(schema: &mut RefOr<Schema>, example: Option<Value>) {
    if let Some(place) = place(schema) {
        *place = example;
    }
}

/// Where the example of a schema stands.
fn place(schema: &mut RefOr<Schema>) -> Option<&mut Option<Value>> {
    match schema {
        RefOr::T(Schema::Object(object)) => Some(&mut object.example),
        RefOr::T(Schema::Array(array)) => Some(&mut array.example),
        RefOr::T(Schema::OneOf(one_of)) => Some(&mut one_of.example),
        RefOr::T(Schema::AllOf(all_of)) => Some(&mut all_of.example),
        RefOr::T(Schema::AnyOf(any_of)) => Some(&mut any_of.example),
        _ => None,
    }
}

/// What is called so anywhere.
fn by_name(name: &str) -> Option<Value> {
    Some(match name {
        "access_token" => json!("eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIwMTk3YTBhMCJ9.x7Yk2m0Q"),
        "acquire_ms_max" => json!(3.1),
        "acquire_ms_mean" => json!(0.02),
        "acquire_timeouts" | "after" => json!(0),
        "acquires" => json!(1024),
        "acknowledged" | "allow_password_reset" | "is_admin" => json!(false),
        "category_id" | "created_by" | "id" | "user_id" => {
            json!("0197a0a0-0000-7000-8000-000000000001")
        }
        "client_id" => json!("cash-register"),
        "client_secret" | "reset_token" => json!("hC0i2mYwzq8bV5pD1uQe9sXk3tJr7nLf4aGoZyWxEvU"),
        "commit" => json!("3f2a9c1"),
        "context" => json!({"name": "Ada", "current_goal": "the tango"}),
        "current" | "in_stock" | "include_descendants" | "tree" => json!(true),
        "current_goal" => json!("the tango"),
        "description" => json!("For the first steps"),
        "detail" => json!("price: must have at most two decimal places"),
        "error_description" => json!("the client is unknown, or its secret is wrong"),
        "errors" => json!([{"field": "price", "message": "is required"}]),
        "hostname" => json!("ballroom-1"),
        "idle" => json!(4),
        "in_use" => json!(1),
        "latency_ms" => json!(0.4),
        "max" => json!(25),
        "message" => json!("taken on by the platform team"),
        "metadata" => json!({"os": "linux"}),
        "name" | "q" => json!("tango"),
        "owner_team" => json!("box office"),
        "request_id" => json!("0197a0a0-0000-7000-8000-00000000002a"),
        "role" => json!("moderator"),
        "size" => json!(5),
        "status" => json!(["ready"]),
        "tag" => json!("ballroom"),
        "uptime_seconds" => json!(86400),
        "user_agent" => json!("curl/8.5.0"),
        "version" => json!("0.1.0"),
        _ => return None,
    })
}
