//! Reset: a slot's database goes back to what the template holds, in one round trip and one transaction.
//!
//! What was written is known, not searched for: a statement trigger on every table leaves a mark, once a
//! transaction, in a table of ours. So the cost grows with what a scenario wrote and not with the schema.
//! Tables that the migrations filled have a shadow copy, from which changed rows are put back.
//!
//! Everything of ours in a database lies in the schema `bdd_harness`, made here from the catalogs:
//!
//! | name | what it is |
//! |---|---|
//! | `marker` | one row with a random secret: proof that the harness made this database |
//! | `dirty` | the tables that were written to since the last reset |
//! | `catalog_change` | what was done to the schema since then |
//! | `plan` | for a table with a mark, the tables it may have written to |
//! | `shadow_<oid>` | the rows of a table as the migrations left it |
//! | `clean_<oid>()` | puts one table back |
//! | `rewind()` | puts the sequences back |
//! | `reset(secret)` | all of it |

use std::{fmt::Write as _, time::Duration};

use sqlx::{Connection as _, PgConnection, Row as _, postgres::PgConnectOptions};

use super::{
    failure::Failure,
    template::{execute, literal},
};

/// How long a reset waits for statements and transactions that are still open, before it ends them.
const PATIENCE: Duration = Duration::from_secs(1);
/// A deadlock is tried again so often.
const ATTEMPTS: usize = 3;
/// Dead rows make later scans slower; so many resets go by before the heaps are looked at.
const VACUUM_EVERY: usize = 200;

/// What a reset found.
#[derive(Debug, PartialEq, Eq)]
pub enum Reset {
    /// The database is as the template.
    Clean,
    /// The schema was changed, so only a new clone will do; with the reason.
    Clone(String),
}

/// The SQL that makes a database ours, first thing after its creation.
pub fn marker(secret: &str, run: &str) -> String {
    format!(
        "create schema bdd_harness;
         create table bdd_harness.marker (
             secret      text not null,
             run         text not null,
             fingerprint text,
             made_at     timestamptz not null default now()
         );
         insert into bdd_harness.marker (secret, run) values ({}, {});",
        literal(secret),
        literal(run)
    )
}

/// Makes everything a reset needs, in the template, after its migrations.
pub async fn install(connection: &mut PgConnection, superuser: bool) -> Result<(), Failure> {
    let mut sql = String::from(
        "create table bdd_harness.dirty (relation oid not null);
         create table bdd_harness.catalog_change (what text not null);
         create table bdd_harness.plan (relation oid primary key, covers oid[] not null, late boolean not null);

         create function bdd_harness.mark() returns trigger
         language plpgsql security definer set search_path = pg_catalog as $body$
         declare
             memo constant text := 'bdd_harness.t' || tg_relid;
         begin
             if coalesce(current_setting(memo, true), '') <> 'on'
                and coalesce(current_setting('bdd_harness.resetting', true), '') <> 'on'
             then
                 insert into bdd_harness.dirty values (tg_relid);
                 perform set_config(memo, 'on', true);
             end if;
             return null;
         end
         $body$;
        ",
    );
    let tables = tables(connection).await?;
    for table in &tables {
        sql.push_str(&table.marks());
        sql.push_str(&table.cleaning());
    }
    sql.push_str(&rewind(connection).await?);
    sql.push_str(&reset_function(superuser));
    execute(connection, &sql).await?;
    execute(connection, PLAN).await?;
    if superuser {
        execute(connection, WATCH_CATALOG).await?;
    } else {
        execute(connection, CATALOG_FINGERPRINT).await?;
    }
    Ok(())
}

