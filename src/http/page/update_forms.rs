//! The forms of the dashboard: acknowledge, undo, tag and delete image updates.

use axum::{Json, body::Body, extract::State, http::Response};

use super::form::Form;
use super::notice::Notice;
use super::visit::Visit;
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
    visit: Visit,
    form: RowForm,
) -> Result<Response<Body>, ApiError> {
    let (id, back) = (form.path.id, form.back_or("/"));
    let input = Input::new(form.path, ());
    let Json(_) = image_updates::acknowledge(state, writer, input).await?;
    Ok(visit.go(&back, Some(Notice::AcknowledgedOne(id))))
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
    visit: Visit,
    form: Form<(), AcknowledgementForm>,
) -> Result<Response<Body>, ApiError> {
    let back = form.back_or("/");
    let (count, at) = image_updates::acknowledge_by(&state, form.fields.0).await?;
    Ok(visit.go(&back, Some(Notice::Acknowledged(count, at))))
}

fields! {
    part struct UndoForm {
        at: required(TIME) as Time,
    }
}

pub async fn undo(
    State(state): State<AppState>,
    _: Writer,
    visit: Visit,
    form: Form<(), UndoForm>,
) -> Result<Response<Body>, ApiError> {
    let which = Unacknowledged::At(form.fields.at);
    let count = state.store.unacknowledge_image_updates(which).await?;
    Ok(visit.go(&form.back_or("/"), Some(Notice::Unacknowledged(count))))
}

pub async fn unacknowledge(
    State(state): State<AppState>,
    _: Writer,
    visit: Visit,
    form: RowForm,
) -> Result<Response<Body>, ApiError> {
    let which = Unacknowledged::One(form.path.id);
    let count = state.store.unacknowledge_image_updates(which).await?;
    Ok(visit.go(&form.back_or("/"), Some(Notice::Unacknowledged(count))))
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
    visit: Visit,
    Form { path, fields, back }: Form<PathId, TagChoice>,
) -> Result<Response<Body>, ApiError> {
    let notice = if fields.tag_id.is_empty() {
        let input = Input::new(path, ());
        let Json(_) = image_updates::delete_tag(state, writer, input).await?;
        Notice::Untagged
    } else {
        let tag_id =
            Id::parse(&fields.tag_id).ok_or_else(|| ApiError::refers_to_nothing("tag_id"))?;
        let input = Input::new(path, Tagging { tag_id });
        let Json(_) = image_updates::update_tag(state, writer, input).await?;
        Notice::Tagged
    };
    Ok(visit.go(&back.unwrap_or_else(|| "/".into()), Some(notice)))
}

pub async fn delete(
    state: State<AppState>,
    writer: Writer,
    visit: Visit,
    form: Form<PathId>,
) -> Result<Response<Body>, ApiError> {
    let back = form.back_or("/");
    image_updates::delete(state, writer, form.input()).await?;
    Ok(visit.go(&back, Some(Notice::UpdateDeleted)))
}
