create table tags (
    id         uuid        primary key default gen_random_uuid(),
    name       text        collate "C" not null unique,
    created_at timestamptz not null default now()
);

create index tags_created_at on tags (created_at, id);