/// A mark on a parent may mean rows in its partitions and heirs, all the way down.
const PLAN: &str = "
    insert into bdd_harness.plan
    with recursive family (ancestor, member) as (
        select c.oid, c.oid
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'm') and n.nspname not like 'pg\\_%'
           and n.nspname not in ('information_schema', 'bdd_harness')
        union
        select f.ancestor, i.inhrelid
          from family f
          join pg_inherits i on i.inhparent = f.member
    )
    select f.ancestor, array_agg(f.member), bool_or(c.relkind = 'm')
      from family f
      join pg_class c on c.oid = f.member and c.relkind in ('r', 'm')
     group by f.ancestor;";

/// A superuser may watch the catalog as it changes.
const WATCH_CATALOG: &str = "
    create function bdd_harness.watch_commands() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog as $body$
    declare
        command record;
    begin
        for command in
            select * from pg_event_trigger_ddl_commands() where coalesce(schema_name, '') not like 'pg\\_temp%'
        loop
            if command.command_tag = 'REFRESH MATERIALIZED VIEW' then
                insert into bdd_harness.dirty values (command.objid);
            else
                insert into bdd_harness.catalog_change
                values (lower(command.command_tag) || coalesce(' ' || command.object_identity, ''));
            end if;
        end loop;
    end
    $body$;
    create function bdd_harness.watch_drops() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog as $body$
    begin
        insert into bdd_harness.catalog_change
        select 'drop ' || object_type || ' ' || object_identity
          from pg_event_trigger_dropped_objects()
         where not is_temporary and original;
    end
    $body$;
    create event trigger bdd_harness_commands on ddl_command_end execute function bdd_harness.watch_commands();
    create event trigger bdd_harness_drops    on sql_drop        execute function bdd_harness.watch_drops();
    alter event trigger bdd_harness_commands enable always;
    alter event trigger bdd_harness_drops    enable always;";

/// Anybody else compares what the catalog looks like; false alarms cost a clone, a miss would cost the truth.
const CATALOG_FINGERPRINT: &str = "
    create function bdd_harness.catalog() returns text language sql stable set search_path = pg_catalog as $body$
        select concat_ws('/',
            (select count(*) || ':' || max(xmin::text::bigint) from pg_class),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_attribute),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_attrdef),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_constraint),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_index),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_trigger),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_proc),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_type),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_enum),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_namespace),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_rewrite),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_policy),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_sequence),
            (select count(*) || ':' || max(xmin::text::bigint) from pg_extension))
    $body$;
    create table bdd_harness.catalog_before (fingerprint text not null);";

/// What a clone's first connection does where the catalog can't be watched: note how it looks.
const NOTE_CATALOG: &str = "
    delete from bdd_harness.catalog_before;
    insert into bdd_harness.catalog_before select bdd_harness.catalog();";

/// A table or materialized view, as the reset has to know it.
struct Table {
    oid: i64,
    /// As SQL writes it, schema and all.
    name: String,
    kind: String,
    filled: bool,
    populated: bool,
    key: Vec<String>,
    /// Without the generated ones.
    columns: Vec<String>,
}

async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, Failure> {
    let rows = sqlx::query(
        "select c.oid::int8                                                                  as oid,
                format('%I.%I', n.nspname, c.relname)                                        as name,
                c.relkind::text                                                              as kind,
                c.relispopulated                                                             as populated,
                array(select format('%I', a.attname)
                        from pg_index i
                        join unnest(i.indkey) with ordinality as k(attnum, place) on true
                        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                       where i.indrelid = c.oid and i.indisprimary
                       order by k.place)                                                     as key,
                array(select format('%I', a.attname)
                        from pg_attribute a
                       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                       order by a.attnum)                                                    as columns
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'm')
            and c.relpersistence <> 't'
            and n.nspname not like 'pg\\_%'
            and n.nspname not in ('information_schema', 'bdd_harness')
          order by c.oid",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = Vec::with_capacity(rows.len());
    for row in rows {
        let mut table = Table {
            oid: row.get("oid"),
            name: row.get("name"),
            kind: row.get("kind"),
            filled: false,
            populated: row.get("populated"),
            key: row.get("key"),
            columns: row.get("columns"),
        };
        if table.kind == "r" {
            let look = format!("select exists (select from only {})", table.name);
            table.filled = sqlx::query_scalar(sqlx::AssertSqlSafe(look))
                .fetch_one(&mut *connection)
                .await?;
        }
        tables.push(table);
    }
    Ok(tables)
}

