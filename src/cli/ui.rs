//! The only printing: results to stdout, talk to stderr, colour only where a person looks.

use crate::diagnostic::escape;
use crate::diagnostic::wrap::wrap;
use std::borrow::Cow;
use std::io::{BufRead, IsTerminal, Read, Write};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where output goes and how it may look.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    /// Columns to fill on stdout and stderr.
    pub width: usize,
    /// Whether stdout takes colour.
    pub colour: bool,
    /// Whether stderr takes colour.
    pub colour_err: bool,
    /// Whether characters beyond ASCII are fine.
    pub unicode: bool,
    /// Whether progress is shown.
    pub progress: bool,
    /// Whether progress is one line on stderr that is drawn over and over.
    pub redraws: bool,
}

impl Ui {
    /// Looks at the terminal and at `NO_COLOR`, `COLUMNS`, `LC_ALL`, `LC_CTYPE` and `LANG` by `env`.
    pub fn new(colour: Colour, env: &dyn Fn(&str) -> Option<String>) -> Ui {
        let plain = env("NO_COLOR").is_some_and(|v| !v.is_empty()) || env("TERM").as_deref() == Some("dumb");
        let wants = |terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !plain,
        };
        let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let told = env("COLUMNS").and_then(|text| text.parse().ok());
        let width = told.or(terminal).unwrap_or(80).clamp(40, 120);
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env(name).filter(|v| !v.is_empty()));
        let unicode = locale.is_none_or(|name| name.to_ascii_lowercase().replace('-', "").contains("utf8"));
        let colour = wants(std::io::stdout().is_terminal());
        let terminal = std::io::stderr().is_terminal();
        let off = |value: String| value.is_empty() || value == "false" || value == "0";
        let pipeline = !env("CI").is_none_or(off);
        let redraws = terminal && !pipeline && env("TERM").as_deref() != Some("dumb");
        Ui { width, colour, colour_err: wants(terminal), unicode, progress: true, redraws }
    }

    /// The same, without a word on progress.
    pub fn without_progress(self, quiet: bool) -> Ui {
        Ui { progress: self.progress && !quiet, ..self }
    }

    /// Draws one line over the one that was drawn before; an empty one leaves nothing behind. It needs no
    /// more of a terminal than that it can go back to the start of a line.
    pub fn draw(&self, text: &str) {
        let most = self.width.saturating_sub(1);
        let text = self.fold(text);
        let mut line: String = text.chars().take(most).collect();
        if text.chars().count() > most {
            line = line.chars().take(most.saturating_sub(3)).collect::<String>() + "...";
        }
        let empty = if text.is_empty() { "\r" } else { "" };
        write_all(&mut std::io::stderr().lock(), &format!("\r{line:<most$}{empty}"));
    }

    /// Prints a result as it is: what programs read is never altered.
    pub fn result(&self, text: &str) {
        write_all(&mut std::io::stdout().lock(), text);
    }

    /// Where a program at the other end of a pipe reads frames of a protocol.
    pub fn pipe(&self) -> impl Write {
        std::io::stdout().lock()
    }

    /// Prints a line of a result that people read.
    pub fn line(&self, text: &str) {
        self.result(&format!("{}\n", self.fold(text)));
    }

    /// Prints a paragraph that people read, wrapped to the width.
    pub fn paragraph(&self, text: &str) {
        wrap(text, self.width).iter().for_each(|line| self.line(line));
    }

    /// Says something beside the results.
    pub fn talk(&self, text: &str) {
        write_all(&mut std::io::stderr().lock(), &format!("{}\n", self.fold(text)));
    }

    /// Asks something beside the results, and reads one line of the answer without the space around it.
    /// `None`: there is nothing more to read.
    pub fn ask(&self, question: &str) -> Option<String> {
        write_all(&mut std::io::stderr().lock(), &self.fold(question));
        let mut answer = Vec::new();
        // Nobody types more than that; what is longer is read as several answers, and refused as such.
        let mut input = std::io::stdin().lock().take(64 * 1024);
        let read = input.read_until(b'\n', &mut answer).unwrap_or(0);
        (read > 0).then(|| String::from_utf8_lossy(&answer).trim().to_owned())
    }

    /// Says why a command stops: what was found, and what to do.
    pub fn error(&self, what: &str, todo: &str) {
        let (bold, end) = if self.colour_err { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        let (what, todo) = (escape::lines(what), escape::lines(todo));
        let what = format!("error: {what}");
        let mut said =
            wrap(&what, self.width).join("\n").replacen("error:", &format!("{bold}error:{end}"), 1);
        if !todo.is_empty() {
            wrap(&todo, self.width.saturating_sub(2)).iter().for_each(|line| said += &format!("\n  {line}"));
        }
        self.talk(&said);
    }

    /// Our own signs in plain letters, where the terminal shows no others.
    pub fn fold<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.unicode || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace('−', "-").replace('…', "...").replace('→', "->"))
    }

    /// Text in bold, where stdout takes colour.
    pub fn bold(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A reader that has gone away (`onhand plan | head`) is no error of ours.
fn write_all(to: &mut dyn Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

/// `1 file`, `2 files`.
pub fn count(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}
