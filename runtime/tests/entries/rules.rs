//! Types with rules about who sees and writes their entries.

use super::fixture::*;
use scaffold_runtime::codegen::*;
use serde::Serialize;

/// An entry with a field of every kind, made of a course; `N` says which rules hold for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lesson<const N: usize> {
    pub id: String,
    pub created_at: DateTime,
    pub changed_at: DateTime,
    pub course: CourseDefined,
    pub students: Vec<String>,
}

const OPEN: RowRule =
    RowRule { claim: "is", through: &[], column: "title", inside: &[], kind: ColumnKind::Text, except_for: &["ADMIN"] };

/// One for each `N`.
const RULES: [&[RowRule]; 15] = [
    &[OPEN],
    &[RowRule { column: "capacity", kind: ColumnKind::Integer, ..OPEN }],
    &[RowRule { column: "rating", kind: ColumnKind::Real, ..OPEN }],
    &[RowRule { column: "starts_on", kind: ColumnKind::Date, ..OPEN }],
    &[RowRule { column: "large", kind: ColumnKind::Boolean, ..OPEN }],
    &[RowRule { column: "price", kind: ColumnKind::Decimal, ..OPEN }],
    &[RowRule { column: "at", kind: ColumnKind::Instant, ..OPEN }],
    // Columns that are called as those of `json_each` are.
    &[RowRule { column: "type", inside: &["city"], ..OPEN }],
    &[RowRule { column: "type", inside: &["rooms", EACH, "no"], kind: ColumnKind::Integer, ..OPEN }],
    &[RowRule { column: "type", inside: &["rooms", EACH, "open"], kind: ColumnKind::Boolean, ..OPEN }],
    &[RowRule { column: "type", inside: &["rooms", EACH, "tags", EACH], ..OPEN }],
    &[RowRule { column: "value", inside: &[EACH], ..OPEN }],
    &[RowRule { through: &[Hop { column: "value", entry: "Student" }], column: "name", ..OPEN }],
    &[RowRule {
        through: &[Hop { column: "itself", entry: "Lesson12" }, Hop { column: "value", entry: "Student" }],
        column: "name",
        ..OPEN
    }],
    &[OPEN, RowRule { claim: "least", column: "capacity", kind: ColumnKind::Integer, except_for: &[], ..OPEN }],
];

const NAMES: [&str; 15] = [
    "Lesson0", "Lesson1", "Lesson2", "Lesson3", "Lesson4", "Lesson5", "Lesson6", "Lesson7", "Lesson8", "Lesson9",
    "Lesson10", "Lesson11", "Lesson12", "Lesson13", "Lesson14",
];

impl<const N: usize> Entry for Lesson<N> {
    const TABLE: Table = Table {
        entry: NAMES[N],
        name: NAMES[N],
        definition: "rules",
        columns: &[
            Column::text("title", "title").indexed(),
            Column::integer("capacity", "capacity").indexed(),
            Column::real("rating", "rating"),
            Column::date("starts_on", "startsOn"),
            Column::boolean("large", "large"),
            Column::decimal("price", "price"),
            Column::instant("at", "at"),
            Column::json("type", "type"),
            Column::json("value", "value").indexed(),
            Column::text("itself", "itself"),
        ],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);
    const ROWS: &'static [RowRule] = RULES[N];

    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, course: CourseDefined::default(), students: Vec::new() }
    }
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
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        let course = &self.course;
        let room = json!({ "no": course.capacity, "open": course.capacity > 10, "tags": [course.title, "room"] });
        let place = json!({ "city": course.title, "rooms": [{ "no": null, "tags": null }, null, room] });
        Ok(vec![
            Value::from(&course.title),
            Value::from(course.capacity),
            Value::from(course.rating),
            Value::from(course.starts_on),
            Value::from(course.capacity > 10),
            Value::from(Decimal::from(course.capacity)),
            Value::from(DateTime::from_millis(course.capacity)),
            Value::json(&place)?,
            Value::json(&self.students)?,
            Value::from(&self.id),
        ])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        let course = CourseDefined {
            course_id: row.id(),
            title: row.text("title")?,
            capacity: row.integer("capacity")?,
            rating: row.optional_real("rating")?,
            starts_on: row.optional_date("starts_on")?,
        };
        let (created_at, changed_at) = (row.created_at(), row.changed_at());
        Ok(Self { id: row.id(), created_at, changed_at, course, students: row.json("value")? })
    }
}

