-- The keys of tokens. The newest one without an expiry signs; all that have not expired verify.
create table signing_keys (
    kid        text not null primary key,
    secret     text not null,
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    expires_at text
);
