//! A gRPC client that knows nothing beforehand: it asks the server for its descriptors and speaks JSON on this side.

use prost_reflect::prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, SerializeOptions};
use serde_json::Value;
use tokio_stream::StreamExt;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

/// A connection with the descriptors of one service.
#[derive(Clone)]
pub struct Reflected {
    channel: Channel,
    pool: DescriptorPool,
    service: String,
    token: Option<String>,
}

impl Reflected {
    /// Connects and asks for `service`, a full name such as `courses.enrollment.v1.EnrollmentService`.
    pub async fn connect(address: &str, service: &str) -> Self {
        let channel = Channel::from_shared(format!("http://{address}")).expect("an address").connect().await;
        let channel = channel.expect("the server listens");
        let pool = descriptors(channel.clone(), service).await;
        Self { channel, pool, service: service.to_owned(), token: None }
    }

    /// The same connection with a token.
    pub fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Calls a method with a JSON message and gives the answer as JSON.
    pub async fn call(&self, method: &str, message: Value) -> Result<Value, Status> {
        let (mut client, codec, request, path) = self.prepare(method, message);
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let answer = client.unary(request, path, codec).await?;
        Ok(json(&answer.into_inner()))
    }

    /// Calls a method that answers with a stream.
    pub async fn stream(&self, method: &str, message: Value) -> Result<Answers, Status> {
        let (mut client, codec, request, path) = self.prepare(method, message);
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Answers(client.server_streaming(request, path, codec).await?.into_inner()))
    }

    fn prepare(
        &self,
        method: &str,
        message: Value,
    ) -> (tonic::client::Grpc<Channel>, Dynamic, Request<DynamicMessage>, Path) {
        let service = self.pool.get_service_by_name(&self.service).expect("the service is reflected");
        let method =
            service.methods().find(|known| known.name() == method).unwrap_or_else(|| panic!("no method {method}"));
        let message = DynamicMessage::deserialize(method.input(), message).expect("the message fits its descriptor");
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            let value: MetadataValue<_> = format!("Bearer {token}").parse().expect("a token is a header");
            request.metadata_mut().insert("authorization", value);
        }
        let path = format!("/{}/{}", self.service, method.name()).parse().expect("a path");
        (tonic::client::Grpc::new(self.channel.clone()), Dynamic(method), request, path)
    }
}

type Path = tonic::codegen::http::uri::PathAndQuery;

/// The messages of a streaming answer.
pub struct Answers(Streaming<DynamicMessage>);

impl Answers {
    /// The next message as JSON.
    pub async fn next(&mut self) -> Option<Result<Value, Status>> {
        Some(self.0.next().await?.map(|message| json(&message)))
    }
}

fn json(message: &DynamicMessage) -> Value {
    let options = SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(false);
    message.serialize_with_options(serde_json::value::Serializer, &options).expect("a message is JSON")
}

/// Every file that the service needs, dependencies first.
async fn descriptors(channel: Channel, service: &str) -> DescriptorPool {
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol(service.to_owned())),
    };
    let mut client = ServerReflectionClient::new(channel);
    let answers = client.server_reflection_info(tokio_stream::once(ask)).await.expect("reflection is served");
    let answer = answers.into_inner().message().await.expect("reflection answers").expect("one answer");
    let Some(MessageResponse::FileDescriptorResponse(found)) = answer.message_response else {
        panic!("reflection does not know {service}: {answer:?}");
    };
    let mut files: Vec<prost_types::FileDescriptorProto> = Vec::new();
    for bytes in found.file_descriptor_proto {
        files.push(Message::decode(bytes.as_slice()).expect("a file descriptor"));
    }
    let mut pool = DescriptorPool::global();
    let mut wanted: Vec<String> = files.iter().flat_map(|file| file.dependency.clone()).collect();
    while let Some(name) = wanted.pop() {
        if pool.get_file_by_name(&name).is_some() || files.iter().any(|file| file.name() == name) {
            continue;
        }
        let file = file_by_name(&mut client, &name).await;
        wanted.extend(file.dependency.clone());
        files.push(file);
    }
    pool.add_file_descriptor_protos(files).expect("the files belong together");
    pool
}

async fn file_by_name(client: &mut ServerReflectionClient<Channel>, name: &str) -> prost_types::FileDescriptorProto {
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileByFilename(name.to_owned())),
    };
    let answers = client.server_reflection_info(tokio_stream::once(ask)).await.expect("reflection is served");
    let answer = answers.into_inner().message().await.expect("reflection answers").expect("one answer");
    match answer.message_response {
        Some(MessageResponse::FileDescriptorResponse(found)) => {
            Message::decode(found.file_descriptor_proto[0].as_slice()).expect("a file descriptor")
        }
        other => panic!("reflection does not know {name}: {other:?}"),
    }
}

/// Encodes and decodes by descriptor.
struct Dynamic(MethodDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.output(), buffer);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
