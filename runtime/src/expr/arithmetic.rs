//! Numbers.
//!
//! Int is `i64` and never wraps; Float is `f64` and always finite. Division and power give Float (of Decimals a Decimal),
//! the remainder Int.

use super::EvalError;

/// A number: Int (`i64`), Float (`f64`) or Decimal.
pub trait Number: Copy + Default + PartialOrd {
    /// The sum, unless it is too large.
    fn plus(self, right: Self) -> Option<Self>;
    /// The difference, unless it is too large.
    fn minus(self, right: Self) -> Option<Self>;
    /// The product, unless it is too large.
    fn times(self, right: Self) -> Option<Self>;
    /// The opposite, unless it is too large.
    fn negated(self) -> Option<Self>;
    /// The nearest whole number, half away from zero.
    fn rounded(self) -> Self;
    /// The next whole number downwards.
    fn floored(self) -> Self;
    /// The next whole number upwards.
    fn ceiled(self) -> Self;
}

/// A number that may have a fraction: Float (`f64`) or Decimal.
pub trait Fraction: Number {
    /// The quotient, unless it is too large; never asked for a division by zero.
    fn over(self, right: Self) -> Option<Self>;
    /// The power, unless it is too large or no real number.
    fn power(self, exponent: Self) -> Option<Self>;
    /// The nearest number with so many decimal places, half away from zero, unless it is too large.
    fn rounded_to(self, places: i64) -> Option<Self>;
}

/// `a + b`
///
/// # Errors
/// If the sum is too large.
pub fn add<T: Number>(a: T, b: T) -> Result<T, EvalError> {
    a.plus(b).ok_or(EvalError::Overflow)
}

/// `a - b`
///
/// # Errors
/// If the difference is too large.
pub fn sub<T: Number>(a: T, b: T) -> Result<T, EvalError> {
    a.minus(b).ok_or(EvalError::Overflow)
}

/// `a * b`
///
/// # Errors
/// If the product is too large.
pub fn mul<T: Number>(a: T, b: T) -> Result<T, EvalError> {
    a.times(b).ok_or(EvalError::Overflow)
}

/// `a / b`, of Floats or of Decimals.
///
/// # Errors
/// If `b` is zero or the quotient too large.
pub fn div<T: Fraction>(a: T, b: T) -> Result<T, EvalError> {
    if b == T::default() { Err(EvalError::DivisionByZero) } else { a.over(b).ok_or(EvalError::Overflow) }
}

/// `a % b`, with the sign of `a`.
///
/// # Errors
/// If `b` is zero.
pub fn rem(a: i64, b: i64) -> Result<i64, EvalError> {
    // The one case that overflows, MIN % -1, is 0.
    if b == 0 { Err(EvalError::DivisionByZero) } else { Ok(a.wrapping_rem(b)) }
}

/// `a ** b`, of Floats or of Decimals.
///
/// # Errors
/// If the power is too large or no real number.
pub fn pow<T: Fraction>(a: T, b: T) -> Result<T, EvalError> {
    let zero = T::default();
    if a == zero && b < zero {
        return Err(EvalError::DivisionByZero);
    }
    a.power(b).ok_or(EvalError::Overflow)
}

/// `-a`
///
/// # Errors
/// If the opposite is too large.
pub fn neg<T: Number>(a: T) -> Result<T, EvalError> {
    a.negated().ok_or(EvalError::Overflow)
}

/// The distance from zero.
///
/// # Errors
/// If it is too large.
pub fn abs<T: Number>(a: T) -> Result<T, EvalError> {
    if a < T::default() { neg(a) } else { Ok(a) }
}

/// The nearest whole number, half away from zero.
pub fn round<T: Number>(a: T) -> T {
    a.rounded()
}

/// The nearest number with so many decimal places, half away from zero; negative places round to tens, hundreds, ….
///
/// # Errors
/// If it is too large.
pub fn round_to<T: Fraction>(a: T, places: i64) -> Result<T, EvalError> {
    a.rounded_to(places).ok_or(EvalError::Overflow)
}

/// The next whole number downwards.
pub fn floor<T: Number>(a: T) -> T {
    a.floored()
}

/// The next whole number upwards.
pub fn ceil<T: Number>(a: T) -> T {
    a.ceiled()
}

/// `sum(list)`; zero of nothing.
///
/// # Errors
/// If it is too large.
pub fn sum<T: Number>(list: &[T]) -> Result<T, EvalError> {
    list.iter().try_fold(T::default(), |sum, element| add(sum, *element))
}

