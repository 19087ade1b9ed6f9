//! Numbers.

use super::{Text, float};
use crate::read::{Error, Scalar};

impl Text<'_> {
    /// The number that begins here.
    pub(super) fn number(&mut self) -> Result<Scalar<'static>, Error> {
        let is_negative = self.sign(b'-');
        let start = self.at;
        let mut significand = 0;
        // Digits that do not fit are not in it.
        let mut left_out = self.whole(&mut significand)?;
        let (mut is_float, mut exponent, mut by) = (left_out > 0, left_out, 0);
        if self.byte() == b'.' {
            is_float = true;
            self.at += 1;
            let (all, taken) = self.digits(&mut significand)?;
            exponent -= taken;
            left_out += all - taken;
        }
        let digits = self.since(start);
        if matches!(self.byte(), b'e' | b'E') {
            is_float = true;
            self.at += 1;
            let is_down = !self.sign(b'+') && self.sign(b'-');
            let mut power = 0;
            self.digits(&mut power)?;
            by = i32::try_from(power).unwrap_or(i32::MAX);
            by = if is_down { -by } else { by };
        }
        if is_float {
            let float = match float::exact(significand, exponent.saturating_add(by)) {
                Some(float) if left_out == 0 => float,
                _ => float::nearest(digits, by),
            };
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
