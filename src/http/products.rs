//! Products: what the shop sells.

use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, State},
    http::{Response, StatusCode, request::Parts},
};
use serde::Serialize;

use super::error::{ApiError, FieldError};
use super::idempotency::{IdempotencyKey, created_text, json};
use super::input::{
    Bool, ID, Input, LONG_TEXT, List, NAME, Number, Object, PRICE, PathId, SHORT_TEXT, Text,
    WEB_ADDRESS, asks_for_deleted, fields,
};
use super::middleware::principal::Writer;
use super::pagination::{Listed, SortedByPrice};
use super::response::{WithHeader, created, deleted, found, response};
use super::state::AppState;
use crate::domain::{Id, Price, Time};
use crate::store::products::{MOST_STOCK, NewProduct, Product, ProductFilter, ProductPatch};
use crate::store::{StoreError, idempotency::Outcome};

response! {
    ProductResponse from product: Product {
        id: Id,
        #[schema(example = "Ten lessons")]
        name: String,
        #[schema(example = "Valid for six months")]
        description: Option<String>,
        price: Price,
        #[schema(example = 25)]
        stock: i64,
        category_id: Id,
        #[schema(example = "https://example.com/pass.png")]
        image_url: Option<String>,
        #[schema(example = "PASS-10")]
        sku: Option<String>,
        created_at: Time,
        updated_at: Time,
    }
}

const PRODUCT_NAME: Text = Text::not_blank(255);
const STOCK: Number = Number(0, MOST_STOCK);

fields! {
    body NewProduct as "ProductBody" {
        name: required(PRODUCT_NAME) = "Ten lessons",
        description: optional(LONG_TEXT) = "Valid for six months",
        price: required(PRICE) = "120.00",
        stock: required(STOCK) = 25,
        category_id: required(ID) = "0197a0a0-0000-7000-8000-000000000001",
        image_url: optional(WEB_ADDRESS) = "https://example.com/pass.png",
        /// Unique among products that are not deleted.
        sku: optional(NAME) = "PASS-10",
    }
}

fields! {
    body ProductPatch as "ProductChange" {
        name: not_null(PRODUCT_NAME) = "Ten lessons",
        description: clearable(LONG_TEXT) = "Valid for six months",
        price: not_null(PRICE) = "99.90",
        stock: not_null(STOCK) = 25,
        category_id: not_null(ID) = "0197a0a0-0000-7000-8000-000000000001",
        image_url: clearable(WEB_ADDRESS) = "https://example.com/pass.png",
        sku: clearable(NAME) = "PASS-10",
    }
}

fields! {
    body struct ProductBatch as "ProductBatch" {
        items: required(List(1, 100, Object::<NewProduct>::new())) as Vec<NewProduct>,
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct ProductBatchResponse {
    data: Vec<ProductResponse>,
}

fields! {
    body struct StockChange as "StockChange" {
        /// The amount to add; negative to subtract.
        delta: required(Number(-MOST_STOCK, MOST_STOCK)) as i64 = -1,
    }
}

fields! {
    query ProductFilter {
        /// In this category.
        category_id: optional(ID) = "0197a0a0-0000-7000-8000-000000000001",
        /// With `category_id`: also in the categories below it.
        include_descendants: optional_or(Bool, false) = true,
        /// Minimum price, inclusive.
        min_price: optional(PRICE) = "10.00",
        /// Maximum price, inclusive.
        max_price: optional(PRICE) = "99.99",
        /// Whether any are in stock.
        in_stock: optional(Bool) = true,
        /// Any part of name or sku, in any case.
        q: optional(SHORT_TEXT) = "lesson",
        /// Only deleted products. Needs the scope `write`.
        deleted: optional_or(Bool, false) = false,
    }
}

/// Everybody may list products, but only the scope `write` the deleted ones.
pub struct ProductReader;

impl FromRequestParts<AppState> for ProductReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if asks_for_deleted(&parts.uri) {
            Writer::from_request_parts(parts, state).await?;
        }
        Ok(Self)
    }
}

/// List products.
#[utoipa::path(get, path = "/products", tag = "products", params(ProductFilter, SortedByPrice),
    responses((status = 200, body = Listed<ProductResponse>)), security((), ("bearer" = [])))]
pub async fn list(
    State(state): State<AppState>,
    _: ProductReader,
    input: Input<(), (ProductFilter, SortedByPrice)>,
) -> Result<Json<Listed<ProductResponse>>, ApiError> {
    let (filter, page) = input.query;
    let products = state.store.products(&filter, page.window()).await?;
    Ok(Json(page.response(products)))
}

