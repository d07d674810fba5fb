//! Lists. A predicate gets a reference to each element in order, and its first error is the result.

use super::EvalError;

/// `list[index]`; negative counts from the end.
///
/// # Errors
/// If there is no such element.
pub fn index<T>(list: &[T], index: i64) -> Result<&T, EvalError> {
    let len = list.len();
    let offset = usize::try_from(index.unsigned_abs()).ok();
    let found = match offset {
        Some(offset) if index >= 0 => list.get(offset),
        Some(back) => len.checked_sub(back).and_then(|offset| list.get(offset)),
        None => None,
    };
    found.ok_or(EvalError::IndexOutOfRange { index, len })
}

/// The most elements of a list that a decision goes over: each may cost a query and an event.
const MOST_ELEMENTS: usize = 1_000;

/// The elements of a list that a decision goes over one by one.
///
/// # Errors
/// If there are more than a thousand.
pub fn each<T>(list: &[T]) -> Result<std::slice::Iter<'_, T>, EvalError> {
    match list.len() {
        len if len > MOST_ELEMENTS => Err(EvalError::TooManyElements { len, most: MOST_ELEMENTS }),
        _ => Ok(list.iter()),
    }
}

/// `append(list, element, …)`
pub fn append<T, const N: usize>(mut list: Vec<T>, elements: [T; N]) -> Vec<T> {
    list.extend(elements);
    list
}

/// `concat(a, b, …)`
pub fn concat<T: Clone>(lists: &[&[T]]) -> Vec<T> {
    lists.concat()
}

/// `unique(list)`: each element once, at its first place.
pub fn unique<T: Clone + PartialEq>(list: &[T]) -> Vec<T> {
    let mut seen: Vec<T> = Vec::new();
    for element in list {
        if !seen.contains(element) {
            seen.push(element.clone());
        }
    }
    seen
}

/// `filter(list, predicate)`
///
/// # Errors
/// The predicate's.
pub fn filter<T: Clone>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, EvalError>) -> Result<Vec<T>, EvalError> {
    let mut kept = Vec::new();
    for element in list {
        if holds(element)? {
            kept.push(element.clone());
        }
    }
    Ok(kept)
}

/// `map(list, expression)`
///
/// # Errors
/// The expression's.
pub fn map<T, U>(list: &[T], to: impl FnMut(&T) -> Result<U, EvalError>) -> Result<Vec<U>, EvalError> {
    list.iter().map(to).collect()
}

/// `find(list, predicate)`: the first that holds, else nil.
///
/// # Errors
/// The predicate's.
pub fn find<T>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, EvalError>) -> Result<Option<&T>, EvalError> {
    for element in list {
        if holds(element)? {
            return Ok(Some(element));
        }
    }
    Ok(None)
}

/// `any(list, predicate)`; stops at the first that holds.
///
/// # Errors
/// The predicate's.
pub fn any<T>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, EvalError>) -> Result<bool, EvalError> {
    for element in list {
        if holds(element)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `all(list, predicate)`; stops at the first that does not hold.
///
/// # Errors
/// The predicate's.
pub fn all<T>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, EvalError>) -> Result<bool, EvalError> {
    Ok(!any(list, |element| holds(element).map(|holds| !holds))?)
}

/// `none(list, predicate)`
///
/// # Errors
/// The predicate's.
pub fn none<T>(list: &[T], holds: impl FnMut(&T) -> Result<bool, EvalError>) -> Result<bool, EvalError> {
    Ok(!any(list, holds)?)
}

/// `count(list, predicate)`
///
/// # Errors
/// The predicate's.
pub fn count<T>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, EvalError>) -> Result<i64, EvalError> {
    list.iter().try_fold(0, |count, element| Ok(count + i64::from(holds(element)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_count_from_both_ends() {
        let list = ["a", "b", "c"];
        assert_eq!(index(&list, 0), Ok(&"a"));
        assert_eq!(index(&list, -1), Ok(&"c"));
        assert_eq!(index(&list, -4), Err(EvalError::IndexOutOfRange { index: -4, len: 3 }));
        assert_eq!(index(&list, i64::MIN), Err(EvalError::IndexOutOfRange { index: i64::MIN, len: 3 }));
        assert_eq!(index(&list, 3), Err(EvalError::IndexOutOfRange { index: 3, len: 3 }));
    }

    #[test]
    fn a_decision_goes_over_so_many_elements_and_no_more() {
        let list: Vec<usize> = (0..MOST_ELEMENTS).collect();
        assert_eq!(each(&list).map(Iterator::count), Ok(MOST_ELEMENTS));
        let longer = vec![(); MOST_ELEMENTS + 1];
        assert_eq!(each(&longer).err(), Some(EvalError::TooManyElements { len: 1_001, most: 1_000 }));
    }

    #[test]
    fn predicates_choose() {
        let list = [1_i64, 2, 3, 4];
        let even = |n: &i64| super::super::rem(*n, 2).map(|rest| rest == 0);
        assert_eq!(filter(&list, even), Ok(vec![2, 4]));
        assert_eq!(find(&list, even), Ok(Some(&2)));
        assert_eq!(count(&list, even), Ok(2));
        assert_eq!((any(&list, even), all(&list, even), none(&list, even)), (Ok(true), Ok(false), Ok(false)));
        assert_eq!(all(&[], even), Ok(true));
        assert_eq!(map(&list, |n| super::super::mul(*n, 10)), Ok(vec![10, 20, 30, 40]));
    }

    #[test]
    fn a_failing_predicate_fails_the_whole() {
        let by = |n: &i64| super::super::rem(1, *n).map(|rest| rest == 0);
        assert_eq!(filter(&[0], by), Err(EvalError::DivisionByZero));
        assert_eq!(any(&[1, 0], by), Ok(true), "what is not looked at does not fail");
    }

    #[test]
    fn lists_are_built() {
        assert_eq!(append(vec![1], [2, 3]), [1, 2, 3]);
        assert_eq!(concat(&[&[1], &[2, 3]]), [1, 2, 3]);
        assert_eq!(unique(&[2, 1, 2]), [2, 1]);
    }
}
