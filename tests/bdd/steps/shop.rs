//! Steps that insert categories and products without a principal, and create pizzas.

use bdd_harness::given;
use gherkin::Step;
use serde_json::{Value, json};

use bdd_harness::{
    failure::{Failure, Outcome},
    words::argument,
    world::World,
};

/// Inserts a category without a parent; `{{Shoes.id}}` is its id.
#[given(expr = "a category {string}")]
async fn category(world: &mut World, name: String) -> Outcome {
    let columns = [("name", quoted(world, &name)?)];
    put(world, "categories", &name, &columns).await
}

/// Inserts a category below another one.
#[given(expr = "a category {string} in {string}")]
async fn category_in(world: &mut World, name: String, parent: String) -> Outcome {
    let columns = [
        ("name", quoted(world, &name)?),
        ("parent_id", quoted(world, &format!("{{{{{parent}.id}}}}"))?),
    ];
    put(world, "categories", &name, &columns).await
}

/// Inserts the categories "Level 1", "Level 2" and so on, each below the one before.
#[given(expr = "a chain of {int} categories")]
async fn chain_of_categories(world: &mut World, count: usize) -> Outcome {
    category(world, "Level 1".into()).await?;
    for level in 2..=count {
        category_in(
            world,
            format!("Level {level}"),
            format!("Level {}", level - 1),
        )
        .await?;
    }
    Ok(())
}

/// Inserts a product with the price 89.90 and the stock 10; `{{Heels.id}}` is its id.
#[given(expr = "a product {string} in {string}")]
async fn product(world: &mut World, name: String, category: String) -> Outcome {
    put_product(world, &name, &category, "null".into()).await
}

/// Inserts a product with the price 89.90, the stock 10 and this sku.
#[given(expr = "a product {string} in {string} with the sku {string}")]
async fn product_with_sku(
    world: &mut World,
    name: String,
    category: String,
    sku: String,
) -> Outcome {
    let sku = quoted(world, &sku)?;
    put_product(world, &name, &category, sku).await
}

/// Creates a pizza with the current bearer token; `{{Margherita.id}}` is its id.
#[given(expr = "a pizza {string}")]
async fn pizza(world: &mut World, name: String) -> Outcome {
    let name = world.variables.text(&name)?;
    let body = json!({"name": name, "price": "8.50", "ingredients": ["tomato"]});
    world
        .send_json("POST", "/api/v1/pizzas", &body, 201)
        .await?;
    let id = world.client.answer()?.json()?["id"].clone();
    world.variables.set(format!("{name}.id"), id);
    Ok(())
}

/// Sets a variable to a text of this length.
#[given(expr = "the text {string} of {int} characters")]
fn text_of(world: &mut World, name: String, length: usize) {
    world.variables.set(name, Value::from("x".repeat(length)));
}

/// Sets a variable to a list that repeats the JSON below this many times.
#[given(expr = "the list {string} of {int} times:")]
fn list_of(world: &mut World, step: &Step, name: String, count: usize) -> Outcome {
    let item = world.variables.json(&argument::docstring(step)?)?;
    world.variables.set(name, vec![item; count]);
    Ok(())
}

async fn put_product(world: &mut World, name: &str, category: &str, sku: String) -> Outcome {
    let columns = [
        ("name", quoted(world, name)?),
        ("price_cents", "8990".into()),
        ("stock", "10".into()),
        (
            "category_id",
            quoted(world, &format!("{{{{{category}.id}}}}"))?,
        ),
        ("sku", sku),
    ];
    put(world, "products", name, &columns).await
}

/// Inserts a row with these columns; the values are SQL expressions.
async fn put(world: &mut World, table: &str, name: &str, columns: &[(&str, String)]) -> Outcome {
    let name = world.variables.text(name)?;
    let id = world.variables.text("{{$uuid}}")?;
    let names: Vec<_> = columns.iter().map(|(column, _)| *column).collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
    let sql = format!(
        "insert into {table} (id, {}) values ('{id}', {})",
        names.join(", "),
        values.join(", ")
    );
    world.slot.database().await?.run(&sql).await?;
    world.variables.set(format!("{name}.id"), Value::from(id));
    Ok(())
}

fn quoted(world: &mut World, text: &str) -> Result<String, Failure> {
    let text = world.variables.text(text)?;
    Ok(format!("'{}'", text.replace('\'', "''")))
}
