//! The database handle: SQLite in the box, PostgreSQL by URL, one portable SQL text for both.
//!
//! Statements use `$1…`, TEXT ids, BIGINT epoch milliseconds, `RETURNING`, `ON CONFLICT`, partial unique indexes.
//! They never use BLOB, `now()`, arrays, `SKIP LOCKED` or data-modifying CTEs. SQL stands only in `store.rs` files,
//! each statement as a `const NAME: &str`; a test prepares every one of them on both databases.
//!
//! ```no_run
//! # async fn f(db: visavis::base::db::Db) -> Result<(), visavis::base::db::DbError> {
//! let mut tx = db.begin().await?;
//! let changed = tx.execute("update staff set name = $2 where id = $1", &["a".into(), "b".into()]).await?;
//! tx.commit().await?;
//! # Ok(()) }
//! ```

mod row;

pub use row::{Arg, Row};

use std::str::FromStr;

use sqlx::{
    Executor, Postgres, Sqlite,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// A connection that was used so short a while ago stands.
const STANDS: std::time::Duration = std::time::Duration::from_secs(1);

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// What a statement can fail with.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique index refused the row: somebody else was first.
    #[error("a unique rule refused the change")]
    Unique,
    /// A check or foreign key refused the row: a bug of ours, or an id that does not exist.
    #[error("a rule of the database refused the change")]
    Refused(#[source] sqlx::Error),
    /// The database cannot be reached or is overloaded; worth another try in a moment.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else: a bug of ours.
    #[error("the database failed")]
    Broken(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        match &error {
            sqlx::Error::Database(inner) => match inner.kind() {
                ErrorKind::UniqueViolation => Self::Unique,
                ErrorKind::ForeignKeyViolation | ErrorKind::CheckViolation | ErrorKind::NotNullViolation => Self::Refused(error),
                // SQLITE_BUSY and its kin; PostgreSQL serialization failure, deadlock, too many connections, shutdown.
                _ if matches!(inner.code().as_deref(), Some("5" | "6" | "261" | "517" | "40001" | "40P01" | "53300" | "57P01" | "57P03")) => {
                    Self::Unavailable(error)
                }
                _ => Self::Broken(error),
            },
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            _ => Self::Broken(error),
        }
    }
}

/// A pool of connections to one of the two databases.
#[derive(Clone)]
pub enum Db {
    /// SQLite in WAL mode: one writer, several readers.
    Lite {
        /// The only connection that writes.
        writer: sqlx::SqlitePool,
        /// Connections that read.
        readers: sqlx::SqlitePool,
    },
    /// PostgreSQL.
    Pg(sqlx::PgPool),
}

impl Db {
    /// Connects to `sqlite://path/to/file.db` (made when missing) or `postgres://…`.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the server does not answer, [`DbError::Broken`] for an URL that is neither.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // Whether a connection still stands is asked only of one that was not used for a while: asking costs as much as a statement.
            let options = PgPoolOptions::new().max_connections(16).acquire_timeout(std::time::Duration::from_secs(5)).test_before_acquire(false);
            let fresh = options.before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > STANDS {
                        sqlx::Connection::ping(connection).await?;
                    }
                    Ok(true)
                })
            });
            return Ok(Self::Pg(fresh.connect(url).await?));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What is deleted is overwritten: a page that is free again must not tell what stood on it.
            .pragma("secure_delete", "on")
            .busy_timeout(std::time::Duration::from_secs(10));
        let writer = SqlitePoolOptions::new().max_connections(1).acquire_timeout(std::time::Duration::from_secs(15)).connect_with(options.clone()).await?;
        let readers = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
        Ok(Self::Lite { writer, readers })
    }

    /// Brings the schema up to date, forward only.
    ///
    /// # Errors
    /// When a migration fails or an applied one was edited.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Lite { writer, .. } => MIGRATIONS.run(writer).await,
            Self::Pg(pool) => MIGRATIONS.run(pool).await,
        }
    }

    /// Opens a transaction that may write. On SQLite it takes the writer at once (`BEGIN IMMEDIATE`).
    /// Dropped without [`Tx::commit`] it is undone. Never hold one across a network wait, OCR or media.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        Ok(match self {
            Self::Lite { writer, .. } => Tx::Lite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Pg(pool) => Tx::Pg(pool.begin().await?),
        })
    }

    /// Lets go of what SQLite's log still remembers of rows that were deleted. PostgreSQL does so by itself (autovacuum).
    ///
    /// # Errors
    /// When the log is being read; try again later.
    pub async fn let_go(&self) -> Result<(), DbError> {
        let Self::Lite { writer, .. } = self else { return Ok(()) };
        let is_busy: i64 = sqlx::query_scalar("pragma wal_checkpoint(truncate)").fetch_one(writer).await?;
        if is_busy == 0 { Ok(()) } else { Err(DbError::Unavailable(sqlx::Error::PoolTimedOut)) }
    }

    /// All rows of a reading statement.
    pub async fn rows(&self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Lite { readers, .. } => lite_rows(readers, sql, args).await,
            Self::Pg(pool) => pg_rows(pool, sql, args).await,
        }
    }

    /// The first row of a reading statement, if any.
    pub async fn row(&self, sql: &'static str, args: &[Arg]) -> Result<Option<Row>, DbError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Prepares a statement without running it; the test of portability uses it.
    pub async fn prepare(&self, sql: &'static str) -> Result<(), DbError> {
        match self {
            Self::Lite { readers, .. } => readers.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await.map(drop)?,
            Self::Pg(pool) => pool.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await.map(drop)?,
        }
        Ok(())
    }

    /// Waits for connections to be handed back and closes them.
    pub async fn close(&self) {
        match self {
            Self::Lite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Pg(pool) => pool.close().await,
        }
    }
}

/// An open transaction.
pub enum Tx {
    /// On SQLite.
    Lite(sqlx::Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Pg(sqlx::Transaction<'static, Postgres>),
}

impl Tx {
    /// Runs a changing statement; the number of rows it touched.
    pub async fn execute(&mut self, sql: &'static str, args: &[Arg]) -> Result<u64, DbError> {
        Ok(match self {
            Self::Lite(tx) => row::bind_lite(sqlx::query(sql), args).execute(&mut **tx).await?.rows_affected(),
            Self::Pg(tx) => row::bind_pg(sqlx::query(sql), args).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// All rows of a statement, within the transaction.
    pub async fn rows(&mut self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Lite(tx) => lite_rows(&mut **tx, sql, args).await,
            Self::Pg(tx) => pg_rows(&mut **tx, sql, args).await,
        }
    }

    /// The first row of a statement, if any, within the transaction.
    pub async fn row(&mut self, sql: &'static str, args: &[Arg]) -> Result<Option<Row>, DbError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Makes everything that was done lasting.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Lite(tx) => tx.commit().await?,
            Self::Pg(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

async fn lite_rows<'e>(on: impl Executor<'e, Database = Sqlite>, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, DbError> {
    Ok(row::bind_lite(sqlx::query(sql), args).fetch_all(on).await?.into_iter().map(Row::Lite).collect())
}

async fn pg_rows<'e>(on: impl Executor<'e, Database = Postgres>, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>, DbError> {
    Ok(row::bind_pg(sqlx::query(sql), args).fetch_all(on).await?.into_iter().map(Row::Pg).collect())
}
