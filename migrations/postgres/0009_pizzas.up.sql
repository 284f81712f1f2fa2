-- Whoever made a pizza is a user or a client, so that no key can say where to look.
create table pizzas (
    id          uuid        primary key default gen_random_uuid(),
    name        text        collate "C" not null,
    description text        collate "C",
    price_cents bigint      not null check (price_cents between 0 and 9999999999),
    ingredients jsonb       not null default '[]',
    created_by  uuid        not null,
    search_text text        collate "C" not null default '',
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    deleted_at  timestamptz
);

-- A deleted pizza's name is free again.
create unique index pizzas_name on pizzas (name) where deleted_at is null;

-- What lists are sorted and filtered by.
create index pizzas_created_at on pizzas (created_at, id) where deleted_at is null;
create index pizzas_created_by on pizzas (created_by, created_at, id) where deleted_at is null;

-- A row that was put there by hand has no search text.
create index pizzas_search on pizzas using gin (search_trigrams(
    case when search_text = '' then lower(name) else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
