//! Schemas that an older release has made.

use super::*;
use scaffold_runtime::store::Snapshot;

/// What release 0.2.0 makes for its events, and one event in it.
const OLDER: &str = "
CREATE SCHEMA {s};
CREATE TABLE {s}.layout (one boolean PRIMARY KEY DEFAULT true CHECK (one), version int8 NOT NULL);
INSERT INTO {s}.layout (version) VALUES (1);
CREATE TABLE {s}.counter (one boolean PRIMARY KEY DEFAULT true CHECK (one), position int8 NOT NULL)
    WITH (fillfactor = 10);
INSERT INTO {s}.counter (position) VALUES (0);
CREATE TABLE {s}.events (
    position int8 PRIMARY KEY,
    tenant text COLLATE \"C\" NOT NULL,
    id uuid NOT NULL,
    topic text NOT NULL,
    stream text,
    type text COLLATE \"C\" NOT NULL,
    version int8 NOT NULL,
    tags text[] COLLATE \"C\" NOT NULL,
    payload json NOT NULL,
    correlation_id text,
    causation_id text,
    user_id text,
    reason text,
    traceparent text,
    raised_at int8 NOT NULL
);
CREATE UNIQUE INDEX events_by_id ON {s}.events (tenant, id);
CREATE INDEX events_by_type ON {s}.events (tenant, type, position);
CREATE TABLE {s}.event_tags (
    tenant text COLLATE \"C\" NOT NULL,
    tag text COLLATE \"C\" NOT NULL,
    position int8 NOT NULL,
    type text COLLATE \"C\" NOT NULL,
    PRIMARY KEY (tenant, tag, position) INCLUDE (type)
);
CREATE TABLE {s}.answers (
    tenant text COLLATE \"C\" NOT NULL,
    command text COLLATE \"C\" NOT NULL,
    key text COLLATE \"C\" NOT NULL,
    position int8 NOT NULL,
    answer json NOT NULL,
    PRIMARY KEY (tenant, command, key)
);
";

/// An append as that release writes it, with its own statements.
const APPEND: &str = "
BEGIN;
SELECT position FROM {s}.counter FOR UPDATE;
INSERT INTO {s}.events (position, tenant, id, topic, type, version, tags, payload, raised_at)
    SELECT position + 1, 'acme', gen_random_uuid(), 'test', 'Taken', 1, '{x:1}', '{}', 1 FROM {s}.counter;
INSERT INTO {s}.event_tags SELECT 'acme', 'x:1', position + 1, 'Taken' FROM {s}.counter;
UPDATE {s}.counter SET position = position + 1;
COMMIT;
";

#[tokio::test]
async fn a_schema_of_an_older_release_goes_on_and_its_programs_too() {
    let url = SERVER.schema();
    let older = plain(&url).await;
    older.batch_execute(&OLDER.replace("{s}", schema(&url))).await.unwrap();
    let append = APPEND.replace("{s}", schema(&url));
    older.batch_execute(&append).await.unwrap();
    let store = open(&url).await;
    assert_eq!(positions(&all(&store).await), [1]);
    let taken = |after| store.append(Append::new(tenant(), vec![event("x:1")]).unless(about("x:1"), after));
    assert!(matches!(taken(None).await, Err(AppendError::Conflict)));
    taken(Some(1)).await.unwrap();
    // A program of the older release is still running.
    older.batch_execute(&append).await.unwrap();
    assert!(matches!(taken(Some(2)).await, Err(AppendError::Conflict)));
    taken(Some(3)).await.unwrap();
    assert_eq!(positions(&all(&store).await), [1, 2, 3, 4]);
    let kept = Snapshot { position: 4, state: serde_json::json!({"seats": 4}) };
    store.keep(&tenant(), &key("one"), kept.clone()).await.unwrap();
    assert_eq!(store.snapshot(&tenant(), &key("one")).await.unwrap(), Some(kept), "the table was made");
    let layout = format!("SELECT version FROM {}.layout", schema(&url));
    let layout: i64 = older.query_one(&layout, &[]).await.unwrap().get(0);
    assert_eq!(layout, 1, "the older release still opens it");
    store.close().await;
}
