drop index users_email;
create index users_email on users (email) where deleted_at is null;
