//! The one call: `bdd_harness.reset(claimed, how, closely)`.

use std::collections::HashMap;

use regex::{Captures, Regex};

use crate::isolation::reset::{
    Rights, large_objects, rows,
    table::{Kind, Table, Tables},
    views,
    watch::SURROUNDINGS,
};
use crate::server::SCENARIO;

/// How many other sessions there are beside the scenario's own, and those that are in the middle of something.
///
/// The function under `pg_stat_activity`, without the view's joins to names that are hardly ever needed.
const SESSIONS: &str = "
    select count(*) filter (where a.application_name <> '{scenario}') as others,
           string_agg(format('%s %s (%s): %s', pg_get_userbyid(a.usesysid), a.state,
                             coalesce(nullif(a.application_name, ''), 'no name'), left(a.query, 200)), '; ')
               filter (where coalesce(a.state, 'active') <> 'idle') as busy
      from pg_stat_get_activity(null) a
     where a.datid = own and a.pid <> pg_backend_pid() and a.backend_type = 'client backend'";

/// Whether one of them keeps an advisory lock beyond its transactions: a look at all locks costs as much as all others.
const LOCKED: &str = "
    exists (select
              from pg_lock_status() l
             where l.locktype = 'advisory' and l.database = own and l.pid <> pg_backend_pid())";

const HOLDERS: &str = "
    (select string_agg(distinct format('%s holds an advisory lock (%s)', a.usename,
                                       coalesce(nullif(a.application_name, ''), 'no name')), '; ')
       from pg_locks l
       join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.database = own and l.pid <> pg_backend_pid())";

const PREPARED: &str = "
    (select string_agg(p.gid, ', ')
       from pg_prepared_xact() as p (transaction, gid, prepared, ownerid, dbid)
      where p.dbid = own)";

/// What the function answers: null when the database is clean, or a word and what it is about.
///
/// | word | |
/// |---|---|
/// | `busy` | somebody still works on it, or holds a lock: nothing was done |
/// | `prepared` | transactions that were prepared and not ended: nothing was done |
/// | `changed` | what was changed in the schema; only a new clone will do: nothing was done |
/// | `grown` | clean; these heaps want a vacuum |
pub fn reset(
    tables: &Tables,
    rights: Rights,
    order: &[&Table],
    stale: &[i64],
    rewinding: &str,
    locking: bool,
) -> String {
    let all = |kept: fn(&Table) -> bool| {
        let kept = tables.values().filter(|table| kept(table));
        let oids: Vec<_> = kept.map(|table| table.oid.to_string()).collect();
        format!("'{{{}}}'::oid[]", oids.join(","))
    };
    let stale: Vec<_> = stale.iter().map(ToString::to_string).collect();
    let only_plain = |text: &str| {
        if rights.superuser {
            String::new()
        } else {
            text.to_owned()
        }
    };
    let parts = HashMap::from([
        // A function of the schema may take a lock without a word of the scenario.
        (
            "sessions",
            SESSIONS.replace("{scenario}", if locking { "" } else { SCENARIO }),
        ),
        ("locked", LOCKED.to_owned()),
        ("holders", HOLDERS.to_owned()),
        ("prepared", PREPARED.to_owned()),
        ("surroundings", SURROUNDINGS.to_owned()),
        ("large_objects", large_objects::look(rights).to_owned()),
        ("noted", only_plain(", n.catalog, n.views")),
        ("into", only_plain(", catalog, views")),
        ("look", look(rights, tables)),
        ("stale", stale.join(",")),
        ("truncate_all", rows::truncate_all(tables)),
        ("filled", all(Table::is_filled)),
        ("every", all(|table| table.kind == Kind::Plain)),
        ("cleaning", rows::cleaning(tables, rights)),
        ("refreshing", views::refreshing(order)),
        ("rewinding", rewinding.to_owned()),
    ]);
    // In one pass: a table may have a name that looks like a place to fill.
    let places = Regex::new(r"\{(\w+)\}").expect("a regular expression");
    places
        .replace_all(FUNCTION, |place: &Captures| parts[&place[1]].as_str())
        .into_owned()
}

