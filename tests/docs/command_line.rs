//! The reference of the command line names every command and flag that there is, and no other.

use crate::document::Document;
use clap::{Command, CommandFactory};
use scaffold_cli::args::Cli;
use std::collections::BTreeSet;

const DOCUMENT: &str = "docs/reference/command-line.md";

#[test]
fn every_command_is_listed_with_its_flags() {
    let document = Document::open(DOCUMENT);
    let usage = document.blocks().into_iter().find(|block| block.language == "text").expect("a block of usage").text;
    let tool = Cli::command();
    let listed: BTreeSet<&str> =
        usage.lines().filter_map(|line| line.strip_prefix("scaffold ")?.split(' ').next()).collect();
    let known: BTreeSet<&str> = tool.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
    assert_eq!(listed, known, "{DOCUMENT}: the commands");
    for (name, command) in calls(&tool) {
        let start = format!("scaffold {name} ");
        let line = usage.lines().find(|line| format!("{line} ").starts_with(&start));
        let flags = long_flags(line.unwrap_or_else(|| panic!("{DOCUMENT}: nothing about {name}")));
        assert_eq!(flags, own_flags(command), "{DOCUMENT}: {name}");
    }
}

/// What can be called: a command, or a command of a command, by the words that call it.
fn calls(tool: &Command) -> Vec<(String, &Command)> {
    let mut found = Vec::new();
    for command in tool.get_subcommands().filter(|command| command.get_name() != "help") {
        let below: Vec<_> = calls(command);
        let name = command.get_name();
        if below.is_empty() {
            found.push((name.to_owned(), command));
        }
        found.extend(below.into_iter().map(|(inner, command)| (format!("{name} {inner}"), command)));
    }
    found
}

#[test]
fn every_flag_that_is_named_exists() {
    let document = Document::open(DOCUMENT);
    let tool = Cli::command();
    let mut known = own_flags(&tool);
    calls(&tool).iter().for_each(|(_, command)| known.extend(own_flags(command)));
    let unknown: Vec<String> = long_flags(&document.text).difference(&known).cloned().collect();
    assert!(unknown.is_empty(), "{DOCUMENT}: {unknown:?}");
}

#[test]
fn flags_of_every_command_are_described() {
    let document = Document::open(DOCUMENT);
    for argument in Cli::command().get_arguments().filter(|argument| !is_clap_s_own(argument.get_id().as_str())) {
        let short = argument.get_short().map(|letter| format!("`-{letter}"));
        let long = argument.get_long().map(|name| format!("`--{name}"));
        let described = [short, long].into_iter().flatten().any(|flag| document.text.contains(&flag));
        assert!(described, "{DOCUMENT}: nothing about {}", argument.get_id());
    }
}

/// `--check` and its like in a text.
fn long_flags(text: &str) -> BTreeSet<String> {
    let pattern = regex_lite::Regex::new(r"(?:^|[\s`\[(])--([a-z][a-z-]*)").unwrap();
    let comments = regex_lite::Regex::new(r"<!--.*?-->").unwrap();
    let text = comments.replace_all(text, "");
    pattern.captures_iter(&text).map(|found| found[1].to_owned()).collect()
}

fn own_flags(command: &Command) -> BTreeSet<String> {
    let longs = command.get_arguments().filter(|argument| !is_clap_s_own(argument.get_id().as_str()));
    longs.filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
}

fn is_clap_s_own(id: &str) -> bool {
    matches!(id, "help" | "version")
}
