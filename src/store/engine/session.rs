//! A connection that runs statements, with their traces.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, Connection, Database, Describe, Either, Execute, Executor, PgConnection, SqlStr,
    SqliteConnection, error::BoxDynError, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};

use crate::telemetry::{DatabaseName, StatementSpan};

/// A connection of either engine, with the state of its transaction.
pub(in crate::store) struct Session<C> {
    connection: C,
    name: Arc<DatabaseName>,
    /// Whether PgBouncer may run every transaction on another server connection, which does not know statements that
    /// were prepared earlier.
    is_pooled: bool,
    /// The server's process behind the connection, if it is known.
    process: Option<i32>,
    /// Whether a transaction was begun that has not ended.
    in_transaction: bool,
}

impl<C> fmt::Debug for Session<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// A connection that can run statements without preparing them.
pub(in crate::store) trait Simple: Connection {
    /// The database's name in traces.
    fn name(options: &Self::Options) -> DatabaseName;

    fn simple(&mut self, sql: &str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The server's process behind the connection; SQLite has none.
    fn process(&mut self) -> impl Future<Output = Result<Option<i32>, sqlx::Error>> + Send;

    /// The server's processes that work on a statement, or have answered one within this time.
    fn working(
        &mut self,
        within: Duration,
    ) -> impl Future<Output = Result<Working, sqlx::Error>> + Send;
}

/// The server's processes that work on a statement, or have answered one just now.
pub(in crate::store) enum Working {
    Unknown,
    Only(HashSet<i32>),
}

impl Working {
    pub(super) fn includes(&self, process: Option<i32>) -> bool {
        match (self, process) {
            (Self::Unknown, _) => true,
            (Self::Only(processes), Some(process)) => processes.contains(&process),
            (Self::Only(processes), None) => !processes.is_empty(),
        }
    }
}

impl<C: Simple> Session<C> {
    pub(super) async fn new(
        mut connection: C,
        name: Arc<DatabaseName>,
        is_pooled: bool,
    ) -> Result<Self, sqlx::Error> {
        let process = if is_pooled {
            None
        } else {
            connection.process().await?
        };
        Ok(Self {
            connection,
            name,
            is_pooled,
            process,
            in_transaction: false,
        })
    }

    pub(super) fn process(&self) -> Option<i32> {
        self.process
    }

    /// The server's processes that work on a statement, or have answered one within this time. Through PgBouncer any
    /// of them may work for this connection.
    pub(super) async fn working(&mut self, within: Duration) -> Result<Working, sqlx::Error> {
        if self.is_pooled {
            Ok(Working::Unknown)
        } else {
            self.connection.working(within).await
        }
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.in_transaction
    }

    pub(super) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        self.connection.ping().await
    }

    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        self.connection.close().await
    }

    pub(super) async fn begin(&mut self, statement: &str) -> Result<(), sqlx::Error> {
        self.in_transaction = true;
        self.simple(statement).await
    }

    async fn simple(&mut self, statement: &str) -> Result<(), sqlx::Error> {
        let span = StatementSpan::begin(&self.name);
        span.text(statement);
        let done = self.connection.simple(statement).await;
        if let Err(error) = &done {
            span.failed(error);
        }
        done
    }

    fn traced<E>(&self, statement: E) -> (Traced<E>, StatementSpan) {
        let span = StatementSpan::begin(&self.name);
        let statement = Traced {
            statement,
            is_kept: !self.is_pooled,
            span: span.clone(),
        };
        (statement, span)
    }

    /// Commits the transaction, if one was begun, or rolls it back after an error.
    pub(super) async fn end<T, E: From<sqlx::Error>>(
        &mut self,
        done: Result<T, E>,
    ) -> Result<T, E> {
        if !self.in_transaction {
            return done;
        }
        let ended = match done {
            Ok(value) => {
                let committed = self.simple("commit").await;
                committed.map(|()| value).map_err(E::from)
            }
            Err(error) => Err(error),
        };
        // The first error is the one to report; a connection that can't roll back is closed by the pool.
        self.in_transaction = ended.is_err() && self.simple("rollback").await.is_err();
        ended
    }
}

