//! Products: what the shop sells.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Created, created, deleted, found};
use super::caller::Writer;
use super::error::{ApiError, FieldError};
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, SortedByPrice};
use crate::domain::{Id, Price, Time};
use crate::store::StoreError;
use crate::store::products::{MOST_STOCK, NewProduct, Product, ProductFilter, ProductPatch};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_batch))
        .routes(routes!(get, update, delete))
        .routes(routes!(restore))
        .routes(routes!(update_stock))
}

/// A product as answers show it.
#[derive(Serialize, utoipa::ToSchema)]
struct ProductAnswer {
    id: Id,
    #[schema(example = "Ten lessons")]
    name: String,
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

impl From<Product> for ProductAnswer {
    fn from(product: Product) -> Self {
        Self {
            id: product.id,
            name: product.name,
            description: product.description,
            price: product.price,
            stock: product.stock,
            category_id: product.category_id,
            image_url: product.image_url,
            sku: product.sku,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

/// What a new product needs.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the body; `NewProduct` is what is read")]
struct ProductBody {
    #[schema(
        example = "Ten lessons",
        min_length = 1,
        max_length = 255,
        pattern = "\\S"
    )]
    name: String,
    #[schema(max_length = 2000)]
    description: Option<String>,
    price: Price,
    #[schema(example = 25, minimum = 0, maximum = 2_147_483_647)]
    stock: i64,
    category_id: Id,
    #[schema(
        example = "https://example.com/pass.png",
        max_length = 500,
        pattern = "^https?://[0-9A-Za-z\\[][!-~]*$"
    )]
    image_url: Option<String>,
    /// Unique among the products that aren't deleted.
    #[schema(example = "PASS-10", min_length = 1, max_length = 100, pattern = "\\S")]
    sku: Option<String>,
}

impl Read for NewProduct {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", kinds::named_up_to(255));
        let description = fields.optional("description", kinds::long_text);
        let price = fields.required("price", kinds::price);
        let stock = fields.required("stock", kinds::number(0, MOST_STOCK));
        let category_id = fields.required("category_id", kinds::id);
        let image_url = fields.optional("image_url", kinds::web_address);
        let sku = fields.optional("sku", kinds::name);
        Some(Self {
            name: name?,
            description,
            price: price?,
            stock: stock?,
            category_id: category_id?,
            image_url,
            sku,
        })
    }
}

/// What may be changed; null clears a field.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the body; `ProductPatch` is what is read"
)]
struct ProductChange {
    #[schema(min_length = 1, max_length = 255, nullable = false, pattern = "\\S")]
    name: Option<String>,
    #[schema(max_length = 2000)]
    description: Option<String>,
    #[schema(
        example = "99.90",
        pattern = "^[0-9]{1,8}(\\.[0-9]{1,2})?$",
        nullable = false
    )]
    price: Option<String>,
    #[schema(minimum = 0, maximum = 2_147_483_647, nullable = false)]
    stock: Option<i64>,
    #[schema(nullable = false)]
    category_id: Option<Id>,
    #[schema(max_length = 500, pattern = "^https?://[0-9A-Za-z\\[][!-~]*$")]
    image_url: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    sku: Option<String>,
}

impl Read for ProductPatch {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            name: fields.patch_required("name", kinds::named_up_to(255)),
            description: fields.patch_optional("description", kinds::long_text),
            price: fields.patch_required("price", kinds::price),
            stock: fields.patch_required("stock", kinds::number(0, MOST_STOCK)),
            category_id: fields.patch_required("category_id", kinds::id),
            image_url: fields.patch_optional("image_url", kinds::web_address),
            sku: fields.patch_optional("sku", kinds::name),
        })
    }
}

/// Several products that are made together.
#[derive(utoipa::ToSchema)]
struct ProductBatch {
    #[schema(value_type = Vec<ProductBody>, min_items = 1, max_items = 100)]
    items: Vec<NewProduct>,
}

impl Read for ProductBatch {
    fn read(fields: &mut Fields) -> Option<Self> {
        let items = fields.required_objects("items", 1, 100)?;
        Some(Self { items })
    }
}

/// The products that were made together.
#[derive(Serialize, utoipa::ToSchema)]
struct ProductBatchAnswer {
    data: Vec<ProductAnswer>,
}

/// How much more or less there is.
#[derive(utoipa::ToSchema)]
struct StockChange {
    /// What comes in, or with a minus what goes out.
    #[schema(example = -1, minimum = -2_147_483_647, maximum = 2_147_483_647)]
    delta: i64,
}

impl Read for StockChange {
    fn read(fields: &mut Fields) -> Option<Self> {
        let delta = fields.required("delta", kinds::number(-MOST_STOCK, MOST_STOCK))?;
        Some(Self { delta })
    }
}

/// Which products are asked for, in which order.
struct ProductQuery {
    filter: ProductFilter,
    sorted: SortedByPrice,
}

impl Read for ProductQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = ProductFilter {
            category_id: fields.parameter("category_id", kinds::id),
            include_descendants: fields
                .parameter("include_descendants", kinds::yes_or_no)
                .unwrap_or(false),
            min_price: fields.parameter("min_price", kinds::price),
            max_price: fields.parameter("max_price", kinds::price),
            in_stock: fields.parameter("in_stock", kinds::yes_or_no),
            q: fields.parameter("q", kinds::short_text),
        };
        let sorted = SortedByPrice::read(fields)?;
        Some(Self { filter, sorted })
    }
}

