create table password_resets (
    id         text not null primary key
                    default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    user_id    text not null references users (id) on delete cascade,
    token_hash text not null unique,
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    expires_at text not null,
    used_at    text
);

create index password_resets_user_id on password_resets (user_id);