/// Get a product.
#[utoipa::path(get, path = "/products/{id}", tag = "products", params(PathId),
    responses((status = 200, body = ProductResponse)), security((), ("bearer" = [])))]
pub async fn get(
    State(state): State<AppState>,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<ProductResponse>, ApiError> {
    found(state.store.product(path.id).await?)
}

/// Create a product.
#[utoipa::path(post, path = "/products", tag = "products", request_body = NewProduct, responses(
    (status = 201, body = ProductResponse, headers(("Location", description = "The path of the product"))),
    (status = 409, description = "The sku is taken"),
), security(("bearer" = ["write"])))]
pub async fn create(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), NewProduct>,
) -> Result<WithHeader<ProductResponse, String>, ApiError> {
    let mut products = state.store.create_products(vec![body]).await?;
    let product = products.pop().ok_or(ApiError::Internal)?;
    Ok(created("/products", product.id, product.into()))
}

/// Create up to 100 products, all or none.
#[utoipa::path(post, path = "/products/batch", tag = "products", request_body = ProductBatch,
    params(IdempotencyKey), responses(
    (status = 201, body = ProductBatchResponse),
    (status = 409, description = "A sku is taken, or the key was used with another body"),
), security(("bearer" = ["write"])))]
pub async fn create_batch(
    State(state): State<AppState>,
    _: Writer,
    key: IdempotencyKey,
    Input { body, .. }: Input<(), (), ProductBatch>,
) -> Result<Response<Body>, ApiError> {
    let once = key.with_body(&body.items);
    let categories: Vec<_> = body.items.iter().map(|item| item.category_id).collect();
    let created = state
        .store
        .create_product_batch(body.items, once, batch_json)
        .await;
    match created {
        Err(StoreError::Dangling(_)) => Err(missing_categories(&state, &categories).await?),
        Err(error) => Err(error.into()),
        Ok(Outcome::Created(products)) => Ok(created_text(batch_json(&products))),
        Ok(Outcome::Earlier(answer)) => Ok(created_text(answer)),
    }
}

fn batch_json(products: &[Product]) -> String {
    let data = products.iter().cloned().map(ProductResponse::from);
    json(&ProductBatchResponse {
        data: data.collect(),
    })
}

/// Names the items whose category doesn't exist.
async fn missing_categories(state: &AppState, categories: &[Id]) -> Result<ApiError, StoreError> {
    let mut faults = Vec::new();
    for (place, category) in categories.iter().enumerate() {
        if state.store.category(*category).await?.is_none() {
            let field = format!("items[{place}].category_id");
            faults.push(FieldError::new(field, "refers to nothing"));
        }
    }
    Ok(ApiError::Validation(faults))
}

/// Change a product. Null clears a field that is optional.
#[utoipa::path(patch, path = "/products/{id}", tag = "products", params(PathId),
    request_body = ProductPatch, responses(
        (status = 200, body = ProductResponse),
        (status = 409, description = "The sku is taken"),
    ), security(("bearer" = ["write"])))]
pub async fn update(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<PathId, (), ProductPatch>,
) -> Result<Json<ProductResponse>, ApiError> {
    found(state.store.update_product(path.id, body).await?)
}

/// Delete a product. Its sku becomes free.
#[utoipa::path(delete, path = "/products/{id}", tag = "products", params(PathId),
    responses((status = 204)), security(("bearer" = ["write"])))]
pub async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_product(path.id).await?)
}

/// Restore a deleted product.
#[utoipa::path(post, path = "/products/{id}/restore", tag = "products", params(PathId), responses(
    (status = 200, body = ProductResponse),
    (status = 409, description = "The sku is now taken"),
), security(("bearer" = ["write"])))]
pub async fn restore(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<ProductResponse>, ApiError> {
    found(state.store.restore_product(path.id).await?)
}

/// Add to the stock, or subtract from it. The change is atomic, and the stock never falls below zero.
#[utoipa::path(post, path = "/products/{id}/stock", tag = "products", params(PathId),
    request_body = StockChange, responses(
        (status = 200, body = ProductResponse),
        (status = 409, description = "The stock is too small, or would become too large"),
    ), security(("bearer" = ["write"])))]
pub async fn update_stock(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<PathId, (), StockChange>,
) -> Result<Json<ProductResponse>, ApiError> {
    found(state.store.update_stock(path.id, body.delta).await?)
}
