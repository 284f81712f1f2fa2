drop function tidy_up(), switches(), unusual(), contents();
drop table replica_rule_no_delete, always_rule_elsewhere, always_rule_no_insert, always_rule_no_delete, rule_noted,
           rule_no_update, rule_no_insert, rule_no_delete_empty, rule_no_delete, always_late, late, stamped, noted_empty,
           noted, kept, disabled, replica_stamped, replica_noted, replica_kept, replica_no_insert,
           replica_no_delete_empty, replica_no_delete, always_asking, always_touched, always_stamped,
           always_noted_keyless, always_noted, always_kept_empty, always_kept, always_no_statement, always_no_update,
           always_no_insert, always_no_delete_empty, always_no_delete, always_no_truncate, no_truncate,
           no_delete_empty, no_delete, audit, tally;
drop function count_audits(), ask(), touch(), stamp(), note(), keep(), forbid();
drop sequence touches;
