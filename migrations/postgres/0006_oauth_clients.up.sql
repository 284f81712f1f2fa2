-- Programs. The secret is kept as SHA-256 when we made it, and as argon2id when people chose it.
create table oauth_clients (
    id                 uuid        primary key default gen_random_uuid(),
    client_id          text        collate "C" not null unique,
    client_secret_hash text        collate "C" not null,
    name               text        collate "C" not null,
    scopes             text        collate "C" not null default 'read',
    created_at         timestamptz not null default now()
);

create index oauth_clients_created_at on oauth_clients (created_at, id);
create index oauth_clients_name on oauth_clients (name, id);