impl Table {
    /// The triggers that leave a mark; on a partitioned table too, whose leaves may never be named.
    fn marks(&self) -> String {
        if self.kind == "m" {
            return String::new();
        }
        format!(
            "create trigger bdd_harness_mark
                 after insert or update or delete or truncate on {name}
                 for each statement execute function bdd_harness.mark();
             alter table {only} {name} enable always trigger bdd_harness_mark;\n",
            name = self.name,
            only = if self.kind == "r" { "only" } else { "" },
        )
    }

    /// The function that puts this table back; planned once a connection, when it is first needed.
    fn cleaning(&self) -> String {
        let body = match self.kind.as_str() {
            "p" => return String::new(),
            "m" if self.populated => format!("refresh materialized view {};", self.name),
            "m" => format!("refresh materialized view {} with no data;", self.name),
            _ if self.filled => return self.cleaning_from_shadow(),
            _ => format!("delete from only {};", self.name),
        };
        self.function(&body)
    }

    /// Removes what the template lacks and adds what is missing; `*=` compares rows byte by byte, so any type will do.
    fn cleaning_from_shadow(&self) -> String {
        let (oid, name) = (self.oid, &self.name);
        let columns = self.columns.join(", ");
        let mut sql = format!("create table bdd_harness.shadow_{oid} as table only {name};\n");
        let body = if self.key.is_empty() {
            format!(
                "delete from only {name};
                 insert into {name} ({columns}) overriding system value
                 select {columns} from bdd_harness.shadow_{oid};"
            )
        } else {
            let key = self.key.join(", ");
            let same = |a: &str, b: &str| {
                self.key
                    .iter()
                    .map(|column| format!("{a}.{column} = {b}.{column}"))
                    .collect::<Vec<_>>()
                    .join(" and ")
            };
            let _ = writeln!(sql, "create index on bdd_harness.shadow_{oid} ({key});");
            format!(
                "delete from only {name} t
                  where not exists (select from bdd_harness.shadow_{oid} s where {in_shadow} and s.* *= t.*);
                 insert into {name} ({columns}) overriding system value
                 select {columns} from bdd_harness.shadow_{oid} s
                  where not exists (select from only {name} t where {in_table});",
                in_shadow = same("s", "t"),
                in_table = same("t", "s"),
            )
        };
        sql.push_str(&self.function(&body));
        sql
    }

    fn function(&self, body: &str) -> String {
        format!(
            "create function bdd_harness.clean_{}() returns void language plpgsql as $body$ begin {body} end $body$;\n",
            self.oid
        )
    }
}

/// The function that puts every sequence back to its value and `is_called` in the template.
///
/// Each is read directly: `pg_sequence_last_value` can't see `setval(s, 9, false)`.
async fn rewind(connection: &mut PgConnection) -> Result<String, Failure> {
    let sequences = sqlx::query(
        "select c.oid::int8 as oid, format('%I.%I', n.nspname, c.relname) as name
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'S' and c.relpersistence <> 't'
            and n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'bdd_harness')
          order by c.oid",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut moved = Vec::with_capacity(sequences.len());
    for sequence in sequences {
        let (oid, name): (i64, String) = (sequence.get("oid"), sequence.get("name"));
        let look = format!("select last_value, is_called from {name}");
        let found = sqlx::query(sqlx::AssertSqlSafe(look))
            .fetch_one(&mut *connection)
            .await?;
        let (value, called): (i64, bool) = (found.get("last_value"), found.get("is_called"));
        moved.push(format!(
            "select {oid}::oid::regclass as relation, {value}::int8 as value, {called} as called
               from {name} where last_value <> {value} or is_called <> {called}"
        ));
    }
    let body = if moved.is_empty() {
        String::new()
    } else {
        format!(
            "perform setval(moved.relation, moved.value, moved.called) from ({}) moved;",
            moved.join("\n union all ")
        )
    };
    Ok(format!(
        "create function bdd_harness.rewind() returns void language plpgsql as $body$ begin {body} end $body$;\n"
    ))
}

