//! Exact decimal numbers.

use crate::expr::EvalError;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal as Number, MathematicalOps, RoundingStrategy};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An exact decimal number of 28 digits, up to 28 of them behind the point; beyond those that are whole, nothing is lost
/// but what has no room left, which is rounded half to even.
///
/// Its text is plain digits with a point: `10.10`. The zeros at its end stay as they were given, yet numbers are equal and
/// ordered by value: `10.10` is `10.1`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(Number);

/// A text that is no decimal number, or has more than 28 digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no decimal number: a text like 10.10 is expected, of at most 28 digits")]
pub struct InvalidDecimal(pub String);

/// A Decimal that stands in the source: `dec!(10.10)`, read when the code is compiled.
#[macro_export]
macro_rules! dec {
    ($number:literal) => {
        const { $crate::value::Decimal::literal(stringify!($number)) }
    };
}

impl Decimal {
    /// 0
    pub const ZERO: Self = Self(Number::ZERO);

    /// The first number whose digits have no room: 2^96.
    const BOUND: u128 = 1 << 96;

    /// What [`dec!`](crate::dec) reads.
    ///
    /// # Panics
    /// If it is no decimal number, which in a `const` is an error of the compiler's.
    #[doc(hidden)]
    pub const fn literal(text: &str) -> Self {
        // The compiler hands over `- 1` as it stands in generated code.
        let number = Self::read(text.as_bytes(), true);
        assert!(number.is_some(), "a Decimal is written like 10.10, with at most 28 digits");
        match number {
            Some(number) => number,
            None => Self::ZERO,
        }
    }

    /// `-?digits(.digits)?`, as far as there is room; behind the minus there may be a gap.
    const fn read(text: &[u8], gap: bool) -> Option<Self> {
        let negative = matches!(text.first(), Some(b'-'));
        let start = negative as usize + (gap && negative && text.len() > 1 && text[1] == b' ') as usize;
        let (mut digits, mut scale, mut point) = (0_u128, 0, None);
        let mut at = start;
        while at < text.len() {
            match text[at] {
                digit @ b'0'..=b'9' => {
                    digits = digits * 10 + (digit - b'0') as u128;
                    if point.is_some() {
                        scale += 1;
                    }
                }
                b'.' if point.is_none() && at > start => point = Some(at),
                _ => return None,
            }
            if digits >= Self::BOUND || scale > Number::MAX_SCALE {
                return None;
            }
            at += 1;
        }
        let ends_in_point = matches!(point, Some(point) if point + 1 == text.len());
        if at == start || ends_in_point {
            return None;
        }
        let (lo, mid, hi) = (digits as u32, (digits >> 32) as u32, (digits >> 64) as u32);
        Some(Self(Number::from_parts(lo, mid, hi, negative && digits > 0, scale)))
    }

    /// The nearest Decimal to a Float's shortest text: 0.1 is `0.1`.
    pub(crate) fn of_float(number: f64) -> Result<Self, EvalError> {
        Number::from_str(&number.to_string()).map(Self::positive_zero).map_err(|_| EvalError::Overflow)
    }

    /// Without its fraction, if 64 bits hold it.
    pub(crate) fn whole(self) -> Option<i64> {
        self.0.trunc().to_i64()
    }

    /// The nearest Float.
    pub(crate) fn float(self) -> f64 {
        // By the text, so that it is rounded once.
        self.0.to_string().parse().unwrap_or_default()
    }

