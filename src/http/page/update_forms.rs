//! The forms of the dashboard: acknowledge, undo, tag and delete image updates.

use axum::{Json, body::Body, extract::State, http::Response};

use super::form::Form;
use super::notice::Notice;
use crate::domain::{Id, Time};
use crate::http::error::ApiError;
use crate::http::image_updates::{self, Acknowledgement, Tagging};
use crate::http::input::{
    ANY_TEXT, Bool, Description, Fields, FromFields, Input, PathId, TIME, fields,
};
use crate::http::middleware::principal::Writer;
use crate::http::state::AppState;
use crate::store::image_updates::Unacknowledged;

/// The form of a row. Every button also sends the row's choice of a tag, which most handlers ignore.
type RowForm = Form<PathId, RowFields>;

pub struct RowFields;

impl FromFields for RowFields {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.optional("tag_id", &ANY_TEXT).map(|_| Self)
    }

    fn describe(_: &mut Description) {}
}

pub async fn acknowledge(
    state: State<AppState>,
    writer: Writer,
    Form { visit, path, .. }: RowForm,
) -> Result<Response<Body>, ApiError> {
    let notice = Notice::AcknowledgedOne(path.id);
    let Json(_) = image_updates::acknowledge(state, writer, Input::new(path, ())).await?;
    Ok(visit.go_back("/", notice))
}

/// Acknowledges all updates, or those with a tag.
pub struct AcknowledgementForm(Acknowledgement);

impl FromFields for AcknowledgementForm {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.exactly_one_of("all", "tag");
        // All values of a form are texts.
        let all = fields
            .optional("all", &Bool)?
            .filter(|all| *all)
            .map(|_| ());
        let tag = fields.optional("tag", &ANY_TEXT)?;
        Some(Self(Acknowledgement { all, tag }))
    }

    fn describe(_: &mut Description) {}
}

pub async fn acknowledge_several(
    State(state): State<AppState>,
    _: Writer,
    Form { visit, fields, .. }: Form<(), AcknowledgementForm>,
) -> Result<Response<Body>, ApiError> {
    let (count, at) = image_updates::acknowledge_by(&state, fields.0).await?;
    Ok(visit.go_back("/", Notice::Acknowledged(count, at)))
}

fields! {
    part struct UndoForm {
        at: required(TIME) as Time,
    }
}

pub async fn undo(
    State(state): State<AppState>,
    _: Writer,
    Form { visit, fields, .. }: Form<(), UndoForm>,
) -> Result<Response<Body>, ApiError> {
    let which = Unacknowledged::At(fields.at);
    let count = state.store.unacknowledge_image_updates(which).await?;
    Ok(visit.go_back("/", Notice::Unacknowledged(count)))
}

pub async fn unacknowledge(
    State(state): State<AppState>,
    _: Writer,
    Form { visit, path, .. }: RowForm,
) -> Result<Response<Body>, ApiError> {
    let which = Unacknowledged::One(path.id);
    let count = state.store.unacknowledge_image_updates(which).await?;
    Ok(visit.go_back("/", Notice::Unacknowledged(count)))
}

fields! {
    part struct TagChoice {
        /// Empty for no tag.
        tag_id: required(ANY_TEXT) as String,
    }
}

pub async fn update_tag(
    state: State<AppState>,
    writer: Writer,
    form: Form<PathId, TagChoice>,
) -> Result<Response<Body>, ApiError> {
    let Form {
        visit,
        path,
        fields,
    } = form;
    let notice = if fields.tag_id.is_empty() {
        let Json(_) = image_updates::delete_tag(state, writer, Input::new(path, ())).await?;
        Notice::Untagged
    } else {
        let tag_id =
            Id::parse(&fields.tag_id).ok_or_else(|| ApiError::refers_to_nothing("tag_id"))?;
        let input = Input::new(path, Tagging { tag_id });
        let Json(_) = image_updates::update_tag(state, writer, input).await?;
        Notice::Tagged
    };
    Ok(visit.go_back("/", notice))
}

pub async fn delete(
    state: State<AppState>,
    writer: Writer,
    form: Form<PathId>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    image_updates::delete(state, writer, input).await?;
    Ok(visit.go_back("/", Notice::UpdateDeleted))
}
