//! How fast KDL text becomes a tree and how much heap the tree holds, beside the `kdl` crate.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::float_arithmetic)]

use onhand::source::SourceId;
use onhand::syntax;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

const BYTES: usize = 10 << 20;
const BYTES_FOR_KDL: usize = 256 << 10;
const ROUNDS: usize = 9;

fn main() {
    let text = items(BYTES);
    let parsed = syntax::parse(SourceId(0), &text);
    assert!(parsed.diagnostics.is_empty(), "the generated file is good");
    let best = fastest(|| {
        black_box(syntax::parse(SourceId(0), black_box(&text)));
    });
    let before = resident_peak();
    let heap = parsed.document.heap_bytes() as f64 / text.len() as f64;
    let steps = parsed.steps as f64 / text.len() as f64;
    println!(
        "onhand  {:7.1} MB/s  {heap:5.2} heap bytes a byte  {steps:.2} steps a byte  ({} bytes, best of {ROUNDS})",
        rate(&text, best),
        text.len()
    );
    if let Some(peak) = before {
        let peak = peak as f64 / text.len() as f64;
        println!("        {peak:.2} bytes a byte at the peak of the process, the text itself included");
    }
    let small = items(BYTES_FOR_KDL);
    let best = fastest(|| {
        let document: kdl::KdlDocument = black_box(&small).parse().expect("the generated file is good");
        black_box(document);
    });
    println!("kdl     {:7.1} MB/s  ({} bytes, best of {ROUNDS})", rate(&small, best), small.len());
    let ours = fastest(|| {
        black_box(syntax::parse(SourceId(0), black_box(&small)));
    });
    println!(
        "        onhand reads the same file {:.0} times as fast",
        best.as_secs_f64() / ours.as_secs_f64()
    );
}

/// A file of at least so many bytes, one item a line.
fn items(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 256);
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        let code = format!("TSHIRT-{number:06}");
        let written = writeln!(
            text,
            "item {code} unit=ea {{ pack case 12; in erp TSH-{number:06}; in web {code}; in web {code}-CS12 unit=case }}"
        );
        written.expect("a string takes any text");
    }
    text
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap_or_default()
}

fn rate(text: &str, time: Duration) -> f64 {
    text.len() as f64 / time.as_secs_f64() / 1e6
}

/// The most memory that the process has held, where the system tells.
fn resident_peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
