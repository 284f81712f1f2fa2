drop procedure invite(text);
drop function welcome(text);
drop materialized view guests_by_country;
drop sequence tickets;
drop table visits, guests, countries;
