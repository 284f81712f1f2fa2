-- What lists of users are sorted by; a search reads all of them.
create index users_created_at on users (created_at, id) where deleted_at is null;
create index users_name on users (coalesce(name, ''), id) where deleted_at is null;
create index users_role on users (role, created_at, id) where deleted_at is null;
