//! The command line: clap types and nothing else.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Generates complete, readable Rust services from GraphQL schemas and event models.
#[derive(Debug, Parser)]
#[command(name = "scaffold", version, arg_required_else_help = true, propagate_version = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Run as if started in this folder.
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// How problems are printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// When to colour what is printed for people.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Print problems only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every file that is written, kept or removed.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// How problems are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the text around each place.
    Human,
    /// One JSON object a line.
    Json,
    /// Annotations for GitHub Actions.
    Github,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// If the output is a terminal and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a project in an empty folder.
    New(New),
    /// Generate the crates from schema and model.
    Gen(Gen),
    /// Report every problem of schema and model; write nothing.
    Check(Check),
    /// Write a good beginning into schema or model.
    #[command(subcommand)]
    Add(Add),
    /// Print what editors need to know of the languages.
    Schema(Schema),
    /// Explain a diagnostic code, with a wrong and a right example.
    Explain(Explain),
    /// Print a signed token for development (HS256, secret from AUTH_SECRET or the project's .env).
    Token(Token),
    /// Print a completion script for a shell.
    Completions(Completions),
}

/// `scaffold new`
#[derive(Debug, Args)]
pub struct New {
    /// The folder; created if it is missing, refused if it is not empty.
    pub dir: PathBuf,
    /// Begin with this example instead of the starter.
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,
    /// The project's name, in kebab-case; default: the folder's name.
    #[arg(long)]
    pub name: Option<String>,
    /// Where the runtime crate comes from: `vendored` (its source is put into the project), `path:<dir>` or `version:<req>`.
    #[arg(long, value_name = "SOURCE", default_value = "vendored")]
    pub runtime: String,
}

/// `scaffold gen`
#[derive(Debug, Args)]
pub struct Gen {
    /// Write nothing; print what differs and exit 1 if anything does.
    #[arg(long, conflicts_with_all = ["dry_run", "force", "upgrade"])]
    pub check: bool,
    /// Write nothing; print what would be written.
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite managed files that were edited by hand.
    #[arg(long)]
    pub force: bool,
    /// Undeclared events are errors.
    #[arg(long)]
    pub strict: bool,
    /// Move a project that another version of the tool generated to this one.
    #[arg(long)]
    pub upgrade: bool,
}

/// `scaffold check`
#[derive(Debug, Args)]
pub struct Check {
    /// Undeclared events are errors.
    #[arg(long)]
    pub strict: bool,
}

/// `scaffold add`
#[derive(Debug, Subcommand)]
pub enum Add {
    /// A service: a folder below schema/ with the permissions that it knows.
    Service(AddService),
    /// An event, with tags from its fields of type ID.
    Event(AddEvent),
    /// A command with the event that it records, a first rule and examples.
    Command(AddCommand),
    /// A projection of some events, with an example.
    Projection(AddProjection),
    /// A type that is created, updated and deleted through the API.
    Crud(AddCrud),
    /// An automation: what an event or an entry of a view starts by itself, with an example.
    Automation(AddAutomation),
}

/// `scaffold add service`
#[derive(Debug, Args)]
pub struct AddService {
    /// Its name, in kebab-case.
    pub name: String,
    /// Write nothing; print what would be written.
    #[arg(long)]
    pub dry_run: bool,
}

/// What all things that a service is made of have in common.
#[derive(Debug, Args)]
pub struct Slice {
    /// Its name: `SubscribeStudent` (`subscribe-student` is taken for that).
    pub name: String,
    /// Its fields: `studentId:ID!` (quote lists for the shell: `'ids:[ID!]!'`).
    #[arg(value_name = "FIELD:TYPE")]
    pub fields: Vec<String>,
    /// Where it goes.
    #[command(flatten)]
    pub placing: Placing,
}

/// Where something new goes, and what is said about it.
#[derive(Debug, Args)]
pub struct Placing {
    /// The service that it belongs to; needed if there are several.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// The file to write or to extend, relative to the project; default: a file of its own.
    #[arg(long, value_name = "PATH")]
    pub file: Option<String>,
    /// What it is or does, in a sentence.
    #[arg(long, value_name = "TEXT")]
    pub doc: Option<String>,
    /// Write nothing; print what would be written.
    #[arg(long)]
    pub dry_run: bool,
}

