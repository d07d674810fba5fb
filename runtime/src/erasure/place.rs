//! Where data keys are kept.

use std::path::PathBuf;

/// A place for data keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeysAt {
    /// In memory, with the events.
    Memory,
    /// In a SQLite file.
    File(PathBuf),
    /// In a table of the database that has the events.
    Beside,
    /// In a PostgreSQL database.
    Server(String),
}

impl KeysAt {
    /// By an address of their own, or by that of the events.
    ///
    /// # Errors
    /// A sentence that does not repeat the address.
    pub(crate) fn of(keys: Option<&str>, events: &str) -> Result<Self, String> {
        match keys {
            Some(url) if is_server(url) => Ok(Self::Server(url.to_owned())),
            Some(url) => match path(url) {
                None | Some("") => Err("it must be `sqlite:path` or `postgres://…`".to_owned()),
                Some(":memory:") => Ok(Self::Memory),
                Some(path) => Ok(Self::File(path.into())),
            },
            None if is_server(events) => Ok(Self::Beside),
            None => Ok(beside_file(events, "keys.db").map_or(Self::Memory, Self::File)),
        }
    }
}

/// The file beside a SQLite database whose name ends so: `campus.db` has `campus.keys.db`. None if it is no file.
pub(crate) fn beside_file(events: &str, ending: &str) -> Option<PathBuf> {
    let path = path(events).filter(|path| *path != ":memory:")?;
    Some(format!("{}.{ending}", path.strip_suffix(".db").unwrap_or(path)).into())
}

fn is_server(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    Some(path.strip_prefix("//").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_beside_the_events_unless_it_is_said_otherwise() {
        let file = |path: &str| Ok(KeysAt::File(path.into()));
        assert_eq!(KeysAt::of(None, "sqlite:data/campus.db"), file("data/campus.keys.db"));
        assert_eq!(KeysAt::of(None, "sqlite:///var/campus"), file("/var/campus.keys.db"));
        assert_eq!(KeysAt::of(None, "sqlite::memory:"), Ok(KeysAt::Memory));
        assert_eq!(KeysAt::of(None, "postgres://u@h/d"), Ok(KeysAt::Beside));
        assert_eq!(KeysAt::of(Some("sqlite:k.db"), "postgres://u@h/d"), file("k.db"));
        let server = "postgres://u:secret@h/keys";
        assert_eq!(KeysAt::of(Some(server), "sqlite:x.db"), Ok(KeysAt::Server(server.to_owned())));
        assert!(KeysAt::of(Some("mysql://u:secret@h"), "sqlite:x.db").is_err_and(|error| !error.contains("secret")));
        assert!(KeysAt::of(Some("sqlite:"), "sqlite:x.db").is_err());
    }
}
