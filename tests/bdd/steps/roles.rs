//! Steps for the privileges of the service's database role.

use bdd_harness::given;
use gherkin::Step;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use url::Url;

use bdd_harness::{
    failure::{Failure, Outcome},
    sql,
    words::argument,
    world::World,
};

/// The SQLSTATE of a statement for which the role lacks a privilege.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Sets a variable to the URL of the database for the service's role.
#[given(expr = "{string} is the URL of the database for the service's role")]
fn url_for_the_services_role(world: &mut World, name: String) -> Outcome {
    let url = world.slot.service_url()?;
    world.variables.set(name, Value::from(url));
    Ok(())
}

/// The service's role can run each of these statements. One column; every statement is rolled back.
#[given(expr = "the service's role may:")]
async fn may(world: &mut World, step: &Step) -> Outcome {
    for (statement, code) in tried(world, step).await? {
        if let Some(code) = code {
            return Err(format!("`{statement}` was refused with {code}").into());
        }
    }
    Ok(())
}

/// Each of these statements is refused because the service's role lacks a privilege. One column.
#[given(expr = "the service's role may not:")]
async fn may_not(world: &mut World, step: &Step) -> Outcome {
    for (statement, code) in tried(world, step).await? {
        match code.as_deref() {
            Some(INSUFFICIENT_PRIVILEGE) => {}
            Some(code) => {
                return Err(format!(
                    "`{statement}` failed with {code}, not for lack of a privilege"
                )
                .into());
            }
            None => return Err(format!("`{statement}` succeeded").into()),
        }
    }
    Ok(())
}

/// Runs the statements. Returns each with the SQLSTATE of its failure.
async fn tried(world: &mut World, step: &Step) -> Result<Vec<(String, Option<String>)>, Failure> {
    let (_, rows) = argument::table(step)?;
    let url = world.slot.service_url()?;
    let url = Url::parse(&url).map_err(|error| Failure::new(error.to_string()))?;
    let mut connection = sql::connect(&url).await?;
    let mut tried = Vec::new();
    for row in rows {
        let statement = world.variables.text(&row.concat())?;
        let mut transaction = connection.begin().await?;
        let outcome = transaction.execute(AssertSqlSafe(statement.clone())).await;
        transaction.rollback().await?;
        let code = match outcome {
            Ok(_) => None,
            Err(sqlx::Error::Database(error)) => error.code().map(Into::into),
            Err(error) => return Err(error.into()),
        };
        tried.push((statement, code));
    }
    connection.close().await?;
    Ok(tried)
}
