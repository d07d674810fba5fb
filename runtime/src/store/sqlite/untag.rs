//! Taking tags away from events that are stored.

use crate::event::{Position, Tag, Tenant};
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, params};

/// Takes tags away from events of a tenant, where they are.
///
/// # Errors
/// If the database fails.
pub(super) fn untag(connection: &Connection, tenant: &Tenant, tags: &[(Position, Tag)]) -> Result<(), StoreError> {
    let mut find = connection.prepare_cached("SELECT tags FROM events WHERE position = ?1 AND tenant = ?2")?;
    let mut keep = connection.prepare_cached("UPDATE events SET tags = ?3 WHERE position = ?1 AND tenant = ?2")?;
    let mut forget =
        connection.prepare_cached("DELETE FROM event_tags WHERE tenant = ?1 AND tag = ?2 AND position = ?3")?;
    for (position, gone) in tags {
        let (position, tenant) = (position.cast_signed(), tenant.as_str());
        forget.execute(params![tenant, gone.as_str(), position])?;
        let found: Option<String> = find.query_row(params![position, tenant], |row| row.get(0)).optional()?;
        let Some(text) = found else { continue };
        let broken = |error| StoreError::Invalid(format!("stored tags are broken: {error}"));
        let mut left: Vec<Tag> = serde_json::from_str(&text).map_err(broken)?;
        left.retain(|tag| tag != gone);
        keep.execute(params![position, tenant, serde_json::to_string(&left).map_err(broken)?])?;
    }
    Ok(())
}
