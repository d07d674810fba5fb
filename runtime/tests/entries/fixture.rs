//! A small service written by hand in the form that generated code has.

use scaffold_runtime::codegen::event::{decode, encode};
use scaffold_runtime::codegen::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Mutex;

pub use crate::On;
pub use crate::school::{School, address};
use crate::tickets::Ticket;

macro_rules! events {
    ($($name:ident { $($field:ident: $type:ty),* } tags $tags:expr $(, version $version:literal upcast $upcast:expr)?;)*) => {
        $(
            #[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $name { $(#[serde(skip_serializing_if = "skip")] pub $field: $type),* }
            impl DomainEvent for $name {
                const TYPE: &'static str = stringify!($name);
                const TOPIC: &'static str = "school";
                const VERSION: u32 = [1 $(, $version)?][[1 $(, $version)?].len() - 1];
                fn tags(&self) -> Result<Vec<Tag>, EvalError> {
                    let tags: fn(&Self) -> Vec<Tag> = $tags;
                    Ok(tags(self))
                }
                $(fn upcast(_: u32, event: &Json) -> Result<Self, EvalError> {
                    let upcast: fn(&Json) -> Result<Self, EvalError> = $upcast;
                    upcast(event)
                })?
            }
            impl From<$name> for Event {
                fn from(event: $name) -> Self { Self::$name(event) }
            }
        )*
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event { $($name($name)),* }
        impl EventSet for Event {
            const TYPES: &'static [&'static str] = &[$(stringify!($name)),*];
            fn decode(event_type: &str, version: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
                Ok(match event_type {
                    $(stringify!($name) => Some(Self::$name(decode(version, payload)?)),)*
                    _ => None,
                })
            }
            fn encode(&self) -> Result<Payload, EncodeError> {
                match self { $(Self::$name(event) => encode(event)),* }
            }
            fn event_type(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name)),* }
            }
        }
    };
}

/// What makes folds fail, by texts that only one test uses: as if the program, or the stored event, were still broken.
static SICK: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
/// What makes folds wait.
static HELD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on, whatever has this text cannot be folded.
pub fn sicken(text: &str) {
    SICK.lock().unwrap().insert(text.to_owned());
}

/// As if a better program had been started.
pub fn heal(text: &str) {
    SICK.lock().unwrap().remove(text);
}

/// From now on, folds wait before whatever has this text.
pub fn hold(text: &str) {
    HELD.lock().unwrap().insert(text.to_owned());
}

/// They wait no longer.
pub fn let_go(text: &str) {
    HELD.lock().unwrap().remove(text);
}

pub fn healthy(text: &str) -> Result<(), EvalError> {
    let is_held = || HELD.lock().unwrap().contains(text);
    while is_held() {
        tokio::task::block_in_place(|| std::thread::sleep(std::time::Duration::from_millis(5)));
    }
    if SICK.lock().unwrap().contains(text) { Err(EvalError::Overflow) } else { Ok(()) }
}

pub fn skip<T: Serialize>(value: &T) -> bool {
    serde_json::to_value(value).is_ok_and(|json| json.is_null())
}

