drop table greet_history;
