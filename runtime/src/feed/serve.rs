//! What other services read here: the events of the services of this process. For services alone, by a token for just that.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use prost::Message;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;
use uuid::Uuid;

use super::SERVICE;
use super::convert::{event_out, query_in};
use super::follow::BEAT;
use crate::auth::{Call, Verifier};
use crate::error::status;
use crate::event::{Names, Position, Query, StoredEvent, Tenant};
use crate::rpc::Answer;
use crate::serve::Shutdown;
use crate::store::{EventStore, Range, StoreError};
use crate::value::DateTime;
use crate::wire;

/// Events in one page, at most.
const MOST: usize = 1000;
/// Events read from the store at once.
const CHUNK: usize = 200;
/// A page ends with the event by which it becomes larger than this, in bytes.
const LARGE: usize = 1 << 20;

/// The gRPC service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Events(Arc<Inner>);

struct Inner {
    stores: BTreeMap<&'static str, Store>,
    verifier: Arc<Verifier>,
    shutdown: Option<Shutdown>,
}

/// The events of a service. Cheap to clone.
#[derive(Clone)]
struct Store {
    events: Arc<dyn EventStore>,
    /// The names that they have had.
    names: Names,
    /// The id of the first one, once there is one.
    first: Arc<OnceLock<Uuid>>,
}

impl Store {
    /// As it is told that they end there.
    async fn ending(&self, position: Position) -> Result<wire::EventsHead, StoreError> {
        let mut first = self.first.get().copied();
        if first.is_none() {
            let found = self.events.read_all(&Query::All, Range::default().limit(1)).await?;
            first = found.first().map(|event| *self.first.get_or_init(|| event.id));
        }
        Ok(wire::EventsHead { position, first: first.map(|id| id.as_bytes().to_vec()) })
    }
}

