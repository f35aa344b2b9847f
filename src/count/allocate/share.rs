//! Exact parts of a whole: a fraction from 0 to 1, and what it is of a count.

/// Bits behind the point of a fraction of a unit.
pub const FINE: u32 = 80;

/// A part of a whole, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Above the line; from 0 to `bottom`.
    pub top: i128,
    /// Below the line; above 0 and below 2^120.
    pub bottom: i128,
}

impl Share {
    /// Nothing.
    pub const NONE: Share = Share { top: 0, bottom: 1 };

    /// The product of two parts, each a weight and the sum of all weights. Nothing where a weight or a sum
    /// is not above 0, or where the numbers are beyond all use.
    pub fn of_weights(outer: (i128, i128), inner: (i128, i128)) -> Share {
        if outer.0 <= 0 || inner.0 <= 0 || outer.1 < outer.0 || inner.1 < inner.0 {
            return Share::NONE;
        }
        let (outer, inner) = (lowest(outer), lowest(inner));
        let (one, other) = (lowest((outer.0, inner.1)), lowest((inner.0, outer.1)));
        let product = (one.0.checked_mul(other.0), one.1.checked_mul(other.1));
        match product {
            (Some(top), Some(bottom)) if bottom < 1 << 120 => Share { top, bottom },
            _ => Share::NONE,
        }
    }

    /// What it is of a count: whole units towards minus infinity, and the rest of a unit in parts of
    /// 2^-[`FINE`], rounded down.
    pub fn of(self, count: i64) -> (i64, u128) {
        let (whole, rest) = match i128::from(count).checked_mul(self.top) {
            Some(product) => (product.div_euclid(self.bottom), product.rem_euclid(self.bottom)),
            None => self.long(count),
        };
        // A part is at most the whole, so it is no further from 0 than the count.
        (whole as i64, self.fine(rest))
    }

    /// The same by long multiplication, bit by bit.
    fn long(self, count: i64) -> (i128, i128) {
        let size = count.unsigned_abs();
        let (mut whole, mut rest) = (0_i128, 0_i128);
        for bit in (0..u64::BITS - size.leading_zeros()).rev() {
            whole *= 2;
            rest *= 2;
            if size >> bit & 1 == 1 {
                rest += self.top;
            }
            whole += rest / self.bottom;
            rest %= self.bottom;
        }
        match (count < 0, rest) {
            (false, _) => (whole, rest),
            (true, 0) => (-whole, 0),
            (true, _) => (-whole - 1, self.bottom - rest),
        }
    }

    /// `rest` / `bottom` in parts of 2^-[`FINE`].
    fn fine(self, mut rest: i128) -> u128 {
        let room = self.bottom.leading_zeros() - 1;
        let (mut left, mut fine) = (FINE, 0_u128);
        while left > 0 && rest > 0 {
            let step = left.min(room);
            rest <<= step;
            fine = fine << step | (rest / self.bottom) as u128;
            rest %= self.bottom;
            left -= step;
        }
        fine << left
    }
}

fn lowest((top, bottom): (i128, i128)) -> (i128, i128) {
    let shared = gcd(top, bottom).max(1);
    (top / shared, bottom / shared)
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The least common multiple of two numbers above 0, up to a limit.
pub fn common(one: i64, other: i64, limit: i64) -> Option<i64> {
    let shared = gcd(i128::from(one), i128::from(other));
    let multiple = i128::from(one) / shared * i128::from(other);
    i64::try_from(multiple).ok().filter(|multiple| *multiple <= limit)
}