/// Lets only finite numbers pass.
fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

impl Number for i64 {
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
        self.checked_neg()
    }
    fn rounded(self) -> Self {
        self
    }
    fn floored(self) -> Self {
        self
    }
    fn ceiled(self) -> Self {
        self
    }
}

impl Number for f64 {
    fn plus(self, right: Self) -> Option<Self> {
        finite(self + right)
    }
    fn minus(self, right: Self) -> Option<Self> {
        finite(self - right)
    }
    fn times(self, right: Self) -> Option<Self> {
        finite(self * right)
    }
    fn negated(self) -> Option<Self> {
        Some(-self)
    }
    fn rounded(self) -> Self {
        self.round()
    }
    fn floored(self) -> Self {
        self.floor()
    }
    fn ceiled(self) -> Self {
        self.ceil()
    }
}

impl Fraction for f64 {
    fn over(self, right: Self) -> Option<Self> {
        finite(self / right)
    }
    fn power(self, exponent: Self) -> Option<Self> {
        finite(self.powf(exponent))
    }
    fn rounded_to(self, places: i64) -> Option<Self> {
        // A Float has no more than 17 significant digits and no exponent beyond 308: further out nothing changes.
        let places = places.clamp(-400, 400);
        if places > 308 || self == 0.0 {
            return Some(self);
        }
        let scale = 10_f64.powi(i32::try_from(places).unwrap_or(0).abs());
        let rounded = if places >= 0 { (self * scale).round() / scale } else { (self / scale).round() * scale };
        // Where the scaled number has no room left, there are no places to cut off.
        match finite(rounded) {
            Some(rounded) => Some(rounded),
            None if places >= 0 => Some(self),
            None if scale.is_infinite() => Some(0.0),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_never_wraps() {
        assert_eq!(add(i64::MAX, 1), Err(EvalError::Overflow));
        assert_eq!(sub(i64::MIN, 1), Err(EvalError::Overflow));
        assert_eq!(mul(i64::MAX, 2), Err(EvalError::Overflow));
        assert_eq!(neg(i64::MIN), Err(EvalError::Overflow));
        assert_eq!(abs(i64::MIN), Err(EvalError::Overflow));
        assert_eq!(rem(i64::MIN, -1), Ok(0));
        assert_eq!(rem(-7, 3), Ok(-1));
        assert_eq!(rem(1, 0), Err(EvalError::DivisionByZero));
        assert_eq!(add(2, 3), Ok(5));
    }

    #[test]
    fn float_stays_finite() {
        assert_eq!(add(f64::MAX, f64::MAX), Err(EvalError::Overflow));
        assert_eq!(mul(1e200, 1e200), Err(EvalError::Overflow));
        assert_eq!(div(1.0, 0.0), Err(EvalError::DivisionByZero));
        assert_eq!(div(1.0, 2.0), Ok(0.5));
        assert_eq!(pow(2.0, 10.0), Ok(1024.0));
        assert_eq!(pow(-1.0, 0.5), Err(EvalError::Overflow));
        assert_eq!(pow(0.0, -1.0), Err(EvalError::DivisionByZero));
    }

    #[test]
    fn half_goes_away_from_zero() {
        assert_eq!((round(2.5), round(-2.5)), (3.0, -3.0));
        assert_eq!((floor(-1.5), ceil(-1.5)), (-2.0, -1.0));
        assert_eq!(round(7), 7);
        assert_eq!(abs(-1.5), Ok(1.5));
    }

    #[test]
    fn places_are_cut_off() {
        assert_eq!(round_to(2.345, 1), Ok(2.3));
        assert_eq!(round_to(-0.25, 1), Ok(-0.3));
        assert_eq!(round_to(1250.0, -2), Ok(1300.0));
        assert_eq!(round_to(1.5e300, 300), Ok(1.5e300));
        assert_eq!(round_to(1.5, i64::MAX), Ok(1.5));
        assert_eq!(round_to(1.5, i64::MIN), Ok(0.0));
    }

    #[test]
    fn sums_are_checked() {
        assert_eq!(sum(&[i64::MAX, 1]), Err(EvalError::Overflow));
        assert_eq!(sum(&[0.5, 0.25]), Ok(0.75));
        assert_eq!(sum::<i64>(&[]), Ok(0));
    }
}
