drop function sessions(), begin_elsewhere(text, text), here();
drop table halls, guests;
drop extension dblink;
