@postgres
Feature: A database that isn't the suite's own
  The reset checks a marker that only the suite writes, on the server and in the same call that would change
  something. Without the marker nothing is changed, whatever the database's name is and whoever connects.

  Background:
    Given the SQL:
      """
      create table precious (what text);
      insert into precious values ('the only copy');
      """

  Rule: Name and rights don't count

    Scenario: A database without a marker is refused
      Given the feature file "unmarked.feature":
        """
        Feature: Unmarked
          Scenario: The marker goes
            Given the SQL:
              '''
              insert into words values ('ada', 1);
              drop schema bdd_harness cascade;
              '''
        """
      When I run the suite with "--database {{server}} --target none --slots 1 --migrations {{schemas}}/hostile {{unmarked}}"
      Then it exits with 1
      And the output contains "has no marker: the suite didn't create it, so it isn't ours to reset"
      And the output contains "Nothing in it was changed"

    Scenario: A database with another run's marker is refused
      Given the feature file "theirs.feature":
        """
        Feature: Theirs
          Scenario: The marker is another
            Given the SQL:
              '''
              insert into words values ('ada', 1);
              update bdd_harness.marker set secret = 'another';
              '''
        """
      When I run the suite with "--database {{server}} --target none --slots 1 --migrations {{schemas}}/hostile {{theirs}}"
      Then it exits with 1
      And the output contains "has another marker than this run: it isn't ours to reset"

    Scenario: A parallel run leaves its databases alone, and all others too
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody writes
            Given the SQL:
              '''
              insert into words values ('ada', 1);
              '''
        """
      When I run the suite with "--database {{server}} --target none --slots 1 --migrations {{schemas}}/hostile {{polka}} --prove-isolation"
      Then it exits with 0
      And the output contains "It stays untouched"
      And the table "precious" contains exactly the rows:
        | what          |
        | the only copy |

    # Only a superuser may end other users' sessions.
    @superuser @serial
    Scenario: A database that gets the name of a slot's database during the run isn't changed
      Given the feature file "swapped.feature":
        """
        Feature: Swapped
          Scenario: Somebody renames databases
            Given the SQL:
              '''
              insert into guests (name) values ('ada');
              create function away(database text) returns text language sql as $$
                  select format('host=%s port=%s user=%s dbname=%s',
                                split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
                                current_user, database)
              $$;
              select dblink_connect('server', away('postgres'));
              select dblink_exec('server', format('create database %I', current_database() || '_precious'));
              select dblink_exec('server', format('comment on database %I is %L',
                                                  current_database() || '_precious', 'the only copy'));
              select dblink_connect('other', away(current_database() || '_precious'));
              select dblink_exec('other', 'create table guests (name text)');
              select dblink_exec('other', format('insert into guests values (%L)', 'the only copy'));
              select dblink_disconnect('other');
              select dblink_exec('server', format('alter database %I allow_connections false', current_database()));
              select dblink_send_query('server', format(
                  'do $do$ begin
                       perform pg_terminate_backend(pid, 5000)
                          from (select pid from pg_stat_activity where datname = %1$L order by backend_start offset 0) all_of_them;
                       alter database %1$I rename to %2$I;
                       alter database %3$I rename to %1$I;
                   end $do$',
                  current_database(), current_database() || '_renamed', current_database() || '_precious'));
              select pg_sleep(10);
              '''
        """
      When I run the suite with "--database {{server}} --target none --slots 1 --migrations {{schemas}}/sessions {{swapped}}"
      Then it exits with 1
      And the output contains "has no marker: the suite didn't create it, so it isn't ours to reset"
      Given the SQL:
        """
        create extension dblink;
        """
      When I query:
        """
        select name
          from dblink(format('host=%s port=%s user=%s dbname=%s',
                             split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
                             current_user,
                             (select datname from pg_database where shobj_description(oid, 'pg_database') = 'the only copy')),
                      'select name from guests') as guests (name text)
        """
      Then the query returned the rows:
        | name          |
        | the only copy |
      Given the SQL:
        """
        select dblink_exec(format('host=%s port=%s user=%s dbname=postgres',
                                  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
                                  current_user),
                           format('drop database %I',
                                  (select datname from pg_database where shobj_description(oid, 'pg_database') = 'the only copy')))
        """