/// Whether the catalogs are others, once something says that they may be; and without event triggers, which
/// materialized views were refreshed.
fn look(rights: Rights, tables: &Tables) -> String {
    if rights.superuser {
        return "if changed is not null and changed not like '%the rows of %' and bdd_harness.changed_catalog() is null then
                    changed := null;
                    delete from bdd_harness.catalog_change;
                elsif changed is null and closely then
                    changed := bdd_harness.changed_catalog();
                end if;"
            .to_owned();
    }
    let views = if views::views(tables).next().is_none() {
        ""
    } else {
        "refreshed := array(select seen.key::oid
                              from jsonb_each_text(bdd_harness.views()) seen
                             where seen.value is distinct from views ->> seen.key
                             order by 1);
         renote := renote or cardinality(refreshed) > 0;"
    };
    format!(
        "if catalog is distinct from bdd_harness.catalog() then
             changed := bdd_harness.changed_catalog();
             renote := true;
         end if;
         if changed is null then
             {views}
         end if;"
    )
}

const FUNCTION: &str = "
         create function bdd_harness.reset(claimed text, how text, closely boolean) returns text
         language plpgsql as $bdd_harness$
         #variable_conflict use_column
         declare
             own constant oid := (select oid from pg_database where datname = current_database());
             others    int8;
             busy      text;
             ours      boolean;
             locked    boolean;
             prepared  text;
             changed   text;
             before    text[];
             around    text[];
             catalog   text;
             views     jsonb;
             large_objects boolean;
             moved     record;
             marked    oid[];
             marks     tid[];
             refreshed oid[];
             relation  oid;
             size      int8;
             grown     text[] := '{}';
             renote    boolean := false;
             members   oid[];
             large     oid[] := '{}';
             touched   oid[];
             said      text;
         begin
             -- Before anything else, and in a statement of its own: what a session committed before it was seen at
             -- rest has to be in the next statement's snapshot.
             select s.others, s.busy into others, busy from ({sessions}) s;
             select exists (select from bdd_harness.marker m where m.secret = claimed),
                    others > 0 and {locked},
                    {prepared},
                    (select string_agg(distinct c.what, ', ') from bdd_harness.catalog_change c),
                    n.surroundings,
                    {surroundings},
                    n.large_objects is distinct from {large_objects},
                    d.relations,
                    d.marks,
                    array(select distinct r.relation from bdd_harness.refreshed r order by 1)
                    {noted}
               into ours, locked, prepared, changed, before, around, large_objects, marked, marks, refreshed {into}
               from (select array_agg(distinct relation) as relations, array_agg(ctid) as marks
                       from bdd_harness.dirty) d
               left join bdd_harness.noted n on true;
             if not ours then
                 raise exception using
                     errcode = 'DLC01',
                     message = format('the database %s has another marker than this run: it is not ours to reset',
                                      current_database());
             end if;
             if busy is null and locked then
                 busy := {holders};
             end if;
             if busy is not null then
                 return 'busy ' || busy;
             end if;
             if prepared is not null then
                 return 'prepared ' || prepared;
             end if;
             {look}
             if before is distinct from around then
                 changed := concat_ws(', ', changed, bdd_harness.changed_surroundings(before, around));
             end if;
             if changed is null and refreshed && '{{stale}}' then
                 select 'what ' || string_agg(r::regclass::text, ', ') || ' shows, which a refresh doesn''t bring back'
                   into changed
                   from unnest(refreshed) r
                  where r in (select unnest('{{stale}}'::oid[]));
             end if;
             if changed is null and large_objects then
                 renote := true;
                 changed := bdd_harness.lost_large_object();
             end if;
             if changed is not null then
                 return 'changed ' || changed;
             end if;

             said := set_config('bdd_harness.resetting', 'on', true);
             if how = 'truncate' then
                 renote := true;
                 {truncate_all}
                 marked := {filled};
             elsif how = 'delete' then
                 marked := {every};
             end if;
             if cardinality(marked) > 0 then
                 {cleaning}
             end if;
             if large_objects then
                 perform bdd_harness.restore_large_objects();
             end if;
             {refreshing}
             {rewinding}
             -- The marks that were looked at, and no other: one that came meanwhile is for the next reset.
             if marks is not null then
                 delete from bdd_harness.dirty where ctid = any (marks);
                 if pg_relation_size('bdd_harness.dirty'::regclass) > 16384 then
                     grown := grown || 'bdd_harness.dirty'::text;
                 end if;
             end if;
             if cardinality(refreshed) > 0 then
                 delete from bdd_harness.refreshed;
             end if;
             -- What the reset itself has changed isn't a scenario's doing.
             if renote then perform bdd_harness.note_looks(); end if;
             return 'grown ' || nullif(array_to_string(grown, ', '), '');
         end
         $bdd_harness$;\n";
