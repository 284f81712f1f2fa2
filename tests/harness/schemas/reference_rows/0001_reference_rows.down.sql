drop function contents();
drop table many, long_texts, ranks, periods, reshaped, forgiven, shaped;
drop table numbered_keyless, numbered, computed_keyless, computed, unequal_keyless, unequal;
drop table by_spot, by_letters, by_span, by_float, by_number, by_caseless;
drop table only_unique, keyless, paired, keyed;
drop collation caseless;
drop domain few;
drop type spot, mood;