/// Tables first, then the materialized views that look at them.
const CLEAN_EACH: &str = "
    for relation in
        select member
          from (select distinct unnest(p.covers) as member, p.late
                  from bdd_harness.dirty d
                  join bdd_harness.plan p using (relation)) dirty
         order by late, member
    loop
        execute format('select bdd_harness.clean_%s()', relation);
    end loop;";

/// Rules, triggers and forced row security of a plain owner's tables would take part in the cleaning.
const REFUSE_UNSILENCED: &str = "
    select string_agg(c.oid::regclass || ', whose rules, triggers or forced policies only a superuser can silence', '; ')
      into said
      from (select distinct unnest(p.covers) as oid
              from bdd_harness.dirty d join bdd_harness.plan p using (relation)) dirty
      join pg_catalog.pg_class c using (oid)
     where c.relkind = 'r'
       and (c.relforcerowsecurity
            or exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid)
            or exists (select from pg_catalog.pg_trigger t
                        where t.tgrelid = c.oid and not t.tgisinternal and t.tgname <> 'bdd_harness_mark'));
    if said is not null then
        return 'changed ' || said;
    end if;";

const DELETE_TOGETHER: &str = "
    select string_agg(format('d%s as (delete from only %s)', c.oid, c.oid::regclass), ', ')
      into said
      from (select distinct unnest(p.covers) as oid
              from bdd_harness.dirty d join bdd_harness.plan p using (relation)) dirty
      join pg_catalog.pg_class c using (oid)
     where c.relkind = 'r' and to_regclass('bdd_harness.shadow_' || c.oid) is null;
    if said is not null then
        execute 'with ' || said || ' select';
        said := null;
    end if;";

/// The one call. It answers null when the database is clean, `busy …` when somebody still works on it, and
/// `changed …` when only a new clone will do.
fn reset_function(superuser: bool) -> String {
    let catalog = if superuser {
        "select string_agg(distinct what, ', ') into said from bdd_harness.catalog_change;"
    } else {
        "select 'the schema' into said from bdd_harness.catalog_before where fingerprint <> bdd_harness.catalog();"
    };
    // As a plain owner keys fire, so all deletes have to be one statement: it may go through any cycle.
    let clean = if superuser {
        CLEAN_EACH.to_owned()
    } else {
        format!("{REFUSE_UNSILENCED} {DELETE_TOGETHER} {CLEAN_EACH}")
    };
    format!(
        "create function bdd_harness.reset(claimed text) returns text
         language plpgsql as $body$
         declare
             relation oid;
             said     text;
         begin
             if not exists (select from bdd_harness.marker where secret = claimed) then
                 raise exception 'the database % has another marker than this run: it is not ours to reset', current_database();
             end if;
             select string_agg(
                        format('%s %s (%s): %s', usename, state, coalesce(nullif(application_name, ''), 'no name'),
                               left(query, 200)), '; ')
               into said
               from pg_catalog.pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend' and coalesce(state, 'active') <> 'idle';
             if said is not null then
                 return 'busy ' || said;
             end if;
             {catalog}
             if said is not null then
                 return 'changed ' || said;
             end if;
             if exists (select from pg_catalog.pg_db_role_setting
                         where setdatabase = (select oid from pg_catalog.pg_database where datname = current_database()))
             then
                 return 'changed settings of the database';
             end if;
             perform set_config('bdd_harness.resetting', 'on', true);
             set constraints all deferred;
             {clean}
             perform bdd_harness.rewind();
             delete from bdd_harness.dirty;
             return null;
         end
         $body$;\n"
    )
}

