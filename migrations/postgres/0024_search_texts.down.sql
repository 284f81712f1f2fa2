drop trigger users_search_update on users;
drop trigger users_search_insert on users;
drop index users_search;
create index users_search on users using gin (search_trigrams(
    case when search_text = '' then lower(username || E'\n' || coalesce(email, '') || E'\n' || coalesce(name, ''))
         else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
alter index users_search alter column 1 set statistics 0;
create statistics users_searched on
    (case when search_text = '' then lower(username || E'\n' || coalesce(email, '') || E'\n' || coalesce(name, ''))
          else search_text end)
    from users;

drop trigger products_search_update on products;
drop trigger products_search_insert on products;
drop index products_search;
create index products_search on products using gin (search_trigrams(
    case when search_text = '' then lower(name || E'\n' || coalesce(sku, ''))
         else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
alter index products_search alter column 1 set statistics 0;
create statistics products_searched on
    (case when search_text = '' then lower(name || E'\n' || coalesce(sku, ''))
          else search_text end)
    from products;

drop trigger pizzas_search_update on pizzas;
drop trigger pizzas_search_insert on pizzas;
drop index pizzas_search;
create index pizzas_search on pizzas using gin (search_trigrams(
    case when search_text = '' then lower(name)
         else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
alter index pizzas_search alter column 1 set statistics 0;
create statistics pizzas_searched on
    (case when search_text = '' then lower(name)
          else search_text end)
    from pizzas;

drop trigger image_updates_search_update on image_updates;
drop trigger image_updates_search_insert on image_updates;
drop index image_updates_search;
create index image_updates_search on image_updates using gin (search_trigrams(
    case when search_text = '' then lower(image || E'\n' || coalesce(hostname, ''))
         else search_text end))
    with (gin_pending_list_limit = 512);
alter index image_updates_search alter column 1 set statistics 0;
create statistics image_updates_searched on
    (case when search_text = '' then lower(image || E'\n' || coalesce(hostname, ''))
          else search_text end)
    from image_updates;

drop function fill_search_text();
