//! Orders, for which the service calls other services.

use axum::{Json, extract::State, http::StatusCode};
use bdd_harness::{
    Failure,
    http::{Client, Request},
};
use serde_json::{Value, json};

use crate::service::{Context, Problem};

/// Requests the payment. If it succeeds, sends a mail without waiting for the answer.
pub async fn create(
    State(context): State<Context>,
    Json(order): Json<Value>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let charge = json!({ "order": order });
    let (status, answer) = call(&context.payment_url, "/charges", &charge)
        .await
        .map_err(|error| {
            tracing::warn!(%error, "no payment");
            Problem(StatusCode::BAD_GATEWAY, "no-payment", vec![])
        })?;
    if status == 201 && order["mail"].is_string() {
        let mail = json!({ "to": order["mail"], "text": "Thank you!" });
        let url = context.mail_url.clone();
        tokio::spawn(async move { call(&url, "/mails", &mail).await });
    }
    let created = json!({ "payment": { "status": status, "answer": answer } });
    Ok((StatusCode::CREATED, Json(created)))
}

async fn call(base_url: &str, path: &str, body: &Value) -> Result<(u16, Value), Failure> {
    let request = Request::new(|| Ok(base_url.to_owned()), "POST", path)?;
    let mut client = Client::default();
    client
        .send(request.body_of("application/json", body.to_string()))
        .await?;
    let answer = client.answer()?;
    let json = serde_json::from_str(&answer.text()).unwrap_or(Value::Null);
    Ok((answer.status, json))
}
