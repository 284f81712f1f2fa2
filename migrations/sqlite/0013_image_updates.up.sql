-- One row an image: what Diun reported of it last.
create table image_updates (
    id              text not null primary key
                         default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    image           text not null unique,
    diun_version    text,
    hostname        text,
    status          text,
    provider        text,
    hub_link        text,
    mime_type       text,
    digest          text,
    created         text,
    platform        text,
    metadata        text,
    tag_id          text references tags (id) on delete set null,
    acknowledged_at text,
    search_text     text not null default '',
    created_at      text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at      text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

-- What lists are sorted and filtered by; names come by the unique key.
create index image_updates_created_at on image_updates (created_at, id);
create index image_updates_hostname on image_updates (hostname, created_at, id);
create index image_updates_tag_id on image_updates (tag_id);
create index image_updates_acknowledged_at on image_updates (acknowledged_at);
