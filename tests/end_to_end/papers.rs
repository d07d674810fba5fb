//! The project of `tests/fixtures/papers` over its sockets: a file is uploaded, handed in, read and loaded, by those who may.

use crate::app::{App, database};
use crate::postgres::SERVER;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use ureq::Agent;

const SERVICE: &str = "papers.papers.v1.PapersService";
const SUBMIT: &str = "mutation($data: SubmitPaperInput!) { submitPaper(input: $data) { ids events } }";
const PAPER: &str = "query($id: ID!) { getPaper(input: {id: $id, useStrongConsistency: true}) {
    title bytes coverName kinds replaced manuscript { id name contentType size url } cover { id url } supplements { name }
    notes { id } figures { caption picture { id url } original { id } } filed { id } } }";

/// Somebody of tenant `t1` who writes papers.
pub fn author(user: &str) -> String {
    token("t1", user, &["AUTHOR"])
}

/// Uploads bytes: the status, and what is known of the file then.
pub fn upload(app: &App, token: Option<&str>, (name, content_type): (&str, &str), bytes: &[u8]) -> (u16, Value) {
    let url = format!("http://{}/v1/papers/files?name={name}", app.http);
    let mut request = agent().post(&url).header("content-type", content_type);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(bytes).expect("the server answers");
    let text = answer.body_mut().read_to_string().expect("an answer has a body");
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
}

/// The id of a file that is uploaded.
pub fn uploaded(app: &App, token: &str, name: (&str, &str), bytes: &[u8]) -> String {
    let (status, file) = upload(app, Some(token), name, bytes);
    assert_eq!(status, 201, "{file}");
    file["id"].as_str().expect("a file has an id").to_owned()
}

/// Loads what lies at a path: the status, the type, the bytes.
pub fn load(app: &App, token: Option<&str>, path: &str) -> (u16, String, Vec<u8>) {
    let mut request = agent().get(format!("http://{}{path}", app.http));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.call().expect("the server answers");
    let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let bytes = answer.body_mut().read_to_vec().expect("an answer has a body");
    (answer.status().as_u16(), content_type, bytes)
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60))).build().into()
}

/// What a paper is made of that holds no file but its manuscript.
pub fn paper(id: &str, manuscript: &str) -> Value {
    json!({ "paperId": id, "title": "On files", "manuscript": manuscript, "supplements": [], "figures": [] })
}

#[test]
fn a_file_goes_from_socket_to_socket() {
    let dir = tempfile::tempdir().unwrap();
    handed_in_and_loaded(|| App::start_fixture("papers", dir.path()));
}

#[test]
fn a_file_goes_from_socket_to_socket_on_postgres() {
    let dir = tempfile::tempdir().unwrap();
    let (url, files) = (SERVER.schema(), format!("file://{}", dir.path().display()));
    handed_in_and_loaded(|| App::start_fixture_at("papers", &url, &[("FILES_URL", &files)]));
}

/// All of it, and again after a restart.
fn handed_in_and_loaded(start: impl Fn() -> App) {
    let app = start();
    let ada = author("ada");
    let text = uploaded(&app, &ada, ("essay.txt", "text/plain"), b"On files.");
    let cover = uploaded(&app, &ada, ("cover.png", "image/png"), PNG);
    let extra = uploaded(&app, &ada, ("data.csv", "text/csv"), b"a,b\n1,2\n");
    let api = app.api().with(&ada);
    let data = json!({
        "paperId": "p1", "title": "On files", "manuscript": text, "cover": cover, "supplements": [extra, extra],
        "notes": [null, extra], "figures": [{ "caption": "A dot", "picture": cover }],
    });
    assert_eq!(api.data(SUBMIT, json!({ "data": data }))["submitPaper"]["events"], json!(["PaperSubmitted"]));
    let shown = api.data(PAPER, json!({ "id": "p1" }))["getPaper"].clone();
    assert_eq!(shown["manuscript"]["name"], "essay.txt");
    assert_eq!(shown["manuscript"]["contentType"], "text/plain");
    assert_eq!(shown["bytes"], 9 + PNG.len() + 8 + 8);
    assert_eq!(shown["coverName"], "cover.png");
    assert_eq!(shown["kinds"], json!(["text/csv"]));
    assert_eq!(shown["supplements"], json!([{ "name": "data.csv" }, { "name": "data.csv" }]));
    assert_eq!(shown["notes"], json!([null, { "id": extra }]));
    assert_eq!(
        (&shown["figures"][0]["picture"]["id"], &shown["figures"][0]["original"]),
        (&json!(cover), &Value::Null)
    );
    let url = shown["manuscript"]["url"].as_str().unwrap().to_owned();
    assert_eq!(load(&app, None, &url), (200, "text/plain".to_owned(), b"On files.".to_vec()));
    let picture = load(&app, None, shown["figures"][0]["picture"]["url"].as_str().unwrap());
    assert_eq!((picture.0, picture.1.as_str(), picture.2.as_slice()), (200, "image/png", PNG));
    filed(&app, &text);
    assert!(app.interrupt(), "an interrupt ends the application well");

    let app = start();
    let api = app.api().with(&ada);
    let again = api.data(PAPER, json!({ "id": "p1" }))["getPaper"].clone();
    assert_eq!((&again["manuscript"]["id"], &again["filed"]["id"]), (&json!(text), &json!(text)));
    assert_eq!(load(&app, None, again["manuscript"]["url"].as_str().unwrap()).2, b"On files.");
    assert_eq!(load(&app, None, &url).0, 200, "an address outlives the process");
    assert_eq!(api.error(SUBMIT, json!({ "data": paper("p2", &text) })), "AlreadySubmitted");
}

