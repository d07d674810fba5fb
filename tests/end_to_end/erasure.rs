//! The project of `tests/fixtures/erasure` over its sockets: what is stored of a person, and what is left of somebody who was erased.

mod club;
mod kept;

use club::{Club, Start};
use kept::Kept;
use serde_json::json;

/// What nobody else would write, so that it is found wherever it stands.
const NAME: &str = "Adelheid Quintana";
const EMAIL: &str = "Adelheid.Quintana@Club.example";
const STREET: &str = "Quittengasse 17";
const NOTE: &str = "owes Zacharias a rowing boat";
const SECRETS: [&str; 6] = [NAME, EMAIL, "adelheid.quintana@club.example", STREET, NOTE, "1931-04-05"];

#[test]
fn a_person_is_erased_everywhere_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    erased_everywhere(&Kept::sqlite(dir.path()));
}

#[test]
fn a_person_is_erased_everywhere_on_postgresql() {
    erased_everywhere(&Kept::postgres());
}

fn erased_everywhere(kept: &Kept) {
    let club = Club::open(kept, Start::New);
    club.has_two_members();
    club.shows_everything();
    assert_eq!(club.join("m3", "Cid", &EMAIL.to_uppercase()), Err("EmailTaken".to_owned()), "whatever its case");
    kept.holds_none_of(&SECRETS, Kept::is_of_events, "the store holds no personal data as it is");
    assert!(kept.holds(NAME, |table| !Kept::is_of_events(table)), "an entry does");

    let other = kept.is_shared().then(|| Club::open(kept, Start::Again));
    let mut told = club.subscribe("m1");
    assert_eq!(club.erase("m1", "asked for it"), "erased");
    let told = told.next().unwrap();
    assert_eq!(told["subscribeToMember"], json!({ "id": "m1", "name": "somebody", "email": "", "note": "" }));
    club.shows_nothing_of_the_first();
    club.eventually_stops_letters("m1", "erased");
    if let Some(other) = other {
        other.shows_nothing_of_the_first();
        assert_eq!(other.join("m1c", "Ada", EMAIL), Ok(()), "another process knows that the address is free");
        assert_eq!(other.erase("m1c", "was a test"), "erased");
        club.eventually_forgets("m1c");
    }
    assert_eq!(club.erase("m1", "asked again"), "already");
    assert_eq!(club.erase("nobody", "by mistake"), "unknown");
    kept.holds_none_of(&SECRETS, |_| true, "nothing of it is left in any table");
    assert!(kept.holds("asked for it", Kept::is_of_events), "why it was done is");

    let before = club.everything();
    drop(club);
    let club = Club::open(kept, Start::Again);
    assert_eq!(club.everything(), before, "after a restart");
    assert!(club.interrupt());
    kept.drop_projections();
    let club = Club::open(kept, Start::Again);
    assert_eq!(club.everything(), before, "as a rebuild from zero");
    club.join("m1b", "Ada", EMAIL).expect("the address is free again");
    assert_eq!(club.join("m3", "Cid", EMAIL), Err("EmailTaken".to_owned()), "and taken again");
    club.note("m1", "came back").expect("who was erased may come back");
    assert_eq!(club.member("m1")["note"], "came back");
}

#[test]
fn who_leaves_is_erased_by_an_effect() {
    let dir = tempfile::tempdir().unwrap();
    let kept = Kept::sqlite_without_key(dir.path());
    let club = Club::open(&kept, Start::New);
    club.has_two_members();
    club.leave("m1");
    club.eventually_stops_letters("m1", "erased");
    club.shows_nothing_of_the_first();
    assert!(kept.holds("left the club", Kept::is_of_events), "why it was done is told");
    let before = club.everything();
    assert!(club.interrupt());
    assert_eq!(Club::open(&kept, Start::Again).everything(), before, "the key that was made is found again");
}

#[test]
fn an_erasure_is_repeated_when_old_keys_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let kept = Kept::sqlite(dir.path());
    let club = Club::open(&kept, Start::New);
    club.has_two_members();
    assert!(club.interrupt());
    kept.back_up_keys();
    assert!(kept.operate(&["erase", "t1", "m1", "--reason", "asked for it", "--user", "desk"]).0, "it is erased");
    let (well, said) = kept.operate(&["erase", "t1", "m1"]);
    assert!(well && said.contains("erased before"), "a repeat says so: {said}");
    let club = Club::open(&kept, Start::Again);
    club.shows_nothing_of_the_first();
    let before = club.everything();
    assert!(club.interrupt());
    kept.restore_keys();
    let (well, said) = kept.operate(&["erase", "--replay"]);
    assert!(well && said.contains('1'), "one key had come back: {said}");
    assert!(kept.operate(&["keys", "rotate"]).0, "what is left is wrapped anew");
    kept.drop_projections();
    let club = Club::open(&kept, Start::Again);
    assert_eq!(club.everything(), before, "it is gone for good");
}

#[test]
fn without_the_right_master_key_nothing_starts() {
    let dir = tempfile::tempdir().unwrap();
    let kept = Kept::sqlite(dir.path());
    let club = Club::open(&kept, Start::New);
    club.has_two_members();
    assert!(club.interrupt());
    let other = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let (well, said) = kept.with_key(other).operate(&["erase", "t1", "m1"]);
    assert!(!well && said.contains("master key"), "{said}");
    let (well, said) = kept.with_key("short").operate(&["erase", "t1", "m1"]);
    assert!(!well && said.contains("SCAFFOLD_MASTER_KEY"), "{said}");
    assert!(Club::open(&kept, Start::Again).member("m1")["name"] == NAME, "nothing has come of it");
}
