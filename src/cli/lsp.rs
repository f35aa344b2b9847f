//! `onhand lsp`: the language server, started by an editor and spoken to over its pipes.

use super::exit::Exit;
use super::ui::Ui;
use crate::connectors::KINDS;
use crate::lsp::serve;
use std::io::BufReader;

/// What `lsp` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The usual way, which editors like to name: over standard input and output
    #[arg(long)]
    stdio: bool,
}

/// Serves one editor until it says goodbye.
pub fn run(_args: &Args, ui: &Ui) -> Exit {
    let input = BufReader::new(std::io::stdin());
    let status = serve(Box::new(input), &mut ui.pipe(), KINDS, || crate::world::real::world(false));
    if status != 0 {
        ui.error(
            "the language server's input ended, or held what is no message, before an editor said goodbye",
            "An editor starts it; `onhand check` shows the same findings at a terminal.",
        );
    }
    Exit::of(status)
}