/// The products.
#[utoipa::path(get, path = "/products", tag = "products", params(
    ("category_id" = Option<Uuid>, Query, description = "In this category"),
    ("include_descendants" = Option<bool>, Query, description = "And in all below it"),
    ("min_price" = Option<String>, Query, description = "Not cheaper", example = "10.00",
        pattern = "^[0-9]{1,8}(\\.[0-9]{1,2})?$"),
    ("max_price" = Option<String>, Query, description = "Not dearer", example = "99.99",
        pattern = "^[0-9]{1,8}(\\.[0-9]{1,2})?$"),
    ("in_stock" = Option<bool>, Query, description = "Whether there are any"),
    ("q" = Option<String>, Query, description = "Any part of name or sku, in any case", max_length = 200),
    SortedByPrice,
), responses((status = 200, body = Listed<ProductAnswer>)), security((), ("bearer" = [])))]
async fn list(
    State(state): State<AppState>,
    Input { query, .. }: Input<(), ProductQuery>,
) -> Result<Json<Listed<ProductAnswer>>, ApiError> {
    let SortedByPrice { sort, page } = query.sorted;
    let products = state
        .store
        .products(&query.filter, sort, page.window())
        .await?;
    Ok(Json(page.answer(products)))
}

/// One product.
#[utoipa::path(get, path = "/products/{id}", tag = "products", params(("id" = Uuid, Path)),
    responses((status = 200, body = ProductAnswer)), security((), ("bearer" = [])))]
async fn get(
    State(state): State<AppState>,
    Input { path, .. }: Input<Id>,
) -> Result<Json<ProductAnswer>, ApiError> {
    found(state.store.product(path).await?)
}

/// Make a product.
#[utoipa::path(post, path = "/products", tag = "products", request_body = ProductBody, responses(
    (status = 201, body = ProductAnswer, headers(("Location", description = "The product's path"))),
    (status = 409, description = "The sku is taken"),
), security(("bearer" = ["write"])))]
async fn create(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), NewProduct>,
) -> Result<Created<ProductAnswer>, ApiError> {
    let mut products = state.store.create_products(vec![body]).await?;
    let product = products.pop().ok_or(ApiError::Internal)?;
    Ok(created(
        &format!("/products/{}", product.id),
        product.into(),
    ))
}

/// Make up to 100 products, all or none.
#[utoipa::path(post, path = "/products/batch", tag = "products", request_body = ProductBatch, responses(
    (status = 201, body = ProductBatchAnswer),
    (status = 409, description = "A sku is taken"),
), security(("bearer" = ["write"])))]
async fn create_batch(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), ProductBatch>,
) -> Result<(StatusCode, Json<ProductBatchAnswer>), ApiError> {
    let categories: Vec<_> = body.items.iter().map(|item| item.category_id).collect();
    let products = match state.store.create_products(body.items).await {
        Err(StoreError::Dangling(_)) => return Err(dangling(&state, &categories).await?),
        done => done?,
    };
    let data = products.into_iter().map(ProductAnswer::from).collect();
    Ok((StatusCode::CREATED, Json(ProductBatchAnswer { data })))
}

/// Which of the items are to hang in a category that isn't there.
async fn dangling(state: &AppState, categories: &[Id]) -> Result<ApiError, StoreError> {
    let mut errors = Vec::new();
    for (place, category) in categories.iter().enumerate() {
        if state.store.category(*category).await?.is_none() {
            errors.push(FieldError {
                field: format!("items[{place}].category_id"),
                message: "refers to nothing".into(),
            });
        }
    }
    Ok(ApiError::Validation(errors))
}

/// Change a product.
#[utoipa::path(patch, path = "/products/{id}", tag = "products", params(("id" = Uuid, Path)),
    request_body = ProductChange, responses(
        (status = 200, body = ProductAnswer),
        (status = 409, description = "The sku is taken"),
    ), security(("bearer" = ["write"])))]
async fn update(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<Id, (), ProductPatch>,
) -> Result<Json<ProductAnswer>, ApiError> {
    found(state.store.update_product(path, body).await?)
}

/// Delete a product; its sku is free again.
#[utoipa::path(delete, path = "/products/{id}", tag = "products", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("bearer" = ["write"])))]
async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_product(path).await?)
}

/// Bring a deleted product back.
#[utoipa::path(post, path = "/products/{id}/restore", tag = "products", params(("id" = Uuid, Path)), responses(
    (status = 200, body = ProductAnswer),
    (status = 409, description = "The sku is taken meanwhile"),
), security(("bearer" = ["write"])))]
async fn restore(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<Json<ProductAnswer>, ApiError> {
    found(state.store.restore_product(path).await?)
}

/// Add to the stock or take from it, in one step: it never falls below zero, whoever else does the same.
#[utoipa::path(post, path = "/products/{id}/stock", tag = "products", params(("id" = Uuid, Path)),
    request_body = StockChange, responses(
        (status = 200, body = ProductAnswer),
        (status = 409, description = "There isn't so much in stock"),
    ), security(("bearer" = ["write"])))]
async fn update_stock(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<Id, (), StockChange>,
) -> Result<Json<ProductAnswer>, ApiError> {
    found(state.store.update_stock(path, body.delta).await?)
}
