//! `scaffold.yaml`.

use super::reader::Reader;
use super::text::{Name, Placed};
use super::yaml::{Entry, Node, NodeKind, read_yaml};
use crate::diagnostic::codes::reading::WRONG_SHAPE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::{FileId, Place, Sources};

pub(super) const PROJECT: &[&str] = &["env", "name", "runtime", "services"];
pub(super) const SERVICE: &[&str] = &["model", "schema", "snapshots", "topics"];
pub(super) const TOPIC: &[&str] = &["consumers", "deleteAfter", "keep"];
pub(super) const RUNTIME: &[&str] = &["path", "version"];

/// `scaffold.yaml` as written.
#[derive(Clone, Debug, Default)]
pub struct RawProject {
    /// `name`; none: missing, which was reported.
    pub name: Option<Name>,
    /// `services`: globs of those whose files stand elsewhere.
    pub services: Vec<RawServiceSettings>,
    /// `env`
    pub env: Vec<(Name, Name)>,
    /// `runtime`
    pub runtime: RawRuntime,
}

/// An entry of `services`.
#[derive(Clone, Debug)]
pub struct RawServiceSettings {
    /// The service's name.
    pub name: Name,
    /// `schema`: globs; none: `schema/<service>/**`.
    pub schema: Option<Vec<Name>>,
    /// `model`: globs; none: `model/<service>.yaml` and `model/<service>/*.yaml`.
    pub model: Option<Vec<Name>>,
    /// `topics`: those whose events go after they were consumed.
    pub topics: Vec<RawTopic>,
    /// `snapshots`: commands whose state is kept, each with the number of events as written.
    pub snapshots: Vec<(Name, Name)>,
}

/// An entry of `topics`.
#[derive(Clone, Debug)]
pub struct RawTopic {
    /// The topic.
    pub name: Name,
    /// `deleteAfter`
    pub delete_after: RawDeleteAfter,
    /// `consumers`: groups that are written in Rust.
    pub consumers: Vec<Name>,
    /// `keep`, in milliseconds.
    pub keep: Option<Placed<i64>>,
}

/// `deleteAfter`
#[derive(Clone, Debug)]
pub enum RawDeleteAfter {
    /// `consumed`: by every automation that follows the topic.
    Consumed,
    /// By these automations.
    Automations(Vec<Name>),
}

/// `runtime`
#[derive(Clone, Debug, Default)]
pub enum RawRuntime {
    /// Not written: `runtime/` inside the project.
    #[default]
    Vendored,
    /// `path`
    Path(Name),
    /// `version`
    Version(Name),
}

/// Reads the file; what is wrong is reported and left out.
pub(super) fn read_project(sources: &Sources, file: FileId, sink: &mut Sink) -> RawProject {
    let errors = sink.count(crate::diagnostic::Severity::Error);
    let node = read_yaml(sources, file, sink);
    let start = Place { file, start: 0, end: 0 };
    let mut reader = Reader { sink };
    let Some(node) = node else {
        if reader.sink.count(crate::diagnostic::Severity::Error) == errors {
            reader.missing(start, "`scaffold.yaml`", "name");
        }
        return RawProject::default();
    };
    let Some(mut keys) = reader.keys(node, "`scaffold.yaml`", PROJECT) else { return RawProject::default() };
    let name = match keys.take("name") {
        Some(node) => reader.text(&node, "`name`"),
        None => {
            reader.missing(start, "`scaffold.yaml`", "name");
            None
        }
    };
    let services = keys.take("services").and_then(|node| reader.map(node, "`services`")).unwrap_or_default();
    let env = keys.take("env").and_then(|node| reader.map(node, "`env`")).unwrap_or_default();
    let runtime = keys.take("runtime").and_then(|node| reader.runtime(node));
    RawProject {
        name,
        services: services.into_iter().filter_map(|entry| reader.settings(entry)).collect(),
        env: env.into_iter().filter_map(|entry| reader.variable(entry)).collect(),
        runtime: runtime.unwrap_or_default(),
    }
}

