//! The `onhand` command: arguments in, exit status out.

/// A plan of a large catalog makes and drops millions of small blocks: this takes a fifth off its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let ended = std::panic::catch_unwind(|| onhand::cli::main(std::env::args_os()));
    // A panic has already printed where; 70 tells a pipeline that it is our bug, not its topology.
    std::process::ExitCode::from(ended.map_or(70, onhand::cli::exit::Exit::status))
}
