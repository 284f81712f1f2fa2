//! The result of a form, which the next page shows. It is sent in a cookie that is used once.

use std::fmt;

use crate::domain::{Id, Time};

/// The cookie has a code instead of the text, so that a forged cookie can't make a page show any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    AcknowledgedOne(Id),
    /// How many were acknowledged together, and when.
    Acknowledged(u64, Time),
    Unacknowledged(u64),
    Tagged,
    Untagged,
    UpdateDeleted,
    TagMade,
    TagDeleted,
    SessionEnded,
    OthersEnded,
    RoleChanged,
    UserDeleted(Id),
    UserRestored,
    ClientDeleted,
    LoggedOut,
    Expired,
}

const PLAIN: [(&str, Notice); 12] = [
    ("tagged", Notice::Tagged),
    ("untagged", Notice::Untagged),
    ("update-deleted", Notice::UpdateDeleted),
    ("tag-made", Notice::TagMade),
    ("tag-deleted", Notice::TagDeleted),
    ("session-ended", Notice::SessionEnded),
    ("others-ended", Notice::OthersEnded),
    ("role-changed", Notice::RoleChanged),
    ("user-restored", Notice::UserRestored),
    ("client-deleted", Notice::ClientDeleted),
    ("logged-out", Notice::LoggedOut),
    ("expired", Notice::Expired),
];

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AcknowledgedOne(id) => write!(f, "one/{id}"),
            Self::Acknowledged(count, at) => write!(f, "acknowledged/{count}/{at}"),
            Self::Unacknowledged(count) => write!(f, "unacknowledged/{count}"),
            Self::UserDeleted(id) => write!(f, "user-deleted/{id}"),
            plain => {
                let mut known = PLAIN.iter();
                let word = known.find(|(_, notice)| notice == plain);
                f.write_str(word.map_or("", |(word, _)| word))
            }
        }
    }
}

impl Notice {
    pub fn read(text: &str) -> Option<Self> {
        match text.split('/').collect::<Vec<_>>()[..] {
            ["one", id] => Id::parse(id).map(Self::AcknowledgedOne),
            ["acknowledged", count, at] => {
                Some(Self::Acknowledged(count.parse().ok()?, Time::parse(at)?))
            }
            ["unacknowledged", count] => count.parse().ok().map(Self::Unacknowledged),
            ["user-deleted", id] => Id::parse(id).map(Self::UserDeleted),
            [plain] => {
                let mut known = PLAIN.iter();
                known
                    .find(|(word, _)| *word == plain)
                    .map(|(_, notice)| *notice)
            }
            _ => None,
        }
    }

    pub fn text(self) -> String {
        match self {
            Self::AcknowledgedOne(_) => "The update is acknowledged.".into(),
            Self::Acknowledged(count, _) => match count {
                0 => "There was nothing to acknowledge.".into(),
                1 => "1 update is acknowledged.".into(),
                _ => format!("{count} updates are acknowledged."),
            },
            Self::Unacknowledged(count) => {
                let verb = if count == 1 { "is" } else { "are" };
                format!("{} {verb} new again.", plural(count, "update"))
            }
            Self::Tagged => "The tag is set.".into(),
            Self::Untagged => "The tag is removed.".into(),
            Self::UpdateDeleted => "The update is deleted.".into(),
            Self::TagMade => "The tag is made.".into(),
            Self::TagDeleted => "The tag is deleted.".into(),
            Self::SessionEnded => "The session is ended.".into(),
            Self::OthersEnded => "All other sessions are ended.".into(),
            Self::RoleChanged => "The role is changed. The user has to log in again.".into(),
            Self::UserDeleted(_) => "The user is deleted.".into(),
            Self::UserRestored => "The user is restored.".into(),
            Self::ClientDeleted => "The client is deleted. Its tokens don't work any more.".into(),
            Self::LoggedOut => "You are logged out.".into(),
            Self::Expired => "Your session has ended. Log in and try again.".into(),
        }
    }

    /// The form that undoes the change: its action, and the value of its field `at`.
    pub fn undo(self) -> Option<(String, Option<String>)> {
        match self {
            Self::AcknowledgedOne(id) => Some((format!("/updates/{id}/unacknowledge"), None)),
            Self::Acknowledged(1.., at) => Some(("/updates/undo".into(), Some(at.to_string()))),
            Self::UserDeleted(id) => Some((format!("/users/{id}/restore"), None)),
            _ => None,
        }
    }
}

pub fn plural(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::{Notice, PLAIN};
    use crate::domain::{Id, Time};

    #[test]
    fn a_written_notice_can_be_read() {
        let with_values = [
            Notice::AcknowledgedOne(Id::generate()),
            Notice::Acknowledged(3, Time::now()),
            Notice::Unacknowledged(1),
            Notice::UserDeleted(Id::generate()),
        ];
        for notice in PLAIN
            .map(|(_, notice)| notice)
            .into_iter()
            .chain(with_values)
        {
            assert_eq!(Notice::read(&notice.to_string()), Some(notice));
        }
        assert_eq!(Notice::read("<b>Send me your password</b>"), None);
    }
}
