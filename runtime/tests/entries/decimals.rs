//! Decimals in the database: kept digit by digit, found, ordered and paged by value.

use super::fixture::{On, address, caller};
use scaffold_runtime::codegen::*;
use scaffold_runtime::database::Database;
use scaffold_runtime::query::{Order, Selection};
use scaffold_runtime::tables::{Batch, Kept, Place, Tables};
use std::sync::Arc;
use wire::DecimalFilter;

const PRICE: Column = Column { name: "price", field: "price", kind: ColumnKind::Decimal, indexed: true };
const TABLE: Table = Table { entry: "Product", name: "product", definition: "d", columns: &[PRICE], indexes: &[] };

/// By text they would stand in another order, and 10.1 would not be 10.10.
const PRICES: [(&str, Option<&str>); 8] = [
    ("a", Some("10.10")),
    ("b", Some("9.99")),
    ("c", Some("-0.5")),
    ("d", None),
    ("e", Some("10.1")),
    ("f", Some("100")),
    ("g", Some("0.0000000000000000000000000001")),
    ("h", Some("79228162514264337593543950335")),
];

struct Shop {
    tables: Arc<dyn Tables>,
    place: Place,
    tenant: Tenant,
    _folder: Option<tempfile::TempDir>,
}

impl Shop {
    async fn open(on: On) -> Self {
        let (url, folder) = address(on);
        let database = Database::open(&url, "shop").await.unwrap();
        let (place, tenant) = (Place::new("shop", TABLE), caller("t").caller.tenant);
        let shop = Self { tables: Arc::clone(database.tables()), place, tenant, _folder: folder };
        shop.tables.prepare(&shop.place, 0).await.unwrap();
        let at = DateTime::from_millis(0);
        let row = |(id, price): (&str, Option<&str>)| Row {
            base: RowBase { id: id.to_owned(), created_at: at, changed_at: at },
            values: vec![Value::from(price.map(|price| price.parse::<Decimal>().unwrap()))],
        };
        let kept = PRICES.map(|price| Kept { tenant: shop.tenant.clone(), row: row(price), position: 1 }).into();
        let batch = Batch { to: 1, kept, ..Batch::default() };
        shop.tables.write(&shop.place, batch).await.unwrap();
        shop
    }

    async fn page(&self, list: List) -> (Vec<Row>, Option<String>) {
        let selection = Selection::new(TABLE, list).unwrap();
        let listed = self.tables.list(&self.place, &self.tenant, selection).await.unwrap();
        (listed.rows, listed.cursor)
    }

    async fn ids(&self, set: fn(&mut DecimalFilter)) -> String {
        let mut message = DecimalFilter::default();
        set(&mut message);
        let filter = filter::decimal("price", Some(message)).unwrap();
        let (rows, _) = self.page(List { filter: filter.clone(), ..List::default() }).await;
        let all = self.page(List::default()).await.0;
        let in_memory = all.iter().filter(|row| filter.matches(&TABLE, row)).map(|row| row.base.id.as_str());
        let found: String = rows.iter().map(|row| row.base.id.as_str()).collect();
        assert_eq!(found, in_memory.collect::<String>(), "as in memory");
        found
    }
}

pub async fn digits_stay_as_they_were_written(on: On) {
    let shop = Shop::open(on).await;
    let (rows, _) = shop.page(List::default()).await;
    let found: Vec<Option<String>> = rows.into_iter().map(|row| shown(&row.values[0])).collect();
    let written: Vec<Option<String>> = PRICES.iter().map(|(_, price)| price.map(str::to_owned)).collect();
    assert_eq!(found, written);
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Decimal(number) => Some(number.to_string()),
        other => {
            assert_eq!(*other, Value::Null);
            None
        }
    }
}

pub async fn filters_compare_by_value(on: On) {
    let shop = Shop::open(on).await;
    assert_eq!(shop.ids(|f| f.equals = Some("10.1".into())).await, "ae");
    assert_eq!(shop.ids(|f| f.equals = Some("10.100".into())).await, "ae");
    assert_eq!(shop.ids(|f| f.not_equals = Some("10.1".into())).await, "bcdfgh", "null differs");
    assert_eq!(shop.ids(|f| f.less_than = Some("10".into())).await, "bcg");
    assert_eq!(shop.ids(|f| f.greater_than = Some("10.10".into())).await, "fh");
    assert_eq!(shop.ids(|f| f.less_than_or_equal = Some("-0.50".into())).await, "c");
    assert_eq!(shop.ids(|f| f.greater_than_or_equal = Some("10.1".into())).await, "aefh");
    let wrong = DecimalFilter { equals: Some("ten".into()), ..DecimalFilter::default() };
    assert_eq!(filter::decimal("price", Some(wrong)).unwrap_err().problems[0].field, "price");
}

pub async fn pages_follow_the_order_of_values(on: On) {
    let shop = Shop::open(on).await;
    for (order, wanted) in [(Order::ascending("price"), "dcgbaefh"), (Order::descending("price"), "hfeabgcd")] {
        for limit in 1..4 {
            let (mut found, mut after) = (String::new(), None);
            loop {
                let list = List { limit, order: vec![order.clone()], after, ..List::default() };
                let (rows, cursor) = shop.page(list).await;
                found.extend(rows.iter().map(|row| row.base.id.as_str()));
                assert!(found.len() <= PRICES.len(), "paging does not end");
                after = cursor;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, wanted, "pages of {limit}");
        }
    }
}
