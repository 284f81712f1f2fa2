Feature: Rows that policies hide
  bdd --target none --migrations schemas/policies schemas/policies.feature

  Rows that nobody can see are restored too.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name       | content                                    |
      | closed     | (1,one) (2,two)                            |
      | events_new | (2,2026-05-05)                             |
      | events_old | (1,2020-01-01)                             |
      | hidden     | (1,one) (2,two)                            |
      | ledger     | (1,10,f) (2,20,t) (3,1000,f)               |
      | letters    | (1,ada,dear) (2,grace,hello) (3,nobody,"") |
      | loose      | (1,one)                                    |
      | members    | (ada,t) (grace,f)                          |
      | notes      | none                                       |
      | settings   | (colour,red) (size,)                       |
    When I query:
      """
      select last_value, is_called from letters_id_seq
      """
    Then the query returned the rows:
      | last_value | is_called |
      | 3          | true      |

  Rule: Rows that nobody can see are written

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
        | what                                      | table      | sql                                                                                                                          | content                                                                    |
        | A row is added                            | hidden     | insert into hidden values (3, 'three')                                                                                       | (1,one) (2,two) (3,three)                                                  |
        | Many rows are added                       | events_new | insert into events select n, date '2026-01-01' + n from generate_series(5, 8) n; insert into events values (9, '2001-01-01') | (2,2026-05-05) (5,2026-01-06) (6,2026-01-07) (7,2026-01-08) (8,2026-01-09) |
        | A row is added to a partition             | events_old | insert into events_old values (3, '2019-09-09')                                                                              | (1,2020-01-01) (3,2019-09-09)                                              |
        | Rows are truncated                        | hidden     | truncate hidden                                                                                                              | none                                                                       |
        | Rows that nobody may add to are truncated | closed     | truncate closed                                                                                                              | none                                                                       |
        | Rows are truncated and others added       | hidden     | truncate hidden; insert into hidden values (1, 'other')                                                                      | (1,other)                                                                  |
        | Rows of all partitions are truncated      | events_new | truncate events                                                                                                              | none                                                                       |

  Rule: Rows that only some can see are written

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
        | what                                                      | table    | sql                                                                                                                                                                                            | content                                                 |
        | One writes a letter                                       | letters  | select set_config('app.user', 'ada', false); insert into letters (owner, text) values ('ada', 'more')                                                                                          | (1,ada,dear) (2,grace,hello) (3,nobody,"") (4,ada,more) |
        | One changes a letter                                      | letters  | select set_config('app.user', 'ada', false); update letters set text = 'changed' where owner = 'ada'                                                                                           | (1,ada,changed) (2,grace,hello) (3,nobody,"")           |
        | One deletes a letter                                      | letters  | select set_config('app.user', 'grace', false); delete from letters where owner = 'grace'                                                                                                       | (1,ada,dear) (3,nobody,"")                              |
        | Two write notes                                           | notes    | select set_config('app.user', 'ada', false); insert into notes values ('ada', 'one'), ('ada', 'one'); select set_config('app.user', 'grace', false); insert into notes values ('grace', 'two') | (ada,one) (ada,one) (grace,two)                         |
        | A line is added                                           | ledger   | insert into ledger values (4, 40, false)                                                                                                                                                       | (1,10,f) (2,20,t) (3,1000,f) (4,40,f)                   |
        | Lines are truncated, and only some could be written again | ledger   | truncate ledger; insert into ledger values (1, 11, false)                                                                                                                                      | (1,11,f)                                                |
        | One who may changes a setting                             | settings | select set_config('app.user', 'ada', false); update settings set value = 'blue' where value is null; insert into settings values ('new', 'x')                                                  | (colour,red) (new,x) (size,blue)                        |
        | One leaves                                                | members  | select set_config('app.user', 'ada', false); delete from members where name = 'ada'                                                                                                            | (grace,f)                                               |
        | The owner writes where nothing binds him                  | loose    | update loose set name = 'changed'; insert into loose values (2, 'two')                                                                                                                         | (1,changed) (2,two)                                     |
        | All are truncated                                         | letters  | truncate hidden, closed, letters, notes, ledger, members, settings, events, loose restart identity                                                                                             | none                                                    |

  Rule: In the next scenario the policies still apply

    Scenario Outline: They apply to the owner the <time>
      Given the SQL:
        """
        insert into hidden values (3, 'three');
        """
      When I query:
        """
        select count(*) filter (where relforcerowsecurity)             as forced,
               count(*) filter (where relrowsecurity)                  as enabled,
               (select count(*) from pg_policy)                        as policies,
               (select count(*) from pg_policy where not polpermissive) as restrictive
          from pg_class
         where relnamespace = 'public'::regnamespace
        """
      Then the query returned the rows:
        | forced | enabled | policies | restrictive |
        | 9      | 10      | 13       | 1           |

      Examples:
        | time        |
        | first time  |
        | second time |

    @superuser
    Scenario: A role that bypasses policies changes everything
      Given the SQL:
        """
        update hidden   set name   = 'changed';
        update closed   set name   = 'changed' where id = 1;
        delete from closed where id = 2;
        update letters  set owner  = 'nobody';
        update ledger   set amount = 5000, locked = true;
        delete from members;
        update events   set day    = date '2026-01-01' + id;
        """
      When I query:
        """
        select content from contents() where name in ('closed', 'events_old', 'members')
        """
      Then the query returned the rows:
        | content     |
        | (1,changed) |
        | none        |
        | none        |
