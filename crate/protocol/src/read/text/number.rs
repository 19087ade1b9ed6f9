//! Numbers, to the last bit as serde_json reads them.

use super::Text;
use crate::read::{Error, Scalar};

impl Text<'_> {
    /// The number that begins here.
    pub(super) fn number(&mut self) -> Result<Scalar<'static>, Error> {
        let is_negative = self.sign(b'-');
        let mut significand = 0;
        // Digits that do not fit count as zeros.
        let mut exponent = self.whole(&mut significand)?;
        let mut is_float = exponent > 0;
        if self.byte() == b'.' {
            is_float = true;
            self.at += 1;
            exponent -= self.digits(&mut significand)?.1;
        }
        if matches!(self.byte(), b'e' | b'E') {
            is_float = true;
            self.at += 1;
            let is_down = !self.sign(b'+') && self.sign(b'-');
            let mut by = 0;
            self.digits(&mut by)?;
            let by = i32::try_from(by).unwrap_or(i32::MAX);
            exponent = if is_down { exponent.saturating_sub(by) } else { exponent.saturating_add(by) };
        }
        if is_float {
            let float = float(significand, exponent);
            if float.is_infinite() {
                return Err(self.fault(format_args!("number out of range")));
            }
            return Ok(Scalar::Float(if is_negative { -float } else { float }));
        }
        if !is_negative {
            return Ok(Scalar::Unsigned(significand));
        }
        match (significand as i64).wrapping_neg() {
            negative if negative < 0 => Ok(Scalar::Signed(negative)),
            // Too far down, or the zero below zero.
            _ => Ok(Scalar::Float(-(significand as f64))),
        }
    }

    /// Passes over a number, however large.
    pub(super) fn skip_number(&mut self) -> Result<(), Error> {
        self.sign(b'-');
        self.whole(&mut 0)?;
        if self.byte() == b'.' {
            self.at += 1;
            self.digits(&mut 0)?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            let _ = self.sign(b'+') || self.sign(b'-');
            self.digits(&mut 0)?;
        }
        Ok(())
    }

    fn sign(&mut self, sign: u8) -> bool {
        let is_there = self.byte() == sign;
        self.at += usize::from(is_there);
        is_there
    }

    /// The digits in front of the point: no zero before others. Says how many do not fit.
    fn whole(&mut self, number: &mut u64) -> Result<i32, Error> {
        let is_zero = self.byte() == b'0';
        let (all, taken) = self.digits(number)?;
        if is_zero && all > 1 { Err(self.syntax("invalid number")) } else { Ok(all - taken) }
    }

    /// Adds digits to a number, as long as it holds them. Says how many there are, and how many of them it holds.
    fn digits(&mut self, number: &mut u64) -> Result<(i32, i32), Error> {
        let (mut all, mut taken) = (0, 0);
        while let digit @ b'0'..=b'9' = self.byte() {
            self.at += 1;
            let longer = number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit - b'0')));
            if let (Some(longer), true) = (longer, all == taken) {
                *number = longer;
                taken += 1;
            }
            all += 1;
        }
        if all == 0 { Err(self.syntax("invalid number")) } else { Ok((all, taken)) }
    }
}

/// `significand * 10^exponent`, or infinity: the nearest there is, or the one beside it.
fn float(significand: u64, mut exponent: i32) -> f64 {
    let mut float = significand as f64;
    while exponent < -308 && float != 0.0 {
        float /= 1e308;
        exponent += 308;
    }
    match exponent {
        _ if float == 0.0 => float,
        0..=308 => float * power_of_ten(exponent),
        309.. => f64::INFINITY,
        _ => float / power_of_ten(-exponent),
    }
}

/// The number nearest to `10^exponent`, for exponents up to 308.
fn power_of_ten(exponent: i32) -> f64 {
    // In two parts, the second what the first cannot hold.
    let (mut high, mut low) = (1.0_f64, 0.0_f64);
    for _ in 0..exponent {
        let product = 8.0 * high + 2.0 * high;
        low = 10.0 * low + (2.0 * high - (product - 8.0 * high));
        high = product + low;
        low -= high - product;
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_the_nearest() {
        for exponent in 0..=308 {
            let nearest: f64 = format!("1e{exponent}").parse().unwrap();
            assert_eq!(power_of_ten(exponent).to_bits(), nearest.to_bits(), "{exponent}");
        }
    }
}
