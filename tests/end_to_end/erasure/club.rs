//! The running club, as its clerk sees it.

use super::kept::Kept;
use super::{EMAIL, NAME, NOTE, STREET};
use crate::app::App;
use crate::graphql::Api;
use crate::socket::Subscription;
use crate::tokens::token;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const JOIN: &str = "mutation($id: ID!, $name: String!, $email: String!, $bornOn: Date, $phones: [PhoneInput!]!, \
    $address: AddressInput) { join(input: {memberId: $id, name: $name, email: $email, grade: FULL, bornOn: $bornOn, \
    phones: $phones, address: $address}) { events } }";
const NOTES: &str = "mutation($id: ID!, $note: String) { takeNote(input: {memberId: $id, note: $note, weight: 1, \
    details: {seen: [1, 2]}}) { events } }";
const MEMBER: &str = "query($id: ID!) { getMember(input: {id: $id, useStrongConsistency: true}) { name email greeting city \
    grade bornOn phones { number } note notes paid address { street } } }";
const EVERYTHING: &str = "{ \
    getMemberList(input: {order: {id: {direction: ASC}}, useStrongConsistency: true}) { data { id name email greeting city \
        grade bornOn phones { kind number } note notes paid address { street city } } } \
    getSponsorshipList(input: {useStrongConsistency: true}) { data { id sponsorName memberName words } } \
    getRollList(input: {useStrongConsistency: true}) { data { id names members } } \
    getListedList(input: {order: {id: {direction: ASC}}, useStrongConsistency: true}) { data { id name } } \
    getTillList(input: {useStrongConsistency: true}) { data { id total } } \
    getRecipientList(input: {order: {id: {direction: ASC}}, useStrongConsistency: true}) { data { id name email initial } } \
    getStoppedList(input: {useStrongConsistency: true}) { data { id why } } }";

/// Whether there is a database yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    New,
    Again,
}

pub struct Club {
    app: App,
    api: Api,
}

impl Club {
    pub fn open(kept: &Kept, start: Start) -> Self {
        let app = App::start_fixture_at("erasure", &kept.url(), &kept.settings());
        let api = app.api().with(&token("t1", "clerk", &["CLERK"]));
        let club = Self { app, api };
        let members = club.everything()["getMemberList"]["data"].as_array().unwrap().len();
        assert_eq!(members == 0, start == Start::New, "what was there before");
        club
    }

    pub fn interrupt(self) -> bool {
        self.app.interrupt()
    }

    /// Two members, one of whom speaks for the other; both have paid.
    pub fn has_two_members(&self) {
        let first = json!({ "id": "m1", "name": NAME, "email": EMAIL, "bornOn": "1931-04-05",
            "phones": [{ "kind": "home", "number": "0731" }], "address": { "street": STREET, "city": "Ulm" } });
        self.api.data(JOIN, first);
        self.join("m2", "Bob", "bob@club.example").unwrap();
        self.note("m1", NOTE).unwrap();
        let sponsor = "mutation($name: String!) { sponsor(input: {sponsorId: \"m1\", memberId: \"m2\", sponsorName: $name, \
            memberName: \"Bob\", words: \"is nice\"}) { events } }";
        self.api.data(sponsor, json!({ "name": NAME }));
        for id in ["m1", "m2"] {
            let pay = "mutation($id: ID!) { payFee(input: {memberId: $id, amount: \"12.50\"}) { events } }";
            self.api.data(pay, json!({ "id": id }));
        }
    }

    /// `Err` with the code of a rejection.
    pub fn join(&self, id: &str, name: &str, email: &str) -> Result<(), String> {
        self.sent(JOIN, json!({ "id": id, "name": name, "email": email, "phones": [] }))
    }

    pub fn note(&self, id: &str, note: &str) -> Result<(), String> {
        self.sent(NOTES, json!({ "id": id, "note": note }))
    }

    pub fn leave(&self, id: &str) {
        self.api.data("mutation($id: ID!) { leave(input: {memberId: $id}) { events } }", json!({ "id": id }));
    }

