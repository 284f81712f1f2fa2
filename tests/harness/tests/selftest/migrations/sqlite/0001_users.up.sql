create table users (
    id         text primary key not null,
    username   text not null unique,
    name       text,
    role       text not null default 'user',
    active     boolean not null default true,
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%fZ'))
);

create table entries (
    id      integer primary key autoincrement,
    user_id text not null references users (id),
    message text not null
);
