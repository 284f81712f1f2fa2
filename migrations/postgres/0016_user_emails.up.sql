-- An email belongs to one user that is not deleted. The program looks for emails that several users have before it comes
-- here, and lists them.
drop index users_email;
create unique index users_email on users (lower(email)) where deleted_at is null;
