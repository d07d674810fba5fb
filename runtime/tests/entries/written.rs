//! Entries that are numbered, and fields that are set once, however many write at once and from wherever.

use super::fixture::*;
use super::tickets::{CreateTicket, Ticket, UpdateTicket};
use scaffold_runtime::codegen::*;
use std::collections::BTreeMap;

fn room(room: &str) -> CreateTicket {
    CreateTicket { room: room.into(), code: None }
}

fn code(code: &str) -> UpdateTicket {
    UpdateTicket { room: None, code: Some(Some(code.into())) }
}

/// The service in this process and in another one, as far as they know of each other.
async fn two(on: On) -> (School, Option<School>, [Service; 2]) {
    let school = School::open(on).await;
    let beside = match on {
        // A file belongs to one process: a second service that waits for nobody of the first.
        On::Sqlite => None,
        #[cfg(feature = "postgres")]
        On::Postgres => Some(school.beside().await),
    };
    let other = beside.as_ref().map_or_else(|| school.twin(), |beside| beside.service.clone());
    let services = [school.service.clone(), other];
    (school, beside, services)
}

pub async fn of_many_who_create_at_once_in_two_processes_none_leaves_a_number_out(on: On) {
    let (school, beside, services) = two(on).await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let service = services[number % 2].clone();
            let room = room(["A", "B"][number / 2 % 2]);
            tokio::spawn(async move { service.create::<Ticket>(&caller("t"), None, room).await.unwrap() })
        })
        .collect();
    let (mut numbers, mut serials) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
    for task in tasks {
        let ticket = task.await.unwrap();
        numbers.entry(ticket.room).or_default().push(ticket.number);
        serials.push(ticket.serial);
    }
    numbers.values_mut().for_each(|numbers| numbers.sort_unstable());
    serials.sort_unstable();
    let all: Vec<i64> = (1..=32).collect();
    assert_eq!(numbers, BTreeMap::from([("A".to_owned(), all.clone()), ("B".to_owned(), all)]));
    assert_eq!(serials, (100..164).collect::<Vec<_>>());
    let list = List { strong: true, order: vec![Order::ascending("serial")], ..List::default() };
    let stored = school.service.list::<Ticket>(&caller("t"), list).await.unwrap().data;
    assert_eq!(stored.iter().map(|ticket| ticket.serial).collect::<Vec<_>>(), serials, "what is answered is kept");
    if let Some(beside) = beside {
        beside.close().await;
    }
    school.close().await;
}

pub async fn what_is_not_created_takes_no_number(on: On) {
    let school = School::open(on).await;
    let service = &school.service;
    let create = async |call: &Call, id: &str, data| service.create::<Ticket>(call, Some(id.into()), data).await;
    let call = caller("t");
    assert_eq!(create(&call, "a", room("A")).await.unwrap().number, 1);
    let refused = create(&call, "b", room("")).await.unwrap_err();
    assert_eq!(status::code(&refused), "VALIDATION");
    let taken = create(&call, "a", room("A")).await.unwrap_err();
    assert_eq!(status::code(&taken), "CONFLICT");
    let keyed = Call { idempotency_key: Some("k".into()), ..caller("t") };
    let first = create(&keyed, "b", room("A")).await.unwrap();
    assert_eq!(create(&keyed, "b", room("A")).await.unwrap(), first);
    assert_eq!((first.number, first.serial), (2, 101));
    let next = create(&call, "c", room("A")).await.unwrap();
    assert_eq!((next.number, next.serial), (3, 102));
    let other = create(&caller("other"), "c", room("A")).await.unwrap();
    assert_eq!((other.number, other.serial), (1, 100), "tenants do not count together");
}

pub async fn a_number_stays_with_its_entry_and_is_not_given_again(on: On) {
    let school = School::open(on).await;
    let (service, call) = (&school.service, caller("t"));
    let create = async |id: &str, data| service.create::<Ticket>(&call, Some(id.into()), data).await.unwrap();
    create("a", room("A")).await;
    create("b", room("A")).await;
    let moved = UpdateTicket { room: Some("B".into()), code: None };
    let moved = service.update::<Ticket>(&call, "a".into(), moved).await.unwrap();
    assert_eq!((moved.room.as_str(), moved.number), ("B", 1));
    service.delete::<Ticket>(&call, Some("b".into()), Filter::everything()).await.unwrap();
    let again = create("b", room("A")).await;
    assert_eq!((again.number, again.serial), (3, 102));
    assert_eq!(create("c", room("B")).await.number, 1, "the group that it was created in counts");
}

pub async fn entries_from_before_the_counter_have_no_number(on: On) {
    let school = School::open(on).await;
    let old = TicketCreated { id: "old".into(), room: "A".into(), ..TicketCreated::default() };
    let position = school.append("t", vec![old.into()]).await;
    school.settled::<Ticket>(position).await;
    let new = school.service.create::<Ticket>(&caller("t"), None, room("A")).await.unwrap();
    assert_eq!((new.number, new.serial), (1, 100));
    let get = Get { id: "old".into(), ..Get::default() };
    let old = school.service.get::<Ticket>(&caller("t"), get).await.unwrap().entry.unwrap();
    assert_eq!((old.number, old.serial), (0, 0));
}

pub async fn of_many_who_set_a_field_once_one_wins(on: On) {
    let (school, beside, services) = two(on).await;
    services[0].create::<Ticket>(&caller("t"), Some("a".into()), room("A")).await.unwrap();
    let before = school.databases.all()[0].events().head().await.unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let service = services[number % 2].clone();
            tokio::spawn(async move {
                let set = service.update::<Ticket>(&caller("t"), "a".into(), code(&format!("n{number}"))).await;
                set.map(|ticket| (format!("n{number}"), ticket.code))
                    .map_err(|refused| (status::code(&refused).to_owned(), status::fields(&refused)[0].path.clone()))
            })
        })
        .collect();
    let mut won = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(winner) => won.push(winner),
            Err(refused) => assert_eq!(refused, ("VALIDATION".to_owned(), vec!["code".to_owned()])),
        }
    }
    assert_eq!(won.len(), 1);
    let (winner, kept) = &won[0];
    assert_eq!(kept.as_ref(), Some(winner));
    let same = services[1].update::<Ticket>(&caller("t"), "a".into(), code(winner)).await.unwrap();
    assert_eq!(same.code.as_ref(), Some(winner), "the same value is no change");
    assert_eq!(school.databases.all()[0].events().head().await.unwrap() - before, 1, "it was set once");
    if let Some(beside) = beside {
        beside.close().await;
    }
    school.close().await;
}
