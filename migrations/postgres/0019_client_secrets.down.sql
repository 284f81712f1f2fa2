alter table oauth_clients drop column previous_secret_expires_at;
alter table oauth_clients drop column previous_secret_hash;
