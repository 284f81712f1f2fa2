-- How often each three letters occur says little about how often a word does, and leads the planner astray: for a
-- search that finds most rows it would read the whole table and take every text apart, 1.4 s for 100,000 rows instead
-- of 0.08. Without statistics it takes a search for a rare one, and uses the index. Indexes are made anew because those
-- that were gathered would stay.
drop index users_search;
create index users_search on users using gin (search_trigrams(
    case when search_text = '' then lower(username || E'\n' || coalesce(email, '') || E'\n' || coalesce(name, ''))
         else search_text end)) with (gin_pending_list_limit = 512) where deleted_at is null;
alter index users_search alter column 1 set statistics 0;

drop index products_search;
create index products_search on products using gin (search_trigrams(
    case when search_text = '' then lower(name || E'\n' || coalesce(sku, '')) else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
alter index products_search alter column 1 set statistics 0;

drop index pizzas_search;
create index pizzas_search on pizzas using gin (search_trigrams(
    case when search_text = '' then lower(name) else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
alter index pizzas_search alter column 1 set statistics 0;

drop index databases_search;
create index databases_search on databases using gin (search_trigrams(name))
    with (gin_pending_list_limit = 512) where status <> 'deleted';
alter index databases_search alter column 1 set statistics 0;

drop index image_updates_search;
create index image_updates_search on image_updates using gin (search_trigrams(
    case when search_text = '' then lower(image || E'\n' || coalesce(hostname, '')) else search_text end))
    with (gin_pending_list_limit = 512);
alter index image_updates_search alter column 1 set statistics 0;
