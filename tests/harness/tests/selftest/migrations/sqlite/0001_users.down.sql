drop table entries;
drop table users;
