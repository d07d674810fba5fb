//! Messages on their way, without their types: what carries calls is compiled once, in the runtime or for a transport, and not
//! again for each message of an API.

use std::marker::PhantomData;

use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::Bytes;
use tonic_prost::ProstDecoder;

/// A message that goes out; its bytes are made where they are wanted.
pub(super) type Outgoing = Box<dyn Encode>;

/// What can be made bytes.
pub(super) trait Encode: Send + Sync + 'static {
    fn encode_to(&self, buffer: &mut EncodeBuf<'_>) -> Result<(), Status>;
}

impl<M: Message + 'static> Encode for M {
    fn encode_to(&self, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        self.encode(buffer).map_err(|cause| Status::internal(cause.to_string()))
    }
}

/// The message on its way out.
pub(super) fn outgoing(message: impl Message + 'static) -> Outgoing {
    Box::new(message)
}

/// The message that came in.
pub(super) fn incoming<M: Message + Default>(bytes: Bytes) -> Result<M, Status> {
    M::decode(bytes).map_err(|cause| Status::internal(cause.to_string()))
}

/// Messages go out, and come in as their bytes.
#[derive(Default)]
pub(super) struct Plain;

impl Codec for Plain {
    type Encode = Outgoing;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Outgoing;
    type Error = Status;

    fn encode(&mut self, message: Outgoing, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        (*message).encode_to(buffer)
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        use prost::bytes::Buf as _;
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// Messages go out, and come in as messages of one type: for those who hand on a stream of them.
pub(super) struct Typed<M>(PhantomData<fn() -> M>);

impl<M> Default for Typed<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M: Message + Default + 'static> Codec for Typed<M> {
    type Encode = Outgoing;
    type Decode = M;
    type Encoder = Plain;
    type Decoder = ProstDecoder<M>;

    fn encoder(&mut self) -> Plain {
        Plain
    }

    fn decoder(&mut self) -> ProstDecoder<M> {
        ProstDecoder::default()
    }
}
