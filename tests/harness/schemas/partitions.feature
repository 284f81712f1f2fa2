Feature: Partitioned tables and child tables
  bdd --target none --migrations schemas/partitions schemas/partitions.feature

  In every scenario each table has the rows of the migrations, and no others.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name               | content             |
      | animals            | (Worm,0)            |
      | birds              | none                |
      | dogs               | (Rex,4,poodle)      |
      | events_2025        | (1,2025-05-05,ball) |
      | events_2026_rest   | (3,2026-07-07,)     |
      | events_2026_spring | (2,2026-06-06,ball) |
      | events_rest        | (4,1999-09-09,exam) |
      | halls_main         | none                |
      | halls_rest         | none                |
      | logs_new           | (3,new,7)           |
      | logs_old           | (1,old,1) (2,old,2) |
      | pups               | (Tiny,4,poodle,1)   |
      | seats_0            | none                |
      | seats_1            | none                |
      | seats_2            | none                |
      | tickets            | none                |
      | toy_birds          | (Duck,2,2,10)       |
      | toys               | none                |
    And the table "events" has 4 rows
    And the table "animals" has 4 rows
    When I query:
      """
      select (select last_value from events_id_seq) as events, (select last_value from logs_id_seq) as logs,
             (select last_value || ' ' || is_called from tickets_id_seq) as tickets
      """
    Then the query returned the rows:
      | events | logs | tickets |
      | 4      | 3    | 1 false |

  Rule: Rows of the migrations in partitions

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                              | table              | sql                                                                                                      | content                                                                     |
        | A row is added by the root                        | events_rest        | insert into events (day, what) values ('1900-01-01', 'new')                                              | (4,1999-09-09,exam) (5,1900-01-01,new)                                      |
        | A row is added to a partition of a partition      | events_2026_spring | insert into events_2026_spring (id, day, what) values (90, '2026-01-01', 'ball')                         | (2,2026-06-06,ball) (90,2026-01-01,ball)                                    |
        | A row is changed by the root                      | events_2025        | update events set what = 'changed' where day < '2026-01-01'                                              | (1,2025-05-05,changed)                                                      |
        | A row is changed in its partition                 | events_2026_rest   | update events_2026_rest set what = 'changed'                                                             | (3,2026-07-07,changed)                                                      |
        | A row moves to another partition                  | events_2026_spring | update events set day = '2026-01-01' where what is null                                                  | (2,2026-06-06,ball) (3,2026-01-01,)                                         |
        | A row moves to another year                       | events_2025        | update events set day = '2025-01-01' where id > 2                                                        | (1,2025-05-05,ball) (3,2025-01-01,) (4,2025-01-01,exam)                     |
        | All rows move to where no other goes              | events_rest        | update events set day = '1900-01-01'                                                                     | (1,1900-01-01,ball) (2,1900-01-01,ball) (3,1900-01-01,) (4,1900-01-01,exam) |
        | Rows are deleted by the root                      | events_2026_spring | delete from events                                                                                       | none                                                                        |
        | Rows are deleted from the middle                  | events_2026_rest   | delete from events_2026                                                                                  | none                                                                        |
        | One partition is truncated                        | events_2025        | truncate events_2025 cascade                                                                             | none                                                                        |
        | A partition of partitions is truncated            | events_2026_spring | truncate events_2026 cascade                                                                             | none                                                                        |
        | The root is truncated                             | events_rest        | truncate events restart identity cascade                                                                 | none                                                                        |
        | The root is truncated and filled otherwise        | events_rest        | truncate events restart identity cascade; insert into events (day) values ('1900-01-01'), ('2025-05-05') | (1,1900-01-01,)                                                             |
        | Rows in a partition that was attached are changed | logs_old           | update logs set text = 'changed' where level = 1; insert into logs (text, level) values ('more', 3)      | (1,changed,1) (2,old,2) (3,more,4)                                          |
        | Rows move from a partition that was attached      | logs_new           | update logs set level = level + 4                                                                        | (1,old,5) (2,old,6) (3,new,11)                                              |
        | Rows in a partition that was attached are deleted | logs_old           | delete from logs_old where level = 1                                                                     | (2,old,2)                                                                   |

  Rule: Foreign keys to and from partitions

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                         | table   | sql                                                                                                                                                                                    | content                                            |
        | Seats refer to a hall                        | seats_1 | insert into halls values ('main', 9), ('mirror', 5); insert into seats (hall, number) select 'main', n from generate_series(1, 9) n                                                    | (main,2,,) (main,5,,) (main,6,,)                   |
        | Seats refer to events of the migrations      | seats_0 | insert into halls values ('main', 9); insert into seats select 'main', n, n, (select day from events where id = n) from generate_series(1, 4) n                                        | (main,4,4,1999-09-09)                              |
        | Seats lose their event                       | seats_0 | insert into halls values ('main', 9); insert into seats select 'main', n, n, (select day from events where id = n) from generate_series(1, 4) n; delete from events where id in (1, 4) | (main,4,,)                                         |
        | Tickets go with their event                  | tickets | insert into tickets (event, day) select id, day from events; delete from events where id = 2                                                                                           | (1,1,2025-05-05) (3,3,2026-07-07) (4,4,1999-09-09) |
        | Tickets follow an event to another partition | tickets | insert into tickets (event, day) select id, day from events where id = 1; update events set day = '2025-12-31' where id = 1                                                            | (1,1,2025-12-31)                                   |

  Rule: Parents and children

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                           | table     | sql                                                        | content                      |
        | A parent gets a row                            | animals   | insert into animals values ('Snail', 0)                    | (Snail,0) (Worm,0)           |
        | Rows of child tables are changed by the parent | pups      | update animals set legs = 3                                | (Tiny,3,poodle,1)            |
        | Rows of the parent only are changed            | animals   | update only animals set legs = 3                           | (Worm,3)                     |
        | Rows of child tables are deleted by the parent | dogs      | delete from animals where legs = 4                         | none                         |
        | The parent only is truncated                   | animals   | truncate only animals                                      | none                         |
        | A parent is truncated with all child tables    | toy_birds | truncate animals                                           | none                         |
        | A child table is truncated with its own        | pups      | truncate dogs                                              | none                         |
        | The other parent of a child table is emptied   | toy_birds | delete from toys                                           | none                         |
        | A child table gets rows                        | birds     | insert into birds values ('Kiwi', 2, 0), ('Penguin', 2, 2) | (Kiwi,2,0) (Penguin,2,2)     |
        | Child tables have a row of their parent too    | dogs      | insert into dogs values ('Worm', 0, 'none')                | (Rex,4,poodle) (Worm,0,none) |
