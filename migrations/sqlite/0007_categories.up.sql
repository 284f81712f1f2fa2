create table categories (
    id          text not null primary key
                     default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    name        text not null unique,
    description text,
    parent_id   text references categories (id) on delete set null,
    created_at  text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at  text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

create index categories_parent_id on categories (parent_id);
create index categories_created_at on categories (created_at, id);
