Feature: A scenario's connection has a fresh session
  bdd --target none --migrations schemas/connections schemas/connections.feature

  Scenarios reuse the connection, but none finds any session state of an earlier one.

  Background:
    When I query:
      """
      select (select value = random() from after_seed)                                                as seeded,
             called_nextval()                                                                         as numbers,
             (select count(*) from guests)                                                            as guests,
             (select count(*) from pg_class where relpersistence = 't')                               as temporary,
             (select count(*) from pg_proc where pronamespace = pg_my_temp_schema())                  as functions,
             (select count(*) from pg_prepared_statements)                                            as prepared,
             (select count(*) from pg_cursors)                                                        as cursors,
             (select count(*) from pg_listening_channels())                                           as channels,
             (select count(*) from pg_locks where pid = pg_backend_pid() and locktype ~ '^advis')   as locks,
             (select string_agg(name, ', ') from pg_settings
               where source = 'session' and name not like 'bdd_harness.%')                            as settings,
             current_user = session_user                                                              as own_role,
             now() <> statement_timestamp()                                                           as transaction
      """
    Then the query returned the rows:
      | seeded | numbers | guests | temporary | functions | prepared | cursors | channels | locks | settings | own_role | transaction |
      | false  | false   | 0      | 0         | 0         | 0        | 0       | 0        | 0     | #null    | true     | false       |

  Scenario Outline: <what>
    Given the SQL:
      """
      <sql>
      """
    Then the table "guests" is empty

    Examples:
      | what                          | sql                                                                              |
      | A temporary table             | create temporary table drafts (id serial, text text); insert into drafts (text) values ('a') |
      | A temporary view              | create temporary view nobody as select * from guests                             |
      | A temporary function          | create function pg_temp.one() returns int language sql return 1                  |
      | A setting                     | set work_mem = '7MB'                                                             |
      | A time zone and a date format | set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set intervalstyle = 'iso_8601' |
      | Quotes                        | set standard_conforming_strings = off                                            |
      | Read-only transactions        | set session characteristics as transaction read only, isolation level serializable |
      | A time limit                  | set statement_timeout = '1s'                                                     |
      | A prepared statement          | prepare plan as select count(*) from guests; execute plan                        |
      | An open cursor                | declare all_of_them cursor with hold for select generate_series(1, 10)           |
      | A notification channel        | listen news                                                                      |
      | An advisory lock              | select pg_advisory_lock(42), pg_advisory_lock_shared(43)                         |
      | A random seed                 | select setseed(0.25)                                                             |
      | A random seed, as a setting   | set seed = 0.25                                                                  |

  Scenario Outline: A sequence's numbers are cached by a session: <time> time
    When I query:
      """
      select nextval('tickets') as ticket, nextval('guests_id_seq') as guest
      """
    Then the query returned the rows:
      | ticket | guest |
      | 1      | 1     |

    Examples:
      | time   |
      | first  |
      | second |

  Scenario Outline: A transaction stays open: <with>
    Given the SQL:
      """
      begin;
      <sql>
      """
    Then the table "guests" has <count> rows

    Examples:
      | with                  | sql                                                                 | count |
      | nothing in it         | select 1                                                            | 0     |
      | a row                 | insert into guests (name) values ('Ada')                            | 1     |
      | a savepoint           | savepoint half; insert into guests (name) values ('Ada')            | 1     |
      | a setting and a table | set local work_mem = '7MB'; create temporary table drafts (id int) | 0     |

  Scenario: Another search path
    Given the SQL:
      """
      set search_path = pg_catalog
      """
    Then the table "public.guests" is empty

  @superuser
  Scenario Outline: A superuser's <what>
    Given the SQL:
      """
      <sql>
      """
    Then the table "guests" is empty

    Examples:
      | what                | sql                                         |
      | other role          | set role pg_read_all_data                   |
      | other authorization | set session authorization pg_read_all_data  |
      | triggers            | set session_replication_role = replica      |
      | library             | load 'auto_explain'; set auto_explain.log_min_duration = 0 |
