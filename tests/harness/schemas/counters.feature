Feature: Sequences start at the value after the migrations
  bdd --target none --migrations schemas/counters schemas/counters.feature

  In a scenario each number is used once. In the next scenario the same numbers are used again.

  Background:
    When I query:
      """
      select counter, at, used from counters()
      """
    Then the query returned the rows:
      | counter                    | at                  | used  |
      | below_zero                 | -100                | false |
      | by_always_id_seq           | 100                 | false |
      | by_bigserial_id_seq        | 1                   | false |
      | by_default_id_seq          | -3                  | false |
      | by_key_less_n_seq          | 1                   | false |
      | by_serial_id_seq           | 1                   | false |
      | by_smallserial_id_seq      | 1                   | false |
      | cached                     | 1                   | false |
      | descending                 | 10                  | false |
      | elsewhere.by_serial_id_seq | 1                   | false |
      | elsewhere.numbers          | 500                 | false |
      | ended                      | 2                   | true  |
      | fleeting                   | 40                  | false |
      | huge                       | 9223372036854775000 | false |
      | invoice_numbers            | 2026001             | false |
      | moved                      | 11                  | true  |
      | moved_and_cached           | 41                  | true  |
      | numbers                    | 1                   | false |
      | odd_start                  | 7                   | false |
      | seeded_id_seq              | 3                   | true  |
      | set_to_its_start           | 5                   | true  |
      | set_unused                 | 50                  | false |
      | set_used                   | 60                  | true  |
      | small                      | 32000               | false |
      | tickets                    | 100                 | false |
      | two_counters_a_seq         | 1                   | false |
      | two_counters_b_seq         | 1000                | false |
      | wheel                      | 1                   | false |
    And the table "seeded" contains exactly the rows:
      | id | what |
      | 1  | one  |
      | 2  | two  |
    And the table "by_serial" is empty
    And the table "tickets_sold" is empty

  Rule: Sequences are used directly

    # Each sequence twice: the second time shows what the first time left.
    Scenario Outline: <counter> generates the same numbers the <time>
      When I query:
        """
        select array_agg(nextval('<counter>')) as numbers from generate_series(1, 4)
        """
      Then the query returned the rows:
        | numbers   |
        | <numbers> |

      Examples:
        | counter           | numbers                                                                           | time        |
        | odd_start         | {7,10,13,16}                                                                      | first time  |
        | odd_start         | {7,10,13,16}                                                                      | second time |
        | descending        | {10,9,8,7}                                                                        | first time  |
        | descending        | {10,9,8,7}                                                                        | second time |
        | wheel             | {1,2,3,1}                                                                         | first time  |
        | wheel             | {1,2,3,1}                                                                         | second time |
        | below_zero        | {-100,-99,-98,-97}                                                                | first time  |
        | small             | {32000,32001,32002,32003}                                                         | first time  |
        | huge              | {9223372036854775000,9223372036854775001,9223372036854775002,9223372036854775003} | first time  |
        | cached            | {1,2,3,4}                                                                         | first time  |
        | cached            | {1,2,3,4}                                                                         | second time |
        | moved             | {21,31,41,51}                                                                     | first time  |
        | moved             | {21,31,41,51}                                                                     | second time |
        | moved_and_cached  | {43,45,47,49}                                                                     | first time  |
        | moved_and_cached  | {43,45,47,49}                                                                     | second time |
        | set_unused        | {50,51,52,53}                                                                     | first time  |
        | set_unused        | {50,51,52,53}                                                                     | second time |
        | set_used          | {61,62,63,64}                                                                     | first time  |
        | set_to_its_start  | {6,7,8,9}                                                                         | first time  |
        | numbers           | {1,2,3,4}                                                                         | first time  |
        | elsewhere.numbers | {500,1000,1500,2000}                                                              | first time  |
        | elsewhere.numbers | {500,1000,1500,2000}                                                              | second time |
        | fleeting          | {40,41,42,43}                                                                     | first time  |
        | fleeting          | {40,41,42,43}                                                                     | second time |
        | seeded_id_seq     | {4,5,6,7}                                                                         | first time  |

    Scenario: All sequences are used in one transaction
      When I query:
        """
        select count(nextval(counter::regclass)) as used from counters() where counter <> 'ended'
        """
      Then the query returned the rows:
        | used |
        | 27   |

  Rule: Sequences are set

    Scenario Outline: <counter> is set to <to>, <how>
      When I query:
        """
        select setval('<counter>', <to>, <used>) as at, (select used from counters() where counter = '<counter>')
        """
      Then the query returned the rows:
        | at   | used   |
        | <to> | <used> |

      Examples:
        | counter          | to | used  | how                         |
        | numbers          | 9  | false | without being used          |
        | numbers          | 1  | true  | as if its start was used up |
        | numbers          | 9  | true  | as if it was used           |
        | moved            | 11 | false | where it is, as if unused   |
        | moved            | 1  | false | where it began              |
        | set_unused       | 50 | true  | where it is, as if used     |
        | set_to_its_start | 5  | false | where it is, as if unused   |
        | cached           | 1  | true  | as if its start was used up |
        | moved_and_cached | 41 | false | where it is, as if unused   |
        | ended            | 1  | false | so that it has not ended    |
        | wheel            | 3  | true  | so that it turns            |
        | by_always_id_seq | 7  | false | below its start             |

    Scenario: A sequence is set in a transaction that is rolled back, and keeps its new value
      Given the SQL:
        """
        begin;
        select setval('numbers', 77), nextval('moved'), setval('set_unused', 3, false);
        rollback;
        """
      When I query:
        """
        select counter, at, used from counters() where counter in ('moved', 'numbers', 'set_unused')
        """
      Then the query returned the rows:
        | counter    | at | used  |
        | moved      | 21 | true  |
        | numbers    | 77 | true  |
        | set_unused | 3  | false |

  Rule: Sequences are used by rows

    Scenario Outline: Rows get the same numbers the <time>
      Given the SQL:
        """
        insert into by_serial           (what) values ('a'), ('b');
        insert into by_bigserial        (what) values ('a'), ('b');
        insert into by_smallserial      (what) values ('a'), ('b');
        insert into by_always           (what) values ('a'), ('b');
        insert into by_default          (what) values ('a'), ('b');
        insert into by_key_less         (what) values ('a'), ('b');
        insert into two_counters        (what) values ('a'), ('b');
        insert into elsewhere.by_serial (what) values ('a'), ('b');
        insert into seeded              (what) values ('a'), ('b');
        insert into invoices            (what) values ('a'), ('b');
        insert into tickets_sold default values;
        """
      When I query:
        """
        select (select array_agg(id)     from by_serial)              as serial,
               (select array_agg(id)     from by_bigserial)           as bigserial,
               (select array_agg(id)     from by_smallserial)         as smallserial,
               (select array_agg(id)     from by_always)              as always,
               (select array_agg(id)     from by_default)             as by_default,
               (select array_agg(n)      from by_key_less)            as key_less,
               (select array_agg(a + b)  from two_counters)           as two,
               (select array_agg(id)     from elsewhere.by_serial)    as elsewhere,
               (select array_agg(id)     from seeded where id > 2)    as seeded,
               (select array_agg(number) from invoices)               as invoices,
               (select array_agg(ticket) from tickets_sold)           as tickets
        """
      Then the query returned the rows:
        | serial | bigserial | smallserial | always    | by_default | key_less | two         | elsewhere | seeded | invoices          | tickets |
        | {1,2}  | {1,2}     | {1,2}       | {100,105} | {-3,-2}    | {1,2}    | {1001,1003} | {1,2}     | {4,5}  | {2026001,2026002} | {T-100} |

      Examples:
        | time        |
        | first time  |
        | second time |

    Scenario Outline: Rows that were never committed have used numbers: <how>
      Given the SQL:
        """
        <sql>;
        """
      Then the table "by_serial" is empty
      And the table "seeded" has 2 rows
      When I query:
        """
        select at from counters() where counter = '<counter>'
        """
      Then the query returned the rows:
        | at   |
        | <at> |

      Examples:
        | how                        | sql                                                                                                                   | counter          | at  |
        | rolled back                | begin; insert into by_serial (what) values ('a'), ('b'); rollback                                                     | by_serial_id_seq | 2   |
        | rolled back to a savepoint | begin; savepoint s; insert into by_always (what) values ('a'); rollback to s; commit                                  | by_always_id_seq | 100 |
        | a key was there already    | insert into seeded (what) values ('one'), ('two') on conflict do nothing                                              | seeded_id_seq    | 5   |
        | an error was caught        | do $$ begin insert into seeded (what) values ('new'), ('one'); exception when unique_violation then null; end $$      | seeded_id_seq    | 5   |
        | a ticket without a sale    | begin; insert into tickets_sold default values; rollback                                                              | tickets          | 100 |

  Rule: The scenario itself restores a sequence

    Scenario Outline: <what>
      Given the SQL:
        """
        insert into by_serial (what) values ('a'), ('b');
        insert into by_always (what) values ('a'), ('b');
        insert into by_key_less (what) values ('a'), ('b');
        """
      And the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select at, used from counters() where counter = '<counter>'
        """
      Then the query returned the rows:
        | at   | used   |
        | <at> | <used> |

      Examples:
        | what                                                          | sql                                                                                       | counter           | at  | used  |
        | A table is emptied with its sequence                          | truncate by_serial restart identity                                                       | by_serial_id_seq  | 1   | false |
        | A table is emptied without its sequence                       | truncate by_serial                                                                        | by_serial_id_seq  | 2   | true  |
        | Reference rows are emptied with their sequence                | truncate seeded restart identity                                                          | seeded_id_seq     | 1   | false |
        | A sequence with a cache goes back                             | truncate by_key_less restart identity; insert into by_key_less (what) values ('c')        | by_key_less_n_seq | 5   | true  |
        | A table is emptied with its sequence, and filled              | truncate by_always restart identity; insert into by_always (what) values ('c')            | by_always_id_seq  | 100 | true  |
        | A table is emptied with its sequence, and this is rolled back | begin; truncate seeded restart identity; insert into seeded (what) values ('c'); rollback | seeded_id_seq     | 3   | true  |
        | Numbers are inserted explicitly                               | insert into by_always overriding system value values (7, 'seven')                         | by_always_id_seq  | 105 | true  |
        | A sequence restarts at another value                          | alter sequence numbers restart with 80                                                    | numbers           | 80  | false |
        | A column's sequence restarts at another value                 | alter table by_always alter column id restart with 5                                      | by_always_id_seq  | 5   | false |
