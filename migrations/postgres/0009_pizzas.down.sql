drop table pizzas;
