//! What the role may do that the service works as.

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

/// SQLSTATE of what a role has no right to do, and of what only the owner may.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// The URL of the database with the role that the service works as, as a variable.
#[given(expr = "{string} is the URL of the database for the service's role")]
fn url_for_the_services_role(world: &mut World, name: String) -> Outcome {
    let url = world.slot.service_url()?;
    world.variables.set(name, Value::from(url));
    Ok(())
}

/// Each of these statements does what it says for the role that the service works as. One column; all is rolled back.
#[given(expr = "the service's role may:")]
async fn may(world: &mut World, step: &Step) -> Outcome {
    for (statement, code) in tried(world, step).await? {
        if let Some(code) = code {
            return Err(format!("`{statement}` was refused with {code}").into());
        }
    }
    Ok(())
}

/// Each of these statements is refused, and for no other reason than that the service's role hasn't the right.
#[given(expr = "the service's role may not:")]
async fn may_not(world: &mut World, step: &Step) -> Outcome {
    for (statement, code) in tried(world, step).await? {
        match code.as_deref() {
            Some(INSUFFICIENT_PRIVILEGE) => {}
            Some(code) => {
                return Err(format!("`{statement}` failed with {code}, not for a right").into());
            }
            None => return Err(format!("`{statement}` was done").into()),
        }
    }
    Ok(())
}

/// The statements, and the SQLSTATE with which each was refused.
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
