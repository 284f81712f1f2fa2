-- The first answers to requests with an Idempotency-Key, for a day. Keys and bodies are kept as hashes.
create table idempotency_keys (
    key_hash   text        collate "C" primary key,
    body_hash  text        collate "C" not null,
    answer     text        collate "C" not null,
    created_at timestamptz not null
);

create index idempotency_keys_created_at on idempotency_keys (created_at);
