-- One row a log-in; a session that was ended has none.
create table sessions (
    id         uuid        primary key default gen_random_uuid(),
    user_id    uuid        not null references users (id) on delete cascade,
    user_agent text        collate "C",
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create index sessions_user_id on sessions (user_id);
