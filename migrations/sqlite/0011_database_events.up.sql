-- autoincrement: a number is never given twice, as on PostgreSQL.
create table database_events (
    id          integer primary key autoincrement,
    database_id text    not null references databases (id) on delete cascade,
    "from"      text,
    "to"        text    not null default 'requested',
    message     text,
    actor       text    not null,
    created_at  text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

create index database_events_database_id on database_events (database_id, id);
