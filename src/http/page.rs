//! Lists: one page of rows with how many there are.

use serde::Serialize;

use super::extract::Read;
use super::fields::Fields;
use crate::store::Window;

/// Which page is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// From 1.
    pub page: i64,
    /// 1 to 100 rows.
    pub limit: i64,
}

impl Read for Page {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            page: fields.number("page", 1, i64::MAX, 1),
            limit: fields.number("limit", 1, 100, 20),
        })
    }
}

impl Page {
    /// The rows to fetch; a page beyond all numbers is an empty one.
    pub fn window(self) -> Window {
        Window {
            offset: (self.page - 1).saturating_mul(self.limit),
            limit: self.limit,
        }
    }

    /// The answer.
    pub fn answer<T>(self, data: Vec<T>, total: i64) -> Listed<T> {
        Listed {
            data,
            meta: Meta {
                total,
                page: self.page,
                limit: self.limit,
            },
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listed<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where they stand.
    pub meta: Meta,
}

/// Where a page stands in its list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Meta {
    /// How many rows there are in all.
    pub total: i64,
    /// The page, from 1.
    pub page: i64,
    /// The most rows of a page.
    pub limit: i64,
}