events! {
    CourseDefined { course_id: String, title: String, capacity: i64, rating: Option<f64>, starts_on: Option<Date> }
        tags |event| vec![Tag::new(format!("course:{}", event.course_id))];
    StudentSubscribed { course_id: String, student_id: String }
        tags |event| vec![Tag::new(format!("course:{}", event.course_id))];
    CourseCancelled { course_id: String } tags |event| vec![Tag::new(format!("course:{}", event.course_id))];
    SeatsAdded { seats: i64 } tags |_| vec![],
        version 2 upcast |event| {
            healthy(event["lot"].as_str().unwrap_or_default())?;
            Ok(Self { seats: expr::read(event, &["chairs"])? })
        };
    SmallCoursesClosed { below: i64 } tags |_| vec![];
    StudentCreated { id: String, name: String, email: Option<String> }
        tags |event| vec![Student::tag(&event.id)];
    StudentUpdated { id: String, name: Option<String> } tags |event| vec![Student::tag(&event.id)];
    StudentDeleted { id: String } tags |event| vec![Student::tag(&event.id)];
    TicketCreated { id: String, room: String, code: Option<String>, number: i64, serial: i64 }
        tags |event| vec![Ticket::tag(&event.id)];
    TicketUpdated { id: String, room: Option<String>, code: Option<String> } tags |event| vec![Ticket::tag(&event.id)];
    TicketDeleted { id: String } tags |event| vec![Ticket::tag(&event.id)];
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Course {
    pub id: String,
    pub created_at: DateTime,
    pub changed_at: DateTime,
    pub title: String,
    pub capacity: i64,
    pub rating: Option<f64>,
    pub open: bool,
    pub starts_on: Option<Date>,
    pub students: Vec<String>,
    pub notes: String,
}

const fn column(name: &'static str, field: &'static str, kind: ColumnKind, indexed: bool) -> Column {
    Column { name, field, kind, indexed }
}

pub const COURSES: Table = Table {
    entry: "Course",
    name: "course",
    definition: "0123456789abcdef",
    columns: &[
        column("title", "title", ColumnKind::Text, true),
        column("capacity", "capacity", ColumnKind::Integer, true),
        column("rating", "rating", ColumnKind::Real, true),
        column("open", "open", ColumnKind::Boolean, true),
        column("starts_on", "startsOn", ColumnKind::Date, true),
        column("students", "students", ColumnKind::Json, true),
        column("notes", "notes", ColumnKind::Text, false),
    ],
    indexes: &[&["open", "title"]],
};

macro_rules! base {
    () => {
        fn id(&self) -> &str {
            &self.id
        }
        fn created_at(&self) -> DateTime {
            self.created_at
        }
        fn changed_at(&self) -> DateTime {
            self.changed_at
        }
        fn touch(&mut self, at: DateTime) {
            self.changed_at = at;
        }
    };
}

impl Entry for Course {
    const TABLE: Table = COURSES;
    const ACCESS: EntryAccess = EntryAccess { read: Access::SignedIn, ..EntryAccess::same(Access::Public) };
    base!();
    fn new(id: String, at: DateTime) -> Self {
        Self {
            id,
            created_at: at,
            changed_at: at,
            title: String::new(),
            capacity: 0,
            rating: None,
            open: true,
            starts_on: None,
            students: Vec::new(),
            notes: "none".into(),
        }
    }
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![
            Value::from(&self.title),
            Value::from(&self.capacity),
            Value::from(&self.rating),
            Value::from(&self.open),
            Value::from(&self.starts_on),
            Value::json(&self.students)?,
            Value::from(&self.notes),
        ])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self {
            id: row.id(),
            created_at: row.created_at(),
            changed_at: row.changed_at(),
            title: row.text("title")?,
            capacity: row.integer("capacity")?,
            rating: row.optional_real("rating")?,
            open: row.boolean("open")?,
            starts_on: row.optional_date("starts_on")?,
            students: row.json("students")?,
            notes: row.text("notes")?,
        })
    }
}

