-- Marks a database as ours. It runs after the migrations, before everything else of the harness.
create schema bdd_harness;

create unlogged table bdd_harness.marker (
    secret      text        not null,
    run         text        not null,
    fingerprint text,
    made_at     timestamptz not null default now()
);

insert into bdd_harness.marker (secret, run) values ({secret}, {run});
