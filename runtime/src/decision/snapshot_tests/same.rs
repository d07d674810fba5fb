//! Whatever happened before, and whoever is faster: what a command sees is what all events say.

use super::*;
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

async fn play<const EVERY: u32>(steps: &[Step]) {
    let store = Watched::default();
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
            play::<0>(&steps).await;
            play::<1>(&steps).await;
            play::<2>(&steps).await;
            play::<3>(&steps).await;
            play::<5>(&steps).await;
            play::<11>(&steps).await;
        });
    }
}
