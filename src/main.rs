//! The command line.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use visavis::{
    base::{Ambient, Pii},
    boot::{self, Settings, seed, serve::Serving, settings::SettingsError},
    engine::{reader::child, track},
    probe::{self, ProbeOptions},
    registry::staff::{NewStaff, Role, Staff},
};

/// A media thread allocates and frees several pieces for each packet, all longer than the system's allocator keeps at hand.
#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Self-hosted video identification: intake, queue, call, checks, recording, review.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Settings file (TOML) over the built-in settings; VISAVIS__SECTION__KEY and secret files go over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the pages, the API and the media; starts `work` too
    Serve {
        /// Also HTTPS on 0.0.0.0:8443 with a self-signed certificate, so that a phone on this network can be the customer
        #[arg(long)]
        lan: bool,
        /// Leave `work` to another process
        #[arg(long)]
        no_work: bool,
    },
    /// Does the jobs: reading, sealing, composing, reminders
    Work {
        /// Started by `serve`: ends with it
        #[arg(long, hide = true)]
        child: bool,
    },
    /// Brings the database schema up to date
    Migrate,
    /// People who work here
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Fills a demo: two agents, a supervisor, opening hours; prints one-time passwords of whoever is new
    Seed {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Give those who are there already a new password
        #[arg(long)]
        new_passwords: bool,
    },
    /// Calls a running server as its customers and agents would, and says whether calls work; exit code 0 is good
    Probe(Box<ProbeOptions>),
    /// Reads the journal and every sealed recording from end to end; exit code 0 when all is as it was filed
    Verify(boot::verify::VerifyOptions),
    /// Checks the settings and prints what is in force, secrets hidden
    CheckConfig,
    /// Reads pictures of documents and prints one JSON object per picture
    Read(boot::read::ReadOptions),
    /// Measures head movements in a film and prints what is judged of them as JSON
    Pose(boot::pose::PoseOptions),
    /// Reads pictures in a sandbox; started by the server only
    #[command(hide = true)]
    ReaderChild(child::ChildOptions),
    /// Makes the files of a recording in a sandbox; started by `work` only
    #[command(hide = true)]
    ComposeChild(track::child::ChildOptions),
    /// Measures the pictures of a film in a sandbox; started by `work` and `pose` only
    #[command(hide = true)]
    SightChild(track::sight::SightOptions),
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Adds somebody; without --password-stdin a password is made and printed once
    Add(AddStaff),
}

#[derive(Args)]
struct AddStaff {
    /// Sign-in name: 2 to 40 of a-z 0-9 . _ -
    #[arg(long)]
    name: String,
    /// Name shown to customers and colleagues
    #[arg(long)]
    display_name: String,
    /// agent, supervisor or (for `visavis probe`) probe; may be given twice
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// en or vi; may be given twice
    #[arg(long = "language", default_values = ["vi", "en"])]
    languages: Vec<String>,
    /// Add NAME, NAME-2, … NAME-N, all with the same password: accounts of a probe with --calls N
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::ReaderChild(options) = &cli.command {
        return exit(child::run(options).map_err(Failed::from));
    }
    if let Command::ComposeChild(options) = &cli.command {
        return exit(track::child::run(options).map_err(Failed::from));
    }
    if let Command::SightChild(options) = &cli.command {
        return exit(track::sight::run(options).map_err(Failed::from));
    }
    if let Command::Probe(options) = &cli.command {
        return probe(options);
    }
    let settings = match Settings::load(cli.config.as_deref()) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    if matches!(cli.command, Command::CheckConfig) {
        say(settings.redacted().trim_end());
        return ExitCode::SUCCESS;
    }
    settings.log.start();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit(Err(error.into())),
    };
    let ended = runtime.block_on(run(cli, settings));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match ended {
        Ok(code) => code,
        Err(error) => exit(Err(error)),
    }
}

async fn run(cli: Cli, mut settings: Settings) -> Result<ExitCode, Failed> {
    let (ambient, program) = (Ambient::system(), std::env::current_exe()?);
    match cli.command {
        Command::Serve { lan, no_work } => {
            if lan && settings.server.lan_https.is_empty() {
                "0.0.0.0:8443".clone_into(&mut settings.server.lan_https);
            }
            let serving = Serving { program, config: cli.config, starts_work: !no_work };
            boot::serve::serve(&settings, ambient, serving, say).await?;
        }
        Command::Work { child } => boot::work::work(&settings, ambient, program, child).await?,
        Command::Migrate => boot::engines(&settings, ambient, program).await?.db.close().await,
        Command::Staff(StaffCommand::Add(new)) => add_staff(&settings, ambient, program, new).await?,
        Command::Read(options) => boot::read::read(&options, settings.reader, ambient, say).await?,
        Command::Pose(options) => boot::pose::pose(&options, program, say).await?,
        Command::Seed { json, new_passwords } => {
            let engines = boot::engines(&settings, ambient, program).await?;
            let seeded = seed::seed(&settings, &engines, new_passwords).await?;
            say(&if json { serde_json::to_string(&seeded)? } else { seed::as_text(&seeded) });
            engines.db.close().await;
        }
        Command::Verify(options) => {
            let engines = boot::engines(&settings, ambient, program).await?;
            let is_well = boot::verify::verify(&options, &settings, &engines, say).await?;
            engines.db.close().await;
            return Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Probe(_) | Command::CheckConfig | Command::ReaderChild(_) | Command::ComposeChild(_) | Command::SightChild(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn add_staff(settings: &Settings, ambient: Ambient, program: PathBuf, new: AddStaff) -> Result<(), Failed> {
    let engines = boot::engines(settings, ambient, program).await?;
    let password = if new.password_stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        seed::one_time_password(&engines.ambient)
    };
    let staff = Staff::new(engines.db.clone(), engines.ambient.clone(), settings.staff.clone());
    for number in 1..=new.count {
        let name = if number == 1 { new.name.clone() } else { format!("{}-{number}", new.name) };
        let (display_name, roles, languages) = (new.display_name.clone(), new.roles.clone(), new.languages.clone());
        let id = staff.add(NewStaff { name, display_name, password: Pii::new(password.clone()), roles, languages }).await?;
        say(&format!("added {id}"));
    }
    if !new.password_stdin {
        say(&format!("one-time password: {password}"));
    }
    engines.db.close().await;
    Ok(())
}

fn probe(options: &ProbeOptions) -> ExitCode {
    let password = if let Some(path) = &options.password_file {
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    } else {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line).map_err(|error| error.to_string())
    };
    let password = match password {
        Ok(password) => password.trim_end_matches(['\r', '\n']).to_owned(),
        Err(error) => return exit(Err(error.into())),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit(Err(error.into())),
    };
    let probed = runtime.block_on(probe::run(options, &password));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match probed {
        Ok(report) => {
            say(&if options.json { serde_json::to_string_pretty(&report).unwrap_or_default() } else { report.text() });
            if report.is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => exit(Err(error.into())),
    }
}

/// Standard output; a reader that went away is no error of ours.
fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

fn refuse(error: &SettingsError) -> ExitCode {
    drop(writeln!(std::io::stderr(), "visavis: {error}"));
    ExitCode::from(2)
}

fn exit(ended: Result<(), Failed>) -> ExitCode {
    let Err(error) = ended else { return ExitCode::SUCCESS };
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    drop(writeln!(std::io::stderr(), "visavis: {text}"));
    ExitCode::FAILURE
}
