-- What the platform runs for others; where one is to be found is known only while it is ready.
create table databases (
    id          text not null primary key
                     default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    name        text not null,
    owner_team  text not null,
    purpose     text not null,
    status      text not null default 'requested'
                     check (status in ('requested', 'provisioning', 'ready', 'failed', 'deleting', 'deleted')),
    host        text,
    port        integer check (port between 1 and 65535),
    secret_name text,
    created_at  text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at  text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

-- A deleted database's name is free again.
create unique index databases_name on databases (name) where status <> 'deleted';

-- What lists are sorted and filtered by.
create index databases_created_at on databases (created_at, id) where status <> 'deleted';
create index databases_owner_team on databases (owner_team, created_at, id) where status <> 'deleted';
create index databases_status on databases (status, created_at, id);
