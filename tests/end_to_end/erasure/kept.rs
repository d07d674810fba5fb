//! Where the club's data is kept: what stands in its tables, and what is done to them behind the application's back.

use crate::postgres::SERVER;
use crate::programs;
use crate::sharing::sql;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// 32 bytes that stand for a secret.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The databases of one test, and the master key.
pub struct Kept {
    place: Place,
    /// The master key, if one is set.
    key: Option<String>,
}

#[derive(Clone)]
enum Place {
    /// A folder with a file a service.
    Sqlite(PathBuf),
    /// The address of each service's schema, `{service}` in it.
    Postgres(String),
}

impl Kept {
    pub fn sqlite(dir: &Path) -> Self {
        Self { place: Place::Sqlite(dir.to_owned()), key: Some(KEY.to_owned()) }
    }

    /// As for development, where nobody has set a master key.
    pub fn sqlite_without_key(dir: &Path) -> Self {
        Self { place: Place::Sqlite(dir.to_owned()), key: None }
    }

    pub fn postgres() -> Self {
        Self { place: Place::Postgres(format!("{}_{{service}}", SERVER.schema())), key: Some(KEY.to_owned()) }
    }

    /// The same under another master key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { place: self.place.clone(), key: Some(key.to_owned()) }
    }

    /// `DATABASE_URL`
    pub fn url(&self) -> String {
        match &self.place {
            Place::Sqlite(dir) => format!("sqlite:{}/{{service}}.db", dir.display()),
            Place::Postgres(url) => url.clone(),
        }
    }

    /// What the programs are told beside the address.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        self.key.iter().map(|key| ("SCAFFOLD_MASTER_KEY", key.as_str())).collect()
    }

    /// Whether several processes may use it.
    pub fn is_shared(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }

    /// What an operator says to the program while it does not run: whether it went well, and what was answered.
    pub fn operate(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(programs::of_fixture("erasure"))
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", self.url())
            .envs(self.settings())
            .env("AUTH_SECRET", crate::app::SECRET)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        (output.status.success(), said)
    }

    /// Whether a table holds events or what is remembered of commands, not entries.
    pub fn is_of_events(table: &str) -> bool {
        ["events", "event_tags", "answers"].contains(&table)
    }

    /// Whether any row of these tables holds the text.
    pub fn holds(&self, text: &str, tables: impl Fn(&str) -> bool) -> bool {
        self.rows().iter().any(|(table, row)| tables(table) && row.contains(text))
    }

    pub fn holds_none_of(&self, texts: &[&str], tables: impl Fn(&str) -> bool, what: &str) {
        let rows = self.rows();
        assert!(rows.iter().any(|(table, _)| table == "events"), "there are events");
        for (table, row) in rows.iter().filter(|(table, _)| tables(table)) {
            for text in texts {
                assert!(!row.contains(text), "{what}, but {table} has {text}: {row}");
            }
        }
    }

    /// Every row of every table of both services, with its table's name.
    fn rows(&self) -> Vec<(String, String)> {
        match &self.place {
            Place::Sqlite(dir) => {
                ["members", "letters"].iter().flat_map(|name| sqlite_rows(&dir.join(format!("{name}.db")))).collect()
            }
            Place::Postgres(_) => ["members", "letters"].iter().flat_map(|name| self.postgres_rows(name)).collect(),
        }
    }

    fn postgres_rows(&self, service: &str) -> Vec<(String, String)> {
        let url = self.url().replace("{service}", service);
        let tables = sql(&url, "SELECT tablename FROM pg_tables WHERE schemaname = '{s}'");
        let rows = |table: String| {
            let rows = sql(&url, &format!("SELECT t::text FROM {{s}}.\"{table}\" t"));
            rows.into_iter().map(move |row| (table.clone(), row)).collect::<Vec<_>>()
        };
        tables.into_iter().flat_map(rows).collect()
    }

    /// Drops every table of entries, so that the next start builds them from all events.
    pub fn drop_projections(&self) {
        for service in ["members", "letters"] {
            match &self.place {
                Place::Sqlite(dir) => {
                    let connection = Connection::open(dir.join(format!("{service}.db"))).unwrap();
                    for table in tables(&connection).iter().filter(|table| table.starts_with(&format!("{service}_"))) {
                        connection.execute_batch(&format!("DROP TABLE \"{table}\"")).unwrap();
                    }
                    connection.execute_batch("DELETE FROM projections").unwrap();
                }
                Place::Postgres(_) => {
                    let url = self.url().replace("{service}", service);
                    let named = format!("schemaname = '{{s}}' AND tablename LIKE '{service}\\_%'");
                    for table in sql(&url, &format!("SELECT tablename FROM pg_tables WHERE {named}")) {
                        sql(&url, &format!("DROP TABLE {{s}}.\"{table}\""));
                    }
                    sql(&url, "DELETE FROM {s}.projections");
                }
            }
        }
    }

    /// Keeps a copy of the keys, which nothing may have open.
    pub fn back_up_keys(&self) {
        let (keys, copy) = self.keys();
        fs::copy(keys, copy).unwrap();
    }

    /// Puts the copy in the place of the keys.
    pub fn restore_keys(&self) {
        let (keys, copy) = self.keys();
        for beside in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{beside}", keys.display()));
        }
        fs::copy(copy, keys).unwrap();
    }

    fn keys(&self) -> (PathBuf, PathBuf) {
        match &self.place {
            Place::Sqlite(dir) => (dir.join("members.keys.db"), dir.join("members.keys.old")),
            Place::Postgres(_) => panic!("keys are in a table"),
        }
    }
}

fn sqlite_rows(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let mut found = Vec::new();
    for table in tables(&connection) {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let text = |column: usize| match row.get_ref(column).unwrap() {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Null => String::new(),
            };
            found.push((table.clone(), (0..columns).map(text).collect::<Vec<_>>().join(" | ")));
        }
    }
    found
}

fn tables(connection: &Connection) -> Vec<String> {
    let named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut statement = connection.prepare(named).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}
