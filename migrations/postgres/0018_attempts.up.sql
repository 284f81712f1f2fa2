-- Attempts to log in and the like, counted for all replicas together. What they are counted for, such as a name that was
-- typed, is kept as a hash.
create table attempts (
    key_hash text        collate "C" primary key,
    began_at timestamptz not null,
    made     bigint      not null
);

create index attempts_began_at on attempts (began_at);
