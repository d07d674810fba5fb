//! What the environment says about a process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

#[cfg(feature = "erasure")]
use super::keys::KeySettings;
use super::kind::Kind;
use super::operators::OperatorToken;
use super::reader::Reader;
use crate::auth::{AuthKeys, AuthSettings, JwksSource, Secret, algorithm};
use crate::event::Tenant;
#[cfg(feature = "files")]
use crate::files::{Accepted, FilesSettings};

/// The whole configuration of a process.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where HTTP is listened on.
    pub(crate) http: SocketAddr,
    /// Where gRPC is listened on; unused by a gateway.
    pub(crate) grpc: SocketAddr,
    /// The database of each service.
    pub(crate) databases: BTreeMap<&'static str, String>,
    /// How tokens are verified.
    pub(crate) auth: AuthSettings,
    /// What services sign the tokens with that they show each other: `SERVICE_SECRET`, else `AUTH_SECRET`.
    pub(crate) service_secret: Option<Secret>,
    /// What operators have to show; without it there is nothing for them.
    pub(crate) operators: Option<OperatorToken>,
    /// The keys of services with personal fields.
    #[cfg(feature = "erasure")]
    pub(crate) keys: KeySettings,
    /// What is logged, and how; taken when logging begins.
    pub(crate) log: Option<Log>,
    /// What is executed once when the stores are empty.
    pub(crate) seed: Option<Seed>,
    /// Bounds of single calls.
    pub(crate) bounds: Bounds,
    /// Where files are kept, and which.
    #[cfg(feature = "files")]
    pub(crate) files: FilesSettings,
    /// How long a link to a file leads there.
    pub(crate) link: Duration,
}

/// What is logged, and how.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) filter: EnvFilter,
    pub(crate) json: bool,
}

/// GraphQL operations to execute once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seed {
    pub(crate) file: PathBuf,
    pub(crate) tenant: Tenant,
}

/// Bounds of single calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The largest HTTP body or WebSocket message, in bytes.
    pub(crate) body: usize,
    /// The longest a call may take.
    pub(crate) call: Duration,
    /// The longest that shutting down waits for calls to end.
    pub(crate) shutdown: Duration,
    /// How deep a GraphQL selection may nest.
    pub(crate) depth: usize,
    /// How many fields a GraphQL operation may select.
    pub(crate) complexity: usize,
    /// Whether clients may ask for the GraphQL schema.
    pub(crate) introspection: bool,
}

impl Config {
    /// Reads the settings of a process with these services.
    ///
    /// # Errors
    /// Every problem found, each beginning with the setting's name.
    pub(crate) fn read(
        kind: Kind,
        services: &[&'static str],
        get: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let mut reader = Reader::new(get);
        let http = if kind == Kind::Service { 9090 } else { 8080 };
        let config = Self {
            http: reader.parsed("HTTP_ADDR", local(http)),
            grpc: reader.parsed("GRPC_ADDR", local(50051)),
            databases: databases(&mut reader, services),
            auth: auth(&mut reader),
            service_secret: service_secret(&mut reader),
            operators: reader.with("OPERATOR_TOKEN", OperatorToken::new),
            #[cfg(feature = "erasure")]
            keys: KeySettings::read(&mut reader, kind),
            log: Some(log(&mut reader)),
            seed: if kind == Kind::App { seed(&mut reader) } else { None },
            bounds: bounds(&mut reader),
            #[cfg(feature = "files")]
            files: files(&mut reader),
            link: link(&mut reader),
        };
        reader.finish(config)
    }
}

/// The setting that says where a gateway, or an automation, reaches a service.
pub(crate) fn url_setting(service: &str) -> String {
    format!("{}_URL", service.to_uppercase().replace('-', "_"))
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn databases(reader: &mut Reader<'_>, services: &[&'static str]) -> BTreeMap<&'static str, String> {
    const NAME: &str = "DATABASE_URL";
    if services.is_empty() {
        return BTreeMap::new();
    }
    let Some(url) = reader.text(NAME) else {
        reader.problem(NAME, "is not set; `sqlite:{service}.db` keeps each service's data in a file of its own");
        return BTreeMap::new();
    };
    // On a server each service has a schema of its own name, unless one is given.
    let by_schema = url.starts_with("postgres") && !url.contains("schema=");
    let apart = url.contains("{service}") || url.contains(":memory:") || by_schema;
    if services.len() > 1 && !apart {
        reader.problem(NAME, "several services run here, each with a database of its own: it must contain `{service}`");
    }
    services.iter().map(|service| (*service, url.replace("{service}", service))).collect()
}

