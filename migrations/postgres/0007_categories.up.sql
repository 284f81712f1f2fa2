create table categories (
    id          uuid        primary key default gen_random_uuid(),
    name        text        collate "C" not null unique,
    description text        collate "C",
    parent_id   uuid        references categories (id) on delete set null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

create index categories_parent_id on categories (parent_id);
create index categories_created_at on categories (created_at, id);
