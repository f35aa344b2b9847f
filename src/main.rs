//! The `onhand` command: arguments in, exit status out.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(70)
}
