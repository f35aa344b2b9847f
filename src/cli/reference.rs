//! `docs/cli.md`: every command with its arguments, from the command line's own definition.

use super::later::LATER;
use super::{Cli, exit};
use clap::{Arg, Command, CommandFactory};
use std::fmt::Write;

/// The page as Markdown.
pub fn page() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut text = format!(
        "# The command line\n\n{}\n\nWritten from the program itself; `onhand help COMMAND` prints the same. \
         Results go to standard output, talk to\nstandard error.\n",
        sentence(&cli.get_about().map(ToString::to_string).unwrap_or_default())
    );
    text.push_str("\n| command | what it does |\n|---|---|\n");
    for command in shown(&cli) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "| [`onhand {0}`](#onhand-{0}) | {about} |", command.get_name());
    }
    text.push_str("\nEvery command takes these as well:\n\n");
    let everywhere: Vec<&Arg> =
        cli.get_arguments().filter(|arg| arg.is_global_set() || arg.get_id() == "help").collect();
    table(&mut text, &everywhere);
    for command in shown(&cli) {
        section(&mut text, command, "onhand", 2);
    }
    let statuses = exit::MEANINGS.strip_prefix("Exit status:\n").unwrap_or(exit::MEANINGS);
    let _ = write!(
        text,
        "\n## Exit statuses\n\nEverywhere the same, so that a pipeline can branch on them.\n\n\
         ```text\n{statuses}\n```\n"
    );
    text.push_str(
        "\n## Not built yet\n\nThese are decided, and refused by name, with status 1.\n\n\
         | command | meanwhile |\n|---|---|\n",
    );
    for (name, instead) in LATER {
        let _ = writeln!(text, "| `onhand {name}` | {} |", if instead.is_empty() { "–" } else { instead });
    }
    text
}

/// The commands that help lists.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|own| !own.is_hide_set() && own.get_name() != "help")
}

fn section(text: &mut String, command: &Command, before: &str, level: usize) {
    let name = format!("{before} {}", command.get_name());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    let _ = write!(text, "\n{} {name}\n\n{}\n", "#".repeat(level), sentence(&about.unwrap_or_default()));
    let usage = command.clone().render_usage().to_string();
    let _ = write!(text, "\n```text\n{}\n```\n", usage.trim_start_matches("Usage: "));
    let own = |arg: &&Arg| !arg.is_hide_set() && arg.get_id() != "help" && arg.get_id() != "color";
    let mut args: Vec<&Arg> = command.get_arguments().filter(own).collect();
    // As help shows them: arguments by place, then options.
    args.sort_by_key(|arg| !arg.is_positional());
    // What a command hands down to the commands below it stands with it alone.
    args.retain(|arg| level == 2 || !arg.is_global_set());
    if !args.is_empty() {
        text.push('\n');
        table(text, &args);
    }
    if command.has_subcommands() && args.iter().any(|arg| arg.is_global_set()) {
        text.push_str("\nThe commands below take it as well.\n");
    }
    if let Some(after) = command.get_after_help().filter(|_| level > 1) {
        let _ = write!(text, "\n```text\n{after}\n```\n");
    }
    for below in shown(command) {
        section(text, below, &name, level + 1);
    }
}

fn table(text: &mut String, args: &[&Arg]) {
    text.push_str("| | meaning | values | if left out |\n|---|---|---|---|\n");
    for arg in args {
        let says = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let cells = [label(arg), says, values(arg), absent(arg)].map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// An argument as it is written on a line.
fn label(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ");
    let many = if arg.get_num_args().is_some_and(|range| range.max_values() > 1) { "…" } else { "" };
    let Some(long) = arg.get_long() else { return format!("`{value}{many}`") };
    let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
    match arg.get_action().takes_values() {
        true => format!("{short}`--{long} {value}{many}`"),
        false => format!("{short}`--{long}`"),
    }
}

/// The values that it takes, each with its meaning where it has one.
fn values(arg: &Arg) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    if let Some(between) = arg.get_value_delimiter() {
        return format!("one, or several with `{between}` between");
    }
    let known = arg.get_possible_values();
    let told = known.iter().filter(|value| !value.is_hide_set()).map(|value| match value.get_help() {
        Some(help) => format!("`{}`: {help}", value.get_name()),
        None => format!("`{}`", value.get_name()),
    });
    told.collect::<Vec<_>>().join("; ")
}

fn absent(arg: &Arg) -> String {
    let defaults: Vec<_> = arg.get_default_values().iter().map(|own| own.to_string_lossy()).collect();
    match (arg.is_required_set(), defaults.as_slice()) {
        _ if !arg.get_action().takes_values() => String::new(),
        (_, [_, ..]) => format!("`{}`", defaults.join(" ")),
        (true, []) => "must be there".to_owned(),
        (false, []) => "–".to_owned(),
    }
}

/// With a full stop at the end; clap takes the last one off.
fn sentence(text: &str) -> String {
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}
