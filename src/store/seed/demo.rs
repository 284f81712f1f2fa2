//! Demo data: plausible, and the same for the same seed.

use fake::{
    Fake,
    faker::{
        internet::en::FreeEmail,
        lorem::en::Sentence,
        name::en::{FirstName, LastName},
    },
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::domain::{Id, Price, Role, Time};
use crate::store::{
    pizzas::{NewPizza, Pizza},
    products::{NewProduct, Product},
    users::{NewUser, User},
};

/// 2026-01-01T00:00:00Z. Rows get times of creation one minute apart, so that they are the same on any day.
const FIRST_CREATED_AT: i64 = 1_767_225_600;

/// Products, each with the index of its default category.
const PRODUCTS: [(&str, usize); 10] = [
    ("Ten lessons", 0),
    ("Private lesson", 0),
    ("Ball", 1),
    ("Concert", 1),
    ("Latin shoes", 2),
    ("Standard shoes", 2),
    ("Training shirt", 3),
    ("Evening dress", 3),
    ("Heel protectors", 4),
    ("Shoe brush", 4),
];

const STYLES: [&str; 12] = [
    "Waltz",
    "Tango",
    "Foxtrot",
    "Quickstep",
    "Samba",
    "Rumba",
    "Cha-Cha",
    "Jive",
    "Salsa",
    "Bachata",
    "Swing",
    "Paso Doble",
];

const TOPPINGS: [&str; 10] = [
    "mozzarella",
    "basil",
    "mushrooms",
    "olives",
    "capers",
    "anchovies",
    "artichokes",
    "rocket",
    "ham",
    "peppers",
];

/// The rows of one seed.
pub(super) struct Demo {
    pub(super) users: Vec<User>,
    pub(super) products: Vec<Product>,
    pub(super) pizzas: Vec<Pizza>,
}

impl Demo {
    pub(super) fn generate(count: u32, seed: u64, categories: Vec<Id>) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let random = &mut random;
        let users: Vec<_> = (1..=count).map(|n| user(n, seed, random)).collect();
        let products = (1..=count).map(|n| product(n, seed, &categories, random));
        let products = products.collect();
        let pizzas = (1..=count)
            .map(|n| pizza(n, seed, &users, random))
            .collect();
        Self {
            users,
            products,
            pizzas,
        }
    }
}

fn user(number: u32, seed: u64, random: &mut StdRng) -> User {
    let first: String = FirstName().fake_with_rng(random);
    let last: String = LastName().fake_with_rng(random);
    let email: String = FreeEmail().fake_with_rng(random);
    let host = email
        .split_once('@')
        .map_or("example.org", |(_, host)| host);
    let word: String = first
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(20)
        .collect();
    let username = format!("{}_{seed}_{number}", word.to_lowercase());
    let user = User::new(NewUser {
        email: Some(format!("{username}@{host}")),
        username,
        // No password has this hash.
        password_hash: "!".into(),
        name: Some(format!("{first} {last}")),
        description: None,
        current_goal: Some(format!("dance the {}", one_of(&STYLES, random))),
        role: Role::User,
    });
    let created_at = created_at(number);
    User {
        id: id(random),
        created_at,
        updated_at: created_at,
        ..user
    }
}

fn product(number: u32, seed: u64, categories: &[Id], random: &mut StdRng) -> Product {
    let (product, category) = one_of(&PRODUCTS, random);
    let style = one_of(&STYLES, random);
    let description: String = Sentence(4..9).fake_with_rng(random);
    let product = Product::new(NewProduct {
        name: format!("{product}, {style}"),
        description: Some(description),
        price: Price::from(random.random_range(5..400) * 50),
        stock: random.random_range(0..200),
        category_id: categories[category],
        image_url: None,
        sku: Some(format!("DEMO-{seed}-{number:05}")),
    });
    let created_at = created_at(number);
    Product {
        id: id(random),
        created_at,
        updated_at: created_at,
        ..product
    }
}

fn pizza(number: u32, seed: u64, users: &[User], random: &mut StdRng) -> Pizza {
    let first: String = FirstName().fake_with_rng(random);
    let count = random.random_range(1..5);
    let toppings: Vec<_> = TOPPINGS.sample(random, count).copied().collect();
    let ingredients = std::iter::once("tomato").chain(toppings);
    let new = NewPizza {
        name: format!("Pizza {first} {seed}-{number}"),
        description: None,
        price: Price::from(random.random_range(14..30) * 50),
        ingredients: ingredients.map(ToOwned::to_owned).collect(),
    };
    let created_by = users[random.random_range(0..users.len())].id;
    let created_at = created_at(number);
    Pizza {
        id: id(random),
        created_at,
        updated_at: created_at,
        ..Pizza::new(new, created_by)
    }
}

fn id(random: &mut StdRng) -> Id {
    Id::from(uuid::Builder::from_random_bytes(random.random()).into_uuid())
}

fn created_at(number: u32) -> Time {
    Time::from_unix_seconds(FIRST_CREATED_AT + i64::from(number) * 60).unwrap_or_else(Time::now)
}

fn one_of<T: Copy, const COUNT: usize>(all: &[T; COUNT], random: &mut StdRng) -> T {
    all[random.random_range(0..COUNT)]
}
