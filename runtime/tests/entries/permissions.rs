use super::fixture::*;
use scaffold_runtime::codegen::*;

pub async fn without_a_token_only_what_is_public_can_be_read(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("c1", "Rust", 10)]).await;
    let get = Get { id: "c1".into(), ..Get::default() };
    assert!(school.service.get::<Course>(&anonymous("t"), get.clone()).await.unwrap().entry.is_some());
    assert_eq!(
        school.service.by_ids::<Course>(&anonymous("t"), vec!["c1".into()], vec![]).await.unwrap().data.len(),
        1
    );
    let listed = school.service.list::<Course>(&anonymous("t"), List::default()).await.unwrap_err();
    assert_eq!(status::code(&listed), "UNAUTHENTICATED");
    let filtered = Get { filter: Filter::equals("title", "Rust"), ..Get::default() };
    let filtered = school.service.get::<Course>(&anonymous("t"), filtered).await.unwrap_err();
    assert_eq!(status::code(&filtered), "UNAUTHENTICATED", "a filter without an id is a list's permission");
    let watched = school.service.watch::<Course>(&anonymous("t"), None, Filter::everything()).await;
    assert_eq!(watched.err().map(|failed| status::code(&failed)).as_deref(), Some("UNAUTHENTICATED"));
}

pub async fn permissions_are_asked_for_each_operation(on: On) {
    let school = School::open(on).await;
    let data = || CreateStudent { name: "Ada".into() };
    let refused = school.service.create::<Student>(&anonymous("t"), None, data()).await.unwrap_err();
    assert_eq!(status::code(&refused), "UNAUTHENTICATED");
    let made = school.service.create::<Student>(&caller("t"), None, data()).await.unwrap();
    let id = Some(made.id);
    let refused = school.service.delete::<Student>(&caller("t"), id.clone(), Filter::everything()).await.unwrap_err();
    assert_eq!(status::code(&refused), "FORBIDDEN");
    let wrong = holding("t", &["TEACHER"]);
    let refused = school.service.delete::<Student>(&wrong, id.clone(), Filter::everything()).await.unwrap_err();
    assert_eq!(status::code(&refused), "FORBIDDEN");
    let admin = holding("t", &["ADMIN"]);
    assert!(school.service.delete::<Student>(&admin, id, Filter::everything()).await.is_ok());
}

pub async fn a_request_needs_a_token_or_a_tenant(on: On) {
    let school = School::open(on).await;
    let neither = school.service.open(tonic::Request::new(())).await.unwrap_err();
    assert_eq!(status::code(&neither), "UNAUTHENTICATED");
    let mut request = tonic::Request::new(7);
    request.metadata_mut().insert("x-tenant-id", "t".parse().unwrap());
    let (call, message) = school.service.open(request).await.unwrap();
    assert_eq!((call.caller.tenant.as_str(), call.caller.is_signed_in(), message), ("t", false, 7));
    let mut request = tonic::Request::new(());
    request.metadata_mut().insert("x-tenant-id", "t".parse().unwrap());
    request.metadata_mut().insert("authorization", "Bearer nonsense".parse().unwrap());
    assert_eq!(status::code(&school.service.open(request).await.unwrap_err()), "UNAUTHENTICATED");
}
