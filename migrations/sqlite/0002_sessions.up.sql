-- One row a log-in; a session that was ended has none.
create table sessions (
    id         text not null primary key
                    default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    user_id    text not null references users (id) on delete cascade,
    user_agent text,
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    expires_at text not null
);

create index sessions_user_id on sessions (user_id);
