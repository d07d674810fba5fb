//! Events and queries on their way to the wire and back.

use std::borrow::Cow;

use uuid::Uuid;

use crate::event::{Metadata, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::wire;

/// A query as it travels; all events are no query.
pub(super) fn query_out(query: &Query) -> Option<wire::EventQuery> {
    let Query::Items(items) = query else { return None };
    let item = |item: &QueryItem| wire::EventQueryItem {
        types: item.types.iter().map(|name| name.clone().into_owned()).collect(),
        tags: item.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
    };
    Some(wire::EventQuery { items: items.iter().map(item).collect() })
}

/// Reads a query.
pub(super) fn query_in(query: Option<wire::EventQuery>) -> Query {
    let Some(query) = query else { return Query::All };
    Query::of(query.items.into_iter().map(|item| QueryItem {
        types: item.types.into_iter().map(Cow::Owned).collect(),
        tags: item.tags.into_iter().map(Tag::new).collect(),
    }))
}

/// An event as it travels.
pub(super) fn event_out(event: StoredEvent) -> wire::StoredEvent {
    let Metadata { correlation_id, causation_id, user_id, reason, traceparent } = event.metadata;
    wire::StoredEvent {
        position: event.position,
        id: event.id.as_bytes().to_vec(),
        tenant: event.tenant.into(),
        topic: event.topic,
        stream: event.stream,
        r#type: event.event_type,
        version: event.version,
        tags: event.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
        payload: event.payload.to_string().into_bytes(),
        raised_at: event.raised_at,
        correlation_id,
        causation_id,
        user_id,
        reason,
        traceparent,
    }
}

/// Reads an event.
///
/// # Errors
/// A sentence if it is none.
pub(super) fn event_in(event: wire::StoredEvent) -> Result<StoredEvent, String> {
    let position = event.position;
    let wrong = |what: &str| format!("the event at {position} has {what}");
    let wire::StoredEvent { correlation_id, causation_id, user_id, reason, traceparent, .. } = event;
    Ok(StoredEvent {
        position,
        id: Uuid::from_slice(&event.id).map_err(|_| wrong("no id"))?,
        tenant: Tenant::new(event.tenant),
        topic: event.topic,
        stream: event.stream,
        event_type: event.r#type,
        version: event.version,
        tags: event.tags.into_iter().map(Tag::new).collect(),
        payload: serde_json::from_slice(&event.payload).map_err(|_| wrong("a payload that is no JSON"))?,
        metadata: Metadata { correlation_id, causation_id, user_id, reason, traceparent },
        raised_at: event.raised_at,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_event_is_the_same_behind_the_wire() {
        let bare = StoredEvent {
            position: 7,
            tenant: Tenant::new("acme"),
            id: Uuid::now_v7(),
            topic: "enrollment".to_owned(),
            stream: None,
            event_type: "Subscribed".to_owned(),
            version: 3,
            tags: Vec::new(),
            payload: serde_json::json!({ "price": 1.25, "name": "Ä\u{0}", "none": null }),
            metadata: Metadata::default(),
            raised_at: -1,
        };
        let text = |text: &str| Some(text.to_owned());
        let full = StoredEvent {
            stream: text("s"),
            tags: vec![Tag::new("course:c1"), Tag::new("student:s1")],
            metadata: Metadata {
                correlation_id: text("a"),
                causation_id: text("b"),
                user_id: text("c"),
                reason: text("d"),
                traceparent: text("e"),
            },
            ..bare.clone()
        };
        for event in [bare, full] {
            assert_eq!(event_in(event_out(event.clone())).unwrap(), event);
        }
        assert!(event_in(wire::StoredEvent::default()).is_err());
    }

    #[test]
    fn a_query_is_the_same_behind_the_wire() {
        let one = QueryItem::of(&["A", "B"], [Tag::new("t:1")]);
        for query in [Query::All, Query::of([]), Query::of([one.clone()]), Query::of([QueryItem::of(&[], []), one])] {
            assert_eq!(query_in(query_out(&query)), query);
        }
    }
}
