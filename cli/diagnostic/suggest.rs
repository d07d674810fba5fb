//! "Did you mean": the nearest of the names that would have been right.

/// At most this many candidates are listed when none is near.
const LISTED: usize = 12;

/// The candidate nearest to what was written, if it is near enough to have been meant.
pub fn closest<C: AsRef<str>>(written: &str, candidates: impl IntoIterator<Item = C>) -> Option<String> {
    nearest(written, &sorted(candidates)).map(str::to_owned)
}

/// A line of help: the nearest candidate, else all if they are few.
pub(super) fn sentence<C: AsRef<str>>(written: &str, candidates: impl IntoIterator<Item = C>) -> Option<String> {
    let candidates = sorted(candidates);
    if let Some(near) = nearest(written, &candidates) {
        return Some(format!("did you mean `{near}`?"));
    }
    if candidates.is_empty() || candidates.len() > LISTED {
        return None;
    }
    let listed: Vec<_> = candidates.iter().map(|candidate| format!("`{candidate}`")).collect();
    Some(format!("there {} {}", if listed.len() == 1 { "is" } else { "are" }, listed.join(", ")))
}

fn sorted<C: AsRef<str>>(candidates: impl IntoIterator<Item = C>) -> Vec<String> {
    let mut sorted: Vec<_> = candidates.into_iter().map(|candidate| candidate.as_ref().to_owned()).collect();
    sorted.sort();
    sorted.dedup();
    sorted
}

/// Of equally near candidates the first by name, so that the output never depends on an order.
fn nearest<'a>(written: &str, candidates: &'a [String]) -> Option<&'a str> {
    let written: Vec<char> = written.to_lowercase().chars().take(100).collect();
    let allowed = (written.len() / 3).max(1);
    let measured = candidates.iter().map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().take(100).collect();
        (distance(&written, &letters), candidate.as_str())
    });
    measured.filter(|(distance, _)| *distance <= allowed).min().map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let changed = last[j] + usize::from(letter != other);
            let mut best = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant() {
        assert_eq!(closest("feilds", ["fields", "doc", "state"]), Some("fields".into()));
        assert_eq!(closest("CourseDefind", ["CourseDefined", "CourseClosed"]), Some("CourseDefined".into()));
        assert_eq!(closest("courseid", ["courseId", "course"]), Some("courseId".into()));
        assert_eq!(closest("x", ["fields", "state"]), None);
    }

    #[test]
    fn few_candidates_are_listed() {
        assert_eq!(sentence("zzz", ["b", "a"]), Some("there are `a`, `b`".into()));
        assert_eq!(sentence("zzz", (0..20).map(|n| format!("name{n}"))), None);
        assert_eq!(sentence("zzz", Vec::<String>::new()), None);
    }

    #[test]
    fn distance_counts_a_swap_once() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters("ab"), &letters("ba")), 1);
        assert_eq!(distance(&letters(""), &letters("abc")), 3);
        assert_eq!(distance(&letters("kitten"), &letters("sitting")), 3);
    }
}
