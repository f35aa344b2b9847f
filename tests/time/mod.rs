//! Time: when calendars are open, and how late a flow can be.

mod calendar;
mod lag;
