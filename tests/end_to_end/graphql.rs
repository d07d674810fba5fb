//! A GraphQL client as anyone would write one: JSON over HTTP.

use serde_json::{Value, json};
use std::time::Duration;
use ureq::Agent;

/// A caller of the API, with a token or without.
#[derive(Clone)]
pub struct Api {
    agent: Agent,
    url: String,
    token: Option<String>,
    key: Option<String>,
}

impl Api {
    /// A caller without a token.
    pub fn new(address: &str) -> Self {
        let agent =
            Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).http_status_as_error(false).build();
        Self { agent: agent.into(), url: format!("http://{address}/graphql"), token: None, key: None }
    }

    /// The same caller with this token.
    pub fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same caller, whose commands all have this idempotency key.
    pub fn repeating(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The whole answer; `Err` if the connection broke.
    pub fn try_send(&self, query: &str, variables: Value) -> Result<Value, ureq::Error> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = self.agent.post(&self.url).header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("x-idempotency-key", key);
        }
        let text = request.send(body)?.body_mut().read_to_string()?;
        Ok(serde_json::from_str(&text).unwrap_or_else(|_| json!({ "errors": [{ "message": text }] })))
    }

    /// The whole answer.
    pub fn send(&self, query: &str, variables: Value) -> Value {
        self.try_send(query, variables).expect("the server answers")
    }

    /// The data of an answer that must be free of errors.
    pub fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.send(query, variables);
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].clone()
    }

    /// The code of the first error of an answer that must have one and hold no data.
    pub fn error(&self, query: &str, variables: Value) -> String {
        let answer = self.send(query, variables);
        let nothing = match &answer["data"] {
            Value::Object(fields) => fields.values().all(Value::is_null),
            other => other.is_null(),
        };
        assert!(nothing, "{query} got data: {answer}");
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code in {answer}")).to_owned()
    }
}

/// Status and body of a GET; status 0 if nobody answers.
pub fn get(url: &str) -> (u16, String) {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    match agent.get(url).call() {
        Ok(mut response) => (response.status().as_u16(), response.body_mut().read_to_string().unwrap_or_default()),
        Err(error) => (0, error.to_string()),
    }
}

/// Status and answer of a call with a token; null where the answer is empty.
pub fn operate(method: &str, url: &str, token: &str) -> (u16, Value) {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let bearer = format!("Bearer {token}");
    let answer = match method {
        "GET" => agent.get(url).header("authorization", bearer).call(),
        "DELETE" => agent.delete(url).header("authorization", bearer).call(),
        _ => agent.post(url).header("authorization", bearer).send_empty(),
    };
    let mut answer = answer.expect("the server answers");
    let body = answer.body_mut().read_to_string().expect("an answer has a body");
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or_default())
}

/// Status and answer of a POST with a token and a body.
pub fn operate_with(url: &str, token: &str, body: &Value) -> (u16, Value) {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.post(url).header("authorization", format!("Bearer {token}"));
    let answer = request.header("content-type", "application/json").send(body.to_string());
    let mut answer = answer.expect("the server answers");
    let body = answer.body_mut().read_to_string().expect("an answer has a body");
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::String(body)))
}
