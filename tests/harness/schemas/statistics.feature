Feature: The planner knows of tables what it knew after the migrations
  bdd --target none --migrations schemas/statistics schemas/statistics.feature

  Plans depend on statistics. If a scenario's statistics stayed, a plan of the next one would depend on the order of
  scenarios. What a scenario leaves here can't always be put back: then its slot is cloned again.

  Background:
    When I query:
      """
      select known('guests') as guests, known('towns') as towns, known('streets') as streets, known('biggest') as biggest
      """
    Then the query returned the rows:
      | guests                        | towns                         | streets                        | biggest                       |
      | -1 rows in 0 pages, 0 columns | 40 rows in 1 pages, 0 columns | 300 rows in 2 pages, 2 columns | 10 rows in 1 pages, 0 columns |

  # Each twice: the second time tells what the first one left.
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
      | what                                         | sql                                                                         | time        |
      | Nothing of the kind happens                  | select 1                                                                    | once        |
      | Nothing of the kind happens                  | select 1                                                                    | once more   |
      | Everything is analyzed                       | analyze                                                                     | once        |
      | Everything is analyzed                       | ANALYSE                                                                     | once more   |
      | A table is analyzed                          | analyze guests                                                              | once        |
      | A table is analyzed                          | analyze (skip_locked) guests (town)                                         | once more   |
      | It is analyzed again                         | analyze streets                                                             | once        |
      | It is analyzed again                         | analyze streets                                                             | once more   |
      | An empty table is analyzed                   | truncate guests; analyze guests                                             | once        |
      | An empty table is analyzed                   | truncate guests; analyze guests                                             | once more   |
      | A table is analyzed in a transaction         | begin; analyze guests; commit                                               | once        |
      | A table is analyzed, and that is taken back  | begin; analyze guests; rollback                                             | once        |
      | A table is analyzed, and that is taken back  | begin; analyze guests; rollback                                             | once more   |
      | A table is vacuumed                          | vacuum guests                                                               | once        |
      | A table is vacuumed                          | vacuum guests                                                               | once more   |
      | A table is rewritten                         | vacuum full guests                                                          | once        |
      | A table is rewritten                         | vacuum full streets                                                         | once more   |
      | A table is put into another order            | cluster guests using guests_town                                            | once        |
      | A table is put into another order            | cluster guests using guests_town                                            | once more   |
      | Indexes are made anew                        | reindex table guests                                                        | once        |
      | Indexes are made anew                        | reindex table guests                                                        | once more   |
      | An index is made and dropped                 | create index more on guests (name); drop index more                         | once        |
      | An index is made and taken back              | begin; create index more on guests (name); rollback                         | once        |
      | An index is made and taken back              | begin; create index more on guests (name); rollback                         | once more   |
      | A table is truncated                         | truncate guests                                                             | once        |
      | A table is truncated                         | truncate guests                                                             | once more   |
      | A table with statistics is truncated         | truncate streets                                                            | once        |
      | A table with statistics is truncated         | insert into towns values ('x', 1); truncate towns, streets                  | once more   |
      | A table with statistics grows                | insert into streets select 'town 3', repeat('x', 99) from generate_series(1, 20000) | once |
      | A table with statistics grows                | insert into streets select 'town 3', repeat('x', 99) from generate_series(1, 20000) | once more |
      | A table grows                                | insert into guests (name) select repeat('x', 99) from generate_series(1, 20000) | once |
      | A table grows                                | insert into guests (name) select repeat('x', 99) from generate_series(1, 20000) | once more |
      | A view is refreshed                          | insert into towns values ('y', 99999); refresh materialized view biggest    | once        |
      | A view is refreshed                          | insert into towns values ('y', 99999); refresh materialized view biggest    | once more   |
      | A view is analyzed                           | analyze biggest                                                             | once        |
      | A view is analyzed                           | analyze biggest                                                             | once more   |

  # The reset itself vacuums what has grown.
  Scenario Outline: Many resets leave a table of reference rows as it was: <round>
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
