Feature: Tables that grow large
  bdd --target none --migrations schemas/big schemas/big.feature

  A scenario may write a hundred thousand rows; the next one finds none of them.

  Background:
    When I query:
      """
      select (select count(*) from visitors) + (select count(*) from visits) + (select count(*) from folders)
             + (select count(*) from heap) + (select count(*) from visited)                     as rows,
             (select count(*) from countries)                                                   as countries,
             (select sum(id) from countries where name = 'country ' || id)                      as as_named,
             (select count(*) from streets)                                                     as streets,
             (select count(*) from streets where name = 'street ' || id and country_id = id % 20 + 1) as as_built,
             (select last_value || ' ' || is_called from visitors_id_seq)                       as visitor,
             (select last_value || ' ' || is_called from visits_id_seq)                         as visit
      """
    Then the query returned the rows:
      | rows | countries | as_named | streets | as_built | visitor | visit   |
      | 0    | 20        | 210      | 5000    | 5000     | 1 false | 1 false |

  Rule: A scenario inserts a hundred thousand rows

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      Then the table "<table>" has <rows> rows

      Examples:
        | what                                                  | table     | rows   | sql                                                                                                                                                                                                                          |
        | To a table that nothing refers to                     | heap      | 100000 | insert into heap select n, 'text ' \|\| n from generate_series(1, 100000) n                                                                                                                                                  |
        | To a table that an empty one refers to                | visitors  | 100000 | insert into visitors (name) select 'visitor ' \|\| n from generate_series(1, 100000) n                                                                                                                                       |
        | To a table that has rows referring to it              | visitors  | 100000 | insert into visitors (name) select 'visitor ' \|\| n from generate_series(1, 100000) n; insert into visits (visitor_id) select n from generate_series(1, 10) n                                                               |
        | To a table that has as many rows referring to it      | visits    | 100000 | insert into visitors (name) select 'visitor ' \|\| n from generate_series(1, 100000) n; insert into visits (visitor_id) select id from visitors                                                                              |
        | To a table whose rows refer to reference rows         | visitors  | 100000 | insert into visitors (country) select n % 20 + 1 from generate_series(1, 100000) n; insert into visited select n, n from generate_series(1, 100) n                                                                           |
        | To two tables that have nothing to do with each other | heap      | 100000 | insert into heap select n from generate_series(1, 100000) n; insert into folders select n from generate_series(1, 100000) n                                                                                                  |
        | To a table that refers to itself                      | folders   | 30000  | insert into folders select n, nullif(n - 1, 0) from generate_series(1, 30000) n                                                                                                                                              |
        | To a table of twenty reference rows                   | countries | 100020 | insert into countries select n, 'new country ' \|\| n from generate_series(21, 100020) n                                                                                                                                     |
        | To a table of reference rows, with some changed       | countries | 100019 | insert into countries select n, 'new country ' \|\| n from generate_series(21, 100020) n; update countries set name = upper(name) where id < 5; delete from streets where country_id = 7; delete from countries where id = 7 |
        | To a table of reference rows that was empty for once  | countries | 100000 | truncate countries cascade; insert into countries select n, 'country ' \|\| n from generate_series(101, 100100) n                                                                                                            |
        | And go again                                          | heap      | 0      | insert into heap select n from generate_series(1, 100000) n; delete from heap                                                                                                                                                |
        | And are written twice                                 | heap      | 100000 | insert into heap select n from generate_series(1, 100000) n; update heap set text = 'written again'                                                                                                                          |

    Scenario: The rows are rolled back
      Given the SQL:
        """
        begin;
        insert into heap select n from generate_series(1, 100000) n;
        insert into visitors (name) select 'visitor ' || n from generate_series(1, 20000) n;
        rollback;
        """
      Then the table "heap" is empty

  Rule: All reference rows change

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select count(*) as rows, count(*) filter (where name = 'street ' || id) as as_named from streets
        """
      Then the query returned the rows:
        | rows   | as_named   |
        | <rows> | <as_named> |

      Examples:
        | what                     | rows  | as_named | sql                                                                                                         |
        | Each gets another name   | 5000  | 0        | update streets set name = upper(name)                                                                       |
        | Each is written as it is | 5000  | 5000     | update streets set name = name                                                                              |
        | Each gets another key    | 5000  | 0        | update streets set id = id + 5000                                                                           |
        | Half of them go          | 2500  | 2500     | delete from streets where id % 2 = 0                                                                        |
        | All of them go           | 0     | 0        | delete from streets                                                                                         |
        | They are truncated       | 0     | 0        | truncate streets cascade                                                                                    |
        | They are replaced        | 5000  | 0        | truncate streets cascade; insert into streets select n, 'avenue ' \|\| n, 1 from generate_series(1, 5000) n |
        | As many are added        | 10000 | 10000    | insert into streets select n, 'street ' \|\| n, 1 from generate_series(5001, 10000) n                       |
