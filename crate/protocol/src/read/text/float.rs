//! The floating-point number nearest to a decimal one, to the last bit and without tables: nearly all are one product or
//! quotient of numbers that are exact, and the rest are doubled and halved digit by digit.

/// `significand * 10^exponent`, where one operation on exact numbers tells (Clinger's fast path).
pub(super) fn exact(significand: u64, exponent: i32) -> Option<f64> {
    let power = exponent.unsigned_abs();
    if significand > 1 << f64::MANTISSA_DIGITS || power > 22 {
        return None;
    }
    let (float, power) = (significand as f64, (0..power).fold(1.0, |power, _| power * 10.0));
    Some(if exponent < 0 { float / power } else { float * power })
}

/// `digits * 10^by`, rounded to the nearest and of two to the even one; digits with or without a point. Infinity where
/// there is none so large.
pub(super) fn nearest(digits: &str, by: i32) -> f64 {
    let mut decimal = Decimal::of(digits, by);
    match decimal.point {
        _ if decimal.digits.is_empty() => return 0.0,
        ..-330 => return 0.0,
        330.. => return f64::INFINITY,
        _ => {} // what is near the ends tells below
    }
    // To a fraction from one half up to one: the number is that, doubled so often.
    let mut doubled = 0;
    while decimal.point > 0 {
        let times = decimal.point.unsigned_abs().saturating_mul(3).min(MOST_AT_ONCE);
        decimal.halve(times);
        doubled += times as i32;
    }
    while decimal.point < 0 || decimal.digits.first().is_none_or(|digit| *digit < 5) {
        let times = decimal.point.unsigned_abs().saturating_mul(3).clamp(1, MOST_AT_ONCE);
        decimal.double(times);
        doubled -= times as i32;
    }
    if doubled > f64::MAX_EXP {
        return f64::INFINITY;
    }
    // Near zero there are fewer bits.
    let lowest = (doubled - f64::MANTISSA_DIGITS as i32).max(f64::MIN_EXP - f64::MANTISSA_DIGITS as i32);
    let Ok(bits) = u32::try_from(doubled - lowest) else { return 0.0 };
    decimal.double(bits);
    decimal.rounded() as f64 * power_of_two(lowest)
}

/// For exponents that there are.
fn power_of_two(exponent: i32) -> f64 {
    let bits = match exponent - (f64::MIN_EXP - 1) {
        normal @ 0.. => (normal as u64 + 1) << (f64::MANTISSA_DIGITS - 1),
        below => 1 << (below + f64::MANTISSA_DIGITS as i32 - 1),
    };
    f64::from_bits(bits)
}

/// So often a number is doubled or halved at once: what is carried along fits 64 bits.
const MOST_AT_ONCE: u32 = 59;

/// More digits than lie between two floating-point numbers; of what comes after them only counts whether it is nothing.
const MOST_DIGITS: usize = 770;

/// `0.digits * 10^point`, the first digit not zero.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    fn of(text: &str, by: i32) -> Decimal {
        let mut whole = true;
        let mut made = Making::default();
        let mut point = by;
        for byte in text.bytes() {
            if byte == b'.' {
                whole = false;
                continue;
            }
            made.push(byte - b'0');
            let is_leading = made.digits.is_empty();
            point = point.saturating_add(i32::from(whole && !is_leading) - i32::from(!whole && is_leading));
        }
        Decimal { digits: made.finish(), point }
    }

    fn halve(&mut self, times: u32) {
        let mut made = Making::default();
        let (mut rest, mut place) = (0_u64, 0);
        let mut given = self.digits.iter();
        loop {
            match given.next() {
                Some(digit) => rest = rest * 10 + u64::from(*digit),
                None if rest == 0 => break,
                None => rest *= 10,
            }
            made.push((rest >> times) as u8);
            place += i32::from(made.digits.is_empty());
            rest &= (1 << times) - 1;
        }
        self.point -= place;
        self.digits = made.finish();
    }

    fn double(&mut self, times: u32) {
        let mut backwards = Vec::with_capacity(self.digits.len() + 20);
        let mut carried = 0_u64;
        for digit in self.digits.iter().rev() {
            carried += u64::from(*digit) << times;
            backwards.push((carried % 10) as u8);
            carried /= 10;
        }
        while carried > 0 {
            backwards.push((carried % 10) as u8);
            carried /= 10;
            self.point += 1;
        }
        let mut made = Making::default();
        backwards.iter().rev().for_each(|digit| made.push(*digit));
        self.digits = made.finish();
    }

    /// The nearest whole number, of two the even one.
    fn rounded(&self) -> u64 {
        let digit = |place: usize| self.digits.get(place).copied().unwrap_or(0);
        let point = usize::try_from(self.point).unwrap_or(0);
        let whole = (0..point).fold(0, |whole, place| whole * 10 + u64::from(digit(place)));
        let is_more_than_half = digit(point) == 5 && self.digits.len() > point + 1 || digit(point) > 5;
        whole + u64::from(self.point >= 0 && (is_more_than_half || digit(point) == 5 && whole % 2 == 1))
    }
}

/// Digits from the first that is not zero to the last.
#[derive(Default)]
struct Making {
    digits: Vec<u8>,
    /// Whether something comes after the most of them.
    is_more: bool,
}

impl Making {
    fn push(&mut self, digit: u8) {
        if self.digits.len() == MOST_DIGITS {
            self.is_more |= digit != 0;
        } else if digit != 0 || !self.digits.is_empty() {
            self.digits.push(digit);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.is_more {
            self.digits.push(1);
        }
        let last = self.digits.iter().rposition(|digit| *digit != 0);
        self.digits.truncate(last.map_or(0, |last| last + 1));
        self.digits
    }
}
