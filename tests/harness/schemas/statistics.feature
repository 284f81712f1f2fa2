Feature: The planner's statistics are those after the migrations
  bdd --target none --migrations schemas/statistics schemas/statistics.feature

  Plans depend on statistics. If a scenario's statistics stayed, plans would depend on the order of
  scenarios. Changed statistics can't always be restored; then the slot is cloned again.

  Background:
    When I query:
      """
      select known('guests') as guests, known('towns') as towns, known('streets') as streets, known('biggest') as biggest
      """
    Then the query returned the rows:
      | guests                        | towns                         | streets                        | biggest                       |
      | -1 rows in 0 pages, 0 columns | 40 rows in 1 pages, 0 columns | 300 rows in 2 pages, 2 columns | 10 rows in 1 pages, 0 columns |

  # Each case twice: the second time shows what the first time left.
  Scenario Outline: <what>, <time>
    Given the SQL:
      """
      insert into guests (name, town) select 'guest ' || n, 'town ' || n % 7 + 1 from generate_series(1, 900) n;
      insert into streets select 'town 2', 'street ' || n from generate_series(1, 30) n;
      """
    And the SQL:
      """
      <sql>
      """

    Examples:
      | what                                      | sql                                                                         | time        |
      | Nothing of the kind happens               | select 1                                                                    | once        |
      | Nothing of the kind happens               | select 1                                                                    | second time |
      | Everything is analyzed                    | analyze                                                                     | once        |
      | Everything is analyzed                    | ANALYSE                                                                     | second time |
      | A table is analyzed                       | analyze guests                                                              | once        |
      | A table is analyzed                       | analyze (skip_locked) guests (town)                                         | second time |
      | It is analyzed again                      | analyze streets                                                             | once        |
      | It is analyzed again                      | analyze streets                                                             | second time |
      | An empty table is analyzed                | truncate guests; analyze guests                                             | once        |
      | An empty table is analyzed                | truncate guests; analyze guests                                             | second time |
      | A table is analyzed in a transaction      | begin; analyze guests; commit                                               | once        |
      | A table is analyzed, which is rolled back | begin; analyze guests; rollback                                             | once        |
      | A table is analyzed, which is rolled back | begin; analyze guests; rollback                                             | second time |
      | A table is vacuumed                       | vacuum guests                                                               | once        |
      | A table is vacuumed                       | vacuum guests                                                               | second time |
      | A table is rewritten                      | vacuum full guests                                                          | once        |
      | A table is rewritten                      | vacuum full streets                                                         | second time |
      | A table is put into another order         | cluster guests using guests_town                                            | once        |
      | A table is put into another order         | cluster guests using guests_town                                            | second time |
      | Indexes are rebuilt                       | reindex table guests                                                        | once        |
      | Indexes are rebuilt                       | reindex table guests                                                        | second time |
      | An index is created and dropped           | create index more on guests (name); drop index more                         | once        |
      | An index is created and rolled back       | begin; create index more on guests (name); rollback                         | once        |
      | An index is created and rolled back       | begin; create index more on guests (name); rollback                         | second time |
      | A table is truncated                      | truncate guests                                                             | once        |
      | A table is truncated                      | truncate guests                                                             | second time |
      | A table with statistics is truncated      | truncate streets                                                            | once        |
      | A table with statistics is truncated      | insert into towns values ('x', 1); truncate towns, streets                  | second time |
      | A table with statistics grows             | insert into streets select 'town 3', repeat('x', 99) from generate_series(1, 20000) | once        |
      | A table with statistics grows             | insert into streets select 'town 3', repeat('x', 99) from generate_series(1, 20000) | second time |
      | A table grows                             | insert into guests (name) select repeat('x', 99) from generate_series(1, 20000) | once        |
      | A table grows                             | insert into guests (name) select repeat('x', 99) from generate_series(1, 20000) | second time |
      | A view is refreshed                       | insert into towns values ('y', 99999); refresh materialized view biggest    | once        |
      | A view is refreshed                       | insert into towns values ('y', 99999); refresh materialized view biggest    | second time |
      | A view is analyzed                        | analyze biggest                                                             | once        |
      | A view is analyzed                        | analyze biggest                                                             | second time |

  # The reset itself vacuums tables that have grown.
  Scenario Outline: Many resets don't change a table of reference rows: <round>
    Given the SQL:
      """
      update streets set name = name || repeat('-', 40);
      """
    Then the table "streets" has 300 rows

    Examples:
      | round |
      | 1     |
      | 2     |
      | 3     |
      | 4     |
      | 5     |
      | 6     |
      | 7     |
      | 8     |
      | 9     |
      | 10    |
