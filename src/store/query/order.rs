//! The order of a list, and the part of it that is fetched.

/// The rows of one page, and the order of the list.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub sort: Sort,
    /// Rows to skip.
    pub offset: i64,
    /// The maximum number of rows to return.
    pub limit: i64,
}

/// A page is a small part of a list that is more than this many times as long.
const SMALL_PART: i64 = 100;

impl Window {
    /// Whether the rows up to the end of this page are a small part of a list with this total.
    pub(super) fn is_small_part_of(self, total: i64) -> bool {
        total / SMALL_PART > self.offset.saturating_add(self.limit)
    }

    /// The total of the list, if a page with this number of rows is the last one.
    pub(super) fn total_if_last(self, rows: usize) -> Option<i64> {
        let rows = i64::try_from(rows).ok()?;
        let is_last = rows < self.limit && (rows > 0 || self.offset == 0);
        is_last.then_some(self.offset + rows)
    }
}

/// The order of a list. The id breaks ties, so that pages never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// What is compared.
    pub by: SortBy,
    /// Whether the largest value comes first.
    pub descending: bool,
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The time of creation.
    CreatedAt,
    /// The time of the last change.
    UpdatedAt,
    /// The name, or the column that names a row.
    Name,
    /// The price; products only.
    Price,
}

impl Sort {
    /// The default order: the latest first.
    pub const LATEST: Self = Self {
        by: SortBy::CreatedAt,
        descending: true,
    };

    /// By name.
    pub const NAME: Self = Self {
        by: SortBy::Name,
        descending: false,
    };

    /// The last change first.
    pub const CHANGED: Self = Self {
        by: SortBy::UpdatedAt,
        descending: true,
    };

    /// The columns after `order by`; `name` is the column that names a row.
    pub(in crate::store) fn columns(self, name: &str) -> String {
        let column = match self.by {
            SortBy::CreatedAt => "created_at",
            SortBy::UpdatedAt => "updated_at",
            SortBy::Name => name,
            SortBy::Price => "price_cents",
        };
        let direction = if self.descending { " desc" } else { "" };
        match column {
            "id" => format!("id{direction}"),
            _ => format!("{column}{direction}, id{direction}"),
        }
    }
}
