drop table database_events;
