//! What the template gets, so that its clones can be reset: the schema `bdd_harness`.

use sqlx::{PgConnection, Row as _};

use super::table::tables;
use crate::harness::{
    failure::Failure,
    template::{execute, literal},
};

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
pub const NOTE_CATALOG: &str = "
    delete from bdd_harness.catalog_before;
    insert into bdd_harness.catalog_before select bdd_harness.catalog();";

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
             own constant oid := (select oid from pg_catalog.pg_database where datname = current_database());
             relation oid;
             said     text;
         begin
             if not exists (select from bdd_harness.marker where secret = claimed) then
                 raise exception 'the database % has another marker than this run: it is not ours to reset', current_database();
             end if;
             -- The function under pg_stat_activity, without the view's joins to names that are hardly ever needed.
             select string_agg(
                        format('%s %s (%s): %s', pg_get_userbyid(usesysid), state,
                               coalesce(nullif(application_name, ''), 'no name'), left(query, 200)), '; ')
               into said
               from pg_catalog.pg_stat_get_activity(null)
              where datid = own and pid <> pg_backend_pid()
                and backend_type = 'client backend' and coalesce(state, 'active') <> 'idle';
             if said is not null then
                 return 'busy ' || said;
             end if;
             {catalog}
             if said is not null then
                 return 'changed ' || said;
             end if;
             if exists (select from pg_catalog.pg_db_role_setting where setdatabase = own) then
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
