//! A budget that is used up as work is done, so that what can't be held is given up early.

use std::convert::Infallible;

use roaring::RoaringBitmap;

use crate::PortSet;

/// That what was asked for takes more than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OverBudget;

/// Something that may say no to more work.
pub(super) trait Meter: Sync {
    /// What it says instead.
    type Refusal: Send;

    /// Takes `bytes` more.
    fn take(&self, bytes: u64) -> Result<(), Self::Refusal>;

    /// Takes what `set` occupies.
    fn take_set(&self, set: &RoaringBitmap) -> Result<(), Self::Refusal> {
        self.take(u64::try_from(set.serialized_size()).unwrap_or(u64::MAX))
    }

    /// Takes what `ports` occupy.
    fn take_ports(&self, ports: &PortSet) -> Result<(), Self::Refusal> {
        /// What one interval occupies.
        const INTERVAL: u64 = 6;
        self.take(u64::try_from(ports.intervals().count()).unwrap_or(u64::MAX).saturating_mul(INTERVAL))
    }
}

/// Says no to nothing.
pub(super) struct Unlimited;

impl Meter for Unlimited {
    type Refusal = Infallible;

    fn take(&self, _: u64) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Says no once so many bytes are taken.
pub(super) struct Limited {
    taken: std::sync::atomic::AtomicU64,
    most: u64,
}

impl Limited {
    /// Up to `most` bytes.
    pub(super) fn to(most: u64) -> Self {
        Self { taken: 0.into(), most }
    }
}

impl Meter for Limited {
    type Refusal = OverBudget;

    fn take(&self, bytes: u64) -> Result<(), OverBudget> {
        let before = self.taken.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
        if before.saturating_add(bytes) > self.most { Err(OverBudget) } else { Ok(()) }
    }
}
