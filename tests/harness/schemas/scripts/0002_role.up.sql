create role bdd_harness_trial_reader nologin;
grant bdd_harness_trial_reader to current_user;
grant create, usage on schema public to bdd_harness_trial_reader;
set role bdd_harness_trial_reader;
create table readings (id bigint generated always as identity primary key, book text not null);
set default_transaction_read_only = on;
set lock_timeout = 1;
