//! The keys of services with personal fields: what the environment says of them, and where they are found or made.

use std::path::{Path, PathBuf};

use super::kind::Kind;
use super::reader::Reader;
use crate::erasure::{KeysAt, Masters, beside_file};
use crate::error::Error;

/// The settings.
const MASTER: &str = "SCAFFOLD_MASTER_KEY";
const MASTER_FILE: &str = "SCAFFOLD_MASTER_KEY_FILE";
const URL: &str = "KEYS_URL";

/// What the environment says of keys.
#[derive(Debug)]
pub(crate) struct KeySettings {
    masters: Option<Masters>,
    /// Where data keys are kept, if it is said; `{service}` in it becomes the service's name.
    url: Option<String>,
    /// Whether a process without a master key makes one and keeps it beside the database.
    makes_one: bool,
}

impl KeySettings {
    /// Reads them.
    pub(super) fn read(reader: &mut Reader<'_>, kind: Kind) -> Self {
        let given = reader.with(MASTER, Masters::parse);
        let file = reader.with(MASTER_FILE, of_file);
        if reader.text(MASTER).is_some() && reader.text(MASTER_FILE).is_some() {
            reader.problem(MASTER_FILE, format!("excludes {MASTER}"));
        }
        Self { masters: given.or(file), url: reader.text(URL), makes_one: kind == Kind::App }
    }

    /// Where a service's data keys are kept.
    pub(super) fn place(&self, service: &str, database: &str) -> Result<KeysAt, Error> {
        let url = self.url.as_ref().map(|url| url.replace("{service}", service));
        KeysAt::of(url.as_deref(), database).map_err(|problem| Error::Config(vec![format!("{URL}: {problem}")]))
    }

    /// The master keys of a service.
    pub(super) fn masters(&self, service: &str, database: &str) -> Result<Masters, Error> {
        if let Some(masters) = &self.masters {
            return Ok(masters.clone());
        }
        let own = if self.makes_one { made(database) } else { None };
        let missing = || {
            format!(
                "{MASTER}: is not set; the service `{service}` has personal fields, whose keys are wrapped with it: 32 bytes in \
                 base64 (try `openssl rand -base64 32`), to be kept apart from the database. {MASTER_FILE} may name a file"
            )
        };
        let problem = match own {
            Some(Ok(masters)) => return Ok(masters),
            Some(Err(problem)) => problem,
            None => missing(),
        };
        Err(Error::Config(vec![problem]))
    }
}

fn of_file(path: &str) -> Result<Masters, String> {
    let text = std::fs::read_to_string(path).map_err(|cause| format!("the file cannot be read: {cause}"))?;
    Masters::parse(&text)
}

/// A master key of one's own for trying things out: beside a SQLite file, or as short-lived as a database in memory. None where
/// there is no such place.
fn made(database: &str) -> Option<Result<Masters, String>> {
    if !database.starts_with("sqlite:") {
        return None;
    }
    Some(match beside_file(database, "master.key") {
        None => Masters::made().and_then(|text| Masters::parse(&text)),
        Some(path) => kept(&path).map_err(|problem| format!("{MASTER}: is not set, and {}: {problem}", path.display())),
    })
}

/// The master key in a file, which is made if it is not there.
fn kept(path: &PathBuf) -> Result<Masters, String> {
    if !path.exists() {
        let text = Masters::made()?;
        write(path, &text).map_err(|cause| cause.to_string())?;
        tracing::warn!(path = %path.display(), "a master key was made for development, and is kept beside the database");
    }
    Masters::parse(&std::fs::read_to_string(path).map_err(|cause| cause.to_string())?)
}

/// Writes a file that nobody else may read.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeMap;

    fn read(kind: Kind, set: &[(&str, &str)]) -> Result<KeySettings, Vec<String>> {
        let set: BTreeMap<_, _> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let get = |name: &str| set.get(name).cloned();
        let mut reader = Reader::new(&get);
        let settings = KeySettings::read(&mut reader, kind);
        reader.finish(settings)
    }

    #[test]
    fn keys_come_from_a_setting_or_a_file_and_are_never_repeated() {
        let (key, folder) = (Masters::made().unwrap(), tempfile::tempdir().unwrap());
        let file = folder.path().join("master.key");
        std::fs::write(&file, format!("{}\n", *key)).unwrap();
        let file = file.display().to_string();
        for set in [[(MASTER, key.as_str())], [(MASTER_FILE, file.as_str())]] {
            let settings = read(Kind::Service, &set).unwrap();
            assert!(settings.masters("people", "sqlite:x.db").is_ok());
            assert!(!format!("{settings:?}").contains(key.as_str()));
        }
        assert!(read(Kind::Service, &[(MASTER, &key), (MASTER_FILE, &file)]).unwrap_err()[0].contains("excludes"));
        let problems = read(Kind::Service, &[(MASTER, "hunter2"), (MASTER_FILE, "nowhere")]).unwrap_err();
        assert!(problems[0].starts_with(MASTER) && problems[1].starts_with(MASTER_FILE));
        assert!(!problems.join(" ").contains("hunter2"));
    }

    #[test]
    fn a_service_asks_for_a_master_key_and_an_app_makes_one_beside_its_database() {
        let error = read(Kind::Service, &[]).unwrap().masters("people", "sqlite:x.db").unwrap_err().to_string();
        assert!(error.contains("SCAFFOLD_MASTER_KEY: is not set; the service `people`"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/people.db", folder.path().display());
        let app = read(Kind::App, &[]).unwrap();
        let first = format!("{:?}", app.masters("people", &url).unwrap());
        assert_eq!(format!("{:?}", app.masters("people", &url).unwrap()), first, "the same again");
        let file = folder.path().join("people.master.key");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&file.metadata().unwrap()) & 0o777, 0o600);
        assert!(app.masters("people", "sqlite::memory:").is_ok());
        assert!(app.masters("people", "postgres://u@h/d").is_err(), "there is nothing beside it");
        std::fs::write(&file, "nonsense").unwrap();
        assert!(app.masters("people", &url).unwrap_err().to_string().contains("people.master.key"));
    }
}
