//! Pizzas: the menu of the café.

use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams, State},
    http::{StatusCode, request::Parts},
};
use serde::Serialize;

use super::error::ApiError;
use super::input::{
    Bool, ID, Input, LONG_TEXT, List, NAME, PRICE, PathId, SHORT_TEXT, Text, fields,
};
use super::middleware::principal::{Anyone, PizzaMaker, Principal};
use super::pagination::{Listed, Sorted};
use super::response::{WithHeader, created, deleted, found};
use super::state::AppState;
use crate::domain::{Id, Price, Time};
use crate::store::pizzas::{NewPizza, Pizza, PizzaFilter};

#[derive(Serialize, utoipa::ToSchema)]
pub struct PizzaResponse {
    id: Id,
    #[schema(example = "Margherita")]
    name: String,
    #[schema(example = "With basil from the window sill")]
    description: Option<String>,
    price: Price,
    #[schema(example = json!(["tomato", "mozzarella", "basil"]))]
    ingredients: Vec<String>,
    /// The user or client that created it.
    created_by: Id,
    created_at: Time,
    updated_at: Time,
}

impl From<Pizza> for PizzaResponse {
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

const INGREDIENT: Text = Text::not_blank(200).named("Ingredient");

fields! {
    body NewPizza as "PizzaBody" {
        /// Unique among pizzas that are not deleted.
        name: required(NAME) = "Margherita",
        description: optional(LONG_TEXT) = "With basil from the window sill",
        price: required(PRICE) = "8.50",
        ingredients: required(List(1, 30, INGREDIENT)) = ["tomato", "mozzarella", "basil"],
    }
}

fields! {
    query PizzaFilter {
        /// Any part of the name, in any case.
        name: optional(SHORT_TEXT) = "marg",
        /// Created by this user or client.
        created_by: optional(ID) = "0197a0a0-0000-7000-8000-000000000001",
        /// Only deleted pizzas: your own, or for admins all.
        deleted: optional_or(Bool, false) = false,
    }
}

/// Checks that the principal may change the pizza of the path: its owner and admins may. Others get 403 before the body
/// is read.
pub struct Owner;

impl FromRequestParts<AppState> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let principal = Principal::from_request_parts(parts, state).await?;
        if principal.is_admin() {
            return Ok(Self);
        }
        principal.require_pizza_maker()?;
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let id = parameters.ok().and_then(|parameters| {
            let (_, text) = parameters.iter().find(|(name, _)| *name == "id")?;
            Id::parse(text)
        });
        // The handler reports an invalid or unknown id.
        let pizza = match id {
            Some(id) => state.store.pizza(id).await?,
            None => None,
        };
        pizza.map_or(Ok(()), |pizza| check_owner(&principal, pizza.created_by))?;
        Ok(Self)
    }
}

fn check_owner(principal: &Principal, owner: Id) -> Result<(), ApiError> {
    if owner == principal.id || principal.is_admin() {
        Ok(())
    } else {
        Err(ApiError::Forbidden("the pizza belongs to somebody else"))
    }
}

/// List pizzas.
#[utoipa::path(get, path = "/pizzas", tag = "pizzas", params(PizzaFilter, Sorted),
    responses((status = 200, body = Listed<PizzaResponse>)), security((), ("bearer" = [])))]
pub async fn list(
    State(state): State<AppState>,
    anyone: Anyone,
    Input {
        query: (mut filter, Sorted { sort, page }),
        ..
    }: Input<(), (PizzaFilter, Sorted)>,
) -> Result<Json<Listed<PizzaResponse>>, ApiError> {
    if filter.deleted {
        let principal = anyone.principal()?;
        if !principal.is_admin() {
            principal.require_pizza_maker()?;
            let owner = *filter.created_by.get_or_insert(principal.id);
            check_owner(&principal, owner)?;
        }
    }
    let pizzas = state.store.pizzas(&filter, sort, page.window()).await?;
    Ok(Json(page.response(pizzas)))
}

/// Get a pizza.
#[utoipa::path(get, path = "/pizzas/{id}", tag = "pizzas", params(PathId),
    responses((status = 200, body = PizzaResponse)), security((), ("bearer" = [])))]
pub async fn get(
    State(state): State<AppState>,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<PizzaResponse>, ApiError> {
    found(state.store.pizza(path.id).await?)
}

/// Create a pizza. Allowed for every user, and for clients with the scope `write`.
#[utoipa::path(post, path = "/pizzas", tag = "pizzas", request_body = NewPizza, responses(
    (status = 201, body = PizzaResponse, headers(("Location", description = "The path of the pizza"))),
    (status = 403, description = "The client lacks the scope `write`"),
    (status = 409, description = "The name is taken"),
), security(("bearer" = [])))]
pub async fn create(
    State(state): State<AppState>,
    PizzaMaker(principal): PizzaMaker,
    Input { body, .. }: Input<(), (), NewPizza>,
) -> Result<WithHeader<PizzaResponse, String>, ApiError> {
    let pizza = state.store.create_pizza(body, principal.id).await?;
    Ok(created(&format!("/pizzas/{}", pizza.id), pizza.into()))
}

/// Replace a pizza that the principal owns.
#[utoipa::path(put, path = "/pizzas/{id}", tag = "pizzas", params(PathId), request_body = NewPizza, responses(
    (status = 200, body = PizzaResponse),
    (status = 403, description = "The pizza belongs to somebody else"),
    (status = 409, description = "The name is taken"),
), security(("bearer" = [])))]
pub async fn update(
    State(state): State<AppState>,
    _: Owner,
    Input { path, body, .. }: Input<PathId, (), NewPizza>,
) -> Result<Json<PizzaResponse>, ApiError> {
    found(state.store.update_pizza(path.id, body).await?)
}

/// Delete a pizza that the principal owns. Its name becomes free.
#[utoipa::path(delete, path = "/pizzas/{id}", tag = "pizzas", params(PathId), responses(
    (status = 204),
    (status = 403, description = "The pizza belongs to somebody else"),
), security(("bearer" = [])))]
pub async fn delete(
    State(state): State<AppState>,
    _: Owner,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_pizza(path.id).await?)
}

/// Restore a deleted pizza that the principal owns.
#[utoipa::path(post, path = "/pizzas/{id}/restore", tag = "pizzas", params(PathId), responses(
    (status = 200, body = PizzaResponse),
    (status = 403, description = "The pizza belongs to somebody else"),
    (status = 409, description = "The name is now taken"),
), security(("bearer" = [])))]
pub async fn restore(
    State(state): State<AppState>,
    principal: Principal,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<PizzaResponse>, ApiError> {
    if !principal.is_admin() {
        principal.require_pizza_maker()?;
    }
    let owner = state.store.pizza_owner(path.id).await?;
    check_owner(&principal, owner.ok_or(ApiError::NotFound)?)?;
    found(state.store.restore_pizza(path.id).await?)
}
