//! The events of another service, over its channel.

use prost::Message;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::client::Grpc;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Status, Streaming};

use super::convert::{event_in, query_out};
use super::follow::{Known, follow};
use super::{Feed, SERVICE};
use crate::automation::Peers;
use crate::consumer::Ledger;
use crate::event::{Names, Position, Query, StoredEvent, Tenant};
use crate::rpc::{Channel, Client};
use crate::store::{Range, StoreError};
use crate::wire;

/// The largest page that is taken, in bytes. A page is smaller, unless one single event is larger than that.
const LARGEST: usize = 64 << 20;

/// The events of another service. Ends when it is dropped.
pub(crate) struct Remote {
    way: Way,
    known: Known,
    /// Those that its events have had: it may be of before a rename, or of after it.
    names: Names,
    task: JoinHandle<()>,
}

/// How the other service is called. Cheap to clone.
#[derive(Clone)]
pub(super) struct Way {
    /// Who reads.
    pub(super) reader: &'static str,
    /// Whose events they are.
    pub(super) service: &'static str,
    peers: Peers,
    /// Where it is noted whose events they were.
    ledger: Ledger,
}

impl Way {
    /// An error that has this reason.
    pub(super) fn away(&self, problem: impl Into<String>) -> StoreError {
        StoreError::Away { service: self.service, problem: problem.into() }
    }

    pub(super) fn refused(&self, status: &Status) -> StoreError {
        if status.code() == Code::OutOfRange {
            return StoreError::DeletedThere { service: self.service, problem: status.message().to_owned() };
        }
        self.away(format!("{:?}: {}", status.code(), status.message()))
    }

    async fn client(&self) -> Result<Client<Channel>, StoreError> {
        let channel = self.peers.channel(self.service).await.map_err(|problem| self.away(problem))?;
        Ok(Client::new(SERVICE, Grpc::new(channel).max_decoding_message_size(LARGEST)))
    }

    /// A message with a token that is good for a moment.
    fn request<T>(&self, message: T) -> Result<Request<T>, StoreError> {
        let token = self.peers.keys().events_token(self.service).map_err(|problem| self.away(problem))?;
        let bearer = MetadataValue::try_from(format!("Bearer {token}")).map_err(|_| self.away("no header"))?;
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }

    async fn one<I, O>(&self, method: &'static str, message: I) -> Result<O, StoreError>
    where
        I: Message + 'static,
        O: Message + Default + 'static,
    {
        let answer = self.client().await?.one::<I, O>(method, self.request(message)?).await;
        answer.map(tonic::Response::into_inner).map_err(|status| self.refused(&status))
    }

    fn whose(&self) -> wire::EventsOf {
        wire::EventsOf { service: self.service.to_owned() }
    }

    /// Where the events end, asked for now.
    pub(super) async fn head(&self, known: &Known) -> Result<Position, StoreError> {
        let head = self.one("Head", self.whose()).await?;
        self.same(known, head).await
    }

    /// Makes sure that they are the events that were read before: nothing that was made of others goes with these.
    pub(super) async fn same(&self, known: &Known, head: wire::EventsHead) -> Result<Position, StoreError> {
        let first = head.first.map(|id| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let before = match (known.first(), &first) {
            (Some(before), _) => Some(before),
            (None, None) => self.ledger.first_of(self.service).await?,
            (None, Some(first)) => {
                self.ledger.note_first_of(self.service, first).await?;
                self.ledger.first_of(self.service).await?
            }
        };
        if before.as_ref() != first.as_ref() {
            return Err(self.away("its events are others than those that were read before; it has another database"));
        }
        first.into_iter().for_each(|first| known.begins(first));
        Ok(head.position)
    }

    /// Where they end, again and again.
    pub(super) async fn heads(&self) -> Result<Streaming<wire::EventsHead>, StoreError> {
        let answer = self.client().await?.many::<wire::EventsOf, _>("Follow", self.request(self.whose())?).await;
        answer.map(tonic::Response::into_inner).map_err(|status| self.refused(&status))
    }
}

impl Remote {
    /// Begins to follow the service's events; must be called in a runtime.
    pub(crate) fn start(
        (reader, service): (&'static str, &'static str),
        (peers, ledger): (Peers, Ledger),
        names: Names,
    ) -> Self {
        let (way, known) = (Way { reader, service, peers, ledger }, Known::default());
        let task = tokio::spawn(follow(way.clone(), known.clone()));
        Self { way, known, names, task }
    }

    /// The next page behind a position, and up to where it goes.
    async fn page(&self, message: wire::ReadEvents) -> Result<(Vec<StoredEvent>, Position), StoreError> {
        let (mut before, until) = (message.after, message.until.unwrap_or(Position::MAX));
        let page: wire::EventPage = self.way.one("Read", message).await?;
        if page.to <= before {
            // It had them, or nobody would ask for them.
            return Err(self.way.away(format!("its events end at {}, which is before {until}", page.to)));
        }
        let mut events = Vec::with_capacity(page.events.len());
        for event in page.events {
            if event.position <= before || event.position > page.to.min(until) {
                return Err(self.way.away(format!("it gave the event at {} out of order", event.position)));
            }
            before = event.position;
            events.push(event_in(event).map_err(|problem| self.way.away(problem))?);
        }
        self.names.show(&mut events);
        Ok((events, page.to))
    }
}

#[async_trait::async_trait]
impl Feed for Remote {
    fn source(&self) -> Option<&'static str> {
        Some(self.way.service)
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let head = self.way.head(&self.known).await?;
        self.known.reached(head);
        Ok(head)
    }

    async fn known(&self) -> Result<Position, StoreError> {
        Ok(self.known.head())
    }

    async fn read(&self, of: Option<&Tenant>, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        if range.backwards {
            return Err(StoreError::Invalid("the events of another service are not read backwards".to_owned()));
        }
        let until = match range.until {
            // Whoever read last time may have read others.
            Some(until) if self.known.first().is_some() => until,
            until => self.head().await?.min(until.unwrap_or(Position::MAX)),
        };
        let query = self.names.asked(query);
        let (mut found, mut after) = (Vec::new(), range.after);
        while after < until && range.limit.is_none_or(|limit| found.len() < limit) {
            let left = range.limit.map_or(usize::MAX, |limit| limit - found.len());
            let message = wire::ReadEvents {
                service: self.way.service.to_owned(),
                after,
                until: Some(until),
                limit: u32::try_from(left).unwrap_or(u32::MAX),
                query: query_out(&query),
                tenant: of.map(|tenant| tenant.as_str().to_owned()),
            };
            let (events, to) = self.page(message).await?;
            found.extend(events);
            after = to;
        }
        Ok(found)
    }

    fn today(&self, event_type: &str) -> Option<&str> {
        self.names.other(event_type)
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.known.watch()
    }

    fn trouble(&self) -> Option<String> {
        self.known.trouble()
    }

    fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.task.abort();
    }
}
