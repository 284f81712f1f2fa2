Feature: Start
  The service opens its port only when its database answers and is migrated.
  Otherwise it exits with a message that says what to check, and never shows a password.

  Rule: Without a database the start fails

    Scenario: An unreachable PostgreSQL is tried again, then the start fails
      Given the environment variable "DATABASE_URL" is "postgres://dancer:s3cret-steps@127.0.0.1:1/school"
      And the environment variable "DLC_DATABASE_START_ATTEMPTS" is "2"
      And the environment variable "DLC_DATABASE_START_WAIT" is "50ms"
      And the environment variable "DLC_DATABASE_ATTEMPT_TIMEOUT" is "500ms"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "127.0.0.1:1"
      And the output does not contain "s3cret-steps"

    Scenario: An SQLite file in a missing folder can't be opened
      Given the environment variable "DATABASE_URL" is "sqlite:no/such/folder/school.db"
      And the environment variable "DLC_DATABASE_START_ATTEMPTS" is "1"
      And the environment variable "DLC_DATABASE_START_WAIT" is "50ms"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "no/such/folder"

    Scenario Outline: A driver that contradicts the URL stops the start: <driver>
      Given the environment variable "DB_DRIVER" is "<driver>"
      And the environment variable "DATABASE_URL" is "<url>"
      When I run "serve"
      Then it exits with 1
      And the output contains "driver"

      Examples:
        | driver     | url                              |
        | sqlite     | postgres://ada@127.0.0.1:1/school |
        | postgres   | sqlite:school.db                 |
        | postgresql | sqlite:school.db                 |

    Scenario: With migrations switched off, an outdated database stops the start
      Given I run "migrate down"
      And the environment variable "DLC_DATABASE_MIGRATE_ON_START" is "false"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "migrat"

  Rule: A database of another program is left untouched

    Scenario: Tables of another program stop the start and stay unchanged
      Given I run "migrate down --all"
      And the SQL:
        """
        drop table if exists _sqlx_migrations;
        create table cash_register (amount integer);
        insert into cash_register (amount) values (1250);
        """
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "cash_register"
      And the table "cash_register" contains exactly the rows:
        | amount |
        | 1250   |

    Scenario: Migrations to another database than the service's stop the start
      Given "own" is the path of a new file
      And I run "migrate up --to 1 --database sqlite:{{own}}"
      And "other" is the path of a new file
      And the environment variable "DATABASE_URL" is "sqlite:{{own}}"
      And the environment variable "DATABASE_MIGRATION_URL" is "sqlite:{{other}}"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "DATABASE_MIGRATION_URL"

  Rule: The first admin can be configured

    Scenario: The configured admin exists after the start
      When the service runs with:
        | key                      | value                |
        | bootstrap.admin_username | headmistress         |
        | bootstrap.admin_password | battery staple tango |
      Then the table "users" contains exactly the rows:
        | username     | role  |
        | headmistress | admin |
      When "headmistress" logs in with password "battery staple tango"
      And I send GET "/api/v1/users"
      Then the response status is 200

    Scenario: Replicas that start at the same moment create one admin
      When 4 replicas start at the same moment with:
        | key                      | value                |
        | bootstrap.admin_username | headmistress         |
        | bootstrap.admin_password | battery staple tango |
      Then the table "users" has 1 row

    Scenario: A second start creates no second admin
      Given the service runs with:
        | key                      | value                |
        | bootstrap.admin_username | headmistress         |
        | bootstrap.admin_password | battery staple tango |
      When the service is restarted
      Then the table "users" has 1 row

  Rule: A restart loses nothing

    Scenario: A user who registered before a restart logs in after it
      Given a registered user "ada"
      When the service is restarted
      Then "ada" logs in

    Scenario: With a configured signing key, tokens are valid after a restart
      Given the service runs with:
        | key              | value                                            |
        | auth.signing_key | left-foot-right-foot-close-left-foot-right-close |
      And a registered user "ada"
      And "ada" logs in
      When the service is restarted
      And I send GET "/api/v1/users/me"
      Then the response status is 200

  Rule: The command line helps

    Scenario Outline: The help has "<command>", and it runs
      When I run "<command>"
      Then it exits with 0
      And the output contains "<text>"

      Examples:
        | command        | text                |
        | --help         | migrate             |
        | --version      | dance-lessons-coach |
        | migrate --help | status              |

    Scenario Outline: "<command>" is used wrongly
      When I run "<command>"
      Then it exits with 2

      Examples:
        | command              |
        | dance                |
        | serve --no-such-flag |
        | migrate sideways     |
