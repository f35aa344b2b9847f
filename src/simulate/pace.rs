//! How often things happen in a simulated world.

/// How often things happen: the mean time between two of them in milliseconds; 0 is never.
#[derive(Debug, Clone)]
pub struct Pace {
    /// What every request takes; `None`: what its kind says.
    pub call_ms: Option<i64>,
    /// The longest step of the world while nobody asks anything of it.
    pub grain_ms: i64,
    /// Between two askings, over all channels.
    pub order_ms: i64,
    /// From an order to its import, where nobody promises how late that may be.
    pub import_ms: i64,
    /// From an order to its shipment.
    pub ship_ms: i64,
    /// From an order to its cancellation.
    pub cancel_ms: i64,
    /// Between two returns, over all.
    pub return_ms: i64,
    /// Between two receipts, over all.
    pub receipt_ms: i64,
    /// Between two transfers, over all.
    pub transfer_ms: i64,
    /// Between two looks at what is damaged, over all.
    pub inspect_ms: i64,
    /// Units on each shelf at the beginning: from, to.
    pub start: (i64, i64),
    /// Units of one receipt: from, to.
    pub receipt: (i64, i64),
    /// How many orders in a hundred from a pool do not say where they were sold.
    pub nameless: i64,
}

impl Pace {
    /// A busy shop: each channel is asked for something every ten minutes, in `channels` channels; less is
    /// received than is asked for, so that shelves run low.
    pub fn busy(channels: usize) -> Pace {
        let order_ms = 600_000 / (channels.max(1) as i64);
        Pace {
            call_ms: None,
            grain_ms: 60_000,
            order_ms,
            import_ms: 600_000,
            ship_ms: 3_600_000,
            cancel_ms: 18_000_000,
            return_ms: order_ms * 20,
            receipt_ms: order_ms * 5 / 2,
            transfer_ms: 7_200_000,
            inspect_ms: 3_600_000,
            start: (5, 20),
            receipt: (1, 4),
            nameless: 20,
        }
    }
}
