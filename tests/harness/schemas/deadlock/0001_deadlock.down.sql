drop table later, bait, earlier;
drop function poke();
drop sequence fuse;
drop extension dblink;
