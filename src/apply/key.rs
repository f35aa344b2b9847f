//! Names for runs and for single writes.

/// The idempotency key of a write: the same for the same plan, run, change and epoch, and for nothing else.
/// An epoch ends when a request is no longer letter for letter the one sent before. A plan that is applied
/// again, since its first run was cut off, computes its numbers again: under the old keys a system might
/// answer for what the first run wrote. 32 hex digits.
pub fn write_key((plan, run): (&str, &str), change: &str, epoch: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [plan, run, change] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(&epoch.to_le_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The id of a run from 64 random bits: 16 hex digits.
pub fn run_id(bits: u64) -> String {
    format!("{bits:016x}")
}
