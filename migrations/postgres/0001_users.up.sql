-- Text sorts by code point on both stores, so every text column is collated "C" here.
create table users (
    id            uuid        primary key default gen_random_uuid(),
    username      text        collate "C" not null,
    password_hash text        collate "C" not null,
    email         text        collate "C",
    name          text        collate "C",
    description   text        collate "C",
    current_goal  text        collate "C",
    role          text        collate "C" not null default 'user'
                              check (role in ('user', 'moderator', 'admin')),
    search_text   text        collate "C" not null default '',
    last_login    timestamptz,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    deleted_at    timestamptz
);

-- A deleted user's name is free again.
create unique index users_username on users (lower(username)) where deleted_at is null;
create index users_email on users (email) where deleted_at is null;
