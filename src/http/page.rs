//! Lists: one page of rows with how many there are.

use serde::Serialize;
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use super::fields::{Fields, Read};
use super::kinds;
use crate::store::query::Window;
use crate::store::query::{Sort, SortBy};

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

/// Which page is asked for, of rows in which order: one of the first so many of [`SORTS`].
#[derive(Debug, Clone, Copy)]
pub struct SortedBy<const WORDS: usize> {
    /// The order.
    pub sort: Sort,
    /// The page.
    pub page: Page,
}

/// Of rows that have no name.
pub type SortedByTime = SortedBy<2>;
/// Of most rows.
pub type Sorted = SortedBy<4>;
/// Of rows that have a price too.
pub type SortedByPrice = SortedBy<6>;

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

impl<const WORDS: usize> Read for SortedBy<WORDS> {
    fn read(fields: &mut Fields) -> Option<Self> {
        let sort = fields.parameter("sort", kinds::one_of(&SORTS[..WORDS]));
        let page = Page::read(fields)?;
        Some(Self {
            sort: sort.unwrap_or(Sort::LATEST),
            page,
        })
    }
}

impl<const WORDS: usize> IntoParams for SortedBy<WORDS> {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(SORTS[..WORDS].iter().map(|(word, _)| *word)));
        let about =
            "The order; a `-` in front means the last first. `-created_at` when nothing is said.";
        let sort = ParameterBuilder::new()
            .name("sort")
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(about))
            .schema(Some(words))
            .build();
        [vec![sort], Page::into_params(place)].concat()
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
