//! The planner's statistics of tables and indexes. They decide about plans; a test can only see their effect on speed.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::{failure::Failure, server::Rights};

/// How long to wait before statistics are read again, while autovacuum may be writing.
const PAUSE: Duration = Duration::from_millis(5);

/// The statistics of a clone when it was new. Each clone has its own, because autovacuum may have changed the
/// template's meanwhile.
#[derive(Debug)]
pub struct PlannerStatistics {
    query: String,
    lines: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Line {
    relation: String,
    statistics: String,
    /// Autovacuum has written them, not the scenario.
    by_autovacuum: bool,
}

/// `{unknown}` selects the indexes whose statistics a plain owner can't restore after a TRUNCATE.
const QUERY: &str = "
    select c.oid::regclass::text as relation,
           case when {unknown} then 'no rows'
                else format('%s rows in %s pages (%s all visible), %s', c.reltuples, c.relpages, c.relallvisible,
                            coalesce('known: ' || s.known, 'nothing known'))
           end as statistics,
           pg_stat_get_autovacuum_count(t.oid) + pg_stat_get_autoanalyze_count(t.oid) > 0 as by_autovacuum
      from pg_class c
      left join pg_index i on i.indexrelid = c.oid
     cross join lateral (select coalesce(i.indrelid, c.oid) as oid) t
      left join (select format('%I.%I', schemaname, tablename)::regclass as oid,
                        string_agg(name, ', ' order by name) || ' ' || md5(string_agg(line, '/' order by line)) as known
                   from (select schemaname, tablename, attname::text as name, s::text as line from pg_stats s
                         union all
                         select schemaname, tablename, statistics_name, s::text from pg_stats_ext s
                         union all
                         select schemaname, tablename, statistics_name, s::text from pg_stats_ext_exprs s) s
                  where schemaname !~ '^(pg_|information_schema$|bdd_harness$)'
                  group by 1) s on s.oid = c.oid
     where c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't'
       and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|bdd_harness$)'
     order by c.oid";

impl PlannerStatistics {
    pub async fn take(connection: &mut PgConnection, rights: Rights) -> Result<Self, Failure> {
        let unknown = if rights.superuser {
            "false"
        } else {
            "c.relkind in ('i', 'I') and c.reltuples <= 0"
        };
        let query = QUERY.replace("{unknown}", unknown);
        let lines = lines(connection, &query).await?;
        Ok(Self { query, lines })
    }

    pub async fn first_difference(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<String>, Failure> {
        let mut seen_before = None;
        loop {
            let found = lines(connection, &self.query).await?;
            let difference = found.iter().find_map(|line| self.difference(line));
            // Autovacuum writes the statistics first, and then that it was there.
            let is_at_work: bool = sqlx::query_scalar(
                "select exists (select
                                  from pg_stat_activity
                                 where backend_type = 'autovacuum worker' and datname = current_database())",
            )
            .fetch_one(&mut *connection)
            .await?;
            if difference.is_none() || !is_at_work && seen_before == difference {
                return Ok(difference);
            }
            seen_before = difference.filter(|_| !is_at_work);
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn difference(&self, now: &Line) -> Option<String> {
        let known = |line: &&Line| line.relation == now.relation;
        let before = self.lines.iter().find(known)?;
        let differs = !now.by_autovacuum && now.statistics != before.statistics;
        differs.then(|| {
            format!(
                "the statistics of {}: {}, but the template has {}",
                now.relation, now.statistics, before.statistics
            )
        })
    }
}

async fn lines(connection: &mut PgConnection, query: &str) -> Result<Vec<Line>, Failure> {
    Ok(sqlx::query_as(AssertSqlSafe(query.to_owned()))
        .fetch_all(connection)
        .await?)
}
