//! A type whose entries are numbered, and one of whose fields is set once.

use super::fixture::{Event, TicketCreated, TicketDeleted, TicketUpdated};
use scaffold_runtime::codegen::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ticket {
    pub id: String,
    pub created_at: DateTime,
    pub changed_at: DateTime,
    pub room: String,
    /// Set once.
    pub code: Option<String>,
    /// From 1, for each room.
    pub number: i64,
    /// From 100, of all.
    pub serial: i64,
}

#[derive(Clone, Default)]
pub struct CreateTicket {
    pub room: String,
    pub code: Option<String>,
}

#[derive(Clone, Default)]
pub struct UpdateTicket {
    pub room: Option<String>,
    pub code: Option<Option<String>>,
}

impl Entry for Ticket {
    const TABLE: Table = Table {
        entry: "Ticket",
        name: "ticket",
        definition: "eeee",
        columns: &[
            Column::text("room", "room").indexed(),
            Column::text("code", "code"),
            Column::integer("number", "number").indexed(),
            Column::integer("serial", "serial").indexed(),
        ],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::SignedIn);
    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, room: String::new(), code: None, number: 0, serial: 0 }
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
        Ok(vec![Value::from(&self.room), Value::from(&self.code), Value::from(self.number), Value::from(self.serial)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self {
            id: row.id(),
            created_at: row.created_at(),
            changed_at: row.changed_at(),
            room: row.text("room")?,
            code: row.optional_text("code")?,
            number: row.integer("number")?,
            serial: row.integer("serial")?,
        })
    }
}

impl Projection for Ticket {
    type Event = Event;
    const SOURCES: &'static [Source] =
        &[Source { topic: "school", types: &["TicketCreated", "TicketUpdated", "TicketDeleted"] }];
    fn route(event: &Event, _meta: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            Event::TicketCreated(event) => vec![Route::Upsert(Target::Id(event.id.clone()))],
            Event::TicketUpdated(event) => vec![Route::Upsert(Target::Id(event.id.clone()))],
            Event::TicketDeleted(event) => vec![Route::Remove(Target::Id(event.id.clone()))],
            _ => vec![],
        })
    }
    fn apply(&mut self, event: &Event, _meta: &Meta) -> Result<(), EvalError> {
        match event {
            Event::TicketCreated(event) => {
                self.room.clone_from(&event.room);
                self.code.clone_from(&event.code);
                (self.number, self.serial) = (event.number, event.serial);
            }
            Event::TicketUpdated(event) => {
                if let Some(room) = &event.room {
                    self.room.clone_from(room);
                }
                if event.code.is_some() {
                    self.code.clone_from(&event.code);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl CrudType for Ticket {
    type Create = CreateTicket;
    type Update = UpdateTicket;
    const NAME: &'static str = "Ticket";
    fn tag(id: &str) -> Tag {
        Tag::new(format!("ticket:{id}"))
    }
    fn counters(event: &mut Event) -> Vec<Counter<'_>> {
        let Event::TicketCreated(event) = event else { return Vec::new() };
        vec![
            Counter::new("ticket.number", &mut event.number).within("room", &event.room),
            Counter::new("ticket.serial", &mut event.serial).first(100),
        ]
    }
    fn create(id: String, data: CreateTicket, _context: &Context<'_>) -> Result<Event, Invalid> {
        if data.room.is_empty() {
            return Err(Invalid::field("room", "must not be empty"));
        }
        Ok(TicketCreated { id, room: data.room, code: data.code, number: 0, serial: 0 }.into())
    }
    fn update(&self, data: UpdateTicket, _context: &Context<'_>) -> Result<Option<Event>, Invalid> {
        let mut written = Written::default();
        let room = data.room.filter(|room| *room != self.room);
        let code = written.once("code", data.code, &self.code);
        written.into_result()?;
        let is_changed = room.is_some() || code.is_some();
        Ok(is_changed.then(|| TicketUpdated { id: self.id.clone(), room, code: code.flatten() }.into()))
    }
    fn delete(&self) -> Event {
        TicketDeleted { id: self.id.clone() }.into()
    }
}
