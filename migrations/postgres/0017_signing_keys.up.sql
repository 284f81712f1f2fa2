-- The keys of tokens. The newest one without an expiry signs; all that have not expired verify.
create table signing_keys (
    kid        text        collate "C" primary key,
    secret     text        collate "C" not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz
);