impl Reader<'_> {
    fn settings(&mut self, Entry { key: name, value }: Entry) -> Option<RawServiceSettings> {
        let mut keys = self.keys(value, format!("the service `{}`", name.value), SERVICE)?;
        let schema = keys.take("schema").and_then(|node| self.globs(node, "`schema`"));
        let model = keys.take("model").and_then(|node| self.globs(node, "`model`"));
        let topics = keys.take("topics").and_then(|node| self.map(node, "`topics`")).unwrap_or_default();
        let topics = topics.into_iter().filter_map(|entry| self.topic(entry)).collect();
        let snapshots = keys.take("snapshots").and_then(|node| self.map(node, "`snapshots`")).unwrap_or_default();
        let snapshots = snapshots.into_iter().filter_map(|entry| self.snapshots(entry)).collect();
        Some(RawServiceSettings { name, schema, model, topics, snapshots })
    }

    fn topic(&mut self, Entry { key: name, value }: Entry) -> Option<RawTopic> {
        let mut keys = self.keys(value, format!("the topic `{}`", name.value), TOPIC)?;
        let consumers = keys.take("consumers").and_then(|node| self.names(node, "`consumers`"));
        let keep = keys.take("keep").and_then(|node| self.duration(&node, "`keep`"));
        let Some(after) = keys.take("deleteAfter") else {
            self.missing(name.place, &format!("the topic `{}`", name.value), "deleteAfter");
            return None;
        };
        let delete_after = self.delete_after(after)?;
        Some(RawTopic { name, delete_after, consumers: consumers.map(|names| names.value).unwrap_or_default(), keep })
    }

    fn snapshots(&mut self, Entry { key: command, value }: Entry) -> Option<(Name, Name)> {
        let every = self.text(&value, &format!("what stands for `{}`", command.value))?;
        Some((command, every))
    }

    /// `consumed`, or a list of automations.
    fn delete_after(&mut self, node: Node) -> Option<RawDeleteAfter> {
        if !matches!(node.kind, NodeKind::Scalar(_)) {
            return self.names(node, "`deleteAfter`").map(|names| RawDeleteAfter::Automations(names.value));
        }
        let text = self.text(&node, "`deleteAfter`")?;
        if text.value == "consumed" {
            return Some(RawDeleteAfter::Consumed);
        }
        let message = "`deleteAfter` is `consumed` or a list of automations";
        let problem = Diagnostic::error(WRONG_SHAPE, text.place, message);
        self.sink.push(problem.help(format!("write `[{}]` to name one", text.value)));
        None
    }

    /// A list of patterns, or one.
    fn globs(&mut self, node: Node, what: &str) -> Option<Vec<Name>> {
        if matches!(node.kind, NodeKind::Scalar(_)) {
            return self.text(&node, what).map(|glob| vec![glob]);
        }
        self.names(node, what).map(|globs| globs.value)
    }

    fn variable(&mut self, Entry { key, value }: Entry) -> Option<(Name, Name)> {
        if let NodeKind::Scalar(scalar) = &value.kind {
            // An empty text is a value here.
            return Some((key, scalar.text.name()));
        }
        let text = self.text(&value, &format!("the value of `{}`", key.value))?;
        Some((key, text))
    }

    fn runtime(&mut self, node: Node) -> Option<RawRuntime> {
        let mut keys = self.keys(node, "`runtime`", RUNTIME)?;
        let path = keys.take("path").and_then(|node| self.text(&node, "`path`"));
        let version = keys.take("version").and_then(|node| self.text(&node, "`version`"));
        match (path, version) {
            (Some(path), None) => Some(RawRuntime::Path(path)),
            (None, Some(version)) => Some(RawRuntime::Version(version)),
            (None, None) => None,
            (Some(path), Some(version)) => {
                let message = "the runtime is found by `path` or by `version`, not by both";
                let problem = Diagnostic::error(WRONG_SHAPE, version.place, message);
                self.sink.push(problem.related(path.place, "the other"));
                None
            }
        }
    }
}
