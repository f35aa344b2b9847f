//! Time: when calendars are open, what stamps mean, and how late a flow can be.

mod calendar;
mod lag;
mod stamps;
