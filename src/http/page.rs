//! Lists: one page of rows with how many there are.

use serde::Serialize;
use utoipa::IntoParams;

use super::extract::Read;
use super::fields::Fields;
use super::kinds;
use crate::store::Window;
use crate::store::list::{Sort, SortBy};

/// Which page is asked for.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// From 1.
    #[param(value_type = Option<i64>, minimum = 1, example = 1)]
    pub page: i64,
    /// 1 to 100 rows; 20 when nothing is said.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, example = 20)]
    pub limit: i64,
}

impl Read for Page {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            page: fields
                .parameter("page", kinds::digits(1, i64::MAX))
                .unwrap_or(1),
            limit: fields
                .parameter("limit", kinds::digits(1, 100))
                .unwrap_or(20),
        })
    }
}

/// Which page is asked for, of rows in which order.
#[derive(Debug, Clone, Copy)]
pub struct Sorted {
    /// The order.
    pub sort: Sort,
    /// The page.
    pub page: Page,
}

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

impl Sorted {
    /// As [`Read`] does, of rows that can be sorted by their price too.
    pub fn read_with_price(fields: &mut Fields) -> Option<Self> {
        Self::read_one_of(fields, &SORTS)
    }

    fn read_one_of(fields: &mut Fields, sorts: &[(&str, Sort)]) -> Option<Self> {
        let sort = fields
            .parameter("sort", kinds::one_of(sorts))
            .unwrap_or(Sort::LATEST);
        let page = Page::read(fields)?;
        Some(Self { sort, page })
    }
}

impl Read for Sorted {
    fn read(fields: &mut Fields) -> Option<Self> {
        Self::read_one_of(fields, &SORTS[..4])
    }
}

/// How the order and the page are described.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(
    dead_code,
    reason = "describes the parameters; `Sorted` is what is read"
)]
pub struct SortParams {
    /// The order; a `-` in front means the last first. `-created_at` when nothing is said.
    #[param(inline)]
    sort: Option<SortWord>,
    /// From 1.
    #[param(minimum = 1, example = 1)]
    page: Option<i64>,
    /// 1 to 100 rows; 20 when nothing is said.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
}

/// As [`SortParams`], of rows that can be sorted by their price too.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(
    dead_code,
    reason = "describes the parameters; `Sorted` is what is read"
)]
pub struct PriceSortParams {
    /// The order; a `-` in front means the last first. `-created_at` when nothing is said.
    #[param(inline)]
    sort: Option<PriceSortWord>,
    /// From 1.
    #[param(minimum = 1, example = 1)]
    page: Option<i64>,
    /// 1 to 100 rows; 20 when nothing is said.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
}

#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the parameter")]
enum PriceSortWord {
    #[schema(rename = "created_at")]
    CreatedAt,
    #[schema(rename = "-created_at")]
    CreatedAtDescending,
    #[schema(rename = "name")]
    Name,
    #[schema(rename = "-name")]
    NameDescending,
    #[schema(rename = "price")]
    Price,
    #[schema(rename = "-price")]
    PriceDescending,
}

#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the parameter")]
enum SortWord {
    #[schema(rename = "created_at")]
    CreatedAt,
    #[schema(rename = "-created_at")]
    CreatedAtDescending,
    #[schema(rename = "name")]
    Name,
    #[schema(rename = "-name")]
    NameDescending,
}

impl Page {
    /// The rows to fetch; a page beyond all numbers is an empty one.
    pub fn window(self) -> Window {
        Window {
            offset: (self.page - 1).saturating_mul(self.limit),
            limit: self.limit,
        }
    }

    /// The page of rows that are all at hand.
    pub fn cut<T>(self, rows: Vec<T>) -> Listed<T> {
        let Window { offset, limit } = self.window();
        let total = rows.len();
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        let taken = usize::try_from(limit).unwrap_or(usize::MAX);
        let data = rows.into_iter().skip(skipped).take(taken).collect();
        self.answer((data, i64::try_from(total).unwrap_or(i64::MAX)))
    }

    /// The answer with these of so many rows, each as clients see it.
    pub fn answer<R, T: From<R>>(self, (rows, total): (Vec<R>, i64)) -> Listed<T> {
        Listed {
            data: rows.into_iter().map(T::from).collect(),
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
    #[schema(example = 1)]
    pub total: i64,
    /// The page, from 1.
    #[schema(example = 1)]
    pub page: i64,
    /// The most rows of a page.
    #[schema(example = 20)]
    pub limit: i64,
}
