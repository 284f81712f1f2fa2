-- What the platform runs for others; where one is to be found is known only while it is ready.
create table databases (
    id          uuid        primary key default gen_random_uuid(),
    name        text        collate "C" not null,
    owner_team  text        collate "C" not null,
    purpose     text        collate "C" not null,
    status      text        collate "C" not null default 'requested'
                            check (status in ('requested', 'provisioning', 'ready', 'failed', 'deleting', 'deleted')),
    host        text        collate "C",
    port        bigint      check (port between 1 and 65535),
    secret_name text        collate "C",
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

-- A deleted database's name is free again.
create unique index databases_name on databases (name) where status <> 'deleted';

-- What lists are sorted and filtered by.
create index databases_created_at on databases (created_at, id) where status <> 'deleted';
create index databases_owner_team on databases (owner_team, created_at, id) where status <> 'deleted';
create index databases_status on databases (status, created_at, id);
create index databases_search on databases using gin (search_trigrams(name))
    with (gin_pending_list_limit = 512) where status <> 'deleted';
