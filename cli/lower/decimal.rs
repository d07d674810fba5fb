//! Decimal numbers as literals: read from their text, so that no digit is lost.

/// The first number whose digits do not fit: 2^96.
const BOUND: u128 = 1 << 96;
/// Digits behind the point.
const MOST_PLACES: usize = 28;

/// The number in plain digits, `10.10`, its zeros kept; `1.5e3` becomes `1500`. Nothing if it is no number, or has more
/// digits than a Decimal.
pub(crate) fn plain_decimal(text: &str) -> Option<String> {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|exponent| (-99..=99).contains(exponent))?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_bare_point = mantissa.ends_with('.');
    let digits = format!("{whole}{fraction}");
    if is_bare_point || digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let places = i32::try_from(fraction.len()).ok()? - exponent;
    let plain = with_point(&digits, places);
    fits(&plain).then(|| format!("{sign}{plain}"))
}

/// The digits with the point so many places from their end.
fn with_point(digits: &str, places: i32) -> String {
    let count = usize::try_from(places.unsigned_abs()).unwrap_or(usize::MAX);
    if places <= 0 {
        return without_zeros(&format!("{digits}{}", "0".repeat(count)));
    }
    let padded = format!("{digits:0>width$}", width = count + 1);
    let (whole, fraction) = padded.split_at(padded.len() - count);
    format!("{}.{fraction}", without_zeros(whole))
}

/// Without the zeros in front.
fn without_zeros(whole: &str) -> String {
    let trimmed = whole.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

fn fits(plain: &str) -> bool {
    let places = plain.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits = plain.replace('.', "").parse::<u128>();
    places <= MOST_PLACES && digits.is_ok_and(|digits| digits < BOUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let read = |text| plain_decimal(text).unwrap_or_default();
        assert_eq!(read("10.10"), "10.10");
        assert_eq!(read("-0.5"), "-0.5");
        assert_eq!(read(".5"), "0.5");
        assert_eq!(read("007"), "7");
        assert_eq!(read("1.5e3"), "1500");
        assert_eq!(read("15e-3"), "0.015");
        assert_eq!(read("79228162514264337593543950335"), "79228162514264337593543950335");
    }

    #[test]
    fn what_is_none_or_too_long_is_refused() {
        for text in
            ["", "-", "5.", "1.2.3", "ten", "1e100", "1e30", "1e-29", "79228162514264337593543950336", "+1", "1_0"]
        {
            assert_eq!(plain_decimal(text), None, "{text}");
        }
    }
}