    /// The sum; nothing if it has more than 28 digits in front of the point.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self::positive_zero)
    }

    /// The difference; nothing if it has more than 28 digits in front of the point.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self::positive_zero)
    }

    /// The product, rounded half to even behind the 28th digit; nothing if it has more of them in front of the point.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        self.0.checked_mul(other.0).map(Self::positive_zero)
    }

    /// Half to even where the quotient has more digits than there is room for; nothing for a division by zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.0.checked_div(other.0).map(Self::positive_zero)
    }

    /// Exact for a whole exponent while there is room; nothing for a fraction's power of a negative number.
    pub(crate) fn checked_pow(self, exponent: Self) -> Option<Self> {
        if self.0.is_sign_negative() && !exponent.0.fract().is_zero() {
            return None;
        }
        self.0.checked_powd(exponent.0).map(Self::positive_zero)
    }

    /// The same distance from zero on its other side.
    pub fn negated(self) -> Self {
        Self::positive_zero(-self.0)
    }

    /// The same number without zeros behind its last digit.
    pub(crate) fn normalized(self) -> Self {
        Self::positive_zero(self.0.normalize())
    }

    pub(crate) fn floor(self) -> Self {
        Self::positive_zero(self.0.floor())
    }

    pub(crate) fn ceil(self) -> Self {
        Self::positive_zero(self.0.ceil())
    }

    /// To so many digits behind the point, half away from zero.
    pub fn round(self, places: u32) -> Self {
        Self::positive_zero(self.0.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
    }

    /// Half away from zero, to so many zeros in front of the point; nothing if the result is too large.
    pub(crate) fn round_up_front(self, zeros: u32) -> Option<Self> {
        let Some(step) = 10_i128.checked_pow(zeros).and_then(|step| Number::try_from_i128_with_scale(step, 0).ok())
        else {
            return Some(Self::ZERO);
        };
        let rest = self.0.checked_rem(step)?;
        let down = self.0.checked_sub(rest)?;
        let half = step.checked_div(Number::TWO)?;
        if rest.abs() < half {
            return Some(Self::positive_zero(down));
        }
        let rounded = if rest.is_sign_negative() { down.checked_sub(step) } else { down.checked_add(step) };
        rounded.map(Self)
    }

    fn positive_zero(mut number: Number) -> Self {
        if number.is_zero() {
            number.set_sign_positive(true);
        }
        Self(number)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text.as_bytes(), false).ok_or_else(|| InvalidDecimal(text.chars().take(60).collect()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Text)
    }
}

/// A text, or a whole number: a number with a fraction is a Float, which may have lost digits already.
struct Text;

impl Visitor<'_> for Text {
    type Value = Decimal;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a decimal number as a text like \"10.10\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decimal, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Decimal, E> {
        Ok(number.into())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Decimal, E> {
        Ok(Decimal(number.into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_stay_as_they_are_and_numbers_are_equal_by_value() {
        for text in ["10.10", "0", "-0.01", "7922816251426433759354395033.5", "0.0000000000000000000000000001"] {
            let number: Decimal = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), format!("\"{text}\""));
        }
        assert_eq!(dec!(10.10), dec!(10.1));
        assert!(dec!(-2) < dec!(-1.5) && dec!(9.9) < dec!(10));
        assert_eq!(dec!(-0.0).to_string(), "0.0");
        assert_eq!((Decimal::literal("- 0.01"), "- 0.01".parse::<Decimal>().is_err()), (dec!(-0.01), true));
    }

    #[test]
    fn whole_numbers_of_json_are_taken_and_fractions_are_not() {
        assert_eq!(serde_json::from_str::<Decimal>("7").unwrap(), dec!(7));
        assert_eq!(serde_json::from_str::<Decimal>("18446744073709551615").unwrap(), dec!(18446744073709551615));
        assert!(serde_json::from_str::<Decimal>("0.1").is_err());
        assert!(serde_json::from_str::<Decimal>("true").is_err());
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "9".repeat(10_000);
        for text in ["", "-", ".5", "5.", "1e3", "+1", " 1", "1 ", "1_000", "1.2.3", "٣", "NaN", &long] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert!("79228162514264337593543950335".parse::<Decimal>().is_ok());
        assert!("79228162514264337593543950336".parse::<Decimal>().is_err());
        assert!("0.00000000000000000000000000001".parse::<Decimal>().is_err());
    }

    #[test]
    fn floats_convert_by_their_shortest_text() {
        assert_eq!(Decimal::of_float(0.1), Ok(dec!(0.1)));
        assert_eq!(Decimal::of_float(-0.0).map(|zero| zero.to_string()), Ok("0".to_owned()));
        assert_eq!(Decimal::of_float(1e300), Err(EvalError::Overflow));
        assert_eq!(dec!(0.1).float(), 0.1);
    }
}