fn auth(reader: &mut Reader<'_>) -> AuthSettings {
    let secret = reader.with("AUTH_SECRET", |text| Secret::new(text));
    let source = reader.with("AUTH_JWKS", JwksSource::parse);
    let both = reader.text("AUTH_SECRET").is_some() && reader.text("AUTH_JWKS").is_some();
    if both {
        reader.problem("AUTH_JWKS", "AUTH_SECRET is set too; only one of them can say who is trusted");
    }
    let issuer = reader.text("AUTH_ISSUER");
    let audience = reader.text("AUTH_AUDIENCE");
    let keys = match (secret, source) {
        (_, Some(source)) => {
            let algorithm = reader.with("AUTH_ALGORITHM", algorithm).unwrap_or(jsonwebtoken::Algorithm::RS256);
            AuthKeys::Jwks { source, algorithm }
        }
        (secret, None) => {
            if reader.text("AUTH_ALGORITHM").is_some_and(|name| name != "HS256") {
                reader.problem("AUTH_ALGORITHM", "without AUTH_JWKS only HS256 is possible");
            }
            secret.map_or(AuthKeys::None, AuthKeys::Secret)
        }
    };
    AuthSettings { keys, issuer, audience }
}

fn service_secret(reader: &mut Reader<'_>) -> Option<Secret> {
    let own = reader.with("SERVICE_SECRET", |text| Secret::new(text));
    // One that is too short was reported under its own name.
    own.or_else(|| reader.text("AUTH_SECRET").and_then(|text| Secret::new(text).ok()))
}

fn log(reader: &mut Reader<'_>) -> Log {
    let filter = reader.with("LOG", |text| EnvFilter::try_new(text)).unwrap_or_else(|| EnvFilter::new("info"));
    let json = reader.with("LOG_FORMAT", |format| match format {
        "text" => Ok(false),
        "json" => Ok(true),
        _ => Err("must be `text` or `json`"),
    });
    Log { filter, json: json.unwrap_or(false) }
}

fn seed(reader: &mut Reader<'_>) -> Option<Seed> {
    let file = reader.text("SEED_FILE")?;
    match reader.text("SEED_TENANT") {
        Some(tenant) => Some(Seed { file: PathBuf::from(file), tenant: Tenant::new(tenant) }),
        None => {
            reader.problem("SEED_TENANT", "must say whose data SEED_FILE creates");
            None
        }
    }
}

fn bounds(reader: &mut Reader<'_>) -> Bounds {
    Bounds {
        body: reader.parsed("BODY_LIMIT", 1 << 20),
        call: Duration::from_secs(reader.parsed("CALL_TIMEOUT", 30)),
        shutdown: Duration::from_secs(reader.parsed("SHUTDOWN_TIMEOUT", 10)),
        depth: reader.parsed("GRAPHQL_DEPTH", 20),
        complexity: reader.parsed("GRAPHQL_COMPLEXITY", 1000),
        introspection: reader.parsed("GRAPHQL_INTROSPECTION", true),
    }
}

#[cfg(feature = "files")]
fn files(reader: &mut Reader<'_>) -> FilesSettings {
    FilesSettings {
        url: reader.text("FILES_URL"),
        max_bytes: reader.parsed("FILES_MAX_BYTES", 25 << 20),
        accepted: reader.parsed("FILES_TYPES", Accepted::all()),
    }
}

