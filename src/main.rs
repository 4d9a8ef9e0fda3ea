//! The command line.

use clap::{Parser, Subcommand};
use visavis::engine::reader::child;

/// Self-hosted video identification.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Reads pictures in a sandbox; started by the server only.
    #[command(hide = true)]
    ReaderChild(child::ChildOptions),
}

fn main() -> std::io::Result<()> {
    match Cli::parse().command {
        Command::ReaderChild(options) => child::run(&options),
    }
}
