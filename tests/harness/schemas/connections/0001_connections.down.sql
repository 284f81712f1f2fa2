drop function called_nextval;
drop table after_seed, guests;
drop sequence tickets;
