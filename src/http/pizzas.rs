//! Pizzas: the menu of the café.

use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams, State},
    http::{StatusCode, request::Parts},
};

use super::error::ApiError;
use super::input::{
    Bool, ID, Input, LONG_TEXT, List, NAME, PRICE, PathId, SHORT_TEXT, Text, asks_for_deleted,
    fields, query_values,
};
use super::middleware::principal::{PizzaMaker, Principal};
use super::pagination::{Listed, Sorted};
use super::response::{WithHeader, created, deleted, found, response};
use super::state::AppState;
use crate::domain::{Id, Price, Time};
use crate::store::pizzas::{NewPizza, Pizza, PizzaFilter};

response! {
    PizzaResponse from pizza: Pizza {
        id: Id,
        #[schema(example = "Margherita")]
        name: String,
        #[schema(example = "With basil from the window sill")]
        description: Option<String>,
        price: Price,
        #[schema(example = json!(["tomato", "mozzarella", "basil"]))]
        ingredients: Vec<String> = pizza.ingredients.0,
        /// The user or client that created it.
        created_by: Id,
        created_at: Time,
        updated_at: Time,
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
/// is read. With `DELETED` the pizza may be a deleted one.
pub struct Owner<const DELETED: bool = false>;

impl<const DELETED: bool> FromRequestParts<AppState> for Owner<DELETED> {
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
        let owner = match id {
            Some(id) => state.store.pizza_owner(id, DELETED).await?,
            None => None,
        };
        owner.map_or(Ok(()), |owner| check_owner(&principal, owner))?;
        Ok(Self)
    }
}

fn check_owner(principal: &Principal, owner: Id) -> Result<(), ApiError> {
    if owner == principal.id {
        Ok(())
    } else {
        Err(ApiError::Forbidden("the pizza belongs to somebody else"))
    }
}

/// Everybody may list pizzas. Of the deleted ones, admins may list all, and others their own.
pub struct PizzaReader {
    /// The only owner whose pizzas may be listed.
    only: Option<Id>,
}

impl FromRequestParts<AppState> for PizzaReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !asks_for_deleted(&parts.uri) {
            return Ok(Self { only: None });
        }
        let principal = Principal::from_request_parts(parts, state).await?;
        if principal.is_admin() {
            return Ok(Self { only: None });
        }
        principal.require_pizza_maker()?;
        for owner in query_values(&parts.uri, "created_by").filter_map(|text| Id::parse(&text)) {
            check_owner(&principal, owner)?;
        }
        Ok(Self {
            only: Some(principal.id),
        })
    }
}

/// List pizzas.
#[utoipa::path(get, path = "/pizzas", tag = "pizzas", params(PizzaFilter, Sorted),
    responses((status = 200, body = Listed<PizzaResponse>)), security((), ("bearer" = [])))]
pub async fn list(
    State(state): State<AppState>,
    reader: PizzaReader,
    input: Input<(), (PizzaFilter, Sorted)>,
) -> Result<Json<Listed<PizzaResponse>>, ApiError> {
    let (mut filter, page) = input.query;
    filter.created_by = filter.created_by.or(reader.only);
    let pizzas = state.store.pizzas(&filter, page.window()).await?;
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
    Ok(created("/pizzas", pizza.id, pizza.into()))
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
    _: Owner<true>,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<PizzaResponse>, ApiError> {
    found(state.store.restore_pizza(path.id).await?)
}
