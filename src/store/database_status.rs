//! How far managed databases are, and which steps lead on.

use serde::Serialize;

/// How far a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Somebody wants it.
    Requested,
    /// It is being made.
    Provisioning,
    /// It can be used.
    Ready,
    /// It couldn't be made.
    Failed,
    /// It is being removed.
    Deleting,
    /// It is gone.
    Deleted,
}

/// Every status.
pub const STATUSES: [Status; 6] = [
    Status::Requested,
    Status::Provisioning,
    Status::Ready,
    Status::Failed,
    Status::Deleting,
    Status::Deleted,
];

impl Status {
    /// The word for it, in answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Provisioning => "provisioning",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }

    /// Whether this step may be taken.
    pub fn leads_to(self, next: Self) -> bool {
        match next {
            Self::Requested => false,
            Self::Provisioning => matches!(self, Self::Requested | Self::Failed),
            Self::Ready | Self::Failed => self == Self::Provisioning,
            Self::Deleting => !matches!(self, Self::Deleting | Self::Deleted),
            Self::Deleted => self == Self::Deleting,
        }
    }
}

impl TryFrom<String> for Status {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut statuses = STATUSES.into_iter();
        let status = statuses.find(|status| status.as_str() == text);
        status.ok_or_else(|| format!("{text:?} is no status"))
    }
}
