Feature: Unusual tables
  bdd --target none --migrations schemas/odd_tables schemas/odd_tables.feature

  In every scenario they have the rows of the migrations.

  Background:
    When I query:
      """
      select (select count(*) from columnless)                                        as columnless,
             (select count(*) from columnless_at_first)                               as at_first,
             (select array_agg(answer) from all_computed)                             as computed,
             (select count(*) from emptied)                                           as emptied,
             (select array_agg(array[c1, c1599]) from wide)                           as wide,
             (select string_agg(t::text, ' ' order by id) from lines t)               as lines,
             (select string_agg(t::text, ' ') from points t)                          as points,
             (select string_agg(t::text, ' ' order by id) from with_rider t)          as with_rider,
             (select string_agg(t::text, ' ' order by id) from people t)              as people,
             (select string_agg(t::text, ' ' order by n) from computed_key t)         as computed_key
      """
    Then the query returned the rows:
      | columnless | at_first | computed | emptied | wide       | lines                                     | points | with_rider            | people  | computed_key |
      | 2          | 0        | {42,42}  | 3       | {{1,1599}} | (1,"(1,2)","{""(3,4)"",""(5,6)""}") (2,,) | (1,2)  | (1,"{""a"": 1}") (2,) | (1,Ada) | (2,4) (3,9)  |

  Rule: The tables are written to

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select count(*) as rows from <table>
        """
      Then the query returned the rows:
        | rows   |
        | <rows> |

      Examples:
        | what                                    | table               | rows | sql                                                                              |
        | A row without a column is added         | columnless          | 3    | insert into columnless default values                                            |
        | A row without a column is dropped       | columnless          | 1    | delete from columnless where ctid = (select min(ctid) from columnless)           |
        | No row without a column left            | columnless          | 0    | truncate columnless                                                              |
        | The first row without a column          | columnless_at_first | 1    | insert into columnless_at_first default values                                   |
        | A row that is computed is added         | all_computed        | 3    | insert into all_computed default values                                          |
        | Rows that are computed less             | all_computed        | 0    | delete from all_computed                                                         |
        | Rows without their only column less     | emptied             | 0    | delete from emptied                                                              |
        | One row without its only column less    | emptied             | 2    | delete from emptied where ctid = (select max(ctid) from emptied)                 |
        | A wide row is changed at its end        | wide                | 1    | update wide set c1599 = 0                                                        |
        | A wide row is replaced                  | wide                | 1    | delete from wide; insert into wide (id, c800) values (1, 8)                      |
        | Rows of rows are changed                | lines               | 2    | update lines set a.x = 7, b[1].y = 8                                             |
        | Rows of rows are taken away             | lines               | 1    | delete from lines where id = 1                                                   |
        | What a key carries along is changed     | with_rider          | 2    | update with_rider set facts = case id when 1 then null else '{"b": 2}'::json end |
        | Only its blanks are changed             | with_rider          | 2    | update with_rider set facts = '{"a":1}' where id = 1                             |
        | A row with what a key carries is gone   | with_rider          | 1    | delete from with_rider where id = 1                                              |
        | Rows of a type are changed              | people              | 2    | update people set name = 'Grace'; insert into people values (2, 'Ada')           |
        | A key that is computed changes          | computed_key        | 2    | update computed_key set n = n + 5                                                |
        | A row with a key that is computed goes  | computed_key        | 1    | delete from computed_key where n = 2                                             |
        | The same key is computed from another n | computed_key        | 2    | update computed_key set n = -n                                                   |
