-- autoincrement: a number is never given twice, as on PostgreSQL.
create table greet_history (
    id         integer primary key autoincrement,
    user_id    text    not null references users (id) on delete cascade,
    message    text    not null,
    context    text    not null default '{}',
    created_at text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
);

create index greet_history_user_id on greet_history (user_id, id);