    fn sent(&self, command: &str, variables: Value) -> Result<(), String> {
        let answer = self.api.send(command, variables);
        match answer.get("errors") {
            None => Ok(()),
            Some(errors) => Err(errors[0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()),
        }
    }

    /// What came of it.
    pub fn erase(&self, id: &str, reason: &str) -> String {
        let asked = json!({ "tenant": "t1", "subject": id, "reason": reason, "user": "desk" });
        let (status, answer) = self.app.operate_with("/erasures", &asked);
        assert_eq!((status, &answer["subject"]), (200, &json!(id)), "{answer}");
        answer["outcome"].as_str().unwrap_or_default().to_owned()
    }

    pub fn member(&self, id: &str) -> Value {
        self.api.data(MEMBER, json!({ "id": id }))["getMember"].clone()
    }

    pub fn subscribe(&self, id: &str) -> Subscription {
        let query = format!(
            "subscription {{ subscribeToMember(input: {{id: \"{id}\"}}) {{ ... on Member {{ id name email note }} }} }}"
        );
        let subscription = Subscription::open(&self.app.http, Some(&token("t1", "clerk", &["CLERK"])), &query);
        self.app.has_begun("SubscribeToMember", 1);
        subscription
    }

    /// Every entry there is.
    pub fn everything(&self) -> Value {
        self.api.data(EVERYTHING, json!({}))
    }

    pub fn shows_everything(&self) {
        let shown = self.member("m1");
        assert_eq!(
            shown,
            json!({ "name": NAME, "email": EMAIL, "greeting": format!("Dear {NAME}"), "city": "Ulm", "grade": "FULL",
                "bornOn": "1931-04-05", "phones": [{ "number": "0731" }], "note": NOTE, "notes": 1, "paid": "12.50",
                "address": { "street": STREET } })
        );
        let all = self.everything();
        let sponsored = json!([{ "id": "m1-m2", "sponsorName": NAME, "memberName": "Bob", "words": "is nice" }]);
        assert_eq!(all["getSponsorshipList"]["data"], sponsored);
        assert_eq!(all["getRollList"]["data"][0]["names"], json!([NAME, "Bob"]));
        assert_eq!(all["getListedList"]["data"][0], json!({ "id": "m1", "name": NAME }));
        let recipient = json!({ "id": "m1", "name": NAME, "email": EMAIL, "initial": NAME.to_uppercase() });
        assert_eq!(all["getRecipientList"]["data"][0], recipient);
    }

    /// Defaults where they were personal, and all else as it was.
    pub fn shows_nothing_of_the_first(&self) {
        self.eventually("another service's projection hears of it", |all| {
            all["getRecipientList"]["data"][0]["name"] == "somebody"
        });
        assert_eq!(
            self.member("m1"),
            json!({ "name": "somebody", "email": "", "greeting": "Dear somebody", "city": "-", "grade": "UNKNOWN",
                "bornOn": null, "phones": [], "note": "", "notes": 1, "paid": "12.50", "address": { "street": "-" } })
        );
        let all = self.everything();
        assert_eq!(all["getMemberList"]["data"][1]["name"], "Bob");
        let sponsored = json!([{ "id": "m1-m2", "sponsorName": "a sponsor", "memberName": "Bob", "words": null }]);
        assert_eq!(all["getSponsorshipList"]["data"], sponsored);
        assert_eq!(all["getRollList"]["data"], json!([{ "id": "t1", "names": ["somebody", "Bob"], "members": 2 }]));
        assert_eq!(all["getListedList"]["data"], json!([{ "id": "m2", "name": "Bob" }]));
        assert_eq!(all["getTillList"]["data"], json!([{ "id": "t1", "total": "25.00" }]));
        let recipient = json!({ "id": "m1", "name": "somebody", "email": "", "initial": "SOMEBODY" });
        assert_eq!(all["getRecipientList"]["data"][0], recipient);
    }

    /// Nobody knows the name any more, here and in the other service.
    pub fn eventually_forgets(&self, id: &str) {
        let is_nobody = |list: &Value| {
            let mut entries = list["data"].as_array().into_iter().flatten();
            entries.any(|entry| entry["id"] == id && entry["name"] == "somebody")
        };
        self.eventually("the name is forgotten", |all| {
            is_nobody(&all["getMemberList"]) && is_nobody(&all["getRecipientList"])
        });
    }

    /// Another service is told by an automation.
    pub fn eventually_stops_letters(&self, id: &str, why: &str) {
        self.eventually("an automation hears of it", |all| {
            all["getStoppedList"]["data"] == json!([{ "id": id, "why": why }])
        });
    }

    fn eventually(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let all = self.everything();
            if holds(&all) {
                return;
            }
            assert!(Instant::now() < end, "{what}: {all}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
