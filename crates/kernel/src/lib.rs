//! What every service speaks of: operations, shapes, faults, scopes, time and ids. No IO.

pub mod arn;
pub mod calls;
pub mod clock;
pub mod context;
pub mod cross_origin;
pub mod edge;
pub mod exchange;
pub mod fault;
pub mod ids;
pub mod operation;
pub mod page;
pub mod schema;
pub mod scope;
pub mod service;
pub mod shape;
pub mod stream;
pub mod tags;
pub mod validation;
mod value;
pub mod work;

pub use arn::Arn;
pub use calls::Calls;
pub use clock::Clock;
pub use context::{Caller, Context, RequestInfo};
pub use fault::Fault;
pub use ids::Ids;
pub use operation::{Handler, Operation};
pub use scope::{AccountId, Region, Scope};
pub use service::Service;
pub use shape::{Reader, Shape, Value, Writer};
pub use stream::{ByteStream, EventStream};

/// An instant, in UTC, to the nanosecond.
pub type Timestamp = jiff::Timestamp;

/// A JSON-like value whose shape the model leaves open.
pub type Document = serde_json::Value;

/// A map that keeps the order in which its keys arrived.
pub type Map<K, V> = indexmap::IndexMap<K, V>;

pub use bytes::Bytes;

/// What generated code needs of other crates.
pub mod reexport {
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
}
