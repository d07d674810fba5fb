//! The function that appends, kept in the service's own schema: one call is one transaction in one round trip, and the server
//! keeps its plans for whoever calls next. So that holds behind a pooler too, where nothing may be prepared under a name.

use std::sync::LazyLock;

/// How many events of others the function tells of. Whoever has missed more begins to remember anew.
pub(super) const NEWS: usize = 1024;

/// The types of its parameters stand in `call.rs`, in the same order.
const PARAMETERS: &str = "known int8, \
    e_tenant text[], e_id uuid[], e_topic text[], e_stream text[], e_type text[], e_version int8[], e_tags text[], \
    e_payload text[], e_correlation text[], e_causation text[], e_user text[], e_reason text[], e_trace text[], \
    e_raised int8[], \
    t_event int8[], t_tag text[], \
    a_tenant text[], a_command text[], a_key text[], a_position int8[], a_answer text[], \
    i_number int8[], i_tenant text[], i_id uuid[], \
    k_number int8[], k_tenant text[], k_command text[], k_key text[], \
    OUT is_done bool, OUT head int8, OUT f_number int8[], OUT f_position int8[], OUT f_answer text[], OUT news text";

/// `known` is the last position given away, as the caller knows it. If the counter stands elsewhere, nothing is written: the
/// caller gets to know where it stands, and what it has missed. To move the counter is to lock it, until the transaction ends.
///
/// What the caller refuses unless it is a repeat is looked up first: by then it was refused already, so that needs no lock.
const BODY: &str = "
BEGIN
    IF cardinality(i_id) + cardinality(k_key) > 0 THEN
        PERFORM set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
        SELECT array_agg(f.number), array_agg(f.position), array_agg(f.answer) INTO f_number, f_position, f_answer FROM (
            SELECT k.number, e.position, NULL AS answer
            FROM unnest(i_number, i_tenant, i_id) AS k(number, tenant, id)
            CROSS JOIN LATERAL (
                SELECT w.position FROM {s}.events AS w WHERE w.tenant = k.tenant AND w.id = k.id LIMIT 1) AS e
            UNION ALL
            SELECT k.number, a.position, a.answer::text
            FROM unnest(k_number, k_tenant, k_command, k_key) AS k(number, tenant, command, key)
            CROSS JOIN LATERAL (
                SELECT w.position, w.answer FROM {s}.answers AS w
                WHERE w.tenant = k.tenant AND w.command = k.command AND w.key = k.key LIMIT 1) AS a
        ) AS f;
    END IF;
    is_done := true;
    head := known;
    IF cardinality(e_id) + cardinality(a_key) = 0 THEN
        RETURN;
    END IF;
    UPDATE {s}.counter AS c SET position = known + cardinality(e_id) WHERE c.position = known RETURNING c.position INTO head;
    IF NOT FOUND THEN
        is_done := false;
        SELECT c.position INTO head FROM {s}.counter AS c;
        IF head > known AND head - known <= {news} THEN
            SELECT json_agg(json_build_array(w.tenant, w.type, w.tags) ORDER BY w.position)::text INTO news
            FROM {s}.events AS w WHERE w.position > known AND w.position <= head;
        END IF;
        RETURN;
    END IF;
    -- A database whose commits are not flushed by default has to flush ours.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    IF cardinality(e_id) > 0 THEN
        INSERT INTO {s}.events (position, tenant, id, topic, stream, type, version, tags, payload, correlation_id,
            causation_id, user_id, reason, traceparent, raised_at)
        SELECT known + n.number, n.tenant, n.id, n.topic, n.stream, n.type, n.version, n.tags::text[], n.payload::json,
            n.correlation, n.causation, n.by, n.reason, n.trace, n.raised
        FROM unnest(e_tenant, e_id, e_topic, e_stream, e_type, e_version, e_tags, e_payload, e_correlation, e_causation,
            e_user, e_reason, e_trace, e_raised)
            WITH ORDINALITY AS n(tenant, id, topic, stream, type, version, tags, payload, correlation, causation, by,
            reason, trace, raised, number);
    END IF;
    IF cardinality(t_tag) > 0 THEN
        INSERT INTO {s}.event_tags (tenant, tag, position, type)
        SELECT e_tenant[n.event], n.tag, known + n.event, e_type[n.event] FROM unnest(t_event, t_tag) AS n(event, tag);
    END IF;
    IF cardinality(a_key) > 0 THEN
        INSERT INTO {s}.answers (tenant, command, key, position, answer)
        SELECT n.tenant, n.command, n.key, n.position, n.answer::json
        FROM unnest(a_tenant, a_command, a_key, a_position, a_answer) AS n(tenant, command, key, position, answer);
    END IF;
END";

/// Its name, which is another one for another text: so programs of several releases can share a database, each with its own.
fn name() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let hash = statement("").bytes().fold(0xcbf2_9ce4_8422_2325, step);
        format!("append_{hash:016x}")
    });
    &NAME
}

/// Whoever waits for the lock of the counter gives up after a while, so that a caller hears of it. One plan is as good as another,
/// as all of them walk along indexes: so it is made once a connection.
fn statement(name: &str) -> String {
    let body = BODY.replace("{news}", &NEWS.to_string());
    format!(
        "CREATE OR REPLACE FUNCTION {{s}}.{name}({PARAMETERS}) LANGUAGE plpgsql VOLATILE SET lock_timeout = '10s' \
         SET plan_cache_mode = force_generic_plan AS $append${body}$append$"
    )
}

/// A question with an answer if the function is there, and the statement that makes it; `{s}` stands for the schema.
pub(super) fn made_by() -> (String, String) {
    let probe = format!(
        "SELECT 1 FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = '{}'",
        name()
    );
    (probe, statement(name()))
}

/// The statement that calls it.
pub(super) fn call(schema: &str) -> String {
    let count = PARAMETERS.split(", ").filter(|one| !one.starts_with("OUT ")).count();
    let parameters: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    format!(
        "SELECT is_done, head, f_number, f_position, f_answer, news FROM {schema}.{}({})",
        name(),
        parameters.join(", ")
    )
}
