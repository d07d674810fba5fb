//! Both ends of a call within the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::watch;
use tonic::client::Grpc;
use tonic::service::Routes;
use tonic::{Code, GrpcMethod, Request, Status};

use super::{Answer, Channel, Client, Incoming, Messages, Methods, Server, messages};
use crate::auth::{AuthKeys, AuthSettings, Call, Verifier};
use crate::database::{Database, Databases};
use crate::projection::Registry;
use crate::service::Service;
use crate::wire::{CommandResult, StringList};

struct Letters;

impl Methods for Letters {
    const SERVICE: &'static str = "post.v1.Letters";

    fn answer(call: Incoming) -> Answer {
        match call.method() {
            "Count" => call.one(count),
            "Each" => call.many(each),
            "Wait" => call.one(wait),
            _ => call.unknown(),
        }
    }
}

async fn count(service: Service, call: Call, message: StringList) -> Result<CommandResult, Status> {
    if message.values.is_empty() {
        return Err(Status::invalid_argument("nothing to count"));
    }
    let position = u64::try_from(message.values.len()).unwrap();
    let events = vec![format!("{} at {}", call.caller.tenant.as_str(), service.name())];
    Ok(CommandResult { position, events, ..CommandResult::default() })
}

async fn each(_service: Service, _call: Call, message: StringList) -> Result<Messages<StringList>, Status> {
    let found = stream::iter(message.values.into_iter().map(Ok).chain([Err(Status::data_loss("no more"))]));
    Ok(messages(found, |value| StringList { values: vec![value] }))
}

/// Notes how many wait, and waits for ever.
async fn wait(_service: Service, _call: Call, _message: StringList) -> Result<CommandResult, Status> {
    struct Waits;
    impl Drop for Waits {
        fn drop(&mut self) {
            WAITING.send_modify(|waiting| *waiting -= 1);
        }
    }
    WAITING.send_modify(|waiting| *waiting += 1);
    let _waits = Waits;
    std::future::pending().await
}

static WAITING: LazyLock<watch::Sender<u32>> = LazyLock::new(|| watch::Sender::new(0));

async fn channel() -> Channel {
    channel_for(Duration::from_secs(5)).await
}

/// A channel whose calls take so long at most.
async fn channel_for(call: Duration) -> Channel {
    let databases = Databases::single(Database::open("sqlite::memory:", "post").await.unwrap());
    let engines = Registry::new("post").start(&databases).await.unwrap();
    let settings = AuthSettings { keys: AuthKeys::None, issuer: None, audience: None };
    let verifier = Arc::new(Verifier::new(&settings).unwrap());
    let service = Service::new(databases, verifier, engines, "post");
    Channel::here(Routes::new(Server::<Letters>::new(service)), call)
}

fn letters(values: &[&str]) -> Request<StringList> {
    let mut request = Request::new(StringList { values: values.iter().map(|value| (*value).to_owned()).collect() });
    request.metadata_mut().insert("x-tenant-id", "acme".parse().unwrap());
    request
}

#[tokio::test]
async fn a_method_is_found_by_its_name_and_given_who_calls() {
    let mut client = Client::new(Letters::SERVICE, Grpc::new(channel().await));
    let answer = client.one::<StringList, CommandResult>("Count", letters(&["a", "b"])).await.unwrap();
    assert_eq!((answer.get_ref().position, answer.get_ref().events.as_slice()), (2, &["acme at post".to_owned()][..]));
    let refused = client.one::<StringList, CommandResult>("Count", letters(&[])).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::InvalidArgument, "nothing to count"));
    let nobody = Request::new(StringList { values: vec!["a".to_owned()] });
    let refused = client.one::<StringList, CommandResult>("Count", nobody).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn bytes_that_are_no_such_message_are_refused_at_either_end() {
    let mut client = Client::new(Letters::SERVICE, Grpc::new(channel().await));
    let mut no_list = Request::new(CommandResult { position: 7, ..CommandResult::default() });
    *no_list.metadata_mut() = letters(&[]).metadata().clone();
    let refused = client.one::<CommandResult, CommandResult>("Count", no_list).await.unwrap_err();
    assert_eq!(refused.code(), Code::Internal, "{refused}");
    assert!(refused.message().starts_with("failed to decode Protobuf message"), "{refused}");
    let not_read = client.one::<StringList, StringList>("Count", letters(&["a"])).await.unwrap_err();
    assert_eq!(not_read.code(), Code::Internal, "{not_read}");
}

#[tokio::test]
async fn a_stream_ends_with_its_failure() {
    let mut client = Client::new(Letters::SERVICE, Grpc::new(channel().await));
    let answer = client.many::<StringList, StringList>("Each", letters(&["a", "b"])).await.unwrap();
    let found: Vec<_> = answer.into_inner().collect().await;
    let values: Vec<_> = found.iter().filter_map(|item| item.as_ref().ok()).flat_map(|list| &list.values).collect();
    assert_eq!(values, ["a", "b"]);
    assert_eq!(found.last().unwrap().as_ref().unwrap_err().code(), Code::DataLoss);
}

#[tokio::test]
async fn what_is_no_method_is_not_implemented() {
    let channel = channel().await;
    for (service, method) in [
        (Letters::SERVICE, "Burn"),
        (Letters::SERVICE, ""),
        (Letters::SERVICE, "x/Count"),
        ("post.v1.Parcels", "Count"),
    ] {
        let mut client = Client::new(service, Grpc::new(channel.clone()));
        let refused = client.one::<StringList, CommandResult>(method, letters(&["a"])).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented, "{service} {method}");
    }
}

#[tokio::test]
async fn layers_of_the_transport_see_what_is_called() {
    let channel = channel().await;
    let noted = Arc::new(std::sync::Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let noting = tonic::service::interceptor::InterceptedService::new(channel, move |request: Request<()>| {
        let method = request.extensions().get::<GrpcMethod<'_>>().unwrap();
        notes.lock().unwrap().push(format!("{} {}", method.service(), method.method()));
        Ok(request)
    });
    let mut client = Client::new(Letters::SERVICE, Grpc::new(noting));
    client.one::<StringList, CommandResult>("Count", letters(&["a"])).await.unwrap();
    assert_eq!(*noted.lock().unwrap(), ["post.v1.Letters Count"]);
}

#[tokio::test]
async fn a_call_ends_when_its_time_is_over_or_nobody_waits_for_it() {
    let mut waiting = WAITING.subscribe();
    let mut client = Client::new(Letters::SERVICE, Grpc::new(channel_for(Duration::from_millis(50)).await));
    let refused = client.one::<StringList, CommandResult>("Wait", letters(&["a"])).await.unwrap_err();
    assert_eq!(refused.code(), Code::Cancelled);
    assert_eq!(*waiting.borrow_and_update(), 0, "the service does not go on");
    let mut client = Client::new(Letters::SERVICE, Grpc::new(channel().await));
    let call = tokio::spawn(async move { client.one::<StringList, CommandResult>("Wait", letters(&["a"])).await });
    waiting.wait_for(|waiting| *waiting == 1).await.unwrap();
    call.abort();
    tokio::time::timeout(Duration::from_secs(5), waiting.wait_for(|waiting| *waiting == 0)).await.unwrap().unwrap();
}
