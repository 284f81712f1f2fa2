-- The reset: restores the state of the template, in one call and one transaction. `bdd --print-reset` prints the result
-- of filling this template.
create function bdd_harness.reset(
    claimed  text,              -- the marker's secret
    strategy text,              -- adaptive, truncate or delete
    closely  boolean,           -- check every sequence and catalog, also without a sign of a change
    statistics boolean,         -- check the planner's statistics
    program  boolean,           -- a program ran as the owner: check everything, but catalogs only if one was written to
    out busy text,              -- sessions that are busy or hold an advisory lock; nothing was done
    out prepared_transactions text, -- open prepared transactions; nothing was done
    out changed text,           -- what only a new clone restores
    out bloated text            -- the database is clean; these tables need a VACUUM
)
language plpgsql as $bdd_harness$
#variable_conflict use_column
declare
    own constant oid := (select oid from pg_database where datname = current_database());
    owner constant oid := (select r.oid from pg_roles r where r.rolname = session_user);
    superuser constant boolean := {superuser};
    noted_surroundings text[];
    noted_catalog text;
    noted_views   jsonb;
    noted_writes  int8;
    others        int8;
    owners        int8;
    writes        int8;
    is_ours       boolean;
    is_locked     boolean;
    surroundings  text[];
    large_objects boolean;
    sequence      record;
    marked        oid[];
    marks         tid[];
    refreshed     oid[];
    relation      oid;
    size          int8;
    grown         text[] := '{}';
    note_again    boolean := false;
    look          boolean := statistics or {always_look};
    look_at_catalogs boolean := closely;
    members       oid[];
    large         oid[] := '{}';
    touched       oid[];
    statement     text;
begin
    -- This has to be the first statement: what a session committed before it became idle must be in the snapshot of the
    -- next statement. This is the function behind pg_stat_activity, without the view's joins.
    select count(*) filter (where a.application_name <> {quiet_session}),
           string_agg(format('%s %s (%s): %s', pg_get_userbyid(a.usesysid), a.state,
                             coalesce(nullif(a.application_name, ''), 'no name'), left(a.query, 200)), '; ')
               filter (where coalesce(a.state, 'active') <> 'idle'),
           count(*) filter (where a.usesysid = owner and a.application_name not in {own_sessions})
      into others, busy, owners
      from pg_stat_get_activity(null) a
     where a.datid = own and a.pid <> pg_backend_pid() and a.backend_type = 'client backend';

    select exists (select from bdd_harness.marker m where m.secret = claimed),
           -- Reading all locks costs as much as all the other checks.
           others > 0 and exists (select
                                    from pg_lock_status() l
                                   where l.locktype = 'advisory' and l.database = own and l.pid <> pg_backend_pid()),
           (select string_agg(p.gid, ', ')
              from pg_prepared_xact() as p (transaction, gid, prepared, ownerid, dbid)
             where p.dbid = own),
           (select string_agg(distinct c.what, ', ') from bdd_harness.catalog_change c),
           n.surroundings,
           n.catalog,
           n.views,
           n.writes,
           {surroundings},
           n.large_objects is distinct from {large_objects},
           d.relations,
           d.marks,
           array(select distinct r.relation from bdd_harness.refreshed r order by 1)
      into is_ours, is_locked, prepared_transactions, changed, noted_surroundings, noted_catalog, noted_views, noted_writes, surroundings,
           large_objects, marked, marks, refreshed
      from (select array_agg(distinct relation) as relations, array_agg(ctid) as marks from bdd_harness.dirty) d
      left join bdd_harness.noted n on true;

    if not is_ours then
        raise exception using
            errcode = 'BDD01',
            message = format('the database %s has another marker than this run: it is not ours to reset',
                             current_database());
    end if;
    if busy is null and is_locked then
        select string_agg(distinct format('%s holds an advisory lock (%s)', a.usename,
                                          coalesce(nullif(a.application_name, ''), 'no name')), '; ')
          into busy
          from pg_locks l
          join pg_stat_activity a using (pid)
         where l.locktype = 'advisory' and l.database = own and l.pid <> pg_backend_pid();
    end if;
    if busy is not null or prepared_transactions is not null then
        return;
    end if;

    if program then
        closely := true;
        writes := bdd_harness.catalog_writes();
        -- The server adds a session's counters when the session has ended.
        if owners > 0 or writes is null or writes is distinct from noted_writes then
            look_at_catalogs := true;
            look := true;
            note_again := true;
        end if;
    end if;
    -- An index that was created and dropped has changed its table's statistics. A TRUNCATE changes those of indexes.
    look := look or changed is not null or 0::oid = any(marked);
    if not superuser then
        if noted_catalog is distinct from bdd_harness.catalog() then
            changed := bdd_harness.changed_catalog();
            note_again := true;
            look := true;
        end if;
        if changed is null then
            refreshed := array(select seen.key::oid
                                 from jsonb_each_text(bdd_harness.views()) seen
                                where seen.value is distinct from noted_views ->> seen.key
                                order by 1);
            note_again := note_again or cardinality(refreshed) > 0;
        end if;
    elsif changed is not null and changed not like '%the rows of %' and bdd_harness.changed_catalog() is null then
        changed := null;
        delete from bdd_harness.catalog_change;
    elsif changed is null and look_at_catalogs then
        changed := bdd_harness.changed_catalog();
    end if;
    if noted_surroundings is distinct from surroundings then
        changed := concat_ws(', ', changed, bdd_harness.changed_surroundings(noted_surroundings, surroundings));
    end if;
    if changed is null and refreshed && {stale_views} then
        select 'what ' || string_agg(r::regclass::text, ', ') || ' shows, which a refresh doesn''t bring back'
          into changed
          from unnest(refreshed) r
         where r = any ({stale_views});
    end if;
    if changed is null and large_objects then
        note_again := true;
        changed := bdd_harness.lost_large_object();
    end if;
    if changed is not null then
        return;
    end if;

    statement := set_config('bdd_harness.resetting', 'on', true);
    if strategy = 'truncate' and {may_truncate} then
        note_again := true;
        look := true;
        {truncate_all}
        marked := {filled_tables};
    elsif strategy in ('truncate', 'delete') then
        marked := {all_tables};
    end if;
    if cardinality(marked) > 0 then
        {restore_rows}
    end if;
    if large_objects then
        perform bdd_harness.restore_large_objects();
    end if;
    if cardinality(refreshed) > 0 then
        {refresh_views}
        delete from bdd_harness.refreshed;
        look := true;
    end if;
    {restore_sequences}
    if look then
        if superuser then
            perform bdd_harness.restore_planner_statistics();
        end if;
        changed := bdd_harness.changed_planner_statistics();
    end if;
    -- A VACUUM changes statistics, and a plain owner can't restore them.
    if not superuser and cardinality(grown) > 0 then
        changed := concat_ws(', ', changed, 'the size of ' || array_to_string(grown, ', '));
        grown := '{}';
    end if;
    -- Only the marks that were read above. A mark that came later is for the next reset.
    if marks is not null then
        delete from bdd_harness.dirty where ctid = any (marks);
        if pg_relation_size('bdd_harness.dirty'::regclass) > 16384 then
            grown := grown || 'bdd_harness.dirty'::text;
        end if;
    end if;
    if note_again then
        perform bdd_harness.note_looks();
    end if;
    bloated := nullif(array_to_string(grown, ', '), '');
end
$bdd_harness$;
