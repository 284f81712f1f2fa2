Feature: Triggers and rules that interfere
  bdd --target none --migrations schemas/triggers schemas/triggers.feature

  Whatever they refuse, ignore, change or write, the next scenario finds the rows and the triggers of the migrations.

  Background:
    # All other tables have the usual rows: none if the name ends with "empty", otherwise (1,one) and (2,two).
    When I query:
      """
      select name, content from unusual()
      """
    Then the query returned the rows:
      | name  | content              |
      | audit | none                 |
      | tally | (audits,0) (calls,0) |
    When I query:
      """
      select switch, names from switches()
      """
    Then the query returned the rows:
      | switch    | names |
      | rule A    | 3     |
      | rule O    | 5     |
      | rule R    | 1     |
      | trigger A | 15    |
      | trigger D | 1     |
      | trigger O | 10    |
      | trigger R | 6     |
    When I query:
      """
      select last_value, is_called from touches
      """
    Then the query returned the rows:
      | last_value | is_called |
      | 1          | false     |

  Rule: A trigger refuses changes

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
        | what                                                         | table                   | sql                                                                                                             | content                                                         |
        | A row that nobody may delete                                 | no_delete_empty         | insert into no_delete_empty values (1, 'new')                                                                   | (1,new)                                                         |
        | A row that nobody may delete, beside others                  | no_delete               | insert into no_delete values (3, 'new'); update no_delete set name = 'changed' where id = 1                     | (1,changed) (2,two) (3,new)                                     |
        | Rows that nobody may delete are truncated                    | no_delete               | truncate no_delete                                                                                              | none                                                            |
        | Rows that nobody may truncate                                | no_truncate             | insert into no_truncate select n, 'new' from generate_series(3, 9) n; delete from no_truncate where id = 1      | (2,two) (3,new) (4,new) (5,new) (6,new) (7,new) (8,new) (9,new) |
        | A row that nobody may, even a replica, delete                | always_no_delete_empty  | insert into always_no_delete_empty values (1, 'new')                                                            | (1,new)                                                         |
        | A row that nobody may, even a replica, delete, beside others | always_no_delete        | insert into always_no_delete values (3, 'new'); update always_no_delete set name = 'changed' where id = 1       | (1,changed) (2,two) (3,new)                                     |
        | Rows that nobody may, even a replica, truncate               | always_no_truncate      | update always_no_truncate set id = id + 5                                                                       | (6,one) (7,two)                                                 |
        | Rows that nobody may add to are deleted                      | always_no_insert        | delete from always_no_insert where id = 1                                                                       | (2,two)                                                         |
        | Rows that nobody may add to are truncated                    | always_no_insert        | truncate always_no_insert                                                                                       | none                                                            |
        | Rows that nobody may change are replaced                     | always_no_update        | delete from always_no_update where id = 1; insert into always_no_update values (1, 'other')                     | (1,other) (2,two)                                               |
        | Rows of which a whole statement is forbidden                 | always_no_statement     | insert into always_no_statement values (3, 'new'); update always_no_statement set name = 'changed' where id = 2 | (1,one) (2,changed) (3,new)                                     |
        | Rows that only a replica may not delete                      | replica_no_delete_empty | insert into replica_no_delete_empty values (1, 'new')                                                           | (1,new)                                                         |
        | Rows that only a replica may not delete, beside others       | replica_no_delete       | delete from replica_no_delete where id = 1; insert into replica_no_delete values (3, 'new')                     | (2,two) (3,new)                                                 |
        | Rows that only a replica may not add to                      | replica_no_insert       | delete from replica_no_insert where id = 1; insert into replica_no_insert values (3, 'new')                     | (2,two) (3,new)                                                 |
        | Rows that a disabled trigger would forbid                    | disabled                | update disabled set name = 'changed'; insert into disabled values (3, 'new')                                    | (1,changed) (2,changed) (3,new)                                 |
        | Rows that are forbidden to go at the end                     | late                    | insert into late values (3, 'new'); update late set name = 'changed' where id = 1                               | (1,changed) (2,two) (3,new)                                     |
        | Rows that are always forbidden to go at the end              | always_late             | insert into always_late values (3, 'new'); update always_late set name = 'changed' where id = 1                 | (1,changed) (2,two) (3,new)                                     |
        | Rows that a trigger asks about                               | always_asking           | set app."user" = 'Ada'; insert into always_asking values (3, 'new'); delete from always_asking where id = 1     | (2,two) (3,new)                                                 |

  Rule: A trigger ignores changes, or modifies them

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
        | what                                                | table             | sql                                                                                                                      | content                     |
        | Rows that can only be added                         | kept              | insert into kept values (3, 'new'); update kept set name = 'changed' where id = 1; delete from kept                      | (1,changed) (2,two) (3,new) |
        | Rows that can only ever be added                    | always_kept       | insert into always_kept values (3, 'new'); update always_kept set name = 'changed' where id = 1; delete from always_kept | (1,changed) (2,two) (3,new) |
        | Rows that can only ever be added to an empty table  | always_kept_empty | insert into always_kept_empty values (1, 'new'), (1, 'new'); delete from always_kept_empty                               | (1,new) (1,new)             |
        | Rows that are truncated where deleting does nothing | always_kept       | truncate always_kept                                                                                                     | none                        |
        | Rows that a replica keeps                           | replica_kept      | insert into replica_kept values (3, 'new'); delete from replica_kept where id = 1                                        | (2,two) (3,new)             |
        | Rows that are changed as they come                  | stamped           | delete from stamped where id = 1; update stamped set name = 'changed' where id = 2                                       | (2,CHANGED!)                |
        | Rows that are always changed as they come           | always_stamped    | delete from always_stamped where id = 1; update always_stamped set name = 'changed' where id = 2                         | (2,CHANGED!)                |
        | Rows that are changed as they come to a replica     | replica_stamped   | delete from replica_stamped where id = 1; update replica_stamped set name = 'changed' where id = 2                       | (2,changed)                 |

  Rule: A trigger writes to another table

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
        | what                                               | table         | sql                                                                                                                 | content                                                                       |
        | New rows are noted                                 | audit         | insert into noted_empty values (1, 'new')                                                                           | (1,"INSERT noted_empty")                                                      |
        | Every change of rows is noted                      | audit         | insert into noted values (3, 'new'); update noted set name = 'changed' where id = 1; delete from noted where id = 2 | (1,"INSERT noted") (2,"UPDATE noted") (3,"DELETE noted")                      |
        | A truncated table is noted                         | audit         | insert into noted_empty values (1, 'new'); truncate noted_empty                                                     | (1,"INSERT noted_empty") (2,"TRUNCATE noted_empty")                           |
        | Every change is always noted                       | audit         | insert into always_noted values (3, 'new'); delete from always_noted where id < 3                                   | (1,"INSERT always_noted") (2,"DELETE always_noted") (3,"DELETE always_noted") |
        | Every change of rows without a key is always noted | audit         | update always_noted_keyless set id = 1                                                                              | (1,"UPDATE always_noted_keyless") (2,"UPDATE always_noted_keyless")           |
        | A replica would note it                            | replica_noted | delete from replica_noted where id = 1; insert into replica_noted values (3, 'new')                                 | (2,two) (3,new)                                                               |
        | The notes are counted                              | tally         | insert into noted_empty select n, 'new' from generate_series(1, 20) n; delete from audit where id > 10              | (audits,30) (calls,0)                                                         |
        | The notes are deleted                              | tally         | insert into audit (what) values ('by hand'); delete from audit                                                      | (audits,2) (calls,0)                                                          |
        | Every touch moves a sequence                       | tally         | insert into always_touched values (3, 'new'); delete from always_touched where id = 1; truncate always_touched      | (audits,0) (calls,3)                                                          |

  Rule: A rule does something else instead

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
        | what                                   | table                  | sql                                                                                                                               | content                     |
        | Rows that a rule keeps                 | rule_no_delete         | insert into rule_no_delete values (3, 'new'); update rule_no_delete set name = 'changed' where id = 1; delete from rule_no_delete | (1,changed) (2,two) (3,new) |
        | New rows that a rule keeps             | rule_no_delete_empty   | insert into rule_no_delete_empty values (3, 'new'); delete from rule_no_delete_empty                                              | (3,new)                     |
        | Rows that a rule keeps out             | rule_no_insert         | delete from rule_no_insert where id = 1; insert into rule_no_insert values (3, 'new')                                             | (2,two)                     |
        | Rows that a rule keeps from changing   | rule_no_update         | update rule_no_update set name = 'changed'; delete from rule_no_update where id = 1                                               | (2,two)                     |
        | Rows that a rule notes                 | audit                  | delete from rule_noted where id = 1                                                                                               | (1,"rule one")              |
        | Rows that a rule always keeps          | always_rule_no_delete  | insert into always_rule_no_delete values (3, 'new'); update always_rule_no_delete set name = 'changed' where id = 1               | (1,changed) (2,two) (3,new) |
        | Rows that a rule always keeps out      | always_rule_no_insert  | delete from always_rule_no_insert where id = 1; insert into always_rule_no_insert values (3, 'new')                               | (2,two)                     |
        | Rows that a rule always puts elsewhere | audit                  | delete from always_rule_elsewhere where id = 1; insert into always_rule_elsewhere values (3, 'new')                               | (1,"rule new")              |
        | Rows that a rule keeps in a replica    | replica_rule_no_delete | insert into replica_rule_no_delete values (3, 'new'); delete from replica_rule_no_delete where id = 1                             | (2,two) (3,new)             |

  Rule: A table has grown, so that truncating it pays

    Scenario Outline: <table> has grown
      Given the SQL:
        """
        insert into <table> select n, 'new' from generate_series(3, 20000) n;
        """
      When I query:
        """
        select count(*) > 19000 as grown from <table>
        """
      Then the query returned the rows:
        | grown |
        | true  |

      Examples:
        | table                   |
        | no_truncate             |
        | always_no_truncate      |
        | always_no_delete_empty  |
        | always_no_statement     |
        | always_kept_empty       |
        | replica_no_delete_empty |
        | rule_no_delete_empty    |
        | late                    |

  Rule: In the next scenario the triggers still work

    Scenario Outline: <what> is refused the <time>
      Given the SQL:
        """
        insert into no_delete_empty values (1, 'new');
        do $$
        begin
            <sql>;
            raise 'nothing forbade it';
        exception when raise_exception then
            if sqlerrm not like '% is forbidden' then
                raise;
            end if;
        end $$;
        """
      Then the table "no_delete_empty" has 1 row

      Examples:
        | what       | sql                                                     | time        |
        | deleting   | delete from no_delete_empty                             | first time  |
        | deleting   | delete from no_delete_empty                             | second time |
        | truncating | truncate no_truncate                                    | first time  |
        | truncating | truncate no_truncate                                    | second time |
        | inserting  | insert into always_no_insert values (3, 'new')          | first time  |
        | inserting  | insert into always_no_insert values (3, 'new')          | second time |
        | updating   | update always_no_update set name = 'changed'            | first time  |
        | the end    | delete from late; set constraints all immediate         | first time  |
        | the end    | delete from late; set constraints all immediate         | second time |

    Scenario Outline: A function that the scenario calls analyzes a table, the <time>
      When I query:
        """
        select count(*) as known from pg_stats where schemaname = 'public'
        """
      Then the query returned the rows:
        | known |
        | 0     |
      Given the SQL:
        """
        select tidy_up();
        """

      Examples:
        | time        |
        | first time  |
        | second time |
