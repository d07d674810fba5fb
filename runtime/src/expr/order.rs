//! Lists of values that have an order.

use std::cmp::Ordering;

/// Expressions have no NaN, so that any two values of a type compare.
fn order<T: PartialOrd>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

/// `sort(list)`, ascending; equal elements keep their order.
pub fn sort<T: Clone + PartialOrd>(list: &[T]) -> Vec<T> {
    let mut sorted = list.to_vec();
    sorted.sort_by(order);
    sorted
}

/// `min(list)` and `min(a, b, …)`; nil of nothing.
pub fn min<T: PartialOrd>(list: &[T]) -> Option<&T> {
    list.iter().min_by(|a, b| order(*a, *b))
}

/// `max(list)` and `max(a, b, …)`; nil of nothing.
pub fn max<T: PartialOrd>(list: &[T]) -> Option<&T> {
    list.iter().max_by(|a, b| order(*a, *b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_numbers_and_texts() {
        assert_eq!(sort(&[2.5, -1.0, 2.0]), [-1.0, 2.0, 2.5]);
        assert_eq!((min(&[3, 1, 2]), max(&[3, 1, 2])), (Some(&1), Some(&3)));
        assert_eq!(max::<i64>(&[]), None);
        assert_eq!(sort(&["b", "B"]), ["B", "b"]);
    }
}
