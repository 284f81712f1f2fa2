@postgres
Feature: Roles
  The service only needs to read and write rows. Tables belong to another role, their owner, which only migrations
  use. `scripts/roles.sql` grants a role exactly these privileges, and the service of every scenario uses such a role.

  Rule: The service's role reads and writes rows

    Scenario: It can read and write rows as the service does
      Given a registered user "ada"
      Then the service's role may:
        | statement                                                                        |
        | select * from users                                                              |
        | insert into tags (name) values ('waltz')                                         |
        | insert into greet_history (user_id, message) values ('{{ada.id}}', 'Hello, ada!') |
        | update products set stock = 0                                                    |
        | delete from users                                                                |
        | select version from _sqlx_migrations                                             |

    Scenario: It can use a table that the owner creates later
      Given the SQL:
        """
        create table lessons (id integer generated always as identity, name text)
        """
      Then the service's role may:
        | statement                                    |
        | insert into lessons (name) values ('Tango')  |
        | update lessons set name = 'Waltz'            |
        | delete from lessons                          |

  Rule: The service's role may do nothing else

    Scenario: It can't create, change or drop tables
      Then the service's role may not:
        | statement                                               |
        | create table lessons (name text)                        |
        | create view dancers as select username from users       |
        | create index on users (name)                            |
        | create schema ballroom                                  |
        | create function steps() returns int return 3            |
        | alter table users add column shoe_size integer          |
        | alter table users disable trigger all                   |
        | alter table users owner to current_user                 |
        | drop table tags                                         |
        | truncate greet_history                                  |
        | create trigger t before delete on tags execute function suppress_redundant_updates_trigger() |
        | comment on table users is 'everybody'                   |

    Scenario: It can only read the record of migrations
      Then the service's role may not:
        | statement                                   |
        | delete from _sqlx_migrations                |
        | update _sqlx_migrations set success = false |
        | insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9, 'x', true, '', 0) |

    Scenario: It has no administrative rights
      When I query:
        """
        select count(*) as mighty
          from pg_stat_activity a join pg_roles r on r.rolname = a.usename
         where a.datname = current_database() and a.application_name not like 'bdd%'
           and (r.rolsuper or r.rolcreatedb or r.rolcreaterole or r.rolreplication or r.rolbypassrls)
        """
      Then the query returned the rows:
        | mighty |
        | 0      |

  Rule: Migrations run as the owner, everything else as the service's role

    Scenario: A starting service migrates as the owner and works as its own role
      Given I run "migrate down --to 1"
      When the service is restarted
      And a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/greet"
      Then the table "sessions" has 1 row
      And the table "greet_history" has 1 row
      When I query:
        """
        select count(*) as tables, count(*) filter (where tableowner = current_user) as of_the_owner
          from pg_tables
         where tablename in ('users', 'sessions', 'greet_history', 'tags')
        """
      Then the query returned the rows:
        | tables | of_the_owner |
        | 4      | 4            |
      And the service's role may not:
        | statement            |
        | drop table sessions  |

    Scenario: With pending migrations and no owner's URL, the service doesn't start
      Given I run "migrate down --to 1"
      And "url" is the URL of the database for the service's role
      And the environment variable "DATABASE_URL" is "{{url}}"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "permission denied"
      And the table "sessions" does not exist

    Scenario: With nothing to migrate, the service's role is enough
      Given the service runs with:
        | key                    | value |
        | DATABASE_MIGRATION_URL |       |
      And a registered user "ada"
      When "ada" logs in
      Then the table "sessions" has 1 row

    Scenario: The command line migrates as the owner too
      Given I run "migrate down --to 1"
      And "owner" is the URL of the database
      And "url" is the URL of the database for the service's role
      And the environment variable "DATABASE_URL" is "{{url}}"
      When I run "migrate up"
      Then it exits with 1
      And the output contains "permission denied"
      Given the environment variable "DATABASE_URL" is "{{url}}"
      And the environment variable "DATABASE_MIGRATION_URL" is "{{owner}}"
      When I run "migrate up"
      Then it exits with 0
      And the table "sessions" is empty
