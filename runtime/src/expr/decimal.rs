//! Decimals: sums, differences and products are exact while 28 digits hold them; what needs more is rounded half to even.

use super::arithmetic::{Fraction, Number};
use super::convert::{ToFloat, ToInt, wrong};
use super::{EvalError, float};
use crate::value::{Decimal, Json};

/// What `decimal()` takes.
pub trait ToDecimal {
    /// The number.
    ///
    /// # Errors
    /// If it is no number, or its whole part has more than 28 digits.
    fn to_decimal(&self) -> Result<Decimal, EvalError>;
}

/// `decimal(a)`: a Float by its shortest text (0.1 is `0.1`), a text as it stands.
///
/// # Errors
/// If it is no number, or its whole part has more than 28 digits.
pub fn decimal<T: ToDecimal>(a: T) -> Result<Decimal, EvalError> {
    a.to_decimal()
}

impl Number for Decimal {
    fn plus(self, right: Self) -> Option<Self> {
        self.checked_add(right)
    }
    fn minus(self, right: Self) -> Option<Self> {
        self.checked_sub(right)
    }
    fn times(self, right: Self) -> Option<Self> {
        self.checked_mul(right)
    }
    fn negated(self) -> Option<Self> {
        Some(Decimal::negated(self))
    }
    fn rounded(self) -> Self {
        self.round(0)
    }
    fn floored(self) -> Self {
        self.floor()
    }
    fn ceiled(self) -> Self {
        self.ceil()
    }
}

impl Fraction for Decimal {
    fn over(self, right: Self) -> Option<Self> {
        self.checked_div(right)
    }
    fn power(self, exponent: Self) -> Option<Self> {
        self.checked_pow(exponent)
    }
    fn rounded_to(self, places: i64) -> Option<Self> {
        let digits = u32::try_from(places.unsigned_abs()).unwrap_or(u32::MAX);
        if places < 0 { self.round_up_front(digits) } else { Some(self.round(digits.min(28))) }
    }
}

impl ToDecimal for Decimal {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        Ok(*self)
    }
}

impl ToDecimal for i64 {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        Ok((*self).into())
    }
}

impl ToDecimal for f64 {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        Decimal::of_float(*self)
    }
}

impl ToDecimal for str {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        self.trim().parse().map_err(|_| EvalError::NotConvertible { text: self.to_owned(), expected: "Decimal" })
    }
}

impl ToDecimal for String {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        self.as_str().to_decimal()
    }
}

impl<T: ToDecimal + ?Sized> ToDecimal for &T {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        (**self).to_decimal()
    }
}

impl ToDecimal for Json {
    fn to_decimal(&self) -> Result<Decimal, EvalError> {
        match self {
            Self::Number(number) if number.is_f64() => float(self)?.to_decimal(),
            Self::Number(number) => number.to_string().to_decimal(),
            Self::String(text) => text.to_decimal(),
            other => Err(wrong("a number", other)),
        }
    }
}

impl ToInt for Decimal {
    fn to_int(&self) -> Result<i64, EvalError> {
        self.whole().ok_or(EvalError::Overflow)
    }
}

impl ToFloat for Decimal {
    fn to_float(&self) -> Result<f64, EvalError> {
        Ok(self.float())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dec;
    use crate::expr::{abs, add, ceil, div, floor, int, max, mul, neg, pow, round, round_to, show, sort, sub, sum};
    use serde_json::json;

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(add(dec!(0.1), dec!(0.2)), Ok(dec!(0.3)));
        assert_eq!(sub(dec!(10.10), dec!(10.1)).map(|zero| zero.to_string()), Ok("0.00".to_owned()));
        assert_eq!(mul(dec!(19.99), dec!(3)), Ok(dec!(59.97)));
        assert_eq!(sum(&[dec!(0.10), dec!(0.20)]).map(|sum| show(&sum)), Ok("0.30".to_owned()));
        assert_eq!(sum::<Decimal>(&[]), Ok(Decimal::ZERO));
        assert_eq!(neg(Decimal::ZERO).map(|zero| show(&zero)), Ok("0".to_owned()));
        assert_eq!(abs(dec!(-1.5)), Ok(dec!(1.5)));
    }

