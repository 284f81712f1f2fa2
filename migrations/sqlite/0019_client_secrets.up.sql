-- A secret that was replaced works until its expiry.
alter table oauth_clients add column previous_secret_hash text;
alter table oauth_clients add column previous_secret_expires_at text;
