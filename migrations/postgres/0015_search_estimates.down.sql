drop statistics image_updates_searched;
drop statistics pizzas_searched;
drop statistics products_searched;
drop statistics users_searched;
