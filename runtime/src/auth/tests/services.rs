//! What services accept from each other.

use super::super::service::{KIND, ServiceKeys};
use super::*;
use crate::automation::Target;
use crate::caller::{Access, Caller};
use crate::event::Tenant;

const TARGET: Target = Target { service: "mailer", command: "Send", permission: Some("MAIL"), ignore: &[] };

fn keys(secret: &str) -> ServiceKeys {
    ServiceKeys::new(&Secret::new(secret).unwrap()).unwrap()
}

fn verifier() -> Verifier {
    secret_verifier().with_services(keys(SECRET))
}

#[tokio::test]
async fn a_services_token_holds_the_tenant_the_command_and_its_permission_for_a_minute() {
    let token = keys(SECRET).token(&Tenant::new("acme"), &TARGET).unwrap();
    let Verified { caller, expires } = verifier().verify(&token).await.unwrap();
    assert_eq!(caller.tenant.as_str(), "acme");
    assert_eq!(caller.only.as_deref(), Some("mailer.Send"));
    assert_eq!(caller.permissions.iter().collect::<Vec<_>>(), ["MAIL"]);
    assert_eq!((caller.user_id, caller.system), (None, false));
    let left = expires.millis() - DateTime::now().millis();
    assert!((0..=60_000).contains(&left), "{left}");
}

#[tokio::test]
async fn another_secret_makes_no_token_of_ours() {
    let token = keys("another secret of thirty-two bytes!").token(&Tenant::new("acme"), &TARGET).unwrap();
    assert!(refused(verifier().verify(&token).await).contains("signature"));
    let token = keys(SECRET).token(&Tenant::new("acme"), &TARGET).unwrap();
    assert!(secret_verifier().verify(&token).await.is_err(), "it is no user's token either");
}

#[tokio::test]
async fn whoever_signs_tokens_of_users_makes_no_service() {
    let forged = claims(json!({ "command": "mailer.Send" }));
    let caller = verifier().verify(&with_secret(&forged)).await.unwrap().caller;
    assert_eq!(caller.only, None);
    let header = Header { typ: Some(KIND.to_owned()), ..Header::new(Algorithm::HS256) };
    let forged = crypto::encode(&header, &forged, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    assert!(refused(verifier().verify(&forged).await).contains("signature"));
}

#[tokio::test]
async fn a_services_clock_may_be_off_by_little_and_not_by_much() {
    let signed = |seconds: i64| {
        let at = DateTime::from_millis(DateTime::now().millis() + seconds * 1000);
        keys(SECRET).signed(&Tenant::new("acme"), &TARGET, at).unwrap()
    };
    for seconds in [-60, -5, 5] {
        assert!(verifier().verify(&signed(seconds)).await.is_ok(), "{seconds} s");
    }
    for (seconds, reason) in
        [(-5 * 3600, "it has expired"), (-100, "it has expired"), (100, "clocks"), (3 * 3600, "clocks")]
    {
        assert!(refused(verifier().verify(&signed(seconds)).await).contains(reason), "{seconds} s");
    }
}

#[tokio::test]
async fn a_token_for_events_opens_the_events_of_one_service_and_nothing_else() {
    let Verified { caller, .. } = verifier().verify(&keys(SECRET).events_token("mailer").unwrap()).await.unwrap();
    assert!(caller.reads_events_of("mailer"));
    for other in ["", "mail", "mailer.", "other"] {
        assert!(!caller.reads_events_of(other), "{other}");
    }
    for access in [Access::Public, Access::SignedIn, Access::AnyOf(&["MAIL"]), Access::Nobody] {
        assert!(access.check(&caller).is_err() && access.check_command(&caller, "mailer.Send").is_err(), "{access:?}");
    }
    let command = keys(SECRET).token(&Tenant::new("acme"), &TARGET).unwrap();
    assert!(!verifier().verify(&command).await.unwrap().caller.reads_events_of("mailer"));
    assert!(!Caller::system(Tenant::new("acme")).reads_events_of("mailer"));
}
