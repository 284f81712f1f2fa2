-- What lists of users are sorted and searched by.
create index users_created_at on users (created_at, id) where deleted_at is null;
create index users_name on users (coalesce(name, ''), id) where deleted_at is null;
create index users_role on users (role, created_at, id) where deleted_at is null;

-- Every three letters in a row that stand in a text: an index of them finds any part of three letters or more, and
-- needs no extension.
create function search_trigrams(searched text) returns text[]
    language sql immutable strict parallel safe
    as $$
        select array(select substr(searched, start, 3)
                       from generate_series(1, char_length(searched) - 2) start)
    $$;

-- A row that was put there by hand has no search text. What isn't in the index yet is read by every search, so it is
-- kept short.
create index users_search on users using gin (search_trigrams(
    case when search_text = '' then lower(username || E'\n' || coalesce(email, '') || E'\n' || coalesce(name, ''))
         else search_text end)) with (gin_pending_list_limit = 512) where deleted_at is null;
