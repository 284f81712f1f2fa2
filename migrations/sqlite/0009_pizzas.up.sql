-- Whoever made a pizza is a user or a client, so that no key can say where to look.
create table pizzas (
    id          text    not null primary key
                        default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    name        text    not null,
    description text,
    price_cents integer not null check (price_cents between 0 and 9999999999),
    ingredients text    not null default '[]',
    created_by  text    not null,
    search_text text    not null default '',
    created_at  text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at  text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    deleted_at  text
);

-- A deleted pizza's name is free again.
create unique index pizzas_name on pizzas (name) where deleted_at is null;

-- What lists are sorted and filtered by.
create index pizzas_created_at on pizzas (created_at, id) where deleted_at is null;
create index pizzas_created_by on pizzas (created_by, created_at, id) where deleted_at is null;
