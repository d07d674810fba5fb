//! A gateway as generated code defines it: one schema over the clients of all services.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::futures_util::future::BoxFuture;
use async_graphql::futures_util::stream::{self, BoxStream, StreamExt};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{
    Data, Executor, ObjectType, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType, ValidationMode,
};
use tonic::transport::Endpoint;

use super::context::AskedTenants;
use super::errors::{placeless, validation};
use super::files::FileLinks;
use super::{absent, growth, nesting};
use crate::remembered::Remembered;
use crate::rpc::Channel;

/// How much one GraphQL operation may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep selections may nest.
    pub depth: usize,
    /// How many fields it may select in all.
    pub complexity: usize,
    /// Whether clients may ask for the schema.
    pub introspection: bool,
}

/// The way to each service, by its name.
pub struct Channels {
    find: Box<Find>,
    opened: Mutex<BTreeMap<String, Result<Channel, String>>>,
    links: Option<FileLinks>,
}

type Find = dyn Fn(&str) -> Result<Channel, String> + Send + Sync;

impl Channels {
    pub(crate) fn new(find: impl Fn(&str) -> Result<Channel, String> + Send + Sync + 'static) -> Self {
        Self { find: Box::new(find), opened: Mutex::default(), links: None }
    }

    /// The same, with links to the files that the services keep.
    #[must_use]
    pub(crate) fn with_links(self, links: FileLinks) -> Self {
        Self { links: Some(links), ..self }
    }

    /// The channel to a service. When there is no way to it, that is noted, and the gateway
    /// refuses to start.
    pub fn get(&self, service: &str) -> Channel {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let found = opened.entry(service.to_owned()).or_insert_with(|| (self.find)(service));
        // The stand-in is never called, since the gateway does not start.
        found.clone().unwrap_or_else(|_| Endpoint::from_static("http://not-configured.invalid").connect_lazy().into())
    }

    /// The channels that the schema has asked for.
    ///
    /// # Errors
    /// A sentence for each service that there is no way to.
    pub(crate) fn opened(&self) -> Result<Vec<(String, Channel)>, Vec<String>> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let problems: Vec<String> = opened.values().filter_map(|found| found.clone().err()).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(opened.iter().filter_map(|(name, found)| Some((name.clone(), found.clone().ok()?))).collect())
    }
}

type Build = dyn Fn(&Channels, Limits) -> Graph + Send + Sync;

/// A gateway: the schema, and which services it needs.
#[derive(Clone)]
pub struct GatewayDefinition {
    build: Arc<Build>,
    files: &'static [&'static str],
}

impl GatewayDefinition {
    /// Defines a gateway by what builds its schema, without finishing it: limits come from the
    /// configuration. It may be called more than once.
    pub fn new<Q, M, S, F>(build: F) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
        F: Fn(&Channels) -> SchemaBuilder<Q, M, S> + Send + Sync + 'static,
    {
        let build = move |channels: &Channels, limits: Limits| {
            let mut builder = limited(build(channels), limits);
            if let Some(links) = &channels.links {
                builder = builder.data(links.clone());
            }
            Graph::new(builder.finish(), limits)
        };
        Self { build: Arc::new(build), files: &[] }
    }

    /// Lets the files of these services be uploaded and loaded: `POST /v1/<service>/files`, `GET /v1/<service>/files/<id>`.
    #[must_use]
    pub fn files(self, services: &'static [&'static str]) -> Self {
        Self { files: services, ..self }
    }

    /// The services whose files are uploaded and loaded here.
    pub(crate) fn with_files(&self) -> &'static [&'static str] {
        self.files
    }

    pub(crate) fn graph(&self, channels: &Channels, limits: Limits) -> Graph {
        (self.build)(channels, limits)
    }
}

fn limited<Q, M, S>(builder: SchemaBuilder<Q, M, S>, limits: Limits) -> SchemaBuilder<Q, M, S> {
    let builder = builder
        .validation_mode(ValidationMode::Strict)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_directives(MOST_DIRECTIVES);
    if limits.introspection { builder } else { builder.disable_introspection().disable_suggestions() }
}

/// How many directives one field may carry.
const MOST_DIRECTIVES: usize = 16;

/// How many selections may stand for one field of the allowed complexity: fragments, and fields that are asked for twice.
const SELECTIONS_A_FIELD: usize = 8;

/// A finished schema, whatever its types.
#[derive(Clone)]
pub(crate) struct Graph {
    schema: Arc<dyn AnyGraph>,
    selections: usize,
    /// What was parsed and found small enough, by its text.
    admitted: Arc<Remembered<Arc<ExecutableDocument>>>,
}

/// How many bytes of texts are remembered, and for a while as many again. Parsed they take a good deal more.
const TEXTS: usize = 256 * 1024;

trait AnyGraph: Send + Sync {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    fn stream(&self, request: Request, data: Option<Arc<Data>>) -> BoxStream<'static, Response>;
}

impl Graph {
    fn new<Q, M, S>(schema: Schema<Q, M, S>, limits: Limits) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let selections = limits.complexity.saturating_mul(SELECTIONS_A_FIELD);
        Self { schema: Arc::new(schema), selections, admitted: Arc::new(Remembered::new(TEXTS)) }
    }

    /// The request, parsed, if it is small enough to be walked.
    fn admitted(&self, request: Request) -> Result<Request, Box<Response>> {
        let mut request = request.data(AskedTenants::default());
        let wrong = |message: String| refused(placeless(validation(message)));
        if let Some(problem) = nesting::problem_of_variables(&request) {
            return Err(wrong(problem));
        }
        if let Some(document) = self.admitted.get(&request.query) {
            return Ok(settled(request, ExecutableDocument::clone(&document)));
        }
        if let Some(problem) = nesting::problem_of_text(&request) {
            return Err(wrong(problem));
        }
        let document = request.parsed_query().map_err(refused)?.clone();
        if let Some(problem) = growth::problem(&document, self.selections) {
            return Err(wrong(problem));
        }
        self.admitted.keep(&request.query, Arc::new(document.clone()));
        Ok(settled(request, document))
    }
}

/// The request with its document, without the variables that it declares and does not give.
fn settled(mut request: Request, mut document: ExecutableDocument) -> Request {
    absent::settle(&mut document, &mut request);
    request.set_parsed_query(document);
    request
}

impl<Q, M, S> AnyGraph for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(Schema::execute(self, request))
    }

    fn stream(&self, request: Request, data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(self, request, data)
    }
}

impl Executor for Graph {
    async fn execute(&self, request: Request) -> Response {
        match self.admitted(request) {
            Err(refusal) => *refusal,
            Ok(request) => self.schema.execute(request).await,
        }
    }

    fn execute_stream(&self, request: Request, data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        match self.admitted(request) {
            Err(refusal) => stream::iter([*refusal]).boxed(),
            Ok(request) => self.schema.stream(request, data),
        }
    }
}

fn refused(error: ServerError) -> Box<Response> {
    Box::new(Response::from_errors(vec![error]))
}
