//! Files in the fields of CRUD types, lists and nested types, in the project of `tests/fixtures/papers`.

use crate::app::App;
use crate::papers::{PNG, author, load, paper, uploaded};
use crate::socket::Subscription;
use crate::tokens::token;
use serde_json::{Value, json};

const CREATE: &str = "mutation($data: CreateAuthor!) { createAuthor(input: {id: \"a1\", data: $data}) {
    portrait { id name url } letters { id } figure { picture { id } } contract { id } } }";
const UPDATE: &str = "mutation($data: UpdateAuthor!) { updateAuthor(input: {id: \"a1\", data: $data}) {
    portrait { id } letters { id } figure { caption original { id } } } }";
const SUBMIT: &str = "mutation($data: SubmitPaperInput!) { submitPaper(input: $data) { events } }";

#[test]
fn a_crud_type_holds_files() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("papers", dir.path());
    let editor = token("t1", "eva", &["EDITOR"]);
    let [portrait, letter, contract] =
        ["face.png", "letter.pdf", "contract.pdf"].map(|name| uploaded(&app, &editor, (name, "image/png"), PNG));
    let api = app.api().with(&editor);
    let data = json!({
        "name": "Ada", "portrait": portrait, "letters": [letter, portrait], "contract": contract,
        "figure": { "caption": "Ada", "picture": portrait },
    });
    let made = api.data(CREATE, json!({ "data": data }))["createAuthor"].clone();
    assert_eq!(made["portrait"]["name"], "face.png");
    assert_eq!(made["letters"], json!([{ "id": letter }, { "id": portrait }]));
    assert_eq!((&made["figure"]["picture"]["id"], &made["contract"]["id"]), (&json!(portrait), &json!(contract)));
    assert_eq!(load(&app, None, made["portrait"]["url"].as_str().unwrap()).2, PNG);
    let kept = api.data(UPDATE, json!({ "data": { "name": "Ada L." } }))["updateAuthor"].clone();
    assert_eq!(kept["portrait"]["id"], json!(portrait), "absent keeps");
    let change =
        json!({ "portrait": null, "letters": [], "figure": { "caption": "B", "picture": letter, "original": letter } });
    let changed = api.data(UPDATE, json!({ "data": change }))["updateAuthor"].clone();
    let figure = json!({ "caption": "B", "original": { "id": letter } });
    assert_eq!(changed, json!({ "portrait": null, "letters": [], "figure": figure }));
    a_guarded_file_is_hidden(&app);
    a_file_of_nobody_is_named(&app, &letter);
}

/// Who may not see a field gets null in its place and an error, and no address.
fn a_guarded_file_is_hidden(app: &App) {
    let answer = app
        .api()
        .with(&author("bob"))
        .send("{ getAuthor(input: {id: \"a1\", useStrongConsistency: true}) { name contract { id url } } }", json!({}));
    assert_eq!(answer["data"]["getAuthor"], json!({ "name": "Ada L.", "contract": null }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

/// What is wrong is told by the place where it stands.
fn a_file_of_nobody_is_named(app: &App, letter: &str) {
    let api = app.api().with(&token("t1", "eva", &["EDITOR", "AUTHOR"]));
    let nobody = "0198c0de-0000-7000-8000-000000000000";
    let refused = api.send(UPDATE, json!({ "data": { "letters": [letter, nobody] } }));
    assert_place(&refused, "letters[1]");
    let mut data = paper("p1", letter);
    data["figures"] = json!([{ "caption": "A", "picture": letter }, { "caption": "B", "picture": nobody }]);
    assert_place(&api.send(SUBMIT, json!({ "data": data })), "figures[1].picture");
    for odd in ["", "../../etc/passwd", "\u{0}", &"x".repeat(5_000)] {
        assert_place(&api.send(SUBMIT, json!({ "data": paper("p1", odd) })), "manuscript");
    }
}

fn assert_place(refused: &Value, place: &str) {
    let extensions = &refused["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "VALIDATION", "{place}: {refused}");
    assert!(extensions["fields"].to_string().contains(place), "{place}: {refused}");
}

#[test]
fn rules_see_what_a_file_is_and_subscriptions_show_it() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_fixture("papers", dir.path());
    let ada = author("ada");
    let api = app.api().with(&ada);
    let picture = uploaded(&app, &ada, ("a.png", "image/png"), PNG);
    let refused = api.send(SUBMIT, json!({ "data": paper("p1", &picture) }));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NotReadable");
    assert_eq!(refused["errors"][0]["message"], "a.png is image/png, not a PDF");
    let (first, second) =
        (uploaded(&app, &ada, ("a.txt", "text/plain"), b"one"), uploaded(&app, &ada, ("b.txt", "text/plain"), b"two"));
    api.data(SUBMIT, json!({ "data": paper("p1", &first) }));
    let watch =
        "subscription { subscribeToPaper(input: {id: \"p1\"}) { ... on Paper { replaced manuscript { name url } } } }";
    let mut changes = Subscription::open(&app.http, Some(&ada), watch);
    app.has_begun("SubscribeToPaper", 1);
    let replace = "mutation($file: ID!) { replaceManuscript(input: {paperId: \"p1\", manuscript: $file}) { events } }";
    api.data(replace, json!({ "file": second }));
    let changed = std::iter::from_fn(|| changes.next())
        .map(|change| change["subscribeToPaper"].clone())
        .find(|paper| paper["manuscript"]["name"] == "b.txt")
        .expect("the change is told");
    assert_eq!(load(&app, None, changed["manuscript"]["url"].as_str().unwrap()).2, b"two");
    assert_eq!(api.error(replace, json!({ "file": first })), "NothingNew");
}
