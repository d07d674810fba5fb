//! How another service is asked for its events.

use prost::Message;
use tonic::client::Grpc;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Status, Streaming};

use super::SERVICE;
use super::known::Known;
use crate::automation::Peers;
use crate::consumer::Ledger;
use crate::event::Position;
use crate::rpc::{Channel, Client};
use crate::store::StoreError;
use crate::wire;

/// The largest page that is taken, in bytes. A page is smaller, unless one single event is larger than that.
const LARGEST: usize = 64 << 20;

/// How the other service is called. Cheap to clone.
#[derive(Clone)]
pub(super) struct Way {
    /// Who reads.
    pub(super) reader: &'static str,
    /// Whose events they are.
    pub(super) service: &'static str,
    pub(super) peers: Peers,
    /// Where it is noted whose events they were.
    pub(super) ledger: Ledger,
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

    /// A call that answers with one message.
    pub(super) async fn one<I, O>(&self, method: &'static str, message: I) -> Result<O, StoreError>
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
