use super::fixture::*;
use scaffold_runtime::codegen::*;

fn create(name: &str) -> CreateStudent {
    CreateStudent { name: name.into() }
}

fn rename(name: &str) -> UpdateStudent {
    UpdateStudent { name: Some(name.into()) }
}

async fn names(school: &School) -> Vec<String> {
    let list = List { strong: true, order: vec![Order::ascending("name")], ..List::default() };
    let page = school.service.list::<Student>(&caller("t"), list).await.unwrap();
    page.data.into_iter().map(|student| student.name).collect()
}

pub async fn an_entry_is_created_changed_and_removed(on: On) {
    let school = School::open(on).await;
    let (call, admin) = (caller("t"), holding("t", &["ADMIN"]));
    let made = school.service.create::<Student>(&call, None, create("Ada")).await.unwrap();
    assert_eq!(uuid::Uuid::parse_str(&made.id).unwrap().get_version_num(), 7);
    let changed = school.service.update::<Student>(&call, made.id.clone(), rename("Grace")).await.unwrap();
    assert_eq!((changed.name.as_str(), &changed.id), ("Grace", &made.id));
    assert_eq!(changed.created_at, made.created_at);
    let same = school.service.update::<Student>(&call, made.id.clone(), rename("Grace")).await.unwrap();
    assert_eq!(same.changed_at, changed.changed_at, "what changes nothing is no event");
    let deleted = school.service.delete::<Student>(&admin, Some(made.id.clone()), Filter::everything()).await;
    assert_eq!(deleted.unwrap().number_of_deleted_entries, 1);
    assert!(names(&school).await.is_empty());
    let back = school.service.create::<Student>(&call, Some(made.id.clone()), create("Again")).await.unwrap();
    assert_eq!((back.id, back.name), (made.id, "Again".to_owned()));
}

pub async fn what_is_there_conflicts_and_what_is_missing_is_not_found(on: On) {
    let school = School::open(on).await;
    let (call, admin) = (caller("t"), holding("t", &["ADMIN"]));
    school.service.create::<Student>(&call, Some("s1".into()), create("Ada")).await.unwrap();
    let twice = school.service.create::<Student>(&call, Some("s1".into()), create("Eve")).await.unwrap_err();
    assert_eq!(status::code(&twice), "CONFLICT");
    let missing = school.service.update::<Student>(&call, "s2".into(), rename("Eve")).await.unwrap_err();
    assert_eq!(status::code(&missing), "NOT_FOUND");
    let missing = school.service.delete::<Student>(&admin, Some("s2".into()), Filter::everything()).await.unwrap_err();
    assert_eq!(status::code(&missing), "NOT_FOUND");
    let elsewhere = school.service.update::<Student>(&caller("other"), "s1".into(), rename("Eve")).await.unwrap_err();
    assert_eq!(status::code(&elsewhere), "NOT_FOUND");
    assert_eq!(names(&school).await, ["Ada"]);
}

pub async fn invalid_data_and_ids_name_their_fields(on: On) {
    let school = School::open(on).await;
    let call = caller("t");
    let wrong = school.service.create::<Student>(&call, None, create("")).await.unwrap_err();
    assert_eq!(status::code(&wrong), "VALIDATION");
    assert_eq!(status::fields(&wrong)[0].path, ["name"]);
    for id in ["a\tb".to_owned(), "x".repeat(201)] {
        let wrong = school.service.create::<Student>(&call, Some(id), create("Ada")).await.unwrap_err();
        assert_eq!(status::fields(&wrong)[0].path, ["id"]);
    }
    let neither = holding("t", &["ADMIN"]);
    let wrong = school.service.delete::<Student>(&neither, None, Filter::everything()).await.unwrap_err();
    assert_eq!(status::code(&wrong), "VALIDATION");
}

pub async fn of_many_who_create_the_same_id_at_once_one_wins(on: On) {
    let school = School::open(on).await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let service = school.service.clone();
            let name = format!("n{number}");
            tokio::spawn(async move {
                let made = service.create::<Student>(&caller("t"), Some("same".into()), create(&name)).await;
                made.map(|student| (name, student.name)).map_err(|failed| status::code(&failed))
            })
        })
        .collect();
    let mut won = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(winner) => won.push(winner),
            Err(code) => assert_eq!(code, "CONFLICT"),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(names(&school).await, [won[0].0.clone()]);
    assert_eq!(won[0].0, won[0].1);
}

pub async fn concurrent_updates_all_happen(on: On) {
    let school = School::open(on).await;
    school.service.create::<Student>(&caller("t"), Some("s1".into()), create("Ada")).await.unwrap();
    let before = school.databases.all()[0].events().head().await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let service = school.service.clone();
            tokio::spawn(async move {
                service.update::<Student>(&caller("t"), "s1".into(), rename(&format!("n{number}"))).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(school.databases.all()[0].events().head().await.unwrap() - before, 16);
}

pub async fn a_filter_removes_what_it_means_and_says_how_many(on: On) {
    let school = School::open(on).await;
    for name in ["Ada", "Adam", "Bob"] {
        school.service.create::<Student>(&caller("t"), None, create(name)).await.unwrap();
    }
    school.service.create::<Student>(&caller("other"), None, create("Ada")).await.unwrap();
    let starts = wire::StringFilter { contains: Some("Ada".into()), ..wire::StringFilter::default() };
    let which = filter::string("name", Some(starts)).unwrap();
    let admin = holding("t", &["ADMIN"]);
    let deleted = school.service.delete::<Student>(&admin, None, which.clone()).await.unwrap();
    assert_eq!(deleted.number_of_deleted_entries, 2);
    assert_eq!(names(&school).await, ["Bob"]);
    let again = school.service.delete::<Student>(&admin, None, which).await.unwrap();
    assert_eq!(again.number_of_deleted_entries, 0);
    let other = school.service.list::<Student>(&caller("other"), List::default()).await.unwrap();
    assert_eq!(other.total, 1);
}

pub async fn a_repeated_call_gets_the_first_answer(on: On) {
    let school = School::open(on).await;
    let call = Call { idempotency_key: Some("k1".into()), ..caller("t") };
    let first = school.service.create::<Student>(&call, None, create("Ada")).await.unwrap();
    let second = school.service.create::<Student>(&call, None, create("Ada")).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(names(&school).await, ["Ada"]);
}
