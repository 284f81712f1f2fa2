//! The dashboard: HTML pages that the service renders. Forms work without scripts.
//!
//! | module | contents |
//! |---|---|
//! | `router` | every page and form, on one screen |
//! | a subject, such as `updates` | its pages, and the handlers of its forms |
//! | `visit` | the visitor of a page: cookies, sessions and tokens against forged forms |
//! | `form` | reading of forms |
//! | `layout`, `notice`, `errors`, `assets` | shared by all pages |
//!
//! Forms call the handlers of the API, so that the same rules apply.

mod assets;
mod clients;
mod errors;
mod form;
mod guard;
mod layout;
mod login;
mod notice;
mod router;
mod sessions;
mod tags;
mod update_details;
mod update_forms;
mod update_rows;
mod updates;
mod users;
mod visit;

pub use errors::not_found;
pub use router::router;
