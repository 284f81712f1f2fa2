-- What makes a database ours: the first thing in it after its creation.
create schema bdd_harness;

create unlogged table bdd_harness.marker (
    secret      text        not null,
    run         text        not null,
    fingerprint text,
    made_at     timestamptz not null default now()
);

insert into bdd_harness.marker (secret, run) values ({secret}, {run});
