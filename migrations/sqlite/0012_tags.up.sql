create table tags (
    id         text not null primary key
                    default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    name       text not null unique,
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

create index tags_created_at on tags (created_at, id);
