//! Which columns have indexes.

use crate::entry::{ColumnKind, Table};

/// Every indexed column by itself, then the indexes over several. JSON has no useful order.
pub(super) fn indexes(table: &Table) -> Vec<Vec<&'static str>> {
    let alone = Table::BASE.iter().skip(1).chain(table.columns);
    let alone = alone.filter(|column| column.indexed && column.kind != ColumnKind::Json);
    let mut found: Vec<Vec<&'static str>> = alone.map(|column| vec![column.name]).collect();
    for columns in table.indexes {
        let columns = columns.to_vec();
        if !found.contains(&columns) && !columns.is_empty() {
            found.push(columns);
        }
    }
    found
}
