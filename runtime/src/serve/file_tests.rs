//! Services that keep files, as processes start them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use super::config::Config;
use super::edge::file_links;
use super::kind::Kind;
use super::peers::trust_by;
use super::{ServiceDefinition, start, stop};
use crate::error::Error;
use crate::gateway::GatewayDefinition;

const SECRET: &str = "a secret that has thirty-two bytes";

fn config(kind: Kind, services: &[&'static str], set: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let get = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::read(kind, services, &get)
}

fn definitions() -> Vec<ServiceDefinition> {
    vec![ServiceDefinition::new("papers").files()]
}

async fn started(set: &[(&str, &str)]) -> Result<(), Error> {
    let config = config(Kind::App, &["papers"], set).map_err(Error::Config)?;
    let trust = trust_by(&definitions(), &config, &|_| None)?;
    let running = start(definitions(), &config, &trust).await?;
    let files: Vec<&str> = running.iter().filter_map(|service| service.files().map(|(name, _)| name)).collect();
    assert_eq!(files, ["papers"]);
    stop(running).await;
    Ok(())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_beside_the_database_or_where_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", path(folder.path(), "papers.db"));
    started(&[("DATABASE_URL", &database)]).await.unwrap();
    assert!(folder.path().join("papers.files").is_dir());
    let elsewhere = format!("file:{}", path(folder.path(), "some/where"));
    started(&[("DATABASE_URL", &database), ("FILES_URL", &elsewhere)]).await.unwrap();
    assert!(folder.path().join("some/where").is_dir());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_or_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), b"no folder").unwrap();
    let taken = format!("file:{}", path(folder.path(), "taken"));
    let memory = ("DATABASE_URL", "sqlite::memory:");
    for (set, says) in [
        (vec![memory], "FILES_URL: is not set"),
        (vec![memory, ("FILES_URL", "ftp://host/x")], "`ftp:` is not known"),
        (vec![memory, ("FILES_URL", "file:")], "the folder is missing"),
        (vec![memory, ("FILES_URL", &taken)], "taken: "),
        (vec![memory, ("FILES_MAX_BYTES", "many")], "FILES_MAX_BYTES: "),
        (vec![memory, ("FILES_TYPES", "png")], "FILES_TYPES: must be media types"),
        (vec![memory, ("FILES_LINK_SECONDS", "1")], "FILES_LINK_SECONDS: must be from 60"),
    ] {
        let problem = started(&set).await.unwrap_err().to_string();
        assert!(problem.contains(says), "{problem}");
    }
}

#[test]
fn an_edge_by_itself_needs_the_secret_of_the_services() {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
    struct Query;
    #[Object]
    impl Query {
        async fn nothing(&self) -> bool {
            true
        }
    }
    let plain = GatewayDefinition::new(|_| Schema::build(Query, EmptyMutation, EmptySubscription));
    let with_files = plain.clone().files(&["papers"]);
    let none = config(Kind::Gateway, &[], &[]).unwrap();
    assert!(file_links(&plain, &none).unwrap().is_none());
    let problem = file_links(&with_files, &none).unwrap_err().to_string();
    assert!(problem.contains("SERVICE_SECRET: is not set; it signs the links"), "{problem}");
    for name in ["SERVICE_SECRET", "AUTH_SECRET"] {
        let config = config(Kind::Gateway, &[], &[(name, SECRET)]).unwrap();
        assert!(file_links(&with_files, &config).unwrap().is_some());
    }
}
