-- Ids are hyphenated text and times RFC 3339 with six digits, so that both sort and compare as text.
create table users (
    id            text not null primary key
                       default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    username      text not null,
    password_hash text not null,
    email         text,
    name          text,
    description   text,
    current_goal  text,
    role          text not null default 'user'
                       check (role in ('user', 'moderator', 'admin')),
    search_text   text not null default '',
    last_login    text,
    created_at    text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at    text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    deleted_at    text
);

-- A deleted user's name is free again.
create unique index users_username on users (lower(username)) where deleted_at is null;
create index users_email on users (email) where deleted_at is null;
