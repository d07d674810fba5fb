//! The statements of the writer, once for each schema.

use super::function;

/// What comes before a read: a limit for it alone, also behind a pooler. All that follows is of one moment.
pub(super) const READING: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '30s'; SET LOCAL jit = off";

/// The same limit for a session that nobody else uses. A transaction that sets its own has those.
pub(super) const SESSION: &str =
    "SET statement_timeout = '30s'; SET jit = off; SET default_transaction_isolation = 'read committed'";

/// Takes the counter, for one group of appends. Each statement behind the lock sees all that was committed before it.
///
/// Whoever stands still while it holds the lock loses it after a while, and a database whose commits are not flushed by
/// default has to flush ours. Index walks are what all our look-ups are made for, whatever the planner has not yet counted.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SELECT set_config('lock_timeout', '10s', true), set_config('statement_timeout', '30s', true), \
    set_config('idle_in_transaction_session_timeout', '15s', true), set_config('jit', 'off', true), \
    set_config('enable_seqscan', 'off', true); \
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'; ";

/// The texts of a schema.
pub(super) struct Statements {
    /// Begins, locks, and answers with the last position given away.
    pub(super) begin: String,
    pub(super) head: String,
    pub(super) answer: String,
    /// Which of the keys (number, tenant, command, key) have an answer.
    pub(super) answers: String,
    /// Which of the ids (number, tenant, id) are there, and where.
    pub(super) ids: String,
    /// Which of the walks along a tag have a hit.
    pub(super) tag_hits: String,
    /// Which of the walks along a type have a hit.
    pub(super) type_hits: String,
    /// Which of the walks along everything of a tenant have a hit.
    pub(super) all_hits: String,
    /// Calls the function that appends.
    pub(super) append: String,
}

impl Statements {
    pub(super) fn new(schema: &str) -> Self {
        let s = format!("\"{schema}\"");
        Self {
            begin: format!("{BEGIN}SELECT position FROM {s}.counter FOR UPDATE"),
            head: format!("SELECT position FROM {s}.counter"),
            answer: format!(
                "SELECT position, answer::text FROM {s}.answers WHERE tenant = $1 AND command = $2 AND key = $3"
            ),
            answers: format!(
                "SELECT k.no, a.position, a.answer::text \
                 FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[]) AS k(no, tenant, command, key) \
                 CROSS JOIN LATERAL (SELECT position, answer FROM {s}.answers AS f WHERE f.tenant = k.tenant \
                 AND f.command = k.command AND f.key = k.key LIMIT 1) AS a"
            ),
            ids: format!(
                "SELECT k.no, e.position FROM unnest($1::int8[], $2::text[], $3::uuid[]) AS k(no, tenant, id) \
                 CROSS JOIN LATERAL (SELECT position FROM {s}.events AS f WHERE f.tenant = k.tenant AND f.id = k.id \
                 LIMIT 1) AS e"
            ),
            tag_hits: tag_hits(&s),
            type_hits: format!(
                "SELECT DISTINCT k.no FROM unnest($1::int8[], $2::int8[], $3::text[], $4::text[]) \
                 AS k(no, after, tenant, type) CROSS JOIN LATERAL (SELECT 1 FROM {s}.events AS w \
                 WHERE w.tenant = k.tenant AND w.type = k.type AND w.position > k.after \
                 ORDER BY w.position DESC LIMIT 1) AS hit"
            ),
            all_hits: format!(
                "SELECT DISTINCT k.no FROM unnest($1::int8[], $2::int8[], $3::text[]) AS k(no, after, tenant) \
                 CROSS JOIN LATERAL (SELECT 1 FROM {s}.events AS w WHERE w.tenant = k.tenant \
                 AND w.position > k.after ORDER BY w.position DESC LIMIT 1) AS hit"
            ),
            append: function::call(&s),
        }
    }
}

/// Types and further tags come as texts of arrays: there are no arrays of arrays of different lengths.
fn tag_hits(s: &str) -> String {
    format!(
        "SELECT DISTINCT k.no FROM unnest($1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[]) \
         AS k(no, after, tenant, tag, types, others) CROSS JOIN LATERAL (SELECT 1 FROM {s}.event_tags AS w \
         WHERE w.tenant = k.tenant AND w.tag = k.tag AND w.position > k.after{} \
         ORDER BY w.position DESC LIMIT 1) AS hit",
        rest_of_tag_walk(s)
    )
}

/// What else an event has to be when a walk along its first tag meets it.
pub(super) fn rest_of_tag_walk(s: &str) -> String {
    format!(
        " AND (k.types IS NULL OR w.type = ANY (k.types::text[])) \
         AND (k.others IS NULL OR NOT EXISTS (SELECT 1 FROM unnest(k.others::text[]) AS o(tag) WHERE NOT EXISTS \
         (SELECT 1 FROM {s}.event_tags AS t WHERE t.tenant = w.tenant AND t.tag = o.tag AND t.position = w.position)))"
    )
}

/// The text of an array, as PostgreSQL reads it.
pub(super) fn array<'a>(elements: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::from("{");
    for (number, element) in elements.into_iter().enumerate() {
        text.push_str(if number == 0 { "\"" } else { ",\"" });
        for one in element.chars() {
            if matches!(one, '"' | '\\') {
                text.push('\\');
            }
            text.push(one);
        }
        text.push('"');
    }
    text.push('}');
    text
}
