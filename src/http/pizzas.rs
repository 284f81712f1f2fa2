//! Pizzas: the menu of the school's café.

use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams, State},
    http::{StatusCode, request::Parts},
};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Created, created, deleted, found};
use super::caller::{Caller, Cook};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, Sorted};
use crate::domain::{Id, Price, Time};
use crate::store::pizzas::{NewPizza, Pizza, PizzaFilter};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
}

/// A pizza as answers show it.
#[derive(Serialize, utoipa::ToSchema)]
struct PizzaAnswer {
    id: Id,
    #[schema(example = "Margherita")]
    name: String,
    description: Option<String>,
    price: Price,
    #[schema(example = json!(["tomato", "mozzarella", "basil"]))]
    ingredients: Vec<String>,
    /// The user or client that made it.
    created_by: Id,
    created_at: Time,
    updated_at: Time,
}

impl From<Pizza> for PizzaAnswer {
    fn from(pizza: Pizza) -> Self {
        Self {
            id: pizza.id,
            name: pizza.name,
            description: pizza.description,
            price: pizza.price,
            ingredients: pizza.ingredients.0,
            created_by: pizza.created_by,
            created_at: pizza.created_at,
            updated_at: pizza.updated_at,
        }
    }
}

/// What a pizza is made of.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the body; `NewPizza` is what is read")]
struct PizzaBody {
    /// Unique among the pizzas that aren't deleted.
    #[schema(
        example = "Margherita",
        min_length = 1,
        max_length = 100,
        pattern = "\\S"
    )]
    name: String,
    #[schema(max_length = 2000)]
    description: Option<String>,
    #[schema(example = "8.50", pattern = "^[0-9]{1,8}(\\.[0-9]{1,2})?$")]
    price: String,
    #[schema(min_items = 1, max_items = 30, example = json!(["tomato", "mozzarella", "basil"]))]
    ingredients: Vec<Ingredient>,
}

/// Something on a pizza.
#[derive(utoipa::ToSchema)]
#[schema(min_length = 1, max_length = 200, pattern = "\\S")]
#[allow(dead_code, reason = "describes a text")]
struct Ingredient(String);

impl Read for NewPizza {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", kinds::name);
        let description = fields.optional("description", kinds::long_text);
        let price = fields.required("price", kinds::price);
        let ingredients = fields.required_list("ingredients", 1, 30, kinds::named_up_to(200));
        Some(Self {
            name: name?,
            description,
            price: price?,
            ingredients: ingredients?,
        })
    }
}

/// Which pizzas are asked for, in which order.
struct PizzaQuery {
    filter: PizzaFilter,
    sorted: Sorted,
}

impl Read for PizzaQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = PizzaFilter {
            name: fields.parameter("name", kinds::short_text),
            created_by: fields.parameter("created_by", kinds::id),
        };
        let sorted = Sorted::read(fields)?;
        Some(Self { filter, sorted })
    }
}

/// A [`Caller`] who may change the pizza of the path: whoever made it, and admins. Somebody else is answered 403
/// before the body is looked at.
struct Owner;

impl FromRequestParts<AppState> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.is_admin() {
            return Ok(Self);
        }
        caller.needs_kitchen()?;
        let variables = RawPathParams::from_request_parts(parts, state).await;
        let id = variables.ok().and_then(|variables| {
            let (_, text) = variables.iter().find(|(name, _)| *name == "id")?;
            Id::parse(text)
        });
        // What isn't there is nobody's, and the handler says so.
        let pizza = match id {
            Some(id) => state.store.pizza(id).await?,
            None => None,
        };
        if pizza.is_some_and(|pizza| pizza.created_by != caller.id) {
            return Err(ApiError::Forbidden("the pizza is somebody else's"));
        }
        Ok(Self)
    }
}

/// The menu.
#[utoipa::path(get, path = "/pizzas", tag = "pizzas", params(
    ("name" = Option<String>, Query, description = "Any part of the name, in any case", max_length = 200),
    ("created_by" = Option<Uuid>, Query, description = "Made by this user or client"),
    Sorted,
), responses((status = 200, body = Listed<PizzaAnswer>)), security((), ("bearer" = [])))]
async fn list(
    State(state): State<AppState>,
    Input { query, .. }: Input<(), PizzaQuery>,
) -> Result<Json<Listed<PizzaAnswer>>, ApiError> {
    let Sorted { sort, page } = query.sorted;
    let pizzas = state
        .store
        .pizzas(&query.filter, sort, page.window())
        .await?;
    Ok(Json(page.answer(pizzas)))
}

/// One pizza.
#[utoipa::path(get, path = "/pizzas/{id}", tag = "pizzas", params(("id" = Uuid, Path)),
    responses((status = 200, body = PizzaAnswer)), security((), ("bearer" = [])))]
async fn get(
    State(state): State<AppState>,
    Input { path, .. }: Input<Id>,
) -> Result<Json<PizzaAnswer>, ApiError> {
    found(state.store.pizza(path).await?)
}

/// Make a pizza; any user may, and clients that may write.
#[utoipa::path(post, path = "/pizzas", tag = "pizzas", request_body = PizzaBody, responses(
    (status = 201, body = PizzaAnswer, headers(("Location", description = "The pizza's path"))),
    (status = 403, description = "The client may not write"),
    (status = 409, description = "The name is taken"),
), security(("bearer" = [])))]
async fn create(
    State(state): State<AppState>,
    Cook(caller): Cook,
    Input { body, .. }: Input<(), (), NewPizza>,
) -> Result<Created<PizzaAnswer>, ApiError> {
    let pizza = state.store.create_pizza(body, caller.id).await?;
    Ok(created(&format!("/pizzas/{}", pizza.id), pizza.into()))
}

/// Put another pizza in the place of one's own.
#[utoipa::path(put, path = "/pizzas/{id}", tag = "pizzas", params(("id" = Uuid, Path)), request_body = PizzaBody,
    responses(
        (status = 200, body = PizzaAnswer),
        (status = 403, description = "The pizza is somebody else's"),
        (status = 409, description = "The name is taken"),
    ), security(("bearer" = [])))]
async fn update(
    State(state): State<AppState>,
    _: Owner,
    Input { path, body, .. }: Input<Id, (), NewPizza>,
) -> Result<Json<PizzaAnswer>, ApiError> {
    found(state.store.update_pizza(path, body).await?)
}

/// Delete one's own pizza; its name is free again.
#[utoipa::path(delete, path = "/pizzas/{id}", tag = "pizzas", params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 403, description = "The pizza is somebody else's"),
), security(("bearer" = [])))]
async fn delete(
    State(state): State<AppState>,
    _: Owner,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_pizza(path).await?)
}
