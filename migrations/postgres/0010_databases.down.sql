drop table databases;
