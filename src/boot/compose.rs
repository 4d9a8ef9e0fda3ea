//! Builds engines and rooms from settings, in floor order. Only the media thread is started here.

use std::{path::PathBuf, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{Settings, appointments, lan};
use crate::{
    base::{
        Ambient,
        db::{Db, DbError},
        id::DossierId,
    },
    engine::{
        notify,
        reader::{Reader, ReaderSettings},
        sfu::Sfu,
        track::{Composer, Observer},
        vault::{Folders, Vault, VaultError},
    },
    journey::{
        call::{self, Calls},
        checks::{self, COMPARE_FACES, Checks, CompareFaces, END_RETENTION, Fact, Facts, MEASURE_CHECKS, MeasureChecks, Portrait},
        intake::{EXPIRE_APPLICATION, ExpireApplication, Intake, IntakeError, READ_DOCUMENT, ReadDocument},
        queue::{calendar::Calendar, settings::Choice},
        recording::{Footage, MAKE_FILM, Recordings, SEAL_RECORDING, SealRecording},
        review::{self, EndRetention, Review},
    },
    registry::{
        letters::{self, Letters},
        nodes::{self, Nodes, Post},
        outbox::{Consumer, Hub, Relay, jobs::Worker},
        person::Persons,
        staff::Staff,
    },
    web::{House, limits::Limiter, live::Pages, wire::BrandView},
};

/// Why the house cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// Redis.
    #[error("the queue's index in Redis does not answer")]
    Redis(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database.
    #[error("the database cannot be opened")]
    Db(#[from] DbError),
    /// Its schema.
    #[error("the database schema cannot be brought up to date")]
    Migrate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Sealed files.
    #[error("the vault cannot be opened")]
    Vault(#[from] VaultError),
    /// The ways out of the house.
    #[error("messages cannot be sent: {0}")]
    Notify(String),
    /// The rule profile.
    #[error(transparent)]
    Profile(#[from] crate::journey::checks::ProfileError),
    /// What a crash left behind.
    #[error("what the last process left cannot be put in order")]
    Recover(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Folders, sockets, children.
    #[error("{0}")]
    Io(String, #[source] std::io::Error),
}

/// What both roles, `serve` and `work`, stand on.
#[derive(Clone)]
pub struct Engines {
    /// Clock and randomness.
    pub ambient: Ambient,
    /// The database, migrated.
    pub db: Db,
    /// Sealed files.
    pub vault: Vault,
    /// Reads pictures in children.
    pub reader: Reader,
    /// This program; sandboxed children are started from it.
    pub program: PathBuf,
}

/// Opens the engines: folders, database, schema, vault.
///
/// # Errors
/// See [`BootError`].
pub async fn engines(settings: &Settings, ambient: Ambient, program: PathBuf) -> Result<Engines, BootError> {
    let storage = &settings.storage;
    storage.make_folders().map_err(|error| BootError::Io("the data folders cannot be made".to_owned(), error))?;
    let db = Db::open(&storage.database()).await?;
    db.migrate().await.map_err(|error| BootError::Migrate(error.into()))?;
    let folders = Folders { keys: storage.keys(), objects: storage.objects(), recordings: storage.recordings.clone() };
    let vault = Vault::open(folders, ambient.clone())?;
    let reader = Reader::new(reader_settings(settings, &program), ambient.clone());
    Ok(Engines { ambient, db, vault, reader, program })
}

fn reader_settings(settings: &Settings, program: &std::path::Path) -> ReaderSettings {
    let mut reader = settings.reader.clone();
    if reader.program.as_os_str().is_empty() {
        program.clone_into(&mut reader.program);
    }
    reader
}

/// The rooms as `serve` needs them.
///
/// # Errors
/// See [`BootError`].
pub async fn house(settings: &Settings, engines: &Engines) -> Result<House, BootError> {
    house_among(settings, engines, Hub::default(), Post::default()).await
}

/// The same among other servers: on a hub that reaches their pages, and with a way to ask them.
///
/// # Errors
/// See [`BootError`].
pub async fn house_among(settings: &Settings, engines: &Engines, hub: Hub, post: Post) -> Result<House, BootError> {
    let Engines { ambient, db, vault, reader, .. } = engines.clone();
    let relay = Relay::new(db.clone(), ambient.clone(), hub.clone());
    let sfu = Sfu::start(&settings.media).map_err(|error| BootError::Io(format!("cannot take media on {}", settings.media.udp), error))?;
    let staff = Staff::new(db.clone(), ambient.clone(), settings.staff.clone());
    let recordings = Recordings::new(ambient.clone(), db.clone(), vault.clone(), settings.recording.clone());
    let intake = intake(settings, engines);
    let checks = checks(settings, engines, relay.clone(), intake.clone())?;
    let persons = persons(engines);
    let draining = CancellationToken::new();
    let nodes = Nodes::new(nodes::Parts {
        db: db.clone(),
        ambient: ambient.clone(),
        name: settings.call.node.clone(),
        most: settings.call.most,
        post,
        draining: draining.clone(),
    });
    let calls = Calls::new(call::Parts {
        db: db.clone(),
        ambient: ambient.clone(),
        hub: hub.clone(),
        relay: relay.clone(),
        checks: checks.clone(),
        recordings: recordings.clone(),
        vault: vault.clone(),
        reader: reader.clone(),
        sfu: sfu.clone(),
        nodes: nodes.clone(),
        persons: persons.clone(),
        settings: settings.call.clone(),
        turn: settings.turn.clone(),
    });
    let calendar = Calendar::new(settings.hours.clone());
    let mut chosen = settings.clone();
    if checks.profile().allots_at_random() {
        chosen.queue.choice = Choice::Random;
    }
    let queue = appointments::queue(&chosen, engines, (hub.clone(), relay.clone()), calls.clone(), (calendar.clone(), draining.clone())).await?;
    let bookings = appointments::bookings(settings, engines, relay.clone(), calendar);
    let phone_url = lan::phone_url(&settings.server.lan_https);
    let phone_qr_svg = phone_url.as_deref().and_then(lan::qr_svg);
    let brand = BrandView { name: settings.brand.name.clone(), accent: settings.brand.accent.clone(), phone_url, phone_qr_svg };
    let review = Review::new(review::Parts {
        db: db.clone(),
        ambient: ambient.clone(),
        relay: relay.clone(),
        staff: staff.clone(),
        intake: intake.clone(),
        calls: calls.clone(),
        checks: checks.clone(),
        recordings: recordings.clone(),
        persons: persons.clone(),
    });
    Ok(House {
        nodes,
        ambient,
        db,
        hub,
        relay,
        server: Arc::new(settings.server.clone()),
        brand: Arc::new(brand),
        limiter: Limiter::default(),
        draining,
        vault,
        reader,
        sfu,
        staff,
        persons,
        letters: letters(settings, engines)?,
        bookings,
        queue,
        calls,
        checks,
        pages: Pages::default(),
        recordings,
        review,
        intake,
    })
}

fn intake(settings: &Settings, engines: &Engines) -> Intake {
    let Engines { ambient, db, vault, reader, .. } = engines.clone();
    Intake::new(db, ambient, vault, reader, settings.intake.clone())
}

/// Who files are about.
fn persons(engines: &Engines) -> Persons {
    Persons::new(engines.db.clone(), engines.ambient.clone(), engines.vault.key_for("persons"))
}

fn checks(settings: &Settings, engines: &Engines, relay: Relay, intake: Intake) -> Result<Checks, BootError> {
    Ok(Checks::new(checks::Parts {
        db: engines.db.clone(),
        ambient: engines.ambient.clone(),
        relay,
        vault: engines.vault.clone(),
        facts: Arc::new(FiledFacts(intake)),
        persons: persons(engines),
        letters: letters(settings, engines)?,
        house: settings.brand.name.clone(),
        settings: settings.checks.clone(),
    })?)
}

/// The ways out of the house, and what becomes of letters.
///
/// # Errors
/// [`BootError::Notify`] when the settings name one that cannot be used.
pub(super) fn letters(settings: &Settings, engines: &Engines) -> Result<Letters, BootError> {
    Ok(Letters::new(letters::Parts {
        ambient: engines.ambient.clone(),
        db: engines.db.clone(),
        notifier: notify::way_out(&settings.notify, settings.storage.data.join("notify")).map_err(BootError::Notify)?,
        receipts_token: settings.notify.receipts_token.clone(),
    }))
}

/// What customers confirmed, as the checks ask about it.
struct FiledFacts(Intake);

#[async_trait::async_trait]
impl Facts for FiledFacts {
    async fn of(&self, dossier: DossierId) -> Result<Vec<Fact>, DbError> {
        match self.0.file_view(dossier).await {
            Ok(parts) => {
                let name = |name| serde_json::to_value(name).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
                Ok(parts.fields.into_iter().map(|field| (name(field.name), field.value)).collect())
            }
            Err(IntakeError::Db(error)) => Err(error),
            Err(_) => Ok(Vec::new()),
        }
    }

    async fn portrait(&self, dossier: DossierId) -> Result<Option<Portrait>, DbError> {
        match portrait(&self.0, dossier).await {
            Err(IntakeError::Db(error)) => Err(error),
            found => Ok(found.ok().flatten()),
        }
    }
}

/// The portrait of the front counts; where it has none, any.
async fn portrait(intake: &Intake, dossier: DossierId) -> Result<Option<Portrait>, IntakeError> {
    let parts = intake.file_view(dossier).await?;
    let Some(capture) = parts.captures.iter().find(|capture| capture.portrait_sha256.is_some()) else { return Ok(None) };
    let bytes = intake.portrait_image(dossier, capture.id).await?;
    Ok(Some(Portrait { bytes, sha256: capture.portrait_sha256.clone().unwrap_or_default() }))
}

/// Who hears the events of the outbox, in `serve`.
pub fn consumers(house: &House) -> Vec<Arc<dyn Consumer>> {
    vec![Arc::new(house.queue.clone()), Arc::new(house.bookings.clone()), Arc::new(house.review.clone())]
}

/// The worker with every handler of the `work` role.
///
/// # Errors
/// [`BootError::Notify`] when the settings name a way out that cannot be used.
pub fn worker(settings: &Settings, engines: &Engines) -> Result<Worker, BootError> {
    let intake = intake(settings, engines);
    let composer = Composer { program: engines.program.clone() };
    let footage = Footage::new(engines.db.clone(), engines.vault.clone(), composer.clone());
    let observer = Observer { program: engines.program.clone() };
    let faces = CompareFaces {
        db: engines.db.clone(),
        ambient: engines.ambient.clone(),
        vault: engines.vault.clone(),
        facts: Arc::new(FiledFacts(intake.clone())),
        observer: observer.clone(),
    };
    let measure = MeasureChecks::new(engines.ambient.clone(), engines.db.clone(), footage, observer);
    let [sides, film] = SealRecording::both(engines.ambient.clone(), engines.db.clone(), engines.vault.clone(), composer);
    let relay = Relay::new(engines.db.clone(), engines.ambient.clone(), Hub::default());
    let retention = EndRetention {
        db: engines.db.clone(),
        ambient: engines.ambient.clone(),
        intake: intake.clone(),
        checks: checks(settings, engines, relay, intake.clone())?,
        recordings: Recordings::new(engines.ambient.clone(), engines.db.clone(), engines.vault.clone(), settings.recording.clone()),
        vault: engines.vault.clone(),
        letters: letters(settings, engines)?,
    };
    let worker = appointments::with_jobs(Worker::new(engines.db.clone(), engines.ambient.clone()), settings, engines)?;
    Ok(worker
        .with(SEAL_RECORDING, Arc::new(sides))
        .with(MAKE_FILM, Arc::new(film))
        .with(COMPARE_FACES, Arc::new(faces))
        .with(END_RETENTION, Arc::new(retention))
        .with(MEASURE_CHECKS, Arc::new(measure))
        .with(READ_DOCUMENT, Arc::new(ReadDocument(intake.clone())))
        .with(EXPIRE_APPLICATION, Arc::new(ExpireApplication(intake))))
}
