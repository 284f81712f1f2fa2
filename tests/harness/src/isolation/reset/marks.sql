-- The tables that record what was written since the last reset, and what the reset needs to restore it.

create unlogged table bdd_harness.dirty          (relation oid not null);
create unlogged table bdd_harness.refreshed      (relation oid not null);
create unlogged table bdd_harness.catalog_change (what text not null);
create unlogged table bdd_harness.noted          (surroundings text[], large_objects text, catalog text, views jsonb,
                                                  writes int8);

-- For a table with a mark: the tables whose rows may have changed, which are the table, its partitions and its
-- children.
create unlogged table bdd_harness.plan           (relation oid primary key, covers oid[] not null);

create unlogged table bdd_harness.sequence       (relation oid not null, value int8 not null, called boolean not null);

-- The parts of statements that restore several tables at once.
create unlogged table bdd_harness.part (
    relation       oid     primary key,
    name           text    not null,
    filled         boolean not null,
    disable        text    not null,  -- disables its triggers, rules and policies
    enable         text    not null,
    deletion       text    not null,
    others         text    not null,  -- update and insert of reference rows
    refill         text    not null,
    truncated      text,              -- the tables to name in a TRUNCATE; null if one never pays
    emptied        oid[],             -- the tables that this TRUNCATE empties
    truncated_from int8,              -- the size in bytes from which a TRUNCATE pays
    size           int8    not null
);

-- Every name is qualified, because setting a search path would cost more than the rest of the function.
create function bdd_harness.mark() returns trigger
language plpgsql security definer as $bdd_harness$
declare
    ignored text;
begin
    insert into bdd_harness.dirty values (tg_relid);
    ignored := pg_catalog.set_config(tg_argv[0], 'on', true);
    return null;
end
$bdd_harness$;

-- A TRUNCATE changes the table's statistics too. The relation 0 records that there was a TRUNCATE.
create function bdd_harness.mark_truncated() returns trigger
language plpgsql security definer as $bdd_harness$
begin
    insert into bdd_harness.dirty values (tg_relid), (0);
    return null;
end
$bdd_harness$;
