Feature: Migrations, at the edges
  Which migrations can be applied and reverted, and what is refused.

  Rule: The state of the database can be queried

    Scenario Outline: Applied and pending migrations are listed: <text>
      Given I run "migrate down --to 4"
      When I run "migrate status"
      Then it exits with 0
      And the output contains "<text>"

      Examples:
        | text                            |
        | 0001                            |
        | 0004                            |
        | applied                         |
        | pending                         |
        | 0005                            |

    Scenario: The status of a missing file doesn't create it
      When I run "migrate status --database sqlite:nowhere.db"
      And I run "migrate version --database sqlite:nowhere.db"
      And I run "copy --from sqlite:nowhere.db --to sqlite:other.db"
      Then it exits with 1
      And the output contains "nowhere.db"

    Scenario: An empty database is at version 0
      Given I run "migrate down --all"
      When I run "migrate version"
      Then it exits with 0
      And the output contains "0"

    Scenario: A failed connection is reported without the password
      When I run "migrate status --database postgres://dancer:s3cret-steps@127.0.0.1:1/school"
      Then it exits with 1
      And the output contains "127.0.0.1:1"
      And the output does not contain "s3cret-steps"

  Rule: Every migration can be reverted and applied again

    Scenario: By default, one migration is reverted
      Given I run "migrate down --to 4"
      And the table "greet_history" is empty
      When I run "migrate down"
      Then it exits with 0
      And the output contains "reverted 0004"
      And the table "greet_history" does not exist
      And the table "password_resets" is empty

    Scenario Outline: The given number of migrations is reverted: <command>
      Given I run "migrate down --to 4"
      When I run "<command>"
      Then it exits with 0
      When I run "migrate version"
      Then the output contains "<version>"

      Examples:
        | command                  | version |
        | migrate down --steps 0   | 4       |
        | migrate down --steps 1   | 3       |
        | migrate down --steps 3   | 1       |
        | migrate down --steps 4   | 0       |
        | migrate down --steps 99  | 0       |
        | migrate down --to 0      | 0       |
        | migrate down --to 4      | 4       |

    Scenario: With nothing to revert, down does nothing and says so
      Given I run "migrate down --all"
      When I run "migrate down"
      Then it exits with 0
      And the output contains "nothing to revert"

    Scenario: With nothing to do, up says so
      When I run "migrate up"
      Then it exits with 0
      And the output contains "nothing is pending"

    Scenario: up continues where it stopped
      Given I note the schema
      And I run "migrate down --all"
      And I run "migrate up --to 2"
      And I run "migrate up --to 2"
      And the table "password_resets" does not exist
      And I run "migrate up --to 3"
      And the table "password_resets" is empty
      When I run "migrate up"
      Then it exits with 0
      And the schema is as noted

    Scenario: up to an older version is refused
      When I run "migrate up --to 2"
      Then it exits with 0
      And the table "greet_history" is empty

  Rule: Commands that only read change nothing

    Scenario Outline: A dry run applies nothing: <command>
      Given I run "migrate down --to 4"
      And I note the schema
      When I run "<command> --dry-run"
      Then it exits with 0
      And the output contains "<sql>"
      And the schema is as noted
      When I run "migrate version"
      Then the output contains "4"

      Examples:
        | command                | sql                             |
        | migrate up             | create table oauth_clients      |
        | migrate down           | drop table greet_history        |
        | migrate down --steps 2 | drop table password_resets      |
        | migrate down --to 1    | drop table sessions             |
        | migrate down --all     | drop table users                |

  Rule: A failed migration stops the following ones

    Scenario: A failed migration is named and leaves nothing behind
      Given I run "migrate down --to 6"
      And the SQL:
        """
        create view categories as select 1 as one
        """
      And I note the schema
      When I run "migrate up"
      Then it exits with 1
      And the output contains "migration 7 failed and was rolled back"
      And the output contains "categories"
      And the output does not contain "at line"
      And the schema is as noted
      When I run "migrate version"
      Then the output contains "6"

    Scenario Outline: Every command is refused until the record is repaired: <command>
      Given the SQL:
        """
        update _sqlx_migrations set success = false where version = 4
        """
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "<command>"
      Then it exits with 1
      And the output contains "force"

      Examples:
        | command      |
        | migrate down |
        | serve        |
        | seed         |

  Rule: A malformed database URL is wrong usage

    Scenario Outline: <command>
      When I run "<command> --database mysql://dancer:s3cret-steps@db.example/school"
      Then it exits with 2
      And the output contains "--database"
      And the output does not contain "s3cret-steps"

      Examples:
        | command        |
        | migrate status |
        | migrate up     |
        | seed           |
        | schema         |
        | config         |
        | serve          |

  Rule: In a filled database, emails become unique only after duplicates are resolved

    Background:
      Given I run "migrate down --to 15"

    Scenario: Duplicate emails stop the migration and are listed
      Given the table "users" has the rows:
        | username | email           | deleted_at           |
        | ada      | home@x.org      | #null                |
        | grace    | HOME@x.org      | #null                |
        | alan     | alan@x.org      | #null                |
        | eve      | alan@x.org      | 2026-01-31T18:30:00Z |
        | nobody   | #null           | #null                |
        | none     | #null           | #null                |
      When I run "migrate up"
      Then it exits with 1
      And the output contains "home@x.org: ada, grace"
      And the output contains "update users set email = null"
      And the output does not contain "alan@x.org"
      When I run "migrate version"
      Then the output contains "15"
      Given the SQL:
        """
        update users set email = null where username = 'grace'
        """
      When I run "migrate up"
      Then it exits with 0
      And the table "users" has 6 rows

    Scenario: Until then the service doesn't start
      Given the table "users" has the rows:
        | username | email      |
        | ada      | home@x.org |
        | grace    | home@x.org |
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "home@x.org: ada, grace"

  Rule: The database can hold every text

    @postgres
    Scenario: A database with another encoding than UTF8 is refused untouched
      Given "latin" is the URL of a second database "name" with the encoding LATIN1
      When I run "migrate up --database {{latin}}"
      Then it exits with 1
      And the output contains "the database has the encoding LATIN1"
      When I run "migrate version --database {{latin}}"
      Then the output contains "0"

  Rule: Behind PgBouncer, a service that migrates nothing needs no other URL

    @postgres
    Scenario: It starts when nothing is pending
      When the service runs with:
        | key                       | value |
        | DATABASE_MIGRATION_URL    |       |
        | database.pgbouncer        | true  |
        | database.migrate_on_start | false |
      And I send GET "/api/v1/products"
      Then the response status is 200

    @postgres
    Scenario: Pending migrations stop the start
      Given I run "migrate down"
      And the environment variable "DATABASE_MIGRATION_URL" is ""
      And the environment variable "DLC_DATABASE_PGBOUNCER" is "true"
      And the environment variable "DLC_DATABASE_MIGRATE_ON_START" is "false"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "migrations are pending (25)"

  Rule: Migrations can grant privileges to a role

    Scenario: SQLite has no roles
      When I run "migrate up --grant dancer --database sqlite:fresh.db"
      Then it exits with 2
      And the output contains "SQLite has no roles"

    Scenario: Read-only commands grant nothing
      When I run "migrate up --grant dancer --dry-run"
      Then it exits with 2

    @postgres
    Scenario: A missing role is named
      When I run "migrate up --grant nobody_has_this_name"
      Then it exits with 1
      And the output contains "nobody_has_this_name"
      And the output does not contain "at line"
