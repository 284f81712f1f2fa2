-- The configured password of the first admin, as it was adopted last. Only a configuration that has changed since
-- replaces the password, so that a password that the admin has chosen stays.
alter table users add column bootstrap_password_hash text;
