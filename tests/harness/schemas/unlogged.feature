Feature: Unlogged tables
  bdd --target none --migrations schemas/unlogged schemas/unlogged.feature

  Every scenario finds them in the state after the migrations.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name           | content          |
      | colours        | (blue,2) (red,1) |
      | counted        | (1,a) (2,b)      |
      | counted_id_seq | 2 t              |
      | drafts         | none             |
      | drafts_id_seq  | 10 f             |
      | logged_later   | (1,one)          |
      | numbers        | none             |
      | numbers_id_seq | 1 f              |
      | scratch        | none             |
      | sessions       | none             |
      | shades         | (pink,1)         |
      | tickets        | 7 f              |
      | unlogged_later | (1,one)          |
      | words          | () (one) (one)   |

  Rule: Unlogged tables are restored

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
        | what                                                 | table          | sql                                                                                      | content                                   |
        | Rows come to an empty table                          | scratch        | insert into scratch values (1), (1), (2)                                                 | (1) (1) (2)                               |
        | Rows come with a value of a type without equality    | sessions       | insert into sessions values ('00000000-0000-4000-8000-000000000000', '{}')               | (00000000-0000-4000-8000-000000000000,{}) |
        | Rows take numbers                                    | drafts         | insert into drafts (text) values ('one'), ('two')                                        | (10,one) (20,two)                         |
        | Rows that are rolled back take numbers               | drafts_id_seq  | begin; insert into drafts (text) values ('one'); rollback                                | 10 t                                      |
        | Rows refer to others                                 | numbers        | insert into drafts (text) values ('one'); insert into numbers (draft) values (10), (10)  | (1,10) (2,10)                             |
        | Rows of the migrations are changed                   | colours        | update colours set code = code + 10                                                      | (blue,12) (red,11)                        |
        | Rows of the migrations are deleted                   | colours        | delete from colours where name = 'red'                                                   | (blue,2)                                  |
        | Rows without a key are changed                       | words          | update words set word = 'two' where word is null; insert into words values ('one')       | (one) (one) (one) (two)                   |
        | Rows of the migrations are truncated                 | counted        | truncate counted restart identity                                                        | none                                      |
        | Rows of the migrations are truncated and others come | counted        | truncate counted; insert into counted (word) values ('c')                                | (3,c)                                     |
        | A table that is logged                               | shades         | insert into shades values ('navy', 2); update colours set code = 9 where name = 'blue'   | (navy,2) (pink,1)                         |
        | A sequence moves                                     | tickets        | select nextval('tickets')                                                                | 7 t                                       |
        | A sequence is set                                    | tickets        | select setval('tickets', 3, false)                                                       | 3 f                                       |
        | A table that became unlogged                         | unlogged_later | update unlogged_later set text = 'changed'; insert into unlogged_later values (2, 'two') | (1,changed) (2,two)                       |
        | A table that became logged                           | logged_later   | update logged_later set text = 'changed'; insert into logged_later values (2, 'two')     | (1,changed) (2,two)                       |
        | A table becomes logged                               | colours        | alter table colours set logged; delete from colours                                      | none                                      |

    Scenario: Many rows are inserted into an unlogged table
      Given the SQL:
        """
        insert into scratch select generate_series(1, 50000);
        """
      Then the table "scratch" has 50000 rows
