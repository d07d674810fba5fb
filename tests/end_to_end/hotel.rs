//! The example `hotel` over its sockets: nights booked together, numbers without a gap, ids that were made, rejections that record.

use crate::app::App;
use crate::graphql::Api;
use crate::reflection::Reflected;
use crate::tokens::token;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const SERVICE: &str = "seaside.hotel.v1.HotelService";
const RACERS: usize = 32;
/// How long something may take that happens by itself; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(90);

const DEFINE: &str = "mutation($id: ID!, $rooms: Int!) {
    defineRoomType(input: {roomTypeId: $id, name: $id, rooms: $rooms, price: \"95.00\"}) { position } }";
const REGISTER: &str = "mutation($id: ID, $email: String!) {
    registerGuest(input: {guestId: $id, name: \"Ada\", email: $email}) { ids events } }";
const HOLD: &str = "mutation($guest: ID!, $room: ID!, $nights: [Date!]!) {
    holdRoom(input: {guestId: $guest, roomTypeId: $room, nights: $nights}) { ids events } }";
const CONFIRM: &str = "mutation($id: ID!) { confirmBooking(input: {bookingId: $id}) { events } }";
const CANCEL: &str = "mutation($id: ID!) { cancelBooking(input: {bookingId: $id}) { events } }";
const ANNOUNCE: &str = "mutation($id: ID!) { announcePayment(input: {bookingId: $id, amount: \"95.00\"}) { ids } }";
const RECEIVE: &str = "mutation($id: ID!) { receivePayment(input: {paymentId: $id}) { events } }";

fn manager() -> String {
    token("t1", "mia", &["MANAGER", "RECEPTION"])
}

/// Somebody of whom nothing is known but the tenant: registering is public.
fn visitor(app: &App) -> Api {
    app.api().with(&token("t1", "nobody", &[]))
}

/// A hotel with one tower room, and somebody who may do everything there.
fn open(dir: &std::path::Path) -> (App, Api) {
    let app = App::start_example("hotel", dir);
    let api = app.api().with(&manager());
    api.data(DEFINE, json!({ "id": "tower", "rooms": 1 }));
    (app, api)
}

/// A guest's own id, and a caller that is this guest.
fn guest(app: &App, name: &str) -> (String, Api) {
    let email = format!("{name}@example.org");
    visitor(app).data(REGISTER, json!({ "id": name, "email": email }));
    (name.to_owned(), app.api().with(&token("t1", name, &["GUEST"])))
}

fn hold(api: &Api, guest: &str, nights: &[&str]) -> Value {
    api.send(HOLD, json!({ "guest": guest, "room": "tower", "nights": nights }))
}

fn id(answer: &Value, mutation: &str, field: &str) -> String {
    answer["data"][mutation]["ids"][field].as_str().unwrap_or_else(|| panic!("no id in {answer}")).to_owned()
}

/// What each racer's call came to.
fn race(app: &App, nights: impl Fn(usize) -> Vec<&'static str> + Sync) -> Vec<Value> {
    let guests: Vec<_> = (0..RACERS).map(|number| guest(app, &format!("g{number}"))).collect();
    let (barrier, nights) = (Barrier::new(RACERS), &nights);
    std::thread::scope(|scope| {
        let racers: Vec<_> = guests
            .iter()
            .enumerate()
            .map(|(number, (name, api))| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    hold(api, name, &nights(number))
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

fn won(answers: &[Value]) -> usize {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.get("errors").is_none());
    let full = lost.iter().filter(|answer| answer["errors"][0]["extensions"]["code"] == "NoRoomLeft").count();
    assert_eq!(full, lost.len(), "{answers:?}");
    won.len()
}

#[test]
fn the_last_room_goes_to_exactly_one_for_all_nights_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = open(dir.path());
    let answers = race(&app, |number| {
        let mut nights = vec!["2030-06-01", "2030-06-02", "2030-06-03"];
        nights.rotate_left(number % 3);
        nights
    });
    assert_eq!(won(&answers), 1);
}

#[test]
fn whoever_wants_other_nights_is_not_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let (app, api) = open(dir.path());
    let all = ["2030-06-01", "2030-06-02", "2030-06-03", "2030-06-04", "2030-06-05"];
    let answers = race(&app, |number| all[number % 4..number % 4 + 2].to_vec());
    // Two nights each: whoever wins, no night has two guests, and no two nights side by side are left.
    let ids: Vec<String> = answers
        .iter()
        .filter(|answer| answer.get("errors").is_none())
        .map(|answer| id(answer, "holdRoom", "bookingId"))
        .collect();
    assert_eq!(won(&answers), ids.len());
    let mut taken = BTreeSet::new();
    for id in &ids {
        api.data(CONFIRM, json!({ "id": id }));
        let query = "query($id: ID!) { getBooking(input: {id: $id, useStrongConsistency: true}) { nights status } }";
        let booking = api.data(query, json!({ "id": id }));
        assert_eq!(booking["getBooking"]["status"], "CONFIRMED");
        for night in booking["getBooking"]["nights"].as_array().unwrap() {
            assert!(taken.insert(night.as_str().unwrap().to_owned()), "two winners of {night}");
        }
    }
    assert!(all.windows(2).all(|pair| pair.iter().any(|night| taken.contains(*night))), "{taken:?}");
    let list = "{ getRoomNightList(input: {useStrongConsistency: true, order: {night: {direction: ASC}}}) { data { night booked } total } }";
    let nights = api.data(list, json!({}));
    assert!(
        nights["getRoomNightList"]["data"].as_array().unwrap().iter().all(|night| night["booked"] == 1),
        "{nights}"
    );
    assert_eq!(nights["getRoomNightList"]["total"], taken.len());
    let numbers = api.data(
        "{ getBookingList(input: {useStrongConsistency: true, order: {number: {direction: ASC}}}) { data { number } } }",
        json!({}),
    );
    let expected: Vec<Value> = (1..=ids.len()).map(|number| json!({ "number": number })).collect();
    assert_eq!(numbers["getBookingList"]["data"], json!(expected), "numbers without a gap");
}

#[test]
fn from_the_hold_to_the_money_that_is_sent_back() {
    let dir = tempfile::tempdir().unwrap();
    let (app, api) = open(dir.path());
    let (name, ada) = guest(&app, "ada");
    let held = hold(&ada, &name, &["2030-06-01", "2030-06-02"]);
    assert_eq!(held["data"]["holdRoom"]["events"], json!(["BookingHeld", "NightHeld", "NightHeld"]));
    let booking = id(&held, "holdRoom", "bookingId");
    let (_, grace) = guest(&app, "grace");
    assert_eq!(grace.error(CONFIRM, json!({ "id": booking })), "SomebodyElse");
    ada.data(CONFIRM, json!({ "id": booking }));
    let [early, late] =
        [(); 2].map(|()| id(&ada.send(ANNOUNCE, json!({ "id": booking })), "announcePayment", "paymentId"));
    assert_ne!(early, late);
    api.data(RECEIVE, json!({ "id": early }));
    let query = "query($id: ID!) { getBooking(input: {id: $id, useStrongConsistency: true}) { number price paid status guest { name } } }";
    let seen = ada.data(query, json!({ "id": booking }));
    let expected =
        json!({ "number": 1, "price": "190.00", "paid": "95.00", "status": "CONFIRMED", "guest": { "name": "Ada" } });
    assert_eq!(seen["getBooking"], expected);
    ada.data(CANCEL, json!({ "id": booking }));
    rejected_and_recorded(&api, &late);
    assert_eq!(hold(&grace, "grace", &["2030-06-02"])["errors"], Value::Null, "the room is free again");
}

/// What comes for a booking that was called off is refused, once, and a repeat under the same key hears the same.
fn rejected_and_recorded(api: &Api, payment: &str) {
    let call = api.repeating("the bank's own number");
    for _ in 0..2 {
        let answer = call.send(RECEIVE, json!({ "id": payment }));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BookingIsCancelled", "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().ends_with("95.00 is sent back"), "{answer}");
    }
    assert_eq!(api.error(RECEIVE, json!({ "id": payment })), "PaymentIsDone", "what was refused is recorded");
}

/// Another service, which reads what the hotel records and works by it.
#[test]
fn housekeeping_follows_the_bookings() {
    let dir = tempfile::tempdir().unwrap();
    let (app, api) = open(dir.path());
    let housekeeper = app.api().with(&token("t1", "hilda", &["HOUSEKEEPER"]));
    // At once: the list waits for all that the hotel has recorded by now.
    let supply = "{ getRoomSupplyList(input: {useStrongConsistency: true}) { data { id total } } }";
    let supply = housekeeper.data(supply, json!({}));
    assert_eq!(supply["getRoomSupplyList"]["data"], json!([{ "id": "tower", "total": 1 }]));
    let (name, ada) = guest(&app, "ada");
    let cleanings = || {
        let list = "{ getCleaningList(input: {useStrongConsistency: true}) { data { id roomTypeId nights } } }";
        housekeeper.data(list, json!({}))["getCleaningList"]["data"].clone()
    };
    let until = |expected: Value| {
        let end = Instant::now() + PATIENCE;
        while cleanings() != expected {
            assert!(Instant::now() < end, "not {expected} but {}", cleanings());
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let dropped = id(&hold(&ada, &name, &["2030-06-05"]), "holdRoom", "bookingId");
    let booking = id(&hold(&ada, &name, &["2030-06-01", "2030-06-02"]), "holdRoom", "bookingId");
    ada.data(CANCEL, json!({ "id": dropped }));
    ada.data(CONFIRM, json!({ "id": booking }));
    until(json!([{ "id": booking, "roomTypeId": "tower", "nights": ["2030-06-01", "2030-06-02"] }]));
    ada.data(CANCEL, json!({ "id": booking }));
    until(json!([]));
    let plan = "mutation { planCleaning(input: {bookingId: \"b\", roomTypeId: \"tower\", nights: []}) { position } }";
    assert!(api.send(plan, json!({})).get("errors").is_some(), "automations alone send it");
}

#[test]
fn an_address_stays_reserved_and_lists_have_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let (app, api) = open(dir.path());
    let registered = visitor(&app).data(REGISTER, json!({ "email": "Ada@Example.org" }));
    let ada = registered["registerGuest"]["ids"]["guestId"].as_str().unwrap().to_owned();
    assert_eq!(visitor(&app).error(REGISTER, json!({ "email": "ada@example.org" })), "EmailIsTaken");
    api.data("mutation($id: ID!) { leaveHotel(input: {guestId: $id}) { events } }", json!({ "id": ada }));
    assert_eq!(visitor(&app).error(REGISTER, json!({ "email": "ada@example.org" })), "EmailIsTaken");
    let close = "mutation($nights: [Date!]!) { closeRooms(input: {roomTypeId: \"tower\", nights: $nights, rooms: 1}) { events } }";
    assert_eq!(api.data(close, json!({ "nights": [] }))["closeRooms"]["events"], json!([]));
    let closed = api.data(close, json!({ "nights": ["2030-06-01", "2030-06-02"] }));
    assert_eq!(closed["closeRooms"]["events"], json!(["RoomsClosed", "RoomsClosed"]));
    let endless: Vec<&str> = std::iter::repeat_n("2030-06-01", 1_001).collect();
    assert_eq!(api.error(close, json!({ "nights": endless })), "VALIDATION");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_were_made_are_answered_over_grpc_too() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_example("hotel", dir.path());
    let client = Reflected::connect(&app.grpc, SERVICE).await.with(&manager());
    let registered = client.call("RegisterGuest", json!({ "name": "Ada", "email": "ada@example.org" })).await.unwrap();
    let ada = registered["ids"]["guestId"].as_str().unwrap_or_else(|| panic!("no id in {registered}"));
    let defined = json!({ "roomTypeId": "tower", "name": "Tower", "rooms": 1, "price": "240.00" });
    client.call("DefineRoomType", defined).await.unwrap();
    let nights = ["2030-06-01", "2030-06-02"];
    let held =
        client.call("HoldRoom", json!({ "guestId": ada, "roomTypeId": "tower", "nights": nights })).await.unwrap();
    let booking = held["ids"]["bookingId"].as_str().unwrap_or_else(|| panic!("no id in {held}"));
    let found = client.call("GetBooking", json!({ "id": booking, "useStrongConsistency": true })).await.unwrap();
    assert_eq!(found["data"]["nights"], json!(nights));
    let full = json!({ "guestId": ada, "roomTypeId": "tower", "nights": ["2030-06-02"] });
    let refused = client.call("HoldRoom", full).await.unwrap_err();
    assert_eq!(refused.metadata().get("scaffold-code").unwrap(), "NoRoomLeft");
}
