//! Files on their way out.

use serde_json::json;

use super::ground::{PNG, bearer, tenant};
use super::{Ground, On};
use crate::event::Tenant;
use crate::value::DateTime;

pub(super) async fn only_the_owner_loads_without_a_link(on: On) {
    let ground = Ground::new(on).await;
    let id = ground.uploaded(PNG).await;
    let address = format!("/v1/papers/files/{id}");
    for (user, tenant, code) in [("ada", "acme", 200), ("eve", "acme", 404), ("ada", "other", 404)] {
        let answer = ground.load(&address, &[("authorization", &bearer(user, tenant))]).await;
        assert_eq!(answer.code, code, "{user} of {tenant}: {}", answer.text());
        assert_eq!(answer.body == PNG, code == 200);
    }
    assert_eq!(ground.load(&address, &[("x-tenant-id", "acme")]).await.code, 401);
    let unknown = ground.load("/v1/papers/files/nothing", &[("authorization", &bearer("ada", "acme"))]).await;
    assert_eq!((unknown.code, &unknown.json()["code"]), (404, &json!("NOT_FOUND")));
    let sized = ground.load(&format!("{address}?width=100"), &[("authorization", &bearer("ada", "acme"))]).await;
    assert_eq!((sized.code, &sized.json()["code"]), (400, &json!("VALIDATION")));
}

pub(super) async fn a_link_leads_to_its_file_for_its_time(on: On) {
    let ground = Ground::new(on).await;
    let (id, other) = (ground.uploaded(PNG).await, ground.uploaded(b"another one").await);
    // Whoever may read the entry is given the address, and needs nothing else then.
    let query = json!({ "query": "query F($id: String!) { file(id: $id) { id name mimeType size url } }", "variables": { "id": id } });
    let headers = [("authorization", &*bearer("bob", "acme")), ("content-type", "application/json")];
    let answer = ground.send("POST", "/graphql", &headers, query.to_string().as_bytes()).await.json();
    let file = &answer["data"]["file"];
    assert_eq!((&file["name"], &file["size"]), (&json!("a.png"), &json!(7)), "{answer}");
    let url = file["url"].as_str().unwrap();
    let loaded = ground.load(url, &[]).await;
    assert_eq!((loaded.code, &loaded.body[..]), (200, PNG), "{}", loaded.text());
    let again = ground.send("POST", "/graphql", &headers, query.to_string().as_bytes()).await.json();
    assert_eq!(again["data"]["file"]["url"].as_str().map(|url| url.len()), Some(url.len()));
    // A link to one file does not lead to another, nor when it was made up, nor for ever.
    let link = url.split_once("?link=").unwrap().1;
    let now = DateTime::now().millis() / 1000;
    let sign = |tenant: &Tenant, until: i64| ground.links.sign("papers", tenant, &id, until).unwrap();
    let of_others = ground.links.sign("library", &tenant(), &id, now + 60).unwrap();
    for (file, link, code) in [
        (&id, sign(&tenant(), now + 60), 200),
        (&id, sign(&tenant(), now - 60), 403),
        (&id, of_others, 403),
        (&id, format!("{link}x"), 403),
        (&id, "x".to_owned(), 403),
        (&other, link.to_owned(), 403),
        (&id, sign(&Tenant::new("other"), now + 60), 404),
    ] {
        let answer = ground.load(&format!("/v1/papers/files/{file}?link={link}"), &[]).await;
        assert_eq!(answer.code, code, "{}", answer.text());
    }
}

pub(super) async fn public_data_has_links_too(on: On) {
    let ground = Ground::new(on).await;
    let id = ground.uploaded(PNG).await;
    let text = "query F($id: String!) { a: publicFile(tenantId: \"acme\", id: $id) { url } \
                b: publicFile(tenantId: \"other\", id: $id) { url } file(id: $id) { url } }";
    let query = json!({ "query": text, "variables": { "id": id } });
    let headers = [("content-type", "application/json")];
    let answer = ground.send("POST", "/graphql", &headers, query.to_string().as_bytes()).await.json();
    for (field, code) in [("a", 200), ("b", 404), ("file", 404)] {
        let url = answer["data"][field]["url"].as_str().unwrap();
        assert_eq!(ground.load(url, &[]).await.code, code, "{field}: {answer}");
    }
}

pub(super) async fn parts_and_what_is_known_are_not_sent_again(on: On) {
    let ground = Ground::new(on).await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| (number % 253) as u8).collect();
    let (address, ada) = (format!("/v1/papers/files/{}", ground.uploaded(&bytes).await), bearer("ada", "acme"));
    let load = async |headers: &[(&str, &str)]| {
        let mut all = vec![("authorization", ada.as_str())];
        all.extend_from_slice(headers);
        ground.load(&address, &all).await
    };
    let whole = load(&[]).await;
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
    assert!(whole.header("content-disposition").unwrap().starts_with("attachment;"));
    for (range, from, to) in
        [("bytes=10-19", 10, 20), ("bytes=150000-", 150_000, 200_000), ("bytes=-5", 199_995, 200_000)]
    {
        let part = load(&[("range", range)]).await;
        let said = format!("bytes {from}-{}/200000", to - 1);
        assert_eq!((part.code, part.header("content-range")), (206, Some(said.as_str())), "{range}");
        assert!(part.body == bytes[from..to], "{range}");
        assert_eq!(load(&[("range", range), ("if-range", &tag)]).await.code, 206);
        assert_eq!(load(&[("range", range), ("if-range", "\"other\"")]).await.code, 200);
    }
    let behind = load(&[("range", "bytes=200000-")]).await;
    assert_eq!((behind.code, behind.header("content-range")), (416, Some("bytes */200000")));
    assert_eq!(load(&[("range", "bytes=1-2,5-6")]).await.code, 200, "several parts are not made");
    let known = load(&[("if-none-match", &tag)]).await;
    assert_eq!((known.code, known.body.len(), known.header("etag")), (304, 0, Some(tag.as_str())));
    let head = ground.send("HEAD", &address, &[("authorization", &ada)], b"").await;
    assert_eq!((head.code, head.body.len(), head.header("content-length")), (200, 0, Some("200000")));
}
