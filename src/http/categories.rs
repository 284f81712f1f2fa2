//! Categories: the tree in which the shop's products are sorted.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{Response, StatusCode},
    response::IntoResponse,
};
use serde_json::value::RawValue;

use super::error::ApiError;
use super::idempotency::json;
use super::input::{Bool, ID, Input, LONG_TEXT, NAME, PathId, fields};
use super::middleware::principal::Writer;
use super::pagination::{Listed, Page, Sorted};
use super::response::{WithHeader, created, deleted, found, response};
use super::state::AppState;
use crate::domain::{Id, Time};
use crate::store::categories::{Category, CategoryPatch, NewCategory};

response! {
    CategoryResponse from category: Category {
        id: Id,
        #[schema(example = "Shoes")]
        name: String,
        #[schema(example = "For every floor")]
        description: Option<String>,
        /// The parent category; null for a root.
        parent_id: Option<Id>,
        /// The categories directly below, if the tree was requested.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(no_recursion, nullable = false)]
        children: Option<Vec<CategoryResponse>> = None,
        created_at: Time,
        updated_at: Time,
    }
}

fields! {
    body NewCategory as "CategoryBody" {
        /// Unique.
        name: required(NAME) = "Shoes",
        description: optional(LONG_TEXT) = "For every floor",
        parent_id: optional(ID) = "0197a0a0-0000-7000-8000-000000000001",
    }
}

fields! {
    body CategoryPatch as "CategoryChange" {
        name: not_null(NAME) = "Shoes",
        description: clearable(LONG_TEXT) = "For every floor",
        parent_id: clearable(ID) = "0197a0a0-0000-7000-8000-000000000001",
    }
}

fields! {
    query struct TreeQuery {
        /// Nest categories as `children`. Pages and `total` then count only the roots.
        tree: optional_or(Bool, false) as bool = true,
    }
}

/// List categories, flat or as a tree.
#[utoipa::path(get, path = "/categories", tag = "categories", params(TreeQuery, Sorted),
    responses((status = 200, body = Listed<CategoryResponse>)), security((), ("bearer" = [])))]
pub async fn list(
    State(state): State<AppState>,
    input: Input<(), (TreeQuery, Sorted)>,
) -> Result<Response<Body>, ApiError> {
    let (TreeQuery { tree }, sorted) = input.query;
    if tree {
        let categories = state.store.all_categories(sorted.sort).await?;
        return Ok(Json(nested(categories, sorted.page)).into_response());
    }
    let categories = state.store.categories(sorted.window()).await?;
    Ok(Json(sorted.response::<_, CategoryResponse>(categories)).into_response())
}

/// A page of the roots with their descendants. Siblings keep their order.
fn nested(categories: Vec<Category>, page: Page) -> Listed<Box<RawValue>> {
    let mut by_parent: BTreeMap<Option<Id>, Vec<Category>> = BTreeMap::new();
    for category in categories {
        by_parent
            .entry(category.parent_id)
            .or_default()
            .push(category);
    }
    let roots = by_parent.remove(&None).unwrap_or_default();
    let Listed { data, meta } = page.of_all(roots);
    let data = data
        .into_iter()
        .map(|root| subtree(root, &mut by_parent))
        .collect();
    Listed { data, meta }
}

/// A category with its descendants, written without recursion: a tree may have any depth.
fn subtree(root: Category, by_parent: &mut BTreeMap<Option<Id>, Vec<Category>>) -> Box<RawValue> {
    let mut text = String::new();
    let mut levels = vec![vec![root].into_iter()];
    while let Some(level) = levels.last_mut() {
        if let Some(category) = level.next() {
            let children = by_parent.remove(&Some(category.id)).unwrap_or_default();
            let json = json(&CategoryResponse::from(category));
            if text.ends_with('}') {
                text.push(',');
            }
            text.push_str(json.trim_end_matches('}'));
            text.push_str(",\"children\":[");
            levels.push(children.into_iter());
        } else {
            levels.pop();
            if !levels.is_empty() {
                text.push_str("]}");
            }
        }
    }
    RawValue::from_string(text).expect("the text is JSON")
}

/// Get a category.
#[utoipa::path(get, path = "/categories/{id}", tag = "categories", params(PathId),
    responses((status = 200, body = CategoryResponse)), security((), ("bearer" = [])))]
pub async fn get(
    State(state): State<AppState>,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<CategoryResponse>, ApiError> {
    found(state.store.category(path.id).await?)
}

/// Create a category.
#[utoipa::path(post, path = "/categories", tag = "categories", request_body = NewCategory, responses(
    (status = 201, body = CategoryResponse, headers(("Location", description = "The path of the category"))),
    (status = 409, description = "The name is taken"),
), security(("bearer" = ["write"])))]
pub async fn create(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), NewCategory>,
) -> Result<WithHeader<CategoryResponse, String>, ApiError> {
    let category = state.store.create_category(body).await?;
    Ok(created("/categories", category.id, category.into()))
}

/// Change or move a category. Null clears a field that is optional.
#[utoipa::path(patch, path = "/categories/{id}", tag = "categories", params(PathId),
    request_body = CategoryPatch, responses(
        (status = 200, body = CategoryResponse),
        (status = 409, description = "The name is taken, or the parent is below the category"),
    ), security(("bearer" = ["write"])))]
pub async fn update(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<PathId, (), CategoryPatch>,
) -> Result<Json<CategoryResponse>, ApiError> {
    found(state.store.update_category(path.id, body).await?)
}

/// Delete a category. Its children become roots.
#[utoipa::path(delete, path = "/categories/{id}", tag = "categories", params(PathId), responses(
    (status = 204),
    (status = 409, description = "Products are in the category"),
), security(("bearer" = ["write"])))]
pub async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_category(path.id).await?)
}