/// The connection that resets one slot's database; nobody else uses it.
#[derive(Debug)]
pub struct Resetter {
    connection: PgConnection,
    secret: String,
    superuser: bool,
    resets: usize,
}

impl Resetter {
    /// Connects as the owner. A superuser's connection lives in the replica role, where no trigger, rule or key fires.
    pub async fn open(
        options: PgConnectOptions,
        secret: &str,
        superuser: bool,
    ) -> Result<Self, Failure> {
        let options = options.options([("lock_timeout", "2s"), ("statement_timeout", "60s")]);
        let options = if superuser {
            options.options([("session_replication_role", "replica")])
        } else {
            options
        };
        let mut connection = PgConnection::connect_with(&options).await?;
        if !superuser {
            execute(&mut connection, NOTE_CATALOG).await?;
        }
        let mut resetter = Self {
            connection,
            secret: secret.to_owned(),
            superuser,
            resets: 0,
        };
        if superuser {
            resetter.warm_up().await?;
        }
        Ok(resetter)
    }

    /// Plans what the first scenario would have to wait for: a table's cleaning costs twenty times more then.
    async fn warm_up(&mut self) -> Result<(), Failure> {
        execute(
            &mut self.connection,
            "insert into bdd_harness.dirty select relation from bdd_harness.plan limit 100",
        )
        .await?;
        self.reset(&mut Vec::new()).await?;
        Ok(())
    }

    /// Puts the database back. `notice` hears of transactions that had to be ended.
    pub async fn reset(&mut self, notice: &mut Vec<String>) -> Result<Reset, Failure> {
        let start = std::time::Instant::now();
        let mut attempt = 1;
        let answer = loop {
            let answer: Result<Option<String>, sqlx::Error> =
                sqlx::query_scalar("select bdd_harness.reset($1)")
                    .bind(&self.secret)
                    .fetch_one(&mut self.connection)
                    .await;
            match answer {
                Ok(Some(busy)) if busy.starts_with("busy ") => {
                    if start.elapsed() > PATIENCE {
                        notice.push(format!(
                            "ended what the scenario left open: {}",
                            &busy["busy ".len()..]
                        ));
                        self.end_others().await?;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(error) if attempt < ATTEMPTS && is_deadlock(&error) => attempt += 1,
                // A plain owner can't silence keys, and reference rows may be held by each other.
                Err(error) if !self.superuser && is_key_violation(&error) => {
                    return Ok(Reset::Clone(format!(
                        "reference rows that hold each other: {error}"
                    )));
                }
                Err(error) => return Err(Failure::new(format!("the reset failed: {error}"))),
                Ok(answer) => break answer,
            }
        };
        if let Some(changed) = answer {
            return Ok(Reset::Clone(
                changed.trim_start_matches("changed ").to_owned(),
            ));
        }
        self.resets += 1;
        if self.resets.is_multiple_of(VACUUM_EVERY) {
            self.vacuum().await?;
        }
        Ok(Reset::Clean)
    }

    /// Ends every other session's work on this database.
    async fn end_others(&mut self) -> Result<(), Failure> {
        sqlx::query(
            "select pg_terminate_backend(pid)
               from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend' and coalesce(state, 'active') <> 'idle'",
        )
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Heaps over 64 kB are vacuumed: rows deleted by ten thousand resets doubled the time of the next.
    async fn vacuum(&mut self) -> Result<(), Failure> {
        let grown: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', n.nspname, c.relname)
               from pg_class c
               join pg_namespace n on n.oid = c.relnamespace
              where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
                and pg_relation_size(c.oid) > 65536",
        )
        .fetch_all(&mut self.connection)
        .await?;
        for table in grown {
            execute(&mut self.connection, &format!("vacuum {table}")).await?;
        }
        Ok(())
    }

    pub async fn close(self) {
        let _ = self.connection.close().await;
    }
}

fn is_key_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

fn is_deadlock(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "40P01")
}
