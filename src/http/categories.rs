//! Categories: the tree in which the shop's products hang.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Created, created, deleted, found};
use super::caller::Writer;
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, Sorted};
use crate::domain::{Id, Time};
use crate::store::categories::{Category, CategoryPatch, NewCategory};

/// Deeper branches aren't shown: nobody needs them, and they could be made so deep that no stack would do.
const DEEPEST: usize = 100;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
}

/// A category as answers show it.
#[derive(Serialize, utoipa::ToSchema)]
struct CategoryAnswer {
    id: Id,
    #[schema(example = "Shoes")]
    name: String,
    description: Option<String>,
    /// The category it is part of; a root has none.
    parent_id: Option<Id>,
    /// What is part of it, when the tree was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, nullable = false)]
    children: Option<Vec<CategoryAnswer>>,
    created_at: Time,
    updated_at: Time,
}

impl From<Category> for CategoryAnswer {
    fn from(category: Category) -> Self {
        Self {
            id: category.id,
            name: category.name,
            description: category.description,
            parent_id: category.parent_id,
            children: None,
            created_at: category.created_at,
            updated_at: category.updated_at,
        }
    }
}

/// What a new category needs.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the body; `NewCategory` is what is read"
)]
struct CategoryBody {
    /// Unique.
    #[schema(example = "Shoes", min_length = 1, max_length = 100, pattern = "\\S")]
    name: String,
    #[schema(max_length = 2000)]
    description: Option<String>,
    parent_id: Option<Id>,
}

impl Read for NewCategory {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", kinds::name);
        let description = fields.optional("description", kinds::long_text);
        let parent_id = fields.optional("parent_id", kinds::id);
        Some(Self {
            name: name?,
            description,
            parent_id,
        })
    }
}

/// What may be changed; null clears a field.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the body; `CategoryPatch` is what is read"
)]
struct CategoryChange {
    #[schema(min_length = 1, max_length = 100, nullable = false, pattern = "\\S")]
    name: Option<String>,
    #[schema(max_length = 2000)]
    description: Option<String>,
    parent_id: Option<Id>,
}

impl Read for CategoryPatch {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            name: fields.patch_required("name", kinds::name),
            description: fields.patch_optional("description", kinds::long_text),
            parent_id: fields.patch_optional("parent_id", kinds::id),
        })
    }
}

/// Whether the tree is asked for, and the page; of the tree the roots are counted.
struct CategoryQuery {
    tree: bool,
    sorted: Sorted,
}

impl Read for CategoryQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let tree = fields.parameter("tree", kinds::yes_or_no).unwrap_or(false);
        let sorted = Sorted::read(fields)?;
        Some(Self { tree, sorted })
    }
}

/// The categories, one beside the other or as a tree.
#[utoipa::path(get, path = "/categories", tag = "categories", params(
    ("tree" = Option<bool>, Query, description = "Roots with all that hangs below them; pages are of roots then"),
    Sorted,
), responses((status = 200, body = Listed<CategoryAnswer>)), security((), ("bearer" = [])))]
async fn list(
    State(state): State<AppState>,
    Input { query, .. }: Input<(), CategoryQuery>,
) -> Result<Json<Listed<CategoryAnswer>>, ApiError> {
    let Sorted { sort, page } = query.sorted;
    if query.tree {
        let categories = state.store.all_categories(sort).await?;
        return Ok(Json(page.cut(tree(categories))));
    }
    let categories = state.store.categories(sort, page.window()).await?;
    Ok(Json(page.answer(categories)))
}

/// The roots with all that hangs below them, in the order in which the categories come.
fn tree(categories: Vec<Category>) -> Vec<CategoryAnswer> {
    let mut below: BTreeMap<Option<Id>, Vec<Category>> = BTreeMap::new();
    for category in categories {
        below.entry(category.parent_id).or_default().push(category);
    }
    branches(None, 1, &mut below)
}

fn branches(
    parent: Option<Id>,
    level: usize,
    below: &mut BTreeMap<Option<Id>, Vec<Category>>,
) -> Vec<CategoryAnswer> {
    if level > DEEPEST {
        return Vec::new();
    }
    let categories = below.remove(&parent).unwrap_or_default();
    let branch = |category: Category| CategoryAnswer {
        children: Some(branches(Some(category.id), level + 1, below)),
        ..category.into()
    };
    categories.into_iter().map(branch).collect()
}

/// One category.
#[utoipa::path(get, path = "/categories/{id}", tag = "categories", params(("id" = Uuid, Path)),
    responses((status = 200, body = CategoryAnswer)), security((), ("bearer" = [])))]
async fn get(
    State(state): State<AppState>,
    Input { path, .. }: Input<Id>,
) -> Result<Json<CategoryAnswer>, ApiError> {
    found(state.store.category(path).await?)
}

/// Make a category.
#[utoipa::path(post, path = "/categories", tag = "categories", request_body = CategoryBody, responses(
    (status = 201, body = CategoryAnswer, headers(("Location", description = "The category's path"))),
    (status = 409, description = "The name is taken"),
), security(("bearer" = ["write"])))]
async fn create(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), NewCategory>,
) -> Result<Created<CategoryAnswer>, ApiError> {
    let category = state.store.create_category(body).await?;
    Ok(created(
        &format!("/categories/{}", category.id),
        category.into(),
    ))
}

/// Change a category, or hang it elsewhere.
#[utoipa::path(patch, path = "/categories/{id}", tag = "categories", params(("id" = Uuid, Path)),
    request_body = CategoryChange, responses(
        (status = 200, body = CategoryAnswer),
        (status = 409, description = "The name is taken, or the parent hangs below the category"),
    ), security(("bearer" = ["write"])))]
async fn update(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<Id, (), CategoryPatch>,
) -> Result<Json<CategoryAnswer>, ApiError> {
    found(state.store.update_category(path, body).await?)
}

/// Delete a category; what hangs below it becomes roots.
#[utoipa::path(delete, path = "/categories/{id}", tag = "categories", params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 409, description = "Products are in it"),
), security(("bearer" = ["write"])))]
async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_category(path).await?)
}
