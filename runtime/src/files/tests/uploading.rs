//! Files on their way in.

use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::ground::{MOST, PNG, answer, bearer, token};
use super::{Ground, On, until};
use crate::files::Accepted;

pub(super) async fn a_file_comes_in_and_out_as_it_was(on: On) {
    let ground = Ground::new(on).await;
    let ada = bearer("ada", "acme");
    let mut bytes = PNG.to_vec();
    bytes.extend((0..600_000_u32).map(|number| (number % 251) as u8));
    let kind = [("content-type", "image/png"), ("content-disposition", "attachment; filename*=UTF-8''%C3%BC.png")];
    let answer = ground.upload(&ada, "", &kind, &bytes).await;
    assert_eq!(answer.code, 201, "{}", answer.text());
    let file = answer.json();
    let id = file["id"].as_str().unwrap();
    let wanted = json!({
        "id": id, "name": "ü.png", "contentType": "image/png", "mimeType": "image/png", "size": bytes.len(),
    });
    assert_eq!(file, wanted);
    let address = format!("/v1/papers/files/{id}");
    assert_eq!(answer.header("location"), Some(address.as_str()));
    let answer = ground.load(&address, &[("authorization", &ada)]).await;
    assert_eq!((answer.code, answer.header("content-type")), (200, Some("image/png")), "{}", answer.text());
    assert_eq!(answer.header("content-disposition"), Some("inline; filename*=UTF-8''%C3%BC.png"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.body == bytes, "{} bytes came back of {}", answer.body.len(), bytes.len());
    assert_eq!(ground.count().await, (1, 1));
}

pub(super) async fn what_cannot_be_taken_leaves_nothing(on: On) {
    let ground = Ground::with(on, MOST, "image/*".parse::<Accepted>().unwrap()).await;
    let ada = bearer("ada", "acme");
    let large = [PNG, &vec![0; usize::try_from(MOST).unwrap()][..]].concat();
    for (kind, bytes, code, says) in [
        ("image/png", &large[..], 413, "at most 1048576 bytes"),
        ("image/png", b"<html></html>    ", 400, "does not begin as one"),
        ("text/html", b"<html></html>    ", 400, "text/html is not taken here"),
        ("", b"<html></html>    ", 400, "application/octet-stream is not taken here"),
        ("nonsense", PNG, 400, "must be a media type"),
        ("image/png", b"", 400, "has no bytes"),
    ] {
        let answer = ground.upload(&ada, "", &[("content-type", kind)], bytes).await;
        assert_eq!(answer.code, code, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["code"], "VALIDATION");
        assert!(answer.text().contains(says), "{}", answer.text());
        until("nothing remains", async || ground.count().await == (0, 0)).await;
    }
    // One that does not say how large it will be is stopped on its way.
    let headers = [("authorization", ada.as_str()), ("content-type", "image/png")];
    let mut stream = ground.begin("POST", "/v1/papers/files", &headers, &[("transfer-encoding", "chunked")]).await;
    let chunk = [format!("{:x}\r\n", large.len()).as_bytes(), &large, b"\r\n0\r\n\r\n"].concat();
    let _ = stream.write_all(&chunk).await;
    let answer = answer(stream).await;
    assert_eq!((answer.code, &answer.json()["code"]), (413, &json!("VALIDATION")), "{}", answer.text());
    until("nothing remains", async || ground.count().await == (0, 0)).await;
}

pub(super) async fn a_form_of_a_browser_is_taken(on: On) {
    let ground = Ground::with(on, 4 * MOST, Accepted::all()).await;
    let ada = bearer("ada", "acme");
    let large = [PNG, &vec![9; 3 << 20][..]].concat();
    let form = |field: &str, end: &str| {
        let head = format!(
            "--b\r\ncontent-disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b\r\ncontent-disposition: \
             form-data; name=\"{field}\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n"
        );
        [head.as_bytes(), &large, end.as_bytes()].concat()
    };
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    let answer = ground.upload(&ada, "", &kind, &form("file", "\r\n--b--\r\n")).await;
    assert_eq!(answer.code, 201, "{}", answer.text());
    let file = answer.json();
    assert_eq!(
        (&file["name"], &file["mimeType"], &file["size"]),
        (&json!("a.png"), &json!("image/png"), &json!(large.len()))
    );
    let address = format!("/v1/papers/files/{}", file["id"].as_str().unwrap());
    assert!(ground.load(&address, &[("authorization", &ada)]).await.body == large);
    for (wrong, says) in [(form("files", "\r\n--b--\r\n"), "no field `file`"), (form("file", ""), "VALIDATION")] {
        let answer = ground.upload(&ada, "", &kind, &wrong).await;
        assert_eq!(answer.code, 400, "{}", answer.text());
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    until("only the whole one is there", async || ground.count().await == (1, 1)).await;
}

pub(super) async fn a_cut_upload_leaves_nothing(on: On) {
    let ground = Ground::new(on).await;
    let ada = bearer("ada", "acme");
    let headers = [("authorization", ada.as_str()), ("content-type", "image/png")];
    for framing in [("content-length", "500000"), ("transfer-encoding", "chunked")] {
        let mut stream = ground.begin("POST", "/v1/papers/files", &headers, &[framing]).await;
        let half = [PNG, &vec![7; 300_000 - PNG.len()][..]].concat();
        if framing.0 == "transfer-encoding" {
            stream.write_all(format!("{:x}\r\n", half.len()).as_bytes()).await.unwrap();
        }
        stream.write_all(&half).await.unwrap();
        until("it has begun to come", async || ground.count().await == (1, 1)).await;
        drop(stream);
        until("nothing remains of it", async || ground.count().await == (0, 0)).await;
    }
    // And the service goes on.
    ground.uploaded(PNG).await;
}

pub(super) async fn only_users_upload(on: On) {
    let ground = Ground::new(on).await;
    let nobody = ground.send("POST", "/v1/papers/files", &[("x-tenant-id", "acme")], PNG).await;
    assert_eq!((nobody.code, &nobody.json()["code"]), (401, &json!("UNAUTHENTICATED")));
    let nameless = ground.upload(&token(&json!({ "tenant": "acme" })), "", &[], PNG).await;
    assert_eq!((nameless.code, &nameless.json()["code"]), (403, &json!("FORBIDDEN")));
    let forged = ground.upload("Bearer a.b.c", "", &[], PNG).await;
    assert_eq!(forged.code, 401);
    assert_eq!(ground.count().await, (0, 0));
    let elsewhere = ground.send("POST", "/v1/library/files", &[], PNG).await;
    assert_eq!(elsewhere.code, 404, "a service that has no files");
}

pub(super) async fn a_name_is_shown_and_never_a_path(on: On) {
    let ground = Ground::new(on).await;
    // Neither what a file nor what a tenant is called leads out of the folder.
    let strange = bearer("ada", "../../../etc");
    let answer = ground.upload(&strange, "?name=..%2F..%2Fx%2Fpasswd%0a", &[], PNG).await;
    assert_eq!((answer.code, &answer.json()["name"]), (201, &json!("passwd")), "{}", answer.text());
    assert_eq!(ground.count().await, (1, 1));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    for path in ["..%2F..%2Fpapers.db", "%2e%2e%2fpapers.db", &format!("{id}%2f..")] {
        let answer = ground.load(&format!("/v1/papers/files/{path}"), &[("authorization", &strange)]).await;
        assert_eq!(answer.code, 404, "{path}: {}", answer.text());
    }
    let answer = ground.load(&format!("/v1/papers/files/{id}"), &[("authorization", &strange)]).await;
    assert_eq!(answer.body, PNG);
}

pub(super) async fn a_file_survives_a_restart(on: On) {
    let ground = Ground::new(on).await;
    let id = ground.uploaded(PNG).await;
    let ground = ground.restarted().await;
    let answer = ground.load(&format!("/v1/papers/files/{id}"), &[("authorization", &bearer("ada", "acme"))]).await;
    assert_eq!((answer.code, &answer.body[..]), (200, PNG));
}
