//! Requests for every list, with every combination of its filters and orders.

use crate::setup::{CHILD_OF_BENCH, Facts, ROOT_OF_BENCH};

/// A request for a list.
pub struct ListRequest {
    /// The table whose rows are listed.
    pub table: &'static str,
    /// Without `/api/v1`.
    pub path: String,
    /// Whether the list contains only rows of the user who sends the request.
    pub as_person: bool,
    /// Whether the table never has many rows.
    pub few: bool,
    /// Whether a filter selects few rows, so that nothing justifies reading the whole table.
    pub narrow: bool,
    /// Whether it searches for less than three letters, which a trigram index doesn't find.
    pub short_search: bool,
}

/// The choices for one parameter: none, or one of these. `!` marks those that select few rows.
type Choices<'a> = &'a [&'a str];

/// All requests whose plans are checked.
pub fn requests(facts: &Facts) -> Vec<ListRequest> {
    const SORTS: Choices = &["sort=created_at", "sort=name", "sort=-name"];
    const PAGES: Choices = &["page=400"];
    let mut all = Vec::new();
    let child = format!("!category_id={CHILD_OF_BENCH}");
    let below = format!("!category_id={ROOT_OF_BENCH}&include_descendants=true");
    let products: &[Choices] = &[
        &[&child, &below],
        &[
            "!min_price=197.50",
            "!max_price=5.00",
            "!min_price=50.00&max_price=51.50",
            "min_price=10.00&max_price=150.00",
        ],
        &["in_stock=true", "!in_stock=false"],
        &["q=w", "!q=04321", "q=waltz", "!q=nothing%20has%20this"],
        &[
            "sort=created_at",
            "sort=name",
            "sort=-name",
            "sort=price",
            "sort=-price",
        ],
        &["page=400"],
    ];
    all.extend(every("products", "/products", products));
    let cook = format!("!created_by={}", facts.cook);
    let searches: Choices = &["name=a", "!name=54321", "name=pizza"];
    all.extend(every(
        "pizzas",
        "/pizzas",
        &[searches, &[&cook], SORTS, PAGES],
    ));
    let searches: Choices = &["q=a", "!q=_54321", "q=example"];
    let roles: Choices = &["role=user", "!role=admin"];
    all.extend(every("users", "/users", &[searches, roles, SORTS, PAGES]));
    let databases: &[Choices] = &[
        &["!owner_team=team%207"],
        &["!status=failed", "!status=failed,deleting", "status=ready"],
        &["name=b", "!name=54321", "name=db-"],
        SORTS,
        PAGES,
    ];
    all.extend(every("databases", "/databases", databases));
    let updates: &[Choices] = &[
        &["!acknowledged=false", "acknowledged=true"],
        &["!tag=tag%207"],
        &["!hostname=host-77"],
        &["q=a", "!q=54321", "q=registry"],
        SORTS,
        PAGES,
    ];
    all.extend(every("image_updates", "/image-updates", updates));
    let events: &[Choices] = &[&["!after=99000", "after=10"], PAGES];
    all.extend(every("database_events", "/databases/events", events));
    for (table, path) in [
        ("greet_history", "/greetings"),
        ("sessions", "/auth/sessions"),
    ] {
        let own = every(table, path, &[PAGES]);
        all.extend(own.into_iter().map(|request| ListRequest {
            as_person: true,
            ..request
        }));
    }
    for (table, path) in [
        ("categories", "/categories"),
        ("tags", "/tags"),
        ("oauth_clients", "/oauth/clients"),
    ] {
        let few = every(table, path, &[SORTS, PAGES]);
        all.extend(few.into_iter().map(|request| ListRequest {
            few: true,
            ..request
        }));
    }
    all
}

/// One request for each combination of choices.
fn every(table: &'static str, path: &str, parameters: &[Choices]) -> Vec<ListRequest> {
    let mut chosen: Vec<Vec<&str>> = vec![Vec::new()];
    for choices in parameters {
        let more: Vec<Vec<&str>> = chosen
            .iter()
            .flat_map(|before| {
                choices.iter().map(move |choice| {
                    let mut longer = before.clone();
                    longer.push(*choice);
                    longer
                })
            })
            .collect();
        chosen.extend(more);
    }
    chosen
        .into_iter()
        .map(|chosen| ListRequest::new(table, path, &chosen))
        .collect()
}

impl ListRequest {
    fn new(table: &'static str, path: &str, chosen: &[&str]) -> Self {
        let parameters: Vec<_> = chosen
            .iter()
            .map(|one| one.trim_start_matches('!'))
            .collect();
        let is_short = |parameter: &&str| {
            let search = parameter
                .strip_prefix("q=")
                .or(parameter.strip_prefix("name="));
            search.is_some_and(|letters| letters.len() < 3)
        };
        Self {
            table,
            short_search: parameters.iter().any(is_short),
            narrow: chosen.iter().any(|one| one.starts_with('!')),
            path: match parameters.as_slice() {
                [] => path.to_owned(),
                some => format!("{path}?{}", some.join("&")),
            },
            as_person: false,
            few: false,
        }
    }
}