impl Projection for Course {
    type Event = Event;
    const SOURCES: &'static [Source] = &[Source {
        topic: "school",
        types: &["CourseDefined", "StudentSubscribed", "CourseCancelled", "SeatsAdded", "SmallCoursesClosed"],
    }];
    fn route(event: &Event, _meta: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            Event::CourseDefined(event) => vec![Route::Upsert(Target::Id(event.course_id.clone()))],
            // Twice on purpose: the event must count once.
            Event::StudentSubscribed(event) => vec![
                Route::Upsert(Target::Id(event.course_id.clone())),
                Route::Upsert(Target::Matching(Filter::equals("id", &event.course_id))),
            ],
            Event::CourseCancelled(event) if healthy(&event.course_id).is_err() => return Err(EvalError::Overflow),
            Event::CourseCancelled(event) => vec![Route::Remove(Target::Id(event.course_id.clone()))],
            Event::SeatsAdded(_) => vec![Route::Upsert(Target::All)],
            Event::SmallCoursesClosed(event) => {
                vec![Route::Upsert(Target::Matching(Filter::compare("capacity", Comparison::Less, event.below)))]
            }
            _ => vec![],
        })
    }
    fn apply(&mut self, event: &Event, _meta: &Meta) -> Result<(), EvalError> {
        match event {
            Event::CourseDefined(event) if event.capacity < 0 => return Err(EvalError::Overflow),
            Event::CourseDefined(event) => {
                healthy(&event.title)?;
                self.title.clone_from(&event.title);
                self.capacity = event.capacity;
                self.rating = event.rating;
                self.starts_on = event.starts_on;
            }
            Event::StudentSubscribed(event) => self.students.push(event.student_id.clone()),
            Event::SeatsAdded(event) => self.capacity = expr::add(self.capacity, event.seats)?,
            Event::SmallCoursesClosed(_) => self.open = false,
            _ => {}
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Student {
    pub id: String,
    pub created_at: DateTime,
    pub changed_at: DateTime,
    pub name: String,
    pub email: Option<String>,
}

#[derive(Clone, Default)]
pub struct CreateStudent {
    pub name: String,
}

#[derive(Clone, Default)]
pub struct UpdateStudent {
    pub name: Option<String>,
}

impl Entry for Student {
    const TABLE: Table = Table {
        entry: "Student",
        name: "student",
        definition: "ffff",
        columns: &[column("name", "name", ColumnKind::Text, true), column("email", "email", ColumnKind::Text, false)],
        indexes: &[],
    };
    const ACCESS: EntryAccess =
        EntryAccess { delete: Access::AnyOf(&["ADMIN"]), ..EntryAccess::same(Access::SignedIn) };
    base!();
    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, name: String::new(), email: None }
    }
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![Value::from(&self.name), Value::from(&self.email)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self {
            id: row.id(),
            created_at: row.created_at(),
            changed_at: row.changed_at(),
            name: row.text("name")?,
            email: row.optional_text("email")?,
        })
    }
}

impl Projection for Student {
    type Event = Event;
    const SOURCES: &'static [Source] =
        &[Source { topic: "school", types: &["StudentCreated", "StudentUpdated", "StudentDeleted"] }];
    fn route(event: &Event, _meta: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            Event::StudentCreated(event) => vec![Route::Upsert(Target::Id(event.id.clone()))],
            Event::StudentUpdated(event) => vec![Route::Upsert(Target::Id(event.id.clone()))],
            Event::StudentDeleted(event) => vec![Route::Remove(Target::Id(event.id.clone()))],
            _ => vec![],
        })
    }
    fn apply(&mut self, event: &Event, _meta: &Meta) -> Result<(), EvalError> {
        match event {
            Event::StudentCreated(event) => {
                self.name.clone_from(&event.name);
                self.email.clone_from(&event.email);
            }
            Event::StudentUpdated(event) => {
                if let Some(name) = &event.name {
                    self.name.clone_from(name);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl CrudType for Student {
    type Create = CreateStudent;
    type Update = UpdateStudent;
    const NAME: &'static str = "Student";
    fn tag(id: &str) -> Tag {
        Tag::new(format!("student:{id}"))
    }
    fn create(id: String, data: CreateStudent, _context: &Context<'_>) -> Result<Event, Invalid> {
        if data.name.is_empty() {
            return Err(Invalid::field("name", "must not be empty"));
        }
        Ok(StudentCreated { id, name: data.name, email: None }.into())
    }
    fn update(&self, data: UpdateStudent, _context: &Context<'_>) -> Result<Option<Event>, Invalid> {
        let name = data.name.filter(|name| *name != self.name);
        Ok(name.map(|name| StudentUpdated { id: self.id.clone(), name: Some(name) }.into()))
    }
    fn delete(&self) -> Event {
        StudentDeleted { id: self.id.clone() }.into()
    }
}

pub fn caller(tenant: &str) -> Call {
    holding(tenant, &[])
}

pub fn holding(tenant: &str, permissions: &[&str]) -> Call {
    let tenant = Tenant::new(tenant);
    Call { caller: Caller::user(tenant.clone(), "u1", permissions.iter().copied()), ..Call::system(tenant) }
}

pub fn anonymous(tenant: &str) -> Call {
    let tenant = Tenant::new(tenant);
    Call { caller: Caller::anonymous(tenant.clone()), ..Call::system(tenant) }
}

pub fn defined(id: &str, title: &str, capacity: i64) -> Event {
    CourseDefined { course_id: id.into(), title: title.into(), capacity, ..CourseDefined::default() }.into()
}

pub fn subscribed(course: &str, student: &str) -> Event {
    StudentSubscribed { course_id: course.into(), student_id: student.into() }.into()
}
