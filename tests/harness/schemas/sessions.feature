@superuser
Feature: Other sessions in a scenario's database
  bdd --target none --migrations schemas/sessions schemas/sessions.feature

  Whatever they wrote, hold or are about to write, the next scenario is alone in the database.

  Background:
    When I query:
      """
      select (select count(*) from guests)                                              as guests,
             (select string_agg(name || ' ' || seats, ', ' order by name) from halls)   as halls,
             (select last_value || ' ' || is_called from guests_id_seq)                 as guest,
             (select count(*) from pg_locks l join pg_database d on d.oid = l.database
               where datname = current_database() and locktype = 'advisory')            as advisory_locks,
             (select count(*) from pg_prepared_xacts where database = current_database()) as prepared,
             (select count(*) from pg_stat_activity
               where datname = current_database() and application_name = 'somebody'
                 and (state <> 'idle' or backend_xmin is not null))                     as at_work
      """
    Then the query returned the rows:
      | guests | halls               | guest   | advisory_locks | prepared | at_work |
      | 0      | main 100, mirror 40 | 1 false | 0              | 0        | 0       |

  Rule: Sessions have written

    Scenario Outline: Twenty sessions write at the same time, <how>
      Given the SQL:
        """
        select begin_elsewhere('s' || n, format(<sql>, n)) from generate_series(1, 20) n;
        """
      When I query:
        """
        select count(answer) as answers
          from generate_series(1, 20) n, dblink_get_result('s' || n) as r (answer text)
        """
      Then the query returned the rows:
        | answers |
        | 20      |
      And the table "guests" has <guests> rows

      Examples:
        | how                          | guests | sql                                                                |
        | each a row                   | 20     | 'insert into guests (name) values (%L)'                            |
        | each a hundred rows          | 2000   | 'insert into guests (name) select %L from generate_series(1, 100)' |
        | the same row of all sessions | 0      | 'update halls set seats = seats + %s where name = $$main$$'        |
        | and take numbers only        | 0      | 'do $$ begin perform nextval($q$guests_id_seq$q$), %s; end $$'     |

    Scenario: A session writes, and stays connected
      Given the SQL:
        """
        select dblink_connect('quiet', here());
        select dblink_exec('quiet', 'insert into guests (name) values ($$Ada$$)');
        """
      Then the table "guests" has 1 row

  Rule: Sessions leave something open

    Scenario Outline: <what>
      Given the SQL:
        """
        select dblink_connect('open', here());
        select dblink_exec('open', 'begin');
        select dblink_exec('open', '<sql>');
        """
      When I query:
        """
        select count(*) as at_work from pg_stat_activity
         where datname = current_database() and application_name = 'somebody' and state like 'idle in transaction%'
        """
      Then the query returned the rows:
        | at_work |
        | 1       |

      Examples:
        | what                                       | sql                                              |
        | A transaction with a new row               | insert into guests (name) values ($$Ada$$)       |
        | A transaction with a changed reference row | update halls set seats = 1 where name = $$main$$ |
        | A transaction that locks a table           | lock table halls in access exclusive mode        |
        | A transaction that has truncated a table   | truncate halls                                   |
        | A transaction with a changed schema        | alter table guests add column more int           |

    Scenario: A failed transaction
      Given the SQL:
        """
        select dblink_connect('failed', here());
        select dblink_exec('failed', 'begin');
        select dblink_exec('failed', 'insert into guests (name) values ($$Ada$$)');
        select dblink_exec('failed', 'select 1 / 0', false);
        """
      When I query:
        """
        select state from pg_stat_activity where datname = current_database() and application_name = 'somebody'
        """
      Then the query returned the rows:
        | state                         |
        | idle in transaction (aborted) |

    Scenario: An old snapshot
      Given the SQL:
        """
        select dblink_connect('old', here());
        select dblink_exec('old', 'begin isolation level repeatable read');
        select * from dblink('old', 'select count(*) from guests') as seen (n bigint);
        insert into guests (name) values ('Ada');
        """
      Then the table "guests" has 1 row

    Scenario: A lock of a session that stays connected
      Given the SQL:
        """
        select dblink_connect('locker', here());
        select * from dblink('locker', 'select pg_advisory_lock(7)') as locked (answer text);
        """
      When I query:
        """
        select pg_try_advisory_lock(7) as mine
        """
      Then the query returned the rows:
        | mine  |
        | false |

    @prepared
    Scenario: A prepared transaction
      Given the SQL:
        """
        begin;
        insert into guests (name) values ('Ada');
        update halls set seats = 1 where name = 'main';
        """
      And the SQL:
        """
        prepare transaction 'left by a scenario';
        """
      When I query:
        """
        select count(*) as prepared from pg_prepared_xacts where database = current_database()
        """
      Then the query returned the rows:
        | prepared |
        | 1        |

  Rule: Sessions are still busy

    # The server continues a statement after its client has left, and notices it only when it sends the result.
    Scenario Outline: <what>
      Given the SQL:
        """
        select begin_elsewhere('late', $sql$ <sql> $sql$);
        select pg_sleep(0.05);
        """
      When I query:
        """
        select sessions() as sessions
        """
      Then the query returned the rows:
        | sessions |
        | 1        |
      And the table "guests" is empty

      Examples:
        | what                                                  | sql                                                                                                         |
        | A row is written a moment after the scenario's end    | select pg_sleep(0.3); insert into guests (name) values ('late')                                             |
        | A row was written and its transaction sleeps          | begin; insert into guests (name) values ('late'); select pg_sleep(60)                                       |
        | A reference row changes a moment after the end        | select pg_sleep(0.3); update halls set seats = 0                                                            |
        | A sequence moves a moment after the end               | select pg_sleep(0.3); select nextval('guests_id_seq')                                                       |
        | Rows are written until somebody ends it               | do $$ begin loop perform pg_sleep(0.02); insert into guests (name) values ('late'); end loop; end $$        |
        | Rows are written and committed until somebody ends it | do $$ begin loop perform pg_sleep(0.5); insert into guests (name) values ('late'); commit; end loop; end $$ |
        | The schema changes a moment after the end             | select pg_sleep(0.3); create table late (id int)                                                            |
        | A statement that nothing shortens                     | select pg_sleep(60)                                                                                         |

    # The reset checks repeatedly until no session is busy. In one of a hundred checks, this is committed at the same time.
    Scenario Outline: A row is committed during the reset's check, after <time> s
      Given the SQL:
        """
        select begin_elsewhere('late', 'select pg_sleep(<time>); insert into guests (name) values ($$late$$)');
        """
      When I query:
        """
        select seats from halls where name = 'main'
        """
      Then the query returned the rows:
        | seats |
        | 100   |

      Examples:
        | time  |
        | 0.031 |
        | 0.032 |
        | 0.033 |
        | 0.034 |
        | 0.035 |
        | 0.036 |
        | 0.037 |
        | 0.038 |
        | 0.039 |
        | 0.040 |
        | 0.041 |
        | 0.042 |
        | 0.043 |
        | 0.044 |
        | 0.045 |
        | 0.046 |
        | 0.047 |
        | 0.048 |
        | 0.049 |
        | 0.050 |
        | 0.051 |
        | 0.052 |
        | 0.053 |
        | 0.054 |
        | 0.055 |
        | 0.056 |
        | 0.057 |
        | 0.058 |
        | 0.059 |
        | 0.060 |
        | 0.061 |
        | 0.062 |
        | 0.063 |
        | 0.064 |
        | 0.065 |
        | 0.066 |
        | 0.067 |
        | 0.068 |
        | 0.069 |
        | 0.070 |

    Scenario: A session waits for another one, and both stay connected
      Given the SQL:
        """
        select dblink_connect('holder', here());
        select dblink_exec('holder', 'begin; update halls set seats = 1 where name = $$main$$');
        select begin_elsewhere('waiter', 'update halls set seats = seats + 1 where name = $$main$$');
        """
      When I query:
        """
        select sessions() as sessions
        """
      Then the query returned the rows:
        | sessions |
        | 2        |

    Scenario: A session waits for the scenario itself
      Given the SQL:
        """
        begin;
        lock table halls in access exclusive mode;
        """
      And the SQL:
        """
        select begin_elsewhere('waiter', 'delete from halls');
        """
      Then the table "guests" is empty