fn link(reader: &mut Reader<'_>) -> Duration {
    const NAME: &str = "FILES_LINK_SECONDS";
    let seconds = reader.parsed(NAME, 900);
    if !(60..=604_800).contains(&seconds) {
        reader.problem(NAME, "must be from 60 to 604800, which is a week");
    }
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(kind: Kind, services: &[&'static str], set: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let set: BTreeMap<_, _> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::read(kind, services, &|name| set.get(name).cloned())
    }

    #[test]
    fn every_problem_is_said_at_once_and_no_secret_is_repeated() {
        let problems = read(
            Kind::App,
            &["enrollment", "billing"],
            &[
                ("DATABASE_URL", "sqlite:one.db"),
                ("HTTP_ADDR", "localhost"),
                ("AUTH_SECRET", "hunter2"),
                ("OPERATOR_TOKEN", "hunter2"),
                ("LOG_FORMAT", "xml"),
                ("SEED_FILE", "seed.graphql"),
                ("CALL_TIMEOUT", "soon"),
            ],
        )
        .unwrap_err();
        let names: Vec<&str> = problems.iter().filter_map(|problem| problem.split(':').next()).collect();
        assert_eq!(
            names,
            ["HTTP_ADDR", "DATABASE_URL", "AUTH_SECRET", "OPERATOR_TOKEN", "LOG_FORMAT", "SEED_TENANT", "CALL_TIMEOUT"]
        );
        assert!(!problems.join("\n").contains("hunter2"));
    }

    #[test]
    fn a_service_needs_a_database_and_a_gateway_none() {
        assert!(read(Kind::Service, &["enrollment"], &[]).unwrap_err()[0].starts_with("DATABASE_URL: is not set"));
        assert!(read(Kind::Gateway, &[], &[]).is_ok());
    }

    #[test]
    fn each_service_gets_its_own_database() {
        let config = read(Kind::App, &["a", "b"], &[("DATABASE_URL", "sqlite:data/{service}.db")]).unwrap();
        assert_eq!(config.databases["a"], "sqlite:data/a.db");
        assert_eq!(config.databases["b"], "sqlite:data/b.db");
        assert_eq!(config.http, local(8080));
        for (url, fits) in [
            ("postgres://u@h/d", true),
            ("postgres://u@h/d?schema=x", false),
            ("postgres://u@h/d?schema={service}", true),
        ] {
            assert_eq!(read(Kind::App, &["a", "b"], &[("DATABASE_URL", url)]).is_ok(), fits, "{url}");
        }
    }

    #[test]
    fn secret_and_key_set_exclude_each_other() {
        let secret = "a secret that has thirty-two bytes";
        let set = [("DATABASE_URL", "sqlite:x"), ("AUTH_SECRET", secret), ("AUTH_JWKS", "keys.json")];
        assert!(read(Kind::Service, &["a"], &set).unwrap_err()[0].starts_with("AUTH_JWKS"));
        let set = [("DATABASE_URL", "sqlite:x"), ("AUTH_SECRET", secret), ("AUTH_ALGORITHM", "RS256")];
        assert!(read(Kind::Service, &["a"], &set).unwrap_err()[0].starts_with("AUTH_ALGORITHM"));
        let set = [("DATABASE_URL", "sqlite:x"), ("AUTH_JWKS", "k"), ("AUTH_ALGORITHM", "none")];
        assert!(read(Kind::Service, &["a"], &set).unwrap_err()[0].starts_with("AUTH_ALGORITHM"));
    }

    #[test]
    fn services_share_a_secret_of_their_own_or_that_of_all() {
        let (own, shared) = ("one secret that has thirty-two bytes", "a secret that has thirty-two bytes");
        let secret = |set: &[(&str, &str)]| {
            let set: Vec<_> = [("DATABASE_URL", "sqlite:x")].iter().chain(set).copied().collect();
            read(Kind::Service, &["a"], &set).map(|config| config.service_secret.is_some())
        };
        assert_eq!(secret(&[]), Ok(false));
        assert_eq!(secret(&[("AUTH_SECRET", shared)]), Ok(true));
        assert_eq!(secret(&[("AUTH_JWKS", "keys.json"), ("SERVICE_SECRET", own)]), Ok(true));
        let problems = secret(&[("SERVICE_SECRET", "short")]).unwrap_err();
        assert!(problems[0].starts_with("SERVICE_SECRET") && !problems[0].contains("`short`"), "{problems:?}");
    }

    #[test]
    fn the_gateway_finds_a_service_by_its_name() {
        assert_eq!(url_setting("course-list"), "COURSE_LIST_URL");
    }
}
