//! The OpenAPI description of declared fields.

use serde_json::Value;
use utoipa::openapi::{
    AllOfBuilder, OneOfBuilder, RefOr, Required, Schema,
    path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle},
    schema::{AdditionalProperties, Object, ObjectBuilder, SchemaType, Type},
};

use super::field_type::{Components, FieldType};

/// The fields of a type, as OpenAPI describes them.
#[derive(Default)]
pub struct Description {
    properties: Vec<Property>,
    components: Components,
    exactly_one_of: Option<[&'static str; 2]>,
    alternatives: Vec<Description>,
    is_open: bool,
}

/// A field or parameter.
pub struct Property {
    name: &'static str,
    schema: RefOr<Schema>,
    about: String,
    is_required: bool,
    is_nullable: bool,
}

impl Description {
    pub fn required<F: FieldType>(&mut self, name: &'static str, field: &F) -> &mut Property {
        let property = self.not_null(name, field);
        property.is_required = true;
        property
    }

    pub fn optional<F: FieldType>(&mut self, name: &'static str, field: &F) -> &mut Property {
        let property = self.not_null(name, field);
        property.is_nullable = true;
        property
    }

    pub fn optional_or<F: FieldType>(
        &mut self,
        name: &'static str,
        field: &F,
        default: impl Into<Value>,
    ) -> &mut Property {
        let property = self.optional(name, field);
        if let RefOr::T(Schema::Object(object)) = &mut property.schema {
            object.default = Some(default.into());
        }
        property
    }

    pub fn clearable<F: FieldType>(&mut self, name: &'static str, field: &F) -> &mut Property {
        self.optional(name, field)
    }

    pub fn not_null<F: FieldType>(&mut self, name: &'static str, field: &F) -> &mut Property {
        field.components(&mut self.components);
        self.properties.push(Property {
            name,
            schema: field.schema(),
            about: String::new(),
            is_required: false,
            is_nullable: false,
        });
        let last = self.properties.len() - 1;
        &mut self.properties[last]
    }

    pub fn exactly_one_of(&mut self, one: &'static str, other: &'static str) {
        self.exactly_one_of = Some([one, other]);
    }

    /// Needs no description: a closed object refuses every unknown field.
    #[allow(
        clippy::unused_self,
        reason = "rules are called on fields and description alike"
    )]
    pub fn unchangeable(&mut self, _: &'static str) {}

    pub fn open(&mut self) {
        self.is_open = true;
    }

    /// Adds an alternative. A body must match exactly one of them.
    pub fn alternative(&mut self) -> &mut Self {
        self.alternatives.push(Self::default());
        let last = self.alternatives.len() - 1;
        &mut self.alternatives[last]
    }

    /// Limits a field to some of its words.
    pub fn restrict(&mut self, name: &str, words: Vec<&'static str>) {
        let property = self
            .properties
            .iter_mut()
            .find(|property| property.name == name);
        if let Some(Property {
            schema: RefOr::T(Schema::Object(object)),
            ..
        }) = property
        {
            let words: Vec<_> = words.into_iter().map(Value::from).collect();
            let fits = object
                .example
                .as_ref()
                .is_some_and(|example| words.contains(example));
            if !fits {
                object.example = words.first().cloned();
            }
            object.enum_values = Some(words);
        }
    }

    pub fn remove(&mut self, name: &str) {
        self.properties.retain(|property| property.name != name);
    }

    /// The schema of a body.
    pub fn into_schema(self) -> RefOr<Schema> {
        if !self.alternatives.is_empty() {
            let schemas = self.alternatives.into_iter().map(Self::into_schema);
            return schemas.fold(OneOfBuilder::new(), OneOfBuilder::item).into();
        }
        let mut object = ObjectBuilder::new();
        if !self.is_open {
            object = object.additional_properties(Some(AdditionalProperties::FreeForm(false)));
        }
        for property in self.properties {
            let name = property.name;
            if property.is_required {
                object = object.required(name);
            }
            object = object.property(name, property.into_schema());
        }
        let Some(names) = self.exactly_one_of else {
            return object.into();
        };
        let alternatives = names.into_iter().fold(OneOfBuilder::new(), |one_of, name| {
            one_of.item(ObjectBuilder::new().required(name))
        });
        AllOfBuilder::new().item(object).item(alternatives).into()
    }

    /// The schemas that the fields refer to.
    pub fn into_components(self) -> Components {
        self.components
    }

    /// The parameters of a path or a query.
    pub fn into_parameters(self, place: &ParameterIn) -> Vec<Parameter> {
        let parameter = |property: Property| {
            let is_list = matches!(property.schema, RefOr::T(Schema::Array(_)));
            let about = Some(property.about).filter(|about| !about.is_empty());
            ParameterBuilder::new()
                .name(property.name)
                .parameter_in(place.clone())
                .required(if property.is_required {
                    Required::True
                } else {
                    Required::False
                })
                .description(about)
                .style(is_list.then_some(ParameterStyle::Form))
                .explode(is_list.then_some(false))
                .schema(Some(property.schema))
                .build()
        };
        self.properties.into_iter().map(parameter).collect()
    }
}

impl Property {
    pub fn about(&mut self, about: &str) -> &mut Self {
        about.trim().clone_into(&mut self.about);
        self
    }

    pub fn example(&mut self, example: Value) -> &mut Self {
        match &mut self.schema {
            RefOr::T(Schema::Object(object)) => object.example = Some(example),
            RefOr::T(Schema::Array(array)) => array.example = Some(example),
            _ => {}
        }
        self
    }

    fn into_schema(mut self) -> RefOr<Schema> {
        let about = Some(self.about).filter(|about| !about.is_empty());
        match &mut self.schema {
            RefOr::T(Schema::Object(object)) => {
                object.description = about;
                if self.is_nullable {
                    allow_null(object);
                }
            }
            RefOr::T(Schema::Array(array)) => array.description = about,
            RefOr::Ref(reference) => reference.description = about.unwrap_or_default(),
            RefOr::T(_) => {}
        }
        self.schema
    }
}

fn allow_null(object: &mut Object) {
    if let SchemaType::Type(kind) = object.schema_type.clone() {
        object.schema_type = SchemaType::Array(vec![kind, Type::Null]);
    }
}
