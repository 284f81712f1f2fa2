//! Lists: the parameters and the response of one page.

use serde::Serialize;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use super::input::{Description, Fields, FromFields, Number, OneOf, fields};
use crate::store::query::{Sort, SortBy, Window};

fields! {
    query struct Page {
        /// Page number, starting at 1.
        page: optional_or(Number(1, i64::MAX), 1) as i64 = 1,
        /// Maximum number of rows per page.
        limit: optional_or(Number(1, 100), 20) as i64 = 20,
    }
}

/// The requested page and order. Only the first `ORDERS` of [`SORTS`] are allowed.
pub struct SortedPage<const ORDERS: usize> {
    pub sort: Sort,
    pub page: Page,
}

/// For rows without a name.
pub type SortedByTime = SortedPage<2>;
pub type Sorted = SortedPage<4>;
/// For rows that have a price too.
pub type SortedByPrice = SortedPage<6>;

const SORTS: [(&str, Sort); 6] = [
    ("created_at", sort(SortBy::CreatedAt, false)),
    ("-created_at", sort(SortBy::CreatedAt, true)),
    ("name", sort(SortBy::Name, false)),
    ("-name", sort(SortBy::Name, true)),
    ("price", sort(SortBy::Price, false)),
    ("-price", sort(SortBy::Price, true)),
];

const fn sort(by: SortBy, descending: bool) -> Sort {
    Sort { by, descending }
}

impl<const ORDERS: usize> SortedPage<ORDERS> {
    const SORT: OneOf<(&str, Sort)> = OneOf(SORTS.split_at(ORDERS).0, |(word, _)| word);

    pub fn window(&self) -> Window {
        let sort = self.sort;
        Window {
            sort,
            ..self.page.window()
        }
    }

    pub fn response<R, T: From<R>>(self, found: (Vec<R>, i64)) -> Listed<T> {
        self.page.response(found)
    }
}

impl<const ORDERS: usize> FromFields for SortedPage<ORDERS> {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let sort = fields.optional("sort", &Self::SORT);
        let page = Page::from_fields(fields);
        let sort = sort?.map_or(Sort::LATEST, |(_, sort)| sort);
        Some(Self { sort, page: page? })
    }

    fn describe(description: &mut Description) {
        let about = "Sort order; a leading `-` means descending. The default is `-created_at`.";
        description.optional("sort", &Self::SORT).about(about);
        Page::describe(description);
    }
}

impl<const ORDERS: usize> IntoParams for SortedPage<ORDERS> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Self::description().into_parameters(&ParameterIn::Query)
    }
}

impl Page {
    /// The rows of the page, the latest first. A page after the last one is empty.
    pub fn window(&self) -> Window {
        Window {
            sort: Sort::LATEST,
            offset: (self.page - 1).saturating_mul(self.limit),
            limit: self.limit,
        }
    }

    /// The response for rows that are all in memory.
    pub fn of_all<T>(self, rows: Vec<T>) -> Listed<T> {
        let Window { offset, limit, .. } = self.window();
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        let taken = usize::try_from(limit).unwrap_or(usize::MAX);
        let data = rows.into_iter().skip(skipped).take(taken).collect();
        self.response((data, total))
    }

    /// The response for the rows of the page and the total.
    pub fn response<R, T: From<R>>(self, (rows, total): (Vec<R>, i64)) -> Listed<T> {
        let Self { page, limit } = self;
        Listed {
            data: rows.into_iter().map(T::from).collect(),
            meta: Meta { total, page, limit },
        }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listed<T> {
    pub data: Vec<T>,
    pub meta: Meta,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Meta {
    /// Number of rows on all pages.
    #[schema(example = 1)]
    pub total: i64,
    /// Page number, starting at 1.
    #[schema(example = 1)]
    pub page: i64,
    /// Maximum number of rows per page.
    #[schema(example = 20)]
    pub limit: i64,
}
