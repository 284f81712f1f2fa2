Feature: Migrations
  The schema changes by numbered migrations, each of which can be reverted.
  On any path, the same version has the same tables, and no row is lost on the way up.

  Rule: The state of the database can be queried

    Scenario: Every migration is listed
      When I run "migrate status"
      Then it exits with 0
      And the output contains "users"
      And the output contains "sessions"
      And the output contains "password_resets"
      And the output contains "greet_history"

    Scenario: The version is printed
      Given I run "migrate down --to 4"
      When I run "migrate version"
      Then it exits with 0
      And the output contains "4"

    Scenario: Every applied migration is recorded as successful
      When I query:
        """
        select version, success from _sqlx_migrations where version <= 4 order by version
        """
      Then the query returned the rows:
        | version | success |
        | 1       | true    |
        | 2       | true    |
        | 3       | true    |
        | 4       | true    |

  Rule: Every migration can be reverted and applied again

    Scenario: down reverts only the last migration
      Given the table "users" has the rows:
        | username |
        | ada      |
      When I run "migrate down --to 3"
      Then it exits with 0
      And the table "greet_history" does not exist
      And the table "users" contains exactly the rows:
        | username |
        | ada      |

    Scenario Outline: down stops at the given version: <command>
      When I run "<command>"
      Then it exits with 0
      When I run "migrate version"
      Then the output contains "<version>"

      Examples:
        | command             | version |
        | migrate down --to 3 | 3       |
        | migrate down --to 2 | 2       |
        | migrate down --to 1 | 1       |
        | migrate down --all  | 0       |

    Scenario Outline: down and up lead to the same tables: <command>
      Given I note the schema
      When I run "<command>"
      And I run "migrate up"
      Then it exits with 0
      And the schema is as noted

      Examples:
        | command                |
        | migrate down           |
        | migrate down --steps 2 |
        | migrate down --to 10   |
        | migrate down --to 7    |
        | migrate down --to 5    |
        | migrate down --to 4    |
        | migrate down --to 1    |
        | migrate down --all     |

    Scenario: Reverting everything leaves no table of the service
      When I run "migrate down --all"
      Then it exits with 0
      And the table "users" does not exist
      And the table "sessions" does not exist
      And the table "password_resets" does not exist
      And the table "greet_history" does not exist
      And the table "oauth_clients" does not exist
      And the table "categories" does not exist
      And the table "products" does not exist
      And the table "pizzas" does not exist
      And the table "databases" does not exist
      And the table "database_events" does not exist
      And the table "image_updates" does not exist
      And the table "tags" does not exist

    Scenario: up can stop at a given version
      Given I run "migrate down --all"
      When I run "migrate up --to 2"
      Then it exits with 0
      And the table "sessions" is empty
      And the table "password_resets" does not exist

    Scenario: With nothing pending, up does nothing
      Given I note the schema
      When I run "migrate up"
      Then it exits with 0
      And the schema is as noted

    Scenario: A new SQLite file is migrated
      When I run "migrate up --database sqlite:fresh.db"
      Then it exits with 0

  Rule: A filled database of an older version keeps every row

    Scenario Outline: The users of version <version> are kept
      Given I run "migrate down --to <version>"
      And the table "users" has the rows:
        | username | name         | email           | role      |
        | ada      | Ada Lovelace | ada@example.org | admin     |
        | grace    | Grace Hopper | #null           | moderator |
        | alan     | #null        | #null           | user      |
      When I run "migrate up"
      Then it exits with 0
      And the table "users" contains exactly the rows:
        | username | name         | email           | role      |
        | ada      | Ada Lovelace | ada@example.org | admin     |
        | grace    | Grace Hopper | #null           | moderator |
        | alan     | #null        | #null           | user      |

      Examples:
        | version |
        | 1       |
        | 2       |
        | 3       |

    Scenario: The sessions of an older version are kept
      Given I run "migrate down --to 2"
      And the table "users" has the rows:
        | id                                   | username |
        | 0197a0a0-0000-7000-8000-000000000001 | ada      |
      And the table "sessions" has the rows:
        | user_id                              | user_agent    |
        | 0197a0a0-0000-7000-8000-000000000001 | dance-app/1.0 |
        | 0197a0a0-0000-7000-8000-000000000001 | dance-app/2.0 |
      When I run "migrate up"
      Then it exits with 0
      And the table "sessions" contains exactly the rows:
        | user_id                              | user_agent    |
        | 0197a0a0-0000-7000-8000-000000000001 | dance-app/1.0 |
        | 0197a0a0-0000-7000-8000-000000000001 | dance-app/2.0 |

    Scenario: The rows of version 18 are kept on the way up and down again
      Given I run "migrate down --to 18"
      And the SQL:
        """
        insert into users (id, username, password_hash, name, email) values
          ('0197a0a0-0000-7000-8000-000000000001', 'Zoë', 'x', 'Zoë Ünal', 'zoe@example.org');
        insert into oauth_clients (client_id, client_secret_hash, name, scopes) values ('till', 'abc', 'Till', 'read write');
        insert into image_updates (image, metadata) values ('redis:7', '{"size": 12.50, "tags": [1, null]}');
        insert into greet_history (user_id, message, context) values
          ('0197a0a0-0000-7000-8000-000000000001', 'Hello, Zoë!', '{"name": null}');
        """
      When I run "migrate up"
      Then it exits with 0
      And the table "users" contains exactly the rows:
        | username | name     | search_text                    | bootstrap_password_hash |
        | Zoë      | Zoë Ünal | zoë\nzoe@example.org\nzoë ünal | #null                   |
      And the table "oauth_clients" contains exactly the rows:
        | client_id | client_secret_hash | scopes     | previous_secret_hash |
        | till      | abc                | read write | #null                |
      And the table "image_updates" contains exactly the rows:
        | image   | metadata                           |
        | redis:7 | {"size": 12.50, "tags": [1, null]} |
      And the table "greet_history" contains exactly the rows:
        | message     | context        |
        | Hello, Zoë! | {"name": null} |
      When I run "migrate down --to 18"
      Then it exits with 0
      And the table "users" contains exactly the rows:
        | username | name     | email           |
        | Zoë      | Zoë Ünal | zoe@example.org |
      And the table "oauth_clients" contains exactly the rows:
        | client_id | client_secret_hash | scopes     |
        | till      | abc                | read write |
      And the table "image_updates" contains exactly the rows:
        | image   | metadata                           |
        | redis:7 | {"size": 12.50, "tags": [1, null]} |
      And the table "greet_history" contains exactly the rows:
        | message     | context        |
        | Hello, Zoë! | {"name": null} |

  Rule: A record that doesn't match is refused and left untouched

    Scenario: Tables of another program are refused
      Given I run "migrate down --all"
      And the SQL:
        """
        drop table if exists _sqlx_migrations;
        create table cash_register (amount integer);
        """
      When I run "migrate up"
      Then it exits with 1
      And the output contains "cash_register"
      And the table "users" does not exist
      And the table "cash_register" is empty

    @postgres
    Scenario: Tables in another schema are ignored
      Given I run "migrate down --all"
      And the SQL:
        """
        create schema till;
        create table till.cash_register (amount integer);
        """
      When I run "migrate up"
      Then it exits with 0
      And the table "users" is empty

    Scenario: A migration that was changed after it was applied is refused
      Given the SQL:
        """
        update _sqlx_migrations set checksum = 'changed' where version = 1
        """
      When I run "migrate up"
      Then it exits with 1

    Scenario: An unknown migration in the record is refused
      Given the SQL:
        """
        insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'from the future', true, 'unknown', 0)
        """
      When I run "migrate up"
      Then it exits with 1
      And the output contains "9999"

    Scenario Outline: "<command>" is used wrongly
      When I run "<command>"
      Then it exits with 2

      Examples:
        | command                   |
        | migrate down --steps two  |
        | migrate down --to 1 --all |
        | migrate up --to latest    |
        | migrate up --to 9999      |
        | migrate down --to 9999    |
        | migrate force             |
        | migrate force 9999        |
        | migrate force -1          |
        | migrate create            |
        | migrate create Lessons    |
        | migrate create les-sons   |

  Rule: A record can be repaired after a failure

    Scenario: A failed migration stops everything until the record is repaired
      Given the SQL:
        """
        update _sqlx_migrations set success = false where version = 4
        """
      When I run "migrate up"
      Then it exits with 1
      And the output contains "migrate force 4"

    Scenario: A migration that was completed by hand is recorded
      Given I run "migrate down --to 4"
      And the SQL:
        """
        update _sqlx_migrations set success = false where version = 4
        """
      When I run "migrate force 4"
      Then it exits with 0
      When I run "migrate version"
      Then the output contains "4"
      When I run "migrate up"
      Then it exits with 0

    Scenario: A migration that was undone by hand is applied again
      Given I note the schema
      And I run "migrate down --to 4"
      And the SQL:
        """
        drop table greet_history;
        update _sqlx_migrations set success = false where version = 4;
        """
      And I run "migrate force 3"
      When I run "migrate up"
      Then it exits with 0
      And the schema is as noted

    Scenario: A repair of the record changes no table
      Given the table "users" has the rows:
        | username |
        | ada      |
      When I run "migrate force 1"
      Then it exits with 0
      And the table "users" has 1 row
      And the table "sessions" is empty

    Scenario: A database with tables isn't recorded as empty
      When I run "migrate force 0"
      Then it exits with 1
      And the output contains "users"

    Scenario: Without a record there is nothing to repair
      Given I run "migrate down --all"
      When I run "migrate force 2"
      Then it exits with 1
      And the output contains "nothing to repair"

  Rule: A new migration has four files

    Scenario: The files have the next number on both databases
      Given "folder" is a folder of migrations that end with 7
      When I run "migrate create lessons --folder {{folder}}"
      Then it exits with 0
      And the output contains "postgres/0008_lessons.up.sql"
      And the output contains "postgres/0008_lessons.down.sql"
      And the output contains "sqlite/0008_lessons.up.sql"
      And the output contains "sqlite/0008_lessons.down.sql"

    Scenario: A name in use is refused
      Given "folder" is a folder of migrations that end with 7
      And I run "migrate create lessons --folder {{folder}}"
      When I run "migrate create lessons --folder {{folder}}"
      Then it exits with 1
      And the output contains "0008_lessons"

    Scenario: Outside a folder of migrations, no file is created
      When I run "migrate create lessons"
      Then it exits with 1
      And the output contains "--folder"

  Rule: Commands that only read change nothing

    Scenario: A dry run of down prints the statements and runs none
      When I run "migrate down --all --dry-run"
      Then it exits with 0
      And the output contains "drop table"
      And the table "users" is empty

    Scenario: A dry run of up prints the pending statements and runs none
      Given I run "migrate down --to 1"
      When I run "migrate up --to 2 --dry-run"
      Then it exits with 0
      And the output contains "create table sessions"
      And the output does not contain "create table password_resets"
      And the table "sessions" does not exist
