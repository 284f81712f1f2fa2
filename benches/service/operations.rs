//! The kinds of requests that are measured, their targets, and the variables of their pgbench scripts.

use std::rc::Rc;

use crate::{
    load::{Make, Request},
    setup::{CHILD_OF_BENCH, DANCER, Facts, ROOT_OF_BENCH},
};

/// One kind of request.
pub struct Operation {
    pub name: &'static str,
    pub about: &'static str,
    /// The upper limit of the median with one client on PostgreSQL, in ms.
    pub target: Option<f64>,
    /// Whether it is measured with one client only, because one request costs as much as a hundred others.
    pub alone: bool,
    /// Whether it changes rows.
    pub writes: bool,
    /// Makes the request with this number.
    request: fn(&Facts, u64) -> Request,
    /// The variables that the pgbench script sets; `:k` counts a client's transactions, starting at 1.
    pub set: &'static str,
    /// Parameters that differ in each transaction. The others keep their value of the first request.
    pub varying: &'static [Varying],
}

/// A parameter, and the expression that replaces it in pgbench's script.
pub struct Varying {
    pub which: Which,
    pub expression: &'static str,
}

/// How a parameter of the first request is identified.
pub enum Which {
    /// It has this value.
    Value(&'static str),
    /// It has this number, in a statement that begins with this text.
    Number(&'static str, usize),
}

const RANDOM_ROW: &str = "\\set n random(1, :rows)";
/// Counts from the last row, because the service has deleted the first ones.
const LAST_ROW: &str = "\\set n :rows - mod(:client_id + :k * :clients, :rows)";
const NEW_ROW: &str = "\\set n 10000000 + :client_id + :k * :clients";

/// The first number of products in batches. Single products count from 0.
const FIRST_OF_BATCHES: u64 = 1_000_000;

const ROW_ID: Varying = Varying {
    which: Which::Value("00000000-0000-0000-0000-000000000001"),
    expression: "lpad(:n::text, 32, '0')::uuid",
};

const FIVE_DIGITS: Varying = Varying {
    which: Which::Value("00001"),
    expression: "lpad(:n::text, 5, '0')",
};
const FIVE_DIGITS_ANYWHERE: Varying = Varying {
    which: Which::Value("%00001%"),
    expression: "'%' || lpad(:n::text, 5, '0') || '%'",
};

impl Operation {
    /// The requests of a run, from the first.
    pub fn requests(&self, facts: &Rc<Facts>) -> Make {
        let (make, facts, writes) = (self.request, Rc::clone(facts), self.writes);
        Rc::new(move |turn| (!writes || turn < facts.rows).then(|| make(&facts, turn)))
    }
}

fn get(path: &str) -> Request {
    Request::new("GET", &format!("/api/v1{path}"), None, 200)
}

fn new_product(turn: u64) -> String {
    format!(
        r#"{{"name":"Slippers, Waltz","description":"They slide.","price":"19.50","stock":7,"category_id":"{CHILD_OF_BENCH}","sku":"BENCH-{turn}"}}"#
    )
}

pub const ALL: [Operation; 18] = [
    Operation {
        name: "read",
        about: "GET /products/{id}",
        target: Some(2.0),
        alone: false,
        writes: false,
        request: |facts, turn| get(&format!("/products/{}", facts.some_product(turn))),
        varying: &[ROW_ID],
        set: RANDOM_ROW,
    },
    Operation {
        name: "by index",
        about: "GET /pizzas?created_by=",
        target: Some(3.0),
        alone: false,
        writes: false,
        request: |facts, _| get(&format!("/pizzas?created_by={}", facts.cook)),
        varying: &[],
        set: "",
    },
    Operation {
        name: "list",
        about: "GET /products?limit=50, all of them",
        target: None,
        alone: false,
        writes: false,
        request: |_, _| get("/products?limit=50"),
        varying: &[],
        set: "",
    },
    Operation {
        name: "filter",
        about: "GET /products?limit=50, prices that 1 in 100 has",
        target: Some(10.0),
        alone: false,
        writes: false,
        request: |_, _| get("/products?limit=50&min_price=50.00&max_price=51.50"),
        varying: &[],
        set: "",
    },
    Operation {
        name: "join",
        about: "GET /products?limit=50, a category with 1 in 100, and all below it",
        target: Some(20.0),
        alone: false,
        writes: false,
        request: |_, _| {
            let path =
                format!("/products?limit=50&category_id={ROOT_OF_BENCH}&include_descendants=true");
            get(&path)
        },
        varying: &[],
        set: "",
    },
    Operation {
        name: "search",
        about: "GET /products?limit=50&q=, five digits of a sku",
        target: Some(20.0),
        alone: false,
        writes: false,
        request: |facts, turn| {
            get(&format!(
                "/products?limit=50&q={:05}",
                facts.some_number(turn)
            ))
        },
        varying: &[FIVE_DIGITS, FIVE_DIGITS_ANYWHERE],
        set: RANDOM_ROW,
    },
    Operation {
        name: "search much",
        about: "GET /products?limit=50&q=waltz, which 1 in 12 holds",
        target: Some(20.0),
        alone: false,
        writes: false,
        request: |_, _| get("/products?limit=50&q=waltz"),
        varying: &[],
        set: "",
    },
    Operation {
        name: "create",
        about: "POST /products",
        target: Some(5.0),
        alone: false,
        writes: true,
        request: |facts, turn| {
            let body = new_product(turn);
            Request::new("POST", "/api/v1/products", Some(&facts.token), 201).with_json(&body)
        },
        varying: &[
            Varying {
                which: Which::Number("insert into products", 1),
                expression: "lpad(:n::text, 32, '0')::uuid",
            },
            Varying {
                which: Which::Value("BENCH-0"),
                expression: "'BENCH-' || :n",
            },
            Varying {
                which: Which::Value("slippers, waltz\nbench-0"),
                expression: "E'slippers, waltz\\nbench-' || :n",
            },
        ],
        set: NEW_ROW,
    },
    Operation {
        name: "batch",
        about: "POST /products/batch, 100 of them",
        target: Some(50.0),
        alone: true,
        writes: true,
        request: |facts, turn| {
            let items: Vec<_> = (0..100)
                .map(|item| new_product(FIRST_OF_BATCHES + turn * 100 + item))
                .collect();
            let body = format!(r#"{{"items":[{}]}}"#, items.join(","));
            Request::new("POST", "/api/v1/products/batch", Some(&facts.token), 201).with_json(&body)
        },
        varying: &[],
        set: "",
    },
    Operation {
        name: "update",
        about: "PATCH /products/{id}, a price",
        target: None,
        alone: false,
        writes: true,
        request: |facts, turn| {
            let path = format!("/api/v1/products/{}", facts.some_product(turn));
            Request::new("PATCH", &path, Some(&facts.token), 200).with_json(r#"{"price":"77.77"}"#)
        },
        varying: &[
            ROW_ID,
            Varying {
                which: Which::Value("DEMO-1-00001"),
                expression: "'DEMO-1-' || lpad(:n::text, 5, '0')",
            },
            Varying {
                which: Which::Number("update products", 9),
                expression: "E'slippers, waltz\\ndemo-1-' || lpad(:n::text, 5, '0')",
            },
        ],
        set: RANDOM_ROW,
    },
    Operation {
        name: "delete",
        about: "DELETE /products/{id}",
        target: None,
        alone: false,
        writes: true,
        request: |facts, turn| {
            let path = format!("/api/v1/products/{}", Facts::product(turn + 1));
            Request::new("DELETE", &path, Some(&facts.token), 204)
        },
        varying: &[ROW_ID],
        set: LAST_ROW,
    },
    Operation {
        name: "token",
        about: "POST /oauth/token",
        target: None,
        alone: false,
        writes: false,
        request: |facts, _| {
            let form = format!(
                "grant_type=client_credentials&client_id={}&client_secret={}",
                facts.client_id, facts.client_secret
            );
            Request::new("POST", "/api/v1/oauth/token", None, 200)
                .with_body("application/x-www-form-urlencoded", &form)
        },
        varying: &[],
        set: "",
    },
    Operation {
        name: "register",
        about: "POST /users; most of it is the hash of the password",
        target: None,
        alone: true,
        writes: true,
        request: |_, turn| {
            let body =
                format!(r#"{{"username":"bench_{turn}","password":"correct horse battery"}}"#);
            Request::new("POST", "/api/v1/users", None, 201).with_json(&body)
        },
        varying: &[
            Varying {
                which: Which::Number("insert into users", 1),
                expression: "lpad(:n::text, 32, '0')::uuid",
            },
            Varying {
                which: Which::Value("bench_0"),
                expression: "'bench_' || :n",
            },
            Varying {
                which: Which::Number("insert into users", 9),
                expression: "E'bench_' || :n || E'\\n\\n'",
            },
        ],
        set: NEW_ROW,
    },
    Operation {
        name: "log in",
        about: "POST /auth/login; most of it is the hash of the password",
        target: None,
        alone: true,
        writes: true,
        request: |_, _| Request::new("POST", "/api/v1/auth/login", None, 200).with_json(DANCER),
        varying: &[Varying {
            which: Which::Number("insert into sessions", 1),
            expression: "gen_random_uuid()",
        }],
        set: "",
    },
    Operation {
        name: "profile",
        about: "GET /users/me",
        target: Some(2.0),
        alone: false,
        writes: false,
        request: |facts, _| Request::new("GET", "/api/v1/users/me", Some(&facts.dancer), 200),
        varying: &[],
        set: "",
    },
    Operation {
        name: "search users",
        about: "GET /users?limit=50&q=, five digits of a name",
        target: Some(20.0),
        alone: false,
        writes: false,
        request: |facts, turn| {
            let path = format!("/api/v1/users?limit=50&q={:05}", facts.some_number(turn));
            Request::new("GET", &path, Some(&facts.token), 200)
        },
        varying: &[FIVE_DIGITS, FIVE_DIGITS_ANYWHERE],
        set: RANDOM_ROW,
    },
    Operation {
        name: "greet",
        about: "GET /greet with the bearer of a user, which is recorded",
        target: Some(5.0),
        alone: false,
        writes: true,
        request: |facts, _| Request::new("GET", "/api/v1/greet", Some(&facts.dancer), 200),
        varying: &[],
        set: "",
    },
    Operation {
        name: "greetings",
        about: "GET /greetings?limit=50, of a user who has 1000",
        target: Some(3.0),
        alone: false,
        writes: false,
        request: |facts, _| {
            Request::new(
                "GET",
                "/api/v1/greetings?limit=50",
                Some(&facts.dancer),
                200,
            )
        },
        varying: &[],
        set: "",
    },
];
