-- How many rows a search finds is estimated from the texts that it looks at. Without that the planner takes every long
-- word for a rare one, and reads and sorts a whole table where walking along the list's order finds a page at once.
create statistics users_searched on
    (case when search_text = '' then lower(username || E'\n' || coalesce(email, '') || E'\n' || coalesce(name, ''))
          else search_text end)
    from users;
create statistics products_searched on
    (case when search_text = '' then lower(name || E'\n' || coalesce(sku, '')) else search_text end)
    from products;
create statistics pizzas_searched on
    (case when search_text = '' then lower(name) else search_text end)
    from pizzas;
create statistics image_updates_searched on
    (case when search_text = '' then lower(image || E'\n' || coalesce(hostname, '')) else search_text end)
    from image_updates;
