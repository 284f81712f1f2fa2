//! The layers around every request, from the outside in: id, log line and problem ([`request_log`]), draining of
//! unread bodies ([`body_draining`]), caught panics, the check of the `Host` header ([`host`]), limits of concurrency
//! and time ([`overload`]), and the bearer token ([`principal`]).

pub mod body_draining;
pub mod host;
pub mod overload;
pub mod principal;
pub mod request_log;

pub use body_draining::SHUTDOWN_GRACE;
pub use overload::InFlightPermit;
