Feature: Migrations, at the edges
  How far migrations can be taken, and what is refused.

  Rule: The state of the database can be asked

    Scenario Outline: What was taken and what is pending is told: <text>
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

    Scenario: A file that isn't there isn't made by looking at it
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

    Scenario: A database that can't be reached is told without its password
      When I run "migrate status --database postgres://dancer:s3cret-steps@127.0.0.1:1/school"
      Then it exits with 1
      And the output contains "127.0.0.1:1"
      And the output does not contain "s3cret-steps"

  Rule: Every step can be taken back, and taken again

    Scenario: One step is what is taken back when nothing is said
      Given I run "migrate down --to 4"
      And the table "greet_history" is empty
      When I run "migrate down"
      Then it exits with 0
      And the output contains "reverted 0004"
      And the table "greet_history" does not exist
      And the table "password_resets" is empty

    Scenario Outline: So many steps are taken back as were asked for: <command>
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

    Scenario: With nothing to take back, down does nothing and says so
      Given I run "migrate down --all"
      When I run "migrate down"
      Then it exits with 0
      And the output contains "nothing to revert"

    Scenario: With nothing to do, up says so
      When I run "migrate up"
      Then it exits with 0
      And the output contains "nothing is pending"

    Scenario: The way up goes on where it stopped
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

    Scenario: Up doesn't go down
      When I run "migrate up --to 2"
      Then it exits with 0
      And the table "greet_history" is empty

  Rule: Looking changes nothing

    Scenario Outline: A dry run takes no step: <command>
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

  Rule: A step that failed stops what follows

    Scenario Outline: Nothing goes on before the record is repaired: <command>
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

  Rule: A database that isn't named in good words is a command used wrongly

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

  Rule: Emails become unique in a filled database only when somebody has decided whose they are

    Background:
      Given I run "migrate down --to 15"

    Scenario: Emails that several users have stop the migration, and are listed
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

    Scenario: The service doesn't start meanwhile
      Given the table "users" has the rows:
        | username | email      |
        | ada      | home@x.org |
        | grace    | home@x.org |
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "home@x.org: ada, grace"
