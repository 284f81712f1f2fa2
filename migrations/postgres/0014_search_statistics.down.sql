alter index image_updates_search alter column 1 set statistics -1;
alter index databases_search alter column 1 set statistics -1;
alter index pizzas_search alter column 1 set statistics -1;
alter index products_search alter column 1 set statistics -1;
alter index users_search alter column 1 set statistics -1;
