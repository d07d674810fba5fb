//! Commands for automations alone, and the tokens that open them.

use super::graphql::Api;
use super::process::Program;
use super::reflection::Reflected;
use super::token;
use serde_json::json;

const MAILER: &str = "automata.mailer.v1.MailerService";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_services_sends_what_is_for_automations_alone() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let client = Reflected::connect(app.grpc.trim_start_matches("http://"), MAILER).await;
    let mail = json!({ "to": "ada@example.org", "key": "k" });
    let refused = client.with(&token()).call("SendWelcome", mail.clone()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied, "every permission there is does not help");
    assert!(client.call("SendWelcome", mail).await.is_err(), "nor does none");
    let schema = Api::new(&app.http).data("{ __schema { mutationType { fields { name } } } }", json!({}));
    let names = schema["__schema"]["mutationType"]["fields"].to_string();
    assert!(names.contains("blockAddress") && !names.contains("sendWelcome"), "{names}");
}
