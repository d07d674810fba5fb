//! Taking tags away from events that are stored.

use super::connection::Parameter;
use super::pool::Pool;
use super::prepare::is_unstorable;
use crate::event::{Position, Tag, Tenant};
use crate::store::StoreError;
use tokio_postgres::types::Type;

/// Takes tags away from events of a tenant, where they are, all at once.
///
/// # Errors
/// If the database fails.
pub(super) async fn untag(
    pool: &Pool,
    schema: &str,
    tenant: &Tenant,
    tags: &[(Position, Tag)],
) -> Result<(), StoreError> {
    let forget = format!("DELETE FROM \"{schema}\".event_tags WHERE tenant = $1 AND position = $2 AND tag = $3");
    let keep = format!(
        "UPDATE \"{schema}\".events SET tags = array_remove(tags, $3::text COLLATE \"C\") \
         WHERE tenant = $1 AND position = $2"
    );
    let tenant = tenant.as_str();
    let transaction = pool.begin().await?;
    for (position, tag) in tags {
        let (position, tag) = (position.cast_signed(), tag.as_str());
        if [tenant, tag].into_iter().any(is_unstorable) {
            continue;
        }
        let parameters: [Parameter<'_>; 3] = [(&tenant, Type::TEXT), (&position, Type::INT8), (&tag, Type::TEXT)];
        transaction.query(&forget, &parameters).await?;
        transaction.query(&keep, &parameters).await?;
    }
    transaction.commit().await
}
