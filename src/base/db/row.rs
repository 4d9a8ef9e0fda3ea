//! Arguments in, columns out, the same for both databases.

use sqlx::{
    Postgres, Row as _, Sqlite,
    postgres::{PgArguments, PgRow},
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::DbError;
use crate::base::{Timestamp, id::Id};

/// One argument of a statement. Made with `.into()` from texts, integers, instants, ids and their options.
#[derive(Debug, Clone)]
pub enum Arg {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Int(Option<i64>),
    /// DOUBLE PRECISION.
    Real(Option<f64>),
}

macro_rules! args {
    ($($from:ty => |$value:ident| $kind:ident($made:expr)),+ $(,)?) => {$(
        impl From<$from> for Arg {
            fn from($value: $from) -> Self { Self::$kind(Some($made)) }
        }
        impl From<Option<$from>> for Arg {
            fn from(value: Option<$from>) -> Self { Self::$kind(value.map(|$value| $made)) }
        }
    )+};
}

args! {
    &str => |v| Text(v.to_owned()),
    String => |v| Text(v),
    &String => |v| Text(v.clone()),
    i64 => |v| Int(v),
    i32 => |v| Int(i64::from(v)),
    u32 => |v| Int(i64::from(v)),
    u16 => |v| Int(i64::from(v)),
    bool => |v| Int(i64::from(v)),
    f64 => |v| Real(v),
    Timestamp => |v| Int(v.timestamp_millis()),
}

impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self::Int(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

type LiteQuery<'q> = Query<'q, Sqlite, SqliteArguments>;
type PgQuery<'q> = Query<'q, Postgres, PgArguments>;

pub(super) fn bind_lite<'q>(mut query: LiteQuery<'q>, args: &[Arg]) -> LiteQuery<'q> {
    for arg in args {
        query = match arg {
            Arg::Text(v) => query.bind(v.clone()),
            Arg::Int(v) => query.bind(*v),
            Arg::Real(v) => query.bind(*v),
        };
    }
    query
}

pub(super) fn bind_pg<'q>(mut query: PgQuery<'q>, args: &[Arg]) -> PgQuery<'q> {
    for arg in args {
        query = match arg {
            Arg::Text(v) => query.bind(v.clone()),
            Arg::Int(v) => query.bind(*v),
            Arg::Real(v) => query.bind(*v),
        };
    }
    query
}

/// One row of an answer; columns are read by name.
pub enum Row {
    /// From SQLite.
    Lite(SqliteRow),
    /// From PostgreSQL.
    Pg(PgRow),
}

macro_rules! read {
    ($self:ident, $column:ident, $kind:ty) => {
        match $self {
            Self::Lite(row) => row.try_get::<$kind, _>($column).map_err(DbError::Broken),
            Self::Pg(row) => row.try_get::<$kind, _>($column).map_err(DbError::Broken),
        }
    };
}

impl Row {
    /// A TEXT column.
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        read!(self, column, String)
    }

    /// A TEXT column that may be null.
    pub fn text_opt(&self, column: &str) -> Result<Option<String>, DbError> {
        read!(self, column, Option<String>)
    }

    /// A BIGINT column.
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        read!(self, column, i64)
    }

    /// A BIGINT column that may be null.
    pub fn int_opt(&self, column: &str) -> Result<Option<i64>, DbError> {
        read!(self, column, Option<i64>)
    }

    /// A DOUBLE PRECISION column that may be null.
    pub fn real_opt(&self, column: &str) -> Result<Option<f64>, DbError> {
        read!(self, column, Option<f64>)
    }

    /// A BIGINT column holding 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }

    /// A BIGINT column of epoch milliseconds.
    pub fn time(&self, column: &str) -> Result<Timestamp, DbError> {
        let millis = self.int(column)?;
        Timestamp::from_timestamp_millis(millis).ok_or_else(|| undecodable(column))
    }

    /// A BIGINT column of epoch milliseconds that may be null.
    pub fn time_opt(&self, column: &str) -> Result<Option<Timestamp>, DbError> {
        self.int_opt(column)?.map(|millis| Timestamp::from_timestamp_millis(millis).ok_or_else(|| undecodable(column))).transpose()
    }

    /// A TEXT column holding an id.
    pub fn id<I: Id>(&self, column: &str) -> Result<I, DbError> {
        self.text(column)?.parse().map_err(|_| undecodable(column))
    }

    /// A TEXT column holding an id, or null.
    pub fn id_opt<I: Id>(&self, column: &str) -> Result<Option<I>, DbError> {
        self.text_opt(column)?.map(|text| text.parse().map_err(|_| undecodable(column))).transpose()
    }

    /// A TEXT column holding something with a text form, such as the name of a state.
    pub fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, DbError> {
        self.text(column)?.parse().map_err(|_| undecodable(column))
    }

    /// A TEXT column holding JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| undecodable(column))
    }
}

fn undecodable(column: &str) -> DbError {
    DbError::Broken(sqlx::Error::ColumnDecode { index: column.to_owned(), source: "unreadable value".into() })
}
