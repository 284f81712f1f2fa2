//! Rows for a look around: the default categories, and believable data that are the same for the same seed.

pub mod development;

use fake::{
    Fake,
    faker::{
        internet::en::FreeEmail,
        lorem::en::Sentence,
        name::en::{FirstName, LastName},
    },
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::domain::{Id, Price, Time};
use crate::store::categories::{Category, NewCategory, insert_category};
use crate::store::pizzas::{NewPizza, Pizza, insert_pizza};
use crate::store::products::{NewProduct, Product, bind_product, insert_products};
use crate::store::query::fold;
use crate::store::{Store, StoreError};
use development::DEFAULT_CATEGORIES;

/// No password has this hash.
const NOBODYS: &str = "!";

/// When the first row was made, in seconds since 1970: the rows are the same on any day.
const BEGINNING: i64 = 1_767_225_600;

/// Products that one statement inserts; more would be more values than `SQLite` takes.
const BATCH: usize = 500;

const KINDS: [(&str, usize); 10] = [
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

/// How many rows were put there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Of the default categories.
    pub categories: u64,
    /// People; they can't log in.
    pub users: u64,
    /// Products.
    pub products: u64,
    /// Pizzas.
    pub pizzas: u64,
}

#[derive(Clone)]
struct Person {
    id: Id,
    username: String,
    email: String,
    name: String,
    goal: String,
    made: Time,
}

impl Store {
    /// Puts the default categories there that are missing, and so many people, products and pizzas. What this seed
    /// has put there before stays as it is.
    pub async fn seed(&self, demo: u32, seed: u64) -> Result<Seeded, StoreError> {
        let mut seeded = self.seed_categories().await?;
        if demo == 0 {
            return Ok(seeded);
        }
        let mut maker = Maker::new(seed);
        let categories = self.default_categories().await?;
        let people: Vec<_> = (0..demo).map(|place| maker.person(place)).collect();
        let products: Vec<_> = (0..demo)
            .map(|place| maker.product(place, &categories))
            .collect();
        let pizzas: Vec<_> = (0..demo).map(|place| maker.pizza(place, &people)).collect();
        let Some(first) = people.first().map(|person| person.id) else {
            return Ok(seeded);
        };
        let (users, goods, menu) = (people.len(), products.len(), pizzas.len());
        let made = in_transaction!(self, db => {
            let known: bool = sqlx::query_scalar("select exists (select 1 from users where id = $1)")
                .bind(first)
                .fetch_one(&mut *db)
                .await?;
            if known {
                return Ok(false);
            }
            for person in &people {
                sqlx::query(
                    "insert into users (id, username, password_hash, email, name, current_goal, search_text,
                                        created_at, updated_at)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
                )
                .bind(person.id)
                .bind(&person.username)
                .bind(NOBODYS)
                .bind(&person.email)
                .bind(&person.name)
                .bind(&person.goal)
                .bind(person.search_text())
                .bind(person.made)
                .execute(&mut *db)
                .await?;
            }
            for batch in products.chunks(BATCH) {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(insert_products(batch.len())));
                for product in batch {
                    query = bind_product!(query, product);
                }
                query.execute(&mut *db).await?;
            }
            for pizza in &pizzas {
                insert_pizza!(db, pizza).await?;
            }
            Ok(true)
        })
        .map_err(|error: StoreError| error.or_conflict("a name is taken by a row that isn't of this seed"))?;
        if made {
            let count = |rows: usize| rows as u64;
            (seeded.users, seeded.products, seeded.pizzas) =
                (count(users), count(goods), count(menu));
        }
        Ok(seeded)
    }

    async fn seed_categories(&self) -> Result<Seeded, StoreError> {
        let mut seeded = Seeded::default();
        for (name, description) in DEFAULT_CATEGORIES {
            let category = Category::new(NewCategory {
                name: name.into(),
                description: Some(description.into()),
                parent_id: None,
            });
            let made = in_transaction!(self, db => {
                let known: bool =
                    sqlx::query_scalar("select exists (select 1 from categories where name = $1)")
                        .bind(&category.name)
                        .fetch_one(&mut *db)
                        .await?;
                if !known {
                    insert_category!(db, &category).await?;
                }
                Ok(!known)
            });
            // Somebody else was faster.
            match made.map_err(|error: StoreError| error.or_conflict("the category is there")) {
                Ok(made) => seeded.categories += u64::from(made),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(seeded)
    }

    /// Their ids, in the order of the list.
    async fn default_categories(&self) -> Result<Vec<Id>, StoreError> {
        let mut ids = Vec::new();
        for (name, _) in DEFAULT_CATEGORIES {
            let id = on_db!(self.read, db => sqlx::query_scalar("select id from categories where name = $1")
                .bind(name)
                .fetch_one(db))?;
            ids.push(id);
        }
        Ok(ids)
    }
}

impl Person {
    fn search_text(&self) -> String {
        fold(&format!("{}\n{}\n{}", self.username, self.email, self.name))
    }
}

/// Makes one row after the other, always the same ones from the same seed.
struct Maker {
    seed: u64,
    random: StdRng,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            random: StdRng::seed_from_u64(seed),
        }
    }

    fn id(&mut self) -> Id {
        let id = uuid::Builder::from_random_bytes(self.random.random()).into_uuid();
        Id::parse(&id.to_string()).unwrap_or_else(Id::generate)
    }

    fn moment(place: u32) -> Time {
        Time::from_unix_seconds(BEGINNING + i64::from(place) * 60).unwrap_or_else(Time::now)
    }

    /// One of them; there is at least one.
    fn one_of<T: Copy>(&mut self, all: &[T], otherwise: T) -> T {
        all.choose(&mut self.random).copied().unwrap_or(otherwise)
    }

    fn person(&mut self, place: u32) -> Person {
        let first: String = FirstName().fake_with_rng(&mut self.random);
        let last: String = LastName().fake_with_rng(&mut self.random);
        let email: String = FreeEmail().fake_with_rng(&mut self.random);
        let host = email
            .split_once('@')
            .map_or("example.org", |(_, host)| host);
        let word: String = first
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(20)
            .collect();
        let username = format!("{}_{}_{}", word.to_lowercase(), self.seed, place + 1);
        Person {
            id: self.id(),
            email: format!("{username}@{host}"),
            username,
            name: format!("{first} {last}"),
            goal: format!("dance the {}", self.one_of(&STYLES, STYLES[0])),
            made: Self::moment(place),
        }
    }

    fn product(&mut self, place: u32, categories: &[Id]) -> Product {
        let (kind, category) = self.one_of(&KINDS, KINDS[0]);
        let style = self.one_of(&STYLES, STYLES[0]);
        let description: String = Sentence(4..9).fake_with_rng(&mut self.random);
        let made = Self::moment(place);
        let product = Product::new(NewProduct {
            name: format!("{kind}, {style}"),
            description: Some(description),
            price: Price::from(self.random.random_range(5..400) * 50),
            stock: self.random.random_range(0..200),
            category_id: categories
                .get(category)
                .copied()
                .unwrap_or_else(Id::generate),
            image_url: None,
            sku: Some(format!("DEMO-{}-{:05}", self.seed, place + 1)),
        });
        Product {
            id: self.id(),
            created_at: made,
            updated_at: made,
            ..product
        }
    }

    fn pizza(&mut self, place: u32, people: &[Person]) -> Pizza {
        let first: String = FirstName().fake_with_rng(&mut self.random);
        let count = self.random.random_range(1..5);
        let toppings: Vec<_> = TOPPINGS.sample(&mut self.random, count).collect();
        let ingredients = std::iter::once("tomato").chain(toppings.into_iter().copied());
        let made = Self::moment(place);
        let maker = people.choose(&mut self.random).map(|person| person.id);
        let pizza = Pizza::new(
            NewPizza {
                name: format!("Pizza {first} {}-{}", self.seed, place + 1),
                description: None,
                price: Price::from(self.random.random_range(14..30) * 50),
                ingredients: ingredients.map(ToOwned::to_owned).collect(),
            },
            maker.unwrap_or_else(Id::generate),
        );
        Pizza {
            id: self.id(),
            created_at: made,
            updated_at: made,
            ..pizza
        }
    }
}
