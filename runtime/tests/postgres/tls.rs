//! Over TLS, to a server whose certificate the test has made.

use super::server::Setup;
use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use scaffold_runtime::broadcast::{Broadcast, Heard};
use scaffold_runtime::database::Database;
use scaffold_runtime::lease::Timing;
use scaffold_runtime::store::StoreError;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where the program that is run once more finds its database.
const BY_SYSTEM: &str = "SCAFFOLD_TEST_TLS";

/// An authority, and the file with its certificate.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    /// One of the same name as all others.
    fn new() -> Self {
        Self::named("An authority")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca of us.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca of us.pem")
    }

    /// A server whose certificate is for `localhost` alone.
    fn server(&self, arguments: &[&'static str]) -> Server {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        with((certificate.pem(), key.serialize_pem()), arguments)
    }
}

fn with(certificate: (String, String), arguments: &[&'static str]) -> Server {
    let fast = ["-c", "fsync=off"];
    let arguments = fast.iter().chain(arguments).copied().collect();
    Server::with(Setup { certificate: Some(certificate), arguments, ..Setup::default() })
}

/// An address by the name that the certificate is for, with these parameters.
fn by_name(url: &str, parameters: &str) -> String {
    format!("{}&{parameters}", url.replace("127.0.0.1", "localhost"))
}

/// With the file's name as an address holds it.
fn trusting(mode: &str, file: &Path) -> String {
    format!("sslmode={mode}&sslrootcert={}", file.display().to_string().replace(' ', "%20"))
}

/// How many connections of the ordinary user are over TLS, and how many are not.
async fn connections(server: &Server) -> (i64, i64) {
    let operator = plain(&server.url("postgres", "postgres")).await;
    let sql = "SELECT count(*) FILTER (WHERE s.ssl), count(*) FILTER (WHERE NOT s.ssl) FROM pg_stat_ssl AS s \
         JOIN pg_stat_activity AS a USING (pid) WHERE a.usename = 'app'";
    let row = operator.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

/// What is said about an address that is refused. It is said soon, and without the password.
async fn refused(server: &Server, url: &str) -> String {
    let opened = tokio::time::timeout(Duration::from_secs(60), PostgresEvents::open(url, "unused")).await;
    let Err(error) = opened.expect("it is not tried for ever") else { panic!("{url} was taken") };
    assert!(!format!("{error} {error:?}").contains(server.password()), "{error}");
    assert!(matches!(error, StoreError::Unreachable(_) | StoreError::File { .. }), "{error:?}");
    error.to_string()
}

/// Everything that a process has a connection for: appends, reads, leases, what is told and what is heard.
async fn everything_works(server: &Server, parameters: &str) {
    let url = by_name(&server.schema(), parameters);
    let (one, two) = (Database::open(&url, "unused").await.unwrap(), Database::open(&url, "unused").await.unwrap());
    let mut far = two.broadcasts().subscribe(&tenant(), "news");
    one.events().append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    assert_eq!(positions(&all(&**two.events()).await), [1]);
    assert_eq!(one.leases().take("a", "one", Timing::SHARED.span).await.unwrap(), Some(1));
    let news = Broadcast::new(tenant(), "news", serde_json::json!(1));
    one.broadcasts().send(news.clone()).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(60), far.next()).await.expect("it is heard").unwrap();
    assert_eq!(heard, Heard::Message(news.into()), "LISTEN and NOTIFY");
    let (safe, open) = connections(server).await;
    assert!(safe >= 6 && open == 0, "{parameters}: {safe} over TLS, {open} in the clear");
    tokio::join!(one.close(), two.close());
    while connections(server).await != (0, 0) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_is_over_tls() {
    let authority = Authority::new();
    let server = authority.server(&[]);
    let file = authority.file();
    for parameters in [
        "sslmode=prefer".to_owned(),
        "sslmode=require&channel_binding=require".to_owned(),
        trusting("verify-ca", &file),
        trusting("verify-full", &file),
    ] {
        everything_works(&server, &parameters).await;
    }
    let older = authority.server(&["-c", "ssl_max_protocol_version=TLSv1.2"]);
    everything_works(&older, &(trusting("verify-full", &file) + "&channel_binding=require")).await;
}

#[tokio::test]
async fn a_server_that_is_not_the_one_meant_is_refused() {
    let authority = Authority::new();
    let server = authority.server(&[]);
    for other in [Authority::new(), Authority::named("Another one")] {
        for mode in ["require", "verify-ca", "verify-full"] {
            let said = refused(&server, &by_name(&server.schema(), &trusting(mode, &other.file()))).await;
            assert!(said.contains("certificate is of none of the authorities that are trusted"), "{mode}: {said}");
        }
    }
    // By its number it is not the one that the certificate is for.
    let by_number = format!("{}&{}", server.schema(), trusting("verify-full", &authority.file()));
    let said = refused(&server, &by_number).await;
    assert!(said.contains("certificate is not for this host") && said.contains("localhost"), "{said}");
    let unchecked = format!("{}&{}", server.schema(), trusting("verify-ca", &authority.file()));
    open(&unchecked).await.close().await;
    let absent = by_name(&server.schema(), &trusting("verify-full", Path::new("/nowhere/ca.pem")));
    let said = refused(&server, &absent).await;
    assert!(said.contains("/nowhere/ca.pem"), "{said}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let authority = Authority::new();
    for parameters in ["sslmode=require".to_owned(), trusting("verify-full", &authority.file())] {
        let said = refused(&SERVER, &by_name(&SERVER.schema(), &parameters)).await;
        assert!(said.contains("server does not support TLS"), "{said}");
    }
    for parameters in ["sslmode=prefer", "sslmode=disable", "application_name=x"] {
        open(&by_name(&SERVER.schema(), parameters)).await.close().await;
    }
    let bound = refused(&SERVER, &by_name(&SERVER.schema(), "channel_binding=require")).await;
    assert!(bound.contains("channel binding"), "{bound}");
}

/// What libpq does, too: under `prefer` anything is better than nothing.
#[tokio::test]
async fn whoever_only_prefers_tls_goes_on_without() {
    let authority = Authority::new();
    let server = authority.server(&[]);
    let operator = plain(&server.url("postgres", "postgres")).await;
    let rules: String = operator.query_one("SHOW hba_file", &[]).await.unwrap().get(0);
    let only_in_the_clear = format!("COPY (SELECT 'hostnossl all all all scram-sha-256') TO '{rules}'");
    operator.batch_execute(&only_in_the_clear).await.unwrap();
    operator.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    // Until the server has read them, the old rules hold.
    while tokio_postgres::connect(&server.url("app", "app"), tokio_postgres::NoTls).await.is_err()
        || PostgresEvents::open(&by_name(&server.schema(), "sslmode=require"), "unused").await.is_ok()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let said = refused(&server, &by_name(&server.schema(), "sslmode=require")).await;
    assert!(said.contains("no pg_hba.conf entry"), "{said}");
    let store = open(&by_name(&server.schema(), "sslmode=prefer")).await;
    store.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    assert_eq!(connections(&server).await.0, 0);
    store.close().await;
}

/// As the manual of PostgreSQL makes them: a certificate that calls itself an authority, and is the server's.
#[tokio::test]
async fn a_certificate_that_has_signed_itself_can_be_trusted_by_itself() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.clone().self_signed(&key).unwrap();
    let server = with((certificate.pem(), key.serialize_pem()), &[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.crt");
    std::fs::write(&file, certificate.pem()).unwrap();
    open(&by_name(&server.schema(), &trusting("verify-full", &file))).await.close().await;
    let by_number = format!("{}&{}", server.schema(), trusting("verify-full", &file));
    assert!(refused(&server, &by_number).await.contains("not for this host"));
    // Another one of the same name and the same key is another one.
    params.serial_number = Some(7_u64.into());
    std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
    let said = refused(&server, &by_name(&server.schema(), &trusting("verify-full", &file))).await;
    assert!(said.contains("certificate is not accepted"), "{said}");
}

#[tokio::test]
async fn a_certificate_whose_time_is_over_is_refused() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let server = with((certificate.pem(), key.serialize_pem()), &[]);
    let said = refused(&server, &by_name(&server.schema(), &trusting("verify-full", &authority.file()))).await;
    assert!(said.contains("expired"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_started_again_is_reached_over_tls_again() {
    let authority = Authority::new();
    let mut server = authority.server(&[]);
    let store = open(&by_name(&server.schema(), &trusting("verify-full", &authority.file()))).await;
    let mut watch = store.watch();
    for position in 1..=3 {
        store.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
        watch.wait_for(|head| *head >= position).await.unwrap();
        assert_eq!(connections(&server).await.1, 0);
        server.kill();
        server.run();
    }
    assert_eq!(positions(&all(&store).await), [1, 2, 3]);
    store.close().await;
}

/// No test of its own: the next one runs this program once more, for it alone, with other authorities.
#[tokio::test]
#[ignore = "another test starts it"]
async fn by_the_authorities_of_the_system() {
    let Ok(url) = std::env::var(BY_SYSTEM) else { return };
    match PostgresEvents::open(&url, "unused").await {
        Ok(store) => {
            store.close().await;
            println!("it was taken");
        }
        Err(error) => println!("it was refused: {error}"),
    }
}

#[tokio::test]
async fn without_a_file_the_authorities_of_the_system_are_asked() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.server(&[]);
    let empty = authority.folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    for (parameters, file, expected) in [
        ("sslmode=verify-full", authority.file(), "it was taken"),
        ("sslrootcert=system", authority.file(), "it was taken"),
        ("sslmode=verify-full", other.file(), "none of the authorities that are trusted"),
        ("sslmode=verify-full", empty, "this system has no certificates of authorities"),
    ] {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "tls::by_the_authorities_of_the_system", "--ignored", "--nocapture"]);
        again
            .env(BY_SYSTEM, by_name(&server.schema(), parameters))
            .env("SSL_CERT_FILE", file)
            .env_remove("SSL_CERT_DIR");
        let output = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(expected), "{parameters}: {said}");
    }
}