impl Simple for PgConnection {
    fn name(options: &PgConnectOptions) -> DatabaseName {
        let socket = options.get_socket().and_then(|path| path.to_str());
        DatabaseName {
            system: "postgresql",
            // Without a name, the server takes the role's.
            namespace: options
                .get_database()
                .unwrap_or_else(|| options.get_username())
                .into(),
            address: Some(socket.unwrap_or_else(|| options.get_host()).into()),
            port: socket.is_none().then(|| options.get_port()),
        }
    }

    async fn simple(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        statement.execute(self).await.map(drop)
    }

    async fn process(&mut self) -> Result<Option<i32>, sqlx::Error> {
        let process = sqlx::query_scalar("select pg_backend_pid()");
        process.fetch_one(self).await.map(Some)
    }

    async fn working(&mut self, within: Duration) -> Result<Working, sqlx::Error> {
        let processes = sqlx::query_scalar(
            "select pid
               from pg_stat_activity
              where state = 'active'
                 or state_change > clock_timestamp() - $1 * interval '1 millisecond'",
        );
        let milliseconds = within.as_secs_f64() * 1000.0;
        let processes = processes.bind(milliseconds).fetch_all(self).await?;
        Ok(Working::Only(processes.into_iter().collect()))
    }
}

impl Simple for SqliteConnection {
    fn name(options: &SqliteConnectOptions) -> DatabaseName {
        DatabaseName {
            system: "sqlite",
            namespace: options.get_filename().display().to_string(),
            address: None,
            port: None,
        }
    }

    async fn simple(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        statement.execute(self).await.map(drop)
    }

    async fn process(&mut self) -> Result<Option<i32>, sqlx::Error> {
        Ok(None)
    }

    async fn working(&mut self, _: Duration) -> Result<Working, sqlx::Error> {
        Ok(Working::Unknown)
    }
}

/// A statement with its span. Through PgBouncer it is not prepared under a name.
struct Traced<E> {
    statement: E,
    is_kept: bool,
    span: StatementSpan,
}

impl<'q, DB: Database, E: Execute<'q, DB>> Execute<'q, DB> for Traced<E> {
    fn sql(self) -> SqlStr {
        let sql = self.statement.sql();
        self.span.text(sql.as_str());
        sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        self.statement.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.is_kept && self.statement.persistent()
    }
}

type Rows<'e, DB> = BoxStream<
    'e,
    Result<Either<<DB as Database>::QueryResult, <DB as Database>::Row>, sqlx::Error>,
>;

fn traced_rows<DB: Database>(rows: Rows<'_, DB>, span: StatementSpan) -> Rows<'_, DB> {
    if span.is_disabled() {
        return rows;
    }
    rows.inspect(noting_failure(span)).boxed()
}

fn traced_row<'e, R: 'e>(
    row: BoxFuture<'e, Result<R, sqlx::Error>>,
    span: StatementSpan,
) -> BoxFuture<'e, Result<R, sqlx::Error>> {
    if span.is_disabled() {
        return row;
    }
    row.inspect(noting_failure(span)).boxed()
}

fn noting_failure<R>(span: StatementSpan) -> impl Fn(&Result<R, sqlx::Error>) {
    move |result| {
        if let Err(error) = result {
            span.failed(error);
        }
    }
}

macro_rules! session {
    ($($connection:ty),+) => {$(
        impl<'c> Executor<'c> for &'c mut Session<$connection> {
            type Database = <$connection as Connection>::Database;

            fn fetch_many<'e, 'q: 'e, E>(self, statement: E) -> Rows<'e, Self::Database>
            where
                'c: 'e,
                E: 'q + Execute<'q, Self::Database>,
            {
                let (statement, span) = self.traced(statement);
                traced_rows::<Self::Database>(self.connection.fetch_many(statement), span)
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                statement: E,
            ) -> BoxFuture<'e, Result<Option<<Self::Database as Database>::Row>, sqlx::Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Self::Database>,
            {
                let (statement, span) = self.traced(statement);
                traced_row(self.connection.fetch_optional(statement), span)
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [<Self::Database as Database>::TypeInfo],
            ) -> BoxFuture<'e, Result<<Self::Database as Database>::Statement, sqlx::Error>>
            where
                'c: 'e,
            {
                self.connection.prepare_with(sql, parameters)
            }

            fn describe<'e>(
                self,
                sql: SqlStr,
            ) -> BoxFuture<'e, Result<Describe<Self::Database>, sqlx::Error>>
            where
                'c: 'e,
            {
                self.connection.describe(sql)
            }
        }
    )+};
}

session!(PgConnection, SqliteConnection);
