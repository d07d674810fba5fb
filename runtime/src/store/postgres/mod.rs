//! The back end for many processes: PostgreSQL 14 and later, in a schema of the service's own.
//!
//! One task a process writes, in groups; all processes of a database take turns at one counter row, which is locked through
//! commit, so that positions become visible in order. Nothing is prepared under a name, nothing is set for longer than a
//! transaction, and every table is named with its schema, so that a pooler may hand out another connection each time. Connections
//! that read find out whether there is one; if not, they keep their limits, and what they are asked often prepared.

mod across;
mod address;
mod at_once;
mod batch;
mod call;
mod check;
mod connection;
mod deletion;
mod follow;
mod function;
mod heads;
mod kept;
#[cfg(test)]
mod kept_tests;
mod outcomes;
mod pending;
mod pool;
mod prepare;
mod read;
mod rows;
mod schema;
mod server;
mod session;
mod snapshot;
mod statements;
mod store;
mod tap;
mod tell;
mod tls;
mod transaction;
mod untag;
mod writer;

pub(crate) use connection::Parameter;
pub(crate) use pool::Pool;
pub use store::PostgresEvents;
#[cfg(feature = "erasure")]
pub(crate) use store::connections;
pub(crate) use transaction::Transaction;
