//! Reads and checks requests.
//!
//! [`fields!`] declares each field of a path, a query or a body once. Its parsing, its error messages and its OpenAPI
//! schema come from that line. [`Input`] reads all three parts of a request and reports their faults together.

mod body;
pub mod description;
mod extractor;
mod field_type;
pub mod fields;
mod json;
mod object;
mod text;
mod uri;

pub use body::{media_type, read_body, read_json, read_row};
pub use description::Description;
pub use extractor::{Input, PathId};
pub use field_type::{Bool, CommaSeparated, List, Number, OneOf, True};
pub(super) use fields::fields;
pub use fields::{Fields, FromFields, OptionalBody};
pub use object::{JsonObject, Object};
pub use text::{
    ANY_TEXT, EMAIL, Format, ID, LONG_TEXT, NAME, PASSWORD, PRICE, SECRET, SHORT_TEXT, TIME, Text,
    USERNAME, WEB_ADDRESS,
};
pub use uri::{asks_for_deleted, check_utf8, query_values, read_form, read_path};