impl Events {
    /// The events of these services. Streams end when the shutdown is wished.
    pub(crate) fn new(
        stores: impl IntoIterator<Item = (&'static str, Arc<dyn EventStore>, Names)>,
        verifier: Arc<Verifier>,
        shutdown: Option<Shutdown>,
    ) -> Self {
        let store = |(name, events, names)| (name, Store { events, names, first: Arc::default() });
        Self(Arc::new(Inner { stores: stores.into_iter().map(store).collect(), verifier, shutdown }))
    }

    /// The store of the service that is asked for, if the caller may read there; and until when it may.
    async fn store<T>(&self, request: &Request<T>, service: &str) -> Result<(Store, Instant), Status> {
        let call = Call::from_request(&self.0.verifier, request).await?;
        if !call.caller.is_signed_in() {
            return Err(status::unauthenticated("a service's token is needed"));
        }
        let (Some(expires), true) = (call.expires, call.caller.reads_events_of(service)) else {
            return Err(status::forbidden("events are read by services alone, with a token for that"));
        };
        let left = u64::try_from(expires.millis() - DateTime::now().millis()).unwrap_or(0);
        let until = Instant::now() + std::time::Duration::from_millis(left);
        let store = self.0.stores.get(service).cloned();
        store.map(|store| (store, until)).ok_or_else(|| status::not_found(format!("`{service}` is not here")))
    }

    async fn head(self, request: Request<wire::EventsOf>) -> Result<Response<wire::EventsHead>, Status> {
        let (store, _) = self.store(&request, &request.get_ref().service).await?;
        let head = store.events.head().await.map_err(failed)?;
        store.ending(head).await.map(Response::new).map_err(failed)
    }

    async fn read(self, request: Request<wire::ReadEvents>) -> Result<Response<wire::EventPage>, Status> {
        let (store, _) = self.store(&request, &request.get_ref().service).await?;
        page(&store, request.into_inner()).await.map(Response::new).map_err(failed)
    }

    async fn follow(self, request: Request<wire::EventsOf>) -> Result<Response<Heads>, Status> {
        let (store, until) = self.store(&request, &request.get_ref().service).await?;
        let shutdown = self.0.shutdown.clone();
        let over = async move {
            match shutdown {
                Some(shutdown) => drop(tokio::time::timeout_at(until, shutdown.wished()).await),
                None => tokio::time::sleep_until(until).await,
            }
        };
        Ok(Response::new(heads(store).take_until(Box::pin(over)).boxed()))
    }

    fn answer(self, request: http::Request<Body>) -> Answer {
        let path = request.uri().path().strip_prefix('/').and_then(|path| path.strip_prefix(SERVICE));
        match path {
            Some("/Head") => one(request, move |message| self.clone().head(message)),
            Some("/Read") => one(request, move |message| self.clone().read(message)),
            Some("/Follow") => Box::pin(async move {
                let follow = service_fn(move |message| self.clone().follow(message));
                Ok(Grpc::new(ProstCodec::default()).server_streaming(follow, request).await)
            }),
            _ => Box::pin(async { Ok(Status::unimplemented("").into_http()) }),
        }
    }
}

type Heads = BoxStream<'static, Result<wire::EventsHead, Status>>;

fn one<I, O, F>(request: http::Request<Body>, function: impl Fn(Request<I>) -> F + Clone + Send + 'static) -> Answer
where
    I: Message + Default + 'static,
    O: Message + 'static,
    F: Future<Output = Result<Response<O>, Status>> + Send + 'static,
{
    Box::pin(async move { Ok(Grpc::new(ProstCodec::<O, I>::default()).unary(service_fn(function), request).await) })
}

/// Where the events end: now, whenever there are new ones, and every few seconds.
fn heads(store: Store) -> impl Stream<Item = Result<wire::EventsHead, Status>> + Send {
    let watch = store.events.watch();
    stream::unfold(Some((store, watch, true)), |state| async move {
        let (store, mut watch, is_first) = state?;
        let head = match next(&store, &mut watch, is_first).await? {
            Ok(head) => Ok(head),
            Err(error) => return Some((Err(failed(error)), None)),
        };
        Some((head, Some((store, watch, false))))
    })
}

/// The next head; none when the store is gone.
async fn next(
    store: &Store,
    watch: &mut watch::Receiver<Position>,
    is_first: bool,
) -> Option<Result<wire::EventsHead, StoreError>> {
    if !is_first {
        match tokio::time::timeout(BEAT, watch.changed()).await {
            Ok(Ok(())) => {
                let head = *watch.borrow_and_update();
                return Some(store.ending(head).await);
            }
            Ok(Err(_)) => return None,
            // Nobody may have said so.
            Err(_) => {}
        }
    }
    Some(match store.events.head().await {
        Ok(head) => store.ending(head).await,
        Err(error) => Err(error),
    })
}

/// Events behind a position, as many as fit into a page.
async fn page(
    Store { events: store, names, .. }: &Store,
    ask: wire::ReadEvents,
) -> Result<wire::EventPage, StoreError> {
    let (query, tenant) = (query_in(ask.query), ask.tenant.map(Tenant::from));
    let asker = names.asker(&query);
    let head = store.head().await?;
    let until = ask.until.map_or(head, |until| until.min(head));
    let limit = usize::try_from(ask.limit).unwrap_or(MOST).clamp(1, MOST);
    let (mut events, mut bytes, mut to) = (Vec::new(), 0, ask.after);
    while to < until && events.len() < limit {
        let wanted = CHUNK.min(limit - events.len());
        let range = Range::after(to).until(until).limit(wanted).whole();
        let found: Vec<StoredEvent> = match &tenant {
            Some(tenant) => store.read(tenant, &query, range).await?,
            None => store.read_all(&query, range).await?,
        };
        let is_all = found.len() < wanted;
        for mut event in found {
            to = event.position;
            asker.name(&mut event);
            let event = event_out(event);
            bytes += event.encoded_len();
            events.push(event);
            if bytes > LARGE {
                return Ok(wire::EventPage { events, to });
            }
        }
        if is_all {
            to = until;
        }
    }
    Ok(wire::EventPage { events, to })
}

fn failed(error: StoreError) -> Status {
    match error {
        StoreError::Closed => status::unavailable("the service is shutting down"),
        error @ StoreError::Unreachable(_) => status::unavailable(error.to_string()),
        gone @ StoreError::Deleted { .. } => Status::out_of_range(gone.to_string()),
        other => status::internal(other.to_string()),
    }
}

impl NamedService for Events {
    const NAME: &'static str = SERVICE;
}

impl tower::Service<http::Request<Body>> for Events {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        self.clone().answer(request)
    }
}
