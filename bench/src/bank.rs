//! The service that is measured, in the form that generated code has: one event, one command, one projection.

use scaffold_runtime::codegen::event::{decode, encode};
use scaffold_runtime::codegen::*;
use serde::{Deserialize, Serialize};

/// Money was paid in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deposited {
    /// Into which account.
    pub account: String,
    /// How much.
    pub amount: i64,
    /// What for.
    pub note: String,
}

impl DomainEvent for Deposited {
    const TYPE: &'static str = crate::account::TYPE;
    const TOPIC: &'static str = "bank";
    const VERSION: u32 = 1;

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(vec![Tag::new(self.account.as_str())])
    }
}

/// All events of the service.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Money was paid in.
    Deposited(Deposited),
}

impl EventSet for Event {
    const TYPES: &'static [&'static str] = &[Deposited::TYPE];

    fn decode(event_type: &str, version: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        Ok(match event_type {
            Deposited::TYPE => Some(Self::Deposited(decode(version, payload)?)),
            _ => None,
        })
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        let Self::Deposited(event) = self;
        encode(event)
    }

    fn event_type(&self) -> &'static str {
        Deposited::TYPE
    }
}

/// The command: pay in, unless the last payment was too big.
pub struct Deposit {
    /// Into which account.
    pub account: String,
    /// How much.
    pub amount: i64,
}

/// Its only rejection.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the last payment into {0} is still looked into")]
pub struct LookedInto(String);

impl Rejection for LookedInto {
    fn code(&self) -> &'static str {
        "LookedInto"
    }
}

/// What it reads: the newest payment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Last;

impl Decision for Deposit {
    const NAME: &'static str = "Deposit";
    const ACCESS: Access = Access::Public;
    type Event = Event;
    type State = i64;
    type Entry = Last;
    type Error = LookedInto;

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(Last, QueryItem)>, EvalError> {
        Ok(vec![(Last, QueryItem::of(&[Deposited::TYPE], [Tag::new(self.account.as_str())]))])
    }

    fn last_only(_: Last) -> bool {
        true
    }

    fn initial(&self, _: &Context<'_>) -> Result<i64, EvalError> {
        Ok(0)
    }

    fn fold(&self, state: &mut i64, _: Last, event: &Event, _: &Meta, _: &Context<'_>) -> Result<(), EvalError> {
        let Event::Deposited(deposited) = event;
        *state = deposited.amount;
        Ok(())
    }

    fn decide(&self, state: &i64, _: &Context<'_>) -> Result<Vec<Event>, Refused<LookedInto, Event>> {
        if *state > 1_000_000 {
            return Err(LookedInto(self.account.clone()).into());
        }
        let (account, note) = (self.account.clone(), "paid in at the counter".to_owned());
        Ok(vec![Event::Deposited(Deposited { account, amount: self.amount, note })])
    }
}

/// The projection: what every account has. Two directives: a sum and a count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    id: String,
    created_at: DateTime,
    changed_at: DateTime,
    balance: i64,
    payments: i64,
}

impl Entry for Account {
    const TABLE: Table = Table {
        entry: "Account",
        name: "account",
        definition: "0000000000000001",
        columns: &[
            Column { name: "balance", field: "balance", kind: ColumnKind::Integer, indexed: true },
            Column { name: "payments", field: "payments", kind: ColumnKind::Integer, indexed: false },
        ],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);

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

    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, balance: 0, payments: 0 }
    }

    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![Value::from(&self.balance), Value::from(&self.payments)])
    }

    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self {
            id: row.id(),
            created_at: row.created_at(),
            changed_at: row.changed_at(),
            balance: row.integer("balance")?,
            payments: row.integer("payments")?,
        })
    }
}

impl Projection for Account {
    type Event = Event;
    const SOURCES: &'static [Source] = &[Source { topic: "bank", types: &[Deposited::TYPE] }];

    fn route(event: &Event, _: &Meta) -> Result<Vec<Route>, EvalError> {
        let Event::Deposited(event) = event;
        Ok(vec![Route::Upsert(Target::Id(event.account.clone()))])
    }

    fn apply(&mut self, event: &Event, _: &Meta) -> Result<(), EvalError> {
        let Event::Deposited(event) = event;
        self.balance = expr::add(self.balance, event.amount)?;
        self.payments = expr::add(self.payments, 1)?;
        Ok(())
    }
}