/// `scaffold add event`
#[derive(Debug, Args)]
pub struct AddEvent {
    /// What it has in common with the rest.
    #[command(flatten)]
    pub slice: Slice,
}

/// `scaffold add command`
#[derive(Debug, Args)]
pub struct AddCommand {
    /// What it has in common with the rest.
    #[command(flatten)]
    pub slice: Slice,
    /// The event that it records, declared along with it unless it is there; may be given several times. Default: from the
    /// command's name, `StudentSubscribed` for `SubscribeStudent`.
    #[arg(long, value_name = "EVENT")]
    pub emits: Vec<String>,
    /// A permission that lets callers send it; may be given several times. Default: anyone who is signed in.
    #[arg(long, value_name = "PERMISSION")]
    pub permission: Vec<String>,
}

/// `scaffold add projection`
#[derive(Debug, Args)]
pub struct AddProjection {
    /// What it has in common with the rest; without fields it takes those of its events.
    #[command(flatten)]
    pub slice: Slice,
    /// An event that it is made of; `service.Event` is another service's. May be given several times, all of one service.
    #[arg(long, value_name = "EVENT", required = true)]
    pub on: Vec<String>,
    /// A field of all these events that makes the entry's id; may be given several times.
    #[arg(long, value_name = "FIELD")]
    pub by: Vec<String>,
    /// A permission that lets callers read it; may be given several times. Default: open to anyone.
    #[arg(long, value_name = "PERMISSION")]
    pub permission: Vec<String>,
}

/// `scaffold add crud`
#[derive(Debug, Args)]
pub struct AddCrud {
    /// What it has in common with the rest.
    #[command(flatten)]
    pub slice: Slice,
    /// A permission that lets callers read and write it; may be given several times. Default: open to anyone.
    #[arg(long, value_name = "PERMISSION")]
    pub permission: Vec<String>,
}

/// `scaffold add automation`
#[derive(Debug, Args)]
pub struct AddAutomation {
    /// Its name: `WelcomeStudent` (`welcome-student` is taken for that).
    pub name: String,
    /// An event that starts it; `service.Event` is another service's. May be given several times, all of one service.
    #[arg(long, value_name = "EVENT", required_unless_present = "view", conflicts_with = "view")]
    pub on: Vec<String>,
    /// A projection whose entries start it, one run for each entry that it holds.
    #[arg(long, value_name = "TYPE")]
    pub view: Option<String>,
    /// The command that it sends, of its own service or of another (`mailer.SendWelcome`). Default: `effect: custom`, Rust of your
    /// own.
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// Where it goes.
    #[command(flatten)]
    pub placing: Placing,
}

/// `scaffold schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Which language.
    #[arg(value_enum)]
    pub language: Language,
}

/// What an editor can be told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// JSON Schema of the files below model/.
    EventModel,
    /// JSON Schema of scaffold.yaml.
    Project,
    /// GraphQL definitions of the directives.
    Directives,
}

/// `scaffold explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// A code as diagnostics print it, for example E0201.
    pub code: String,
}

/// `scaffold token`
#[derive(Debug, Args)]
pub struct Token {
    /// Claim `tenant`.
    #[arg(long, default_value = "demo")]
    pub tenant: String,
    /// Claim `sub`, the user's id.
    #[arg(long, default_value = "developer")]
    pub sub: String,
    /// A permission for claim `scopes`; may be given several times.
    #[arg(long = "scope", value_name = "PERMISSION")]
    pub scopes: Vec<String>,
    /// Claim `data`, a JSON object.
    #[arg(long, value_name = "JSON")]
    pub data: Option<String>,
    /// How long it is valid: a number with s, m, h or d.
    #[arg(long, default_value = "12h")]
    pub ttl: String,
}

/// `scaffold completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
