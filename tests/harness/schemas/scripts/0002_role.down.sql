drop table readings; drop owned by bdd_harness_trial_reader; drop role bdd_harness_trial_reader;