    #[test]
    fn what_has_no_room_is_rounded_half_to_even() {
        assert_eq!(div(dec!(1), dec!(3)), Ok(dec!(0.3333333333333333333333333333)));
        assert_eq!(div(dec!(2), dec!(3)), Ok(dec!(0.6666666666666666666666666667)));
        // Exactly half of the last place: once to the even digit below, once to the one above.
        assert_eq!(div(dec!(0.0000000000000000000000000005), dec!(10)), Ok(Decimal::ZERO));
        assert_eq!(div(dec!(0.0000000000000000000000000015), dec!(10)), Ok(dec!(0.0000000000000000000000000002)));
        assert_eq!(mul(dec!(0.00000000000000000000000005), dec!(0.01)), Ok(dec!(0.0000000000000000000000000005)));
        assert_eq!(mul(dec!(0.0000000000000000000000000025), dec!(0.1)), Ok(dec!(0.0000000000000000000000000002)));
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        let most = dec!(79228162514264337593543950335);
        assert_eq!(add(most, dec!(1)), Err(EvalError::Overflow));
        assert_eq!(sub(dec!(-79228162514264337593543950335), dec!(1)), Err(EvalError::Overflow));
        assert_eq!(mul(most, dec!(2)), Err(EvalError::Overflow));
        assert_eq!(div(most, dec!(0.1)), Err(EvalError::Overflow));
        assert_eq!(div(dec!(1), dec!(0.00)), Err(EvalError::DivisionByZero));
        assert_eq!(pow(Decimal::ZERO, dec!(-1)), Err(EvalError::DivisionByZero));
        assert_eq!(pow(dec!(10), dec!(40)), Err(EvalError::Overflow));
        assert_eq!(pow(dec!(-1), dec!(0.5)), Err(EvalError::Overflow));
    }

    #[test]
    fn whole_powers_are_exact() {
        assert_eq!(pow(dec!(1.05), dec!(3)), Ok(dec!(1.157625)));
        assert_eq!(pow(dec!(2), dec!(-2)), Ok(dec!(0.25)));
        assert_eq!(pow(dec!(-3), dec!(3)), Ok(dec!(-27)));
        let root = pow(dec!(2), dec!(0.5)).map(|root| (root.float() - std::f64::consts::SQRT_2).abs() < 1e-12);
        assert_eq!(root, Ok(true));
    }

    #[test]
    fn half_goes_away_from_zero() {
        assert_eq!((round(dec!(2.5)), round(dec!(-2.5))), (dec!(3), dec!(-3)));
        assert_eq!((floor(dec!(-1.5)), ceil(dec!(-1.5))), (dec!(-2), dec!(-1)));
        assert_eq!(round_to(dec!(2.345), 2), Ok(dec!(2.35)));
        assert_eq!(round_to(dec!(-0.125), 2), Ok(dec!(-0.13)));
        assert_eq!(round_to(dec!(1250), -2), Ok(dec!(1300)));
        assert_eq!(round_to(dec!(-1249.99), -2), Ok(dec!(-1200)));
        assert_eq!(round_to(dec!(1.5), i64::MAX), Ok(dec!(1.5)));
        assert_eq!(round_to(dec!(1.5), i64::MIN), Ok(Decimal::ZERO));
        assert_eq!(round_to(dec!(79228162514264337593543950335), -28), Err(EvalError::Overflow));
    }

    #[test]
    fn other_kinds_convert_or_fail() {
        assert_eq!(decimal(7), Ok(dec!(7)));
        assert_eq!(decimal(0.1), Ok(dec!(0.1)));
        assert_eq!(decimal(" 10.10 ").map(|number| show(&number)), Ok("10.10".to_owned()));
        assert!(decimal("ten").is_err());
        assert_eq!(decimal(json!(10.1)), Ok(dec!(10.1)));
        assert_eq!(decimal(json!(u64::MAX)), Ok(dec!(18446744073709551615)));
        assert_eq!(decimal(json!("0.5")), Ok(dec!(0.5)));
        assert!(decimal(json!(true)).is_err());
        assert_eq!(int(dec!(-1.9)), Ok(-1));
        assert_eq!(int(dec!(9223372036854775808)), Err(EvalError::Overflow));
        assert_eq!(float(dec!(0.1)), Ok(0.1));
    }

    #[test]
    fn order_is_by_value() {
        assert_eq!(sort(&[dec!(10), dec!(9.50), dec!(-1)]), [dec!(-1), dec!(9.5), dec!(10)]);
        assert_eq!(max(&[dec!(2), dec!(10)]), Some(&dec!(10)));
    }
}
