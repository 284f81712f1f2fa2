drop function known;
drop materialized view biggest;
drop table streets, towns, guests;
