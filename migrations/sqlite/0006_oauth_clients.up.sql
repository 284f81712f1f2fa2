-- Programs. The secret is kept as SHA-256 when we made it, and as argon2id when people chose it.
create table oauth_clients (
    id                 text not null primary key
                            default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    client_id          text not null unique,
    client_secret_hash text not null,
    name               text not null,
    scopes             text not null default 'read',
    created_at         text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

create index oauth_clients_created_at on oauth_clients (created_at, id);
create index oauth_clients_name on oauth_clients (name, id);