/// Waits until the automation has passed the manuscript on under its own token.
fn filed(app: &App, manuscript: &str) {
    let api = app.api().with(&token("t1", "eva", &["EDITOR"]));
    let end = Instant::now() + Duration::from_secs(60);
    while api.data(PAPER, json!({ "id": "p1" }))["getPaper"]["filed"]["id"] != *manuscript {
        assert!(Instant::now() < end, "the paper is not filed");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_file_is_its_owners_and_its_tenants() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("papers", dir.path());
    let (ada, bob, other) = (author("ada"), author("bob"), token("t2", "ada", &["AUTHOR"]));
    let file = uploaded(&app, &ada, ("essay.txt", "text/plain"), b"mine");
    assert_eq!(upload(&app, None, ("a.txt", "text/plain"), b"a").0, 401, "a token is needed");
    for (who, token) in [("another user", &bob), ("another tenant", &other)] {
        let refused = app.api().with(token).send(SUBMIT, json!({ "data": paper("p1", &file) }));
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "VALIDATION", "{who}: {refused}");
        assert!(extensions["fields"].to_string().contains("manuscript"), "{who}: {refused}");
        assert!(load(&app, Some(token), &format!("/v1/papers/files/{file}")).0 >= 400, "{who}");
    }
    assert_eq!(load(&app, Some(&ada), &format!("/v1/papers/files/{file}")).2, b"mine");
    app.api().with(&ada).data(SUBMIT, json!({ "data": paper("p1", &file) }));
    let shown = app.api().with(&bob).data(PAPER, json!({ "id": "p1" }));
    let url = shown["getPaper"]["manuscript"]["url"].as_str().unwrap();
    assert_eq!(load(&app, None, url).2, b"mine", "whoever may read the entry may load the file");
    assert!(load(&app, None, &format!("{url}0")).0 >= 400, "a forged address");
    let bare = url.split('?').next().unwrap();
    assert!(load(&app, None, bare).0 >= 400, "no address without a signature");
    assert!(load(&app, Some(&other), bare).0 >= 400, "another tenant");
    assert_eq!(app.api().with(&other).error(PAPER, json!({ "id": "p1" })), "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_over_grpc_by_its_id() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("papers", dir.path());
    let file = uploaded(&app, &author("ada"), ("essay.txt", "text/plain"), b"On files.");
    let client = Reflected::connect(&app.grpc, SERVICE).await.with(&author("ada"));
    let lies = json!({ "id": file, "name": "other.png", "contentType": "image/png", "size": 5 });
    let mut data = paper("p1", "");
    data["manuscript"] = lies;
    client.call("SubmitPaper", data).await.unwrap();
    let got = client.call("GetPaper", json!({ "id": "p1", "useStrongConsistency": true })).await.unwrap();
    let known = &got["data"]["manuscript"];
    assert_eq!(
        (&known["name"], &known["contentType"]),
        (&json!("essay.txt"), &json!("text/plain")),
        "only the id counts"
    );
    let mut nothing = paper("p2", "");
    nothing["manuscript"] = Value::Null;
    let refused = client.call("SubmitPaper", nothing).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{refused}");
    assert!(refused.message().contains("manuscript"), "{refused}");
}

#[test]
fn bytes_lie_under_ids_alone() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture_at("papers", &database(dir.path()), &[]);
    uploaded(&app, &author("ada"), ("..%2F..%2Fescape.txt", "text/plain"), b"On files.");
    let mut names = Vec::new();
    collect(dir.path(), &mut names);
    assert!(names.iter().all(|name| !name.contains("escape")), "{names:?}");
    let parent = dir.path().parent().unwrap();
    assert!(!parent.join("escape.txt").exists() && !parent.parent().unwrap().join("escape.txt").exists());
}

fn collect(folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        names.push(entry.file_name().to_string_lossy().into_owned());
        if entry.path().is_dir() {
            collect(&entry.path(), names);
        }
    }
}

/// A picture of one dot.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1,
    0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];
