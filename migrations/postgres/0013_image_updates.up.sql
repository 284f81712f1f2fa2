-- One row an image: what Diun reported of it last.
create table image_updates (
    id              uuid        primary key default gen_random_uuid(),
    image           text        collate "C" not null unique,
    diun_version    text        collate "C",
    hostname        text        collate "C",
    status          text        collate "C",
    provider        text        collate "C",
    hub_link        text        collate "C",
    mime_type       text        collate "C",
    digest          text        collate "C",
    created         timestamptz,
    platform        text        collate "C",
    metadata        jsonb,
    tag_id          uuid        references tags (id) on delete set null,
    acknowledged_at timestamptz,
    search_text     text        collate "C" not null default '',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now()
);

-- What lists are sorted and filtered by; names come by the unique key.
create index image_updates_created_at on image_updates (created_at, id);
create index image_updates_hostname on image_updates (hostname, created_at, id);
create index image_updates_tag_id on image_updates (tag_id);
create index image_updates_acknowledged_at on image_updates (acknowledged_at);

-- A row that was put there by hand has no search text.
create index image_updates_search on image_updates using gin (search_trigrams(
    case when search_text = '' then lower(image || E'\n' || coalesce(hostname, '')) else search_text end))
    with (gin_pending_list_limit = 512);
