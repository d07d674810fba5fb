//! Instants and calendar days as text: RFC 3339 and `YYYY-MM-DD`, on the Gregorian calendar, without leap seconds.

const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 of an RFC 3339 text; none if it is not one. Digits beyond milliseconds are cut off.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let day = day_number(date)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let milliseconds = time_of_day(time)?;
    let (fraction, zone) = split_fraction(rest)?;
    let at = day.checked_mul(DAY)?.checked_add(milliseconds + fraction)?;
    Some(at - zone_offset(zone)?)
}

/// An instant as RFC 3339 text in UTC, with milliseconds only where there are some.
pub(crate) fn format_instant(milliseconds: i64) -> String {
    let (day, rest) = (milliseconds.div_euclid(DAY), milliseconds.rem_euclid(DAY));
    let (year, month, date) = calendar(day);
    let (hour, minute, second, fraction) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let whole = format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction == 0 { format!("{whole}Z") } else { format!("{whole}.{fraction:03}Z") }
}

/// Is the text a day of the calendar?
pub(crate) fn is_day(text: &str) -> bool {
    day_number(text).is_some()
}

/// Days since 1970 of `YYYY-MM-DD`.
fn day_number(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468)
}

/// The inverse of [`day_number`].
fn calendar(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year_of_era + next, month, date)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let valid = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    valid.then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

/// `.123Z` gives the milliseconds and what follows them.
fn split_fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    if end == 0 || end > 9 {
        return None;
    }
    let digits = format!("{:0<3}", &rest[..end]);
    Some((digits[..3].parse().ok()?, &rest[end..]))
}

/// `Z` or `+02:00`, in milliseconds.
fn zone_offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = if text.starts_with('+') { 1 } else { -1 };
    let (hour, minute) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    let (hour, minute) = (number(hour, 2)?, number(minute, 2)?);
    (hour < 24 && minute < 60).then_some(sign * (hour * 60 + minute) * 60_000)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let valid = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written() {
        for (text, milliseconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-01T00:00:00Z", 1_767_225_600_000),
            ("2024-02-29T12:30:15.250Z", 1_709_209_815_250),
            ("1969-12-31T23:59:59.999Z", -1),
        ] {
            assert_eq!(parse_instant(text), Some(milliseconds), "{text}");
            assert_eq!(format_instant(milliseconds), text);
        }
        assert_eq!(parse_instant("2026-01-01T02:00:00+02:00"), parse_instant("2026-01-01T00:00:00Z"));
        assert_eq!(parse_instant("2026-01-01 00:00:00.1234567Z"), Some(1_767_225_600_123));
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "x", "", "2026-01-01-01", "1900-02-29"] {
            assert!(!is_day(text), "{text}");
        }
        assert!(is_day("2000-02-29"));
        for text in ["2026-01-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "ä026-01-01"]
        {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