impl<const N: usize> Projection for Lesson<N> {
    type Event = Event;
    const SOURCES: &'static [Source] = Course::SOURCES;
    fn route(event: &Event, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            Event::CourseDefined(event) => vec![Route::upsert(&event.course_id)],
            Event::StudentSubscribed(event) => vec![Route::upsert(&event.course_id)],
            Event::CourseCancelled(event) => vec![Route::remove(&event.course_id)],
            _ => vec![],
        })
    }
    fn apply(&mut self, event: &Event, _: &Meta) -> Result<(), EvalError> {
        match event {
            Event::CourseDefined(event) => self.course = event.clone(),
            Event::StudentSubscribed(event) => self.students.push(event.student_id.clone()),
            _ => {}
        }
        Ok(())
    }
}

/// CRUD types that keep what students are made of.
macro_rules! members {
    ($($member:ident rows [$($rule:expr),*] owned [$($owned:expr),*] email $email:expr;)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize)]
        pub struct $member(pub Student);
        impl Entry for $member {
            const TABLE: Table = Table { entry: stringify!($member), name: stringify!($member), ..Student::TABLE };
            const ACCESS: EntryAccess = EntryAccess::same(Access::Public);
            const ROWS: &'static [RowRule] = &[$($rule),*];
            fn new(id: String, at: DateTime) -> Self { Self(Student::new(id, at)) }
            fn id(&self) -> &str { &self.0.id }
            fn created_at(&self) -> DateTime { self.0.created_at }
            fn changed_at(&self) -> DateTime { self.0.changed_at }
            fn touch(&mut self, at: DateTime) { self.0.changed_at = at; }
            fn store(&self) -> Result<Vec<Value>, ValueError> { self.0.store() }
            fn load(row: EntryRow) -> Result<Self, ValueError> { Student::load(row).map(Self) }
        }
        impl Projection for $member {
            type Event = Event;
            const SOURCES: &'static [Source] = Student::SOURCES;
            fn route(event: &Event, meta: &Meta) -> Result<Vec<Route>, EvalError> { Student::route(event, meta) }
            fn apply(&mut self, event: &Event, meta: &Meta) -> Result<(), EvalError> { self.0.apply(event, meta) }
        }
        impl CrudType for $member {
            type Create = CreateStudent;
            type Update = UpdateStudent;
            const NAME: &'static str = stringify!($member);
            const OWNED: &'static [OwnedField] = &[$($owned),*];
            fn tag(id: &str) -> Tag { Student::tag(id) }
            fn create(id: String, data: CreateStudent, context: &Context<'_>) -> Result<Event, Invalid> {
                let email: fn(&Context<'_>) -> Result<Option<String>, Invalid> = $email;
                Ok(StudentCreated { id, name: data.name, email: email(context)? }.into())
            }
            fn update(&self, data: UpdateStudent, context: &Context<'_>) -> Result<Option<Event>, Invalid> {
                self.0.update(data, context)
            }
            fn delete(&self) -> Event { self.0.delete() }
        }
    )*};
}

members! {
    Member rows [RowRule { column: "name", ..OPEN }] owned [] email |_| Ok(None);
    Guest rows [RowRule { through: &[Hop { column: "name", entry: "Course" }], ..OPEN }] owned [] email |_| Ok(None);
    Owned rows [] owned [OwnedField { field: "email", column: "email", claim: "is", kind: ColumnKind::Text }]
        email |context| claim(context, "is", "email");
}
