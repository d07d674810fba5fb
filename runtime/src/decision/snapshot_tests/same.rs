//! Whatever happened before, and whoever is faster: what a command sees is what all events say.

use super::*;
use crate::database::Database;
use proptest::prelude::*;

/// What a command of these tests says, without how often it keeps its state.
#[derive(Clone, Debug)]
struct Said {
    course: usize,
    students: Vec<Option<usize>>,
    is_narrow: bool,
}

#[derive(Clone, Debug)]
enum Step {
    /// Others record these.
    Record(Vec<(usize, usize)>),
    /// A command is sent, of one definition or the other, while others record these before each of its appends.
    Send(Said, bool, Vec<Vec<(usize, usize)>>),
}

fn course(number: usize) -> String {
    format!("c{number}")
}

fn student(number: usize) -> String {
    format!("s{number}")
}

fn seat(&(of, by): &(usize, usize)) -> Event {
    taken(&course(of), &student(by))
}

impl Said {
    fn note<const EVERY: u32, const NEWER: bool>(&self) -> Note<EVERY, NEWER> {
        let students = self.students.iter().map(|number| number.map(student)).collect();
        Note { course: course(self.course), students, is_narrow: self.is_narrow, seats: None }
    }

    /// What these events say, without any of the code that is tested.
    fn seen(&self, events: &[StoredEvent]) -> State {
        let text = |event: &StoredEvent, field: &str| event.payload[field].as_str().unwrap().to_owned();
        let all: Vec<_> = events.iter().map(|event| (text(event, "courseId"), text(event, "studentId"))).collect();
        let here: Vec<_> = all.iter().filter(|(of, _)| *of == course(self.course)).collect();
        let newest = here.last().map(|(_, by)| by.clone());
        let seats = |by: &str| i64::try_from(all.iter().filter(|one| one.1 == by).count()).unwrap();
        let seats_here = |by: &str| i64::try_from(here.iter().filter(|one| one.1 == by).count()).unwrap();
        State {
            taken: i64::try_from(here.len()).unwrap(),
            seats_of: self.students.iter().map(|of| of.map_or(0, |number| seats(&student(number)))).collect(),
            seats_of_newest: newest.as_deref().map_or(0, |by| if self.is_narrow { seats_here(by) } else { seats(by) }),
            newest,
        }
    }
}

fn some_events() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0..3_usize, 0..3_usize), 0..5)
}

fn step() -> impl Strategy<Value = Step> {
    let students = prop::collection::vec(prop::option::weighted(0.7, 0..2_usize), 0..3);
    let said = (0..2_usize, students, any::<bool>());
    let said = said.prop_map(|(course, students, is_narrow)| Said { course, students, is_narrow });
    let others = prop::collection::vec(some_events(), 0..3);
    prop_oneof![
        some_events().prop_map(Step::Record),
        (said, prop::bool::weighted(0.2), others).prop_map(|(said, newer, others)| Step::Send(said, newer, others)),
    ]
}

async fn play<const EVERY: u32>(store: &Watched, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Record(events) => store.record(events.iter().map(seat)).await,
            Step::Send(said, newer, others) => {
                *store.others.lock().unwrap() = others.iter().map(|events| events.iter().map(seat).collect()).collect();
                let decided = match newer {
                    true => store.send(&said.note::<EVERY, true>()).await,
                    false => store.send(&said.note::<EVERY, false>()).await,
                };
                let before = usize::try_from(decided.unwrap().position).unwrap() - 2;
                assert_eq!(store.seen().await, said.seen(&store.all().await[..before]), "every {EVERY}: {said:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn a_kept_state_is_the_one_that_all_events_give(steps in prop::collection::vec(step(), 1..24)) {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
            play::<0>(&Watched::default(), &steps).await;
            play::<1>(&Watched::default(), &steps).await;
            play::<2>(&Watched::default(), &steps).await;
            play::<3>(&Watched::default(), &steps).await;
            play::<5>(&Watched::default(), &steps).await;
            play::<11>(&Watched::default(), &steps).await;
        });
    }
}

/// Of a few accounts, with others in between, and with commands that are faster.
fn history() -> Vec<Step> {
    let said = |course, narrow| Said { course, students: vec![Some(0), None, Some(1)], is_narrow: narrow };
    let round = |number: usize| {
        let others = vec![vec![(number % 2, number % 3)], vec![(0, 1)]];
        let race = if number.is_multiple_of(4) { others } else { Vec::new() };
        [
            Step::Record((0..number % 5).map(|event| (event % 2, number % 3)).collect()),
            Step::Send(said(number % 2, number.is_multiple_of(3)), number.is_multiple_of(7), race),
        ]
    };
    (0..24).flat_map(round).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_too_and_after_it_was_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("events.db").display());
    let mut last = None;
    for _ in 0..2 {
        let database = Database::open(&url, "unused").await.unwrap();
        let store = Watched::on(Arc::clone(database.events()));
        if let Some((key, kept)) = last {
            assert_eq!(store.snapshot(&caller().tenant, &key).await.unwrap(), Some(kept), "as a service has it");
        }
        play::<3>(&store, &history()).await;
        play::<1>(&store, &history()).await;
        last = store.kept.lock().unwrap().pop();
        assert!(last.is_some());
        database.close().await;
    }
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_too_by_turns_from_two_processes() {
    use crate::store::postgres::PostgresEvents;
    let url = crate::store::conformance::address_on_server();
    let (one, other) =
        (PostgresEvents::open(&url, "unused").await.unwrap(), PostgresEvents::open(&url, "unused").await.unwrap());
    let by_turns = [Watched::on(Arc::new(one.clone())), Watched::on(Arc::new(other.clone()))];
    for (number, step) in history().into_iter().enumerate() {
        play::<3>(&by_turns[number / 2 % 2], &[step]).await;
    }
    let kept: usize = by_turns.iter().map(|store| store.kept().len()).sum();
    assert!(kept > 4, "{kept}");
    tokio::join!(one.close(), other.close());
}
