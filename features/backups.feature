Feature: Backups
  A backup is one file with all data. Either database can be restored from it.

  Background:
    Given "folder" is the path of a new file
    And "school" is the URL of the database
    And the table "users" has the rows:
      | id                                   | username | email      | created_at                  |
      | 0197a0a0-0000-7000-8000-00000000000a | ada      | ada@x.org  | 2026-01-31T18:30:00.123456Z |
    And the table "greet_history" has the rows:
      | user_id                              | message    | context        |
      | 0197a0a0-0000-7000-8000-00000000000a | Hello, ada | {"mood": "ok"} |

  Rule: A restore brings everything back

    Scenario: A backup is restored into the emptied database
      Given I run "backup --to {{folder}}"
      And it exits with 0
      And the output contains "2 rows in {{folder}}/dance-lessons-coach-"
      And the newest file in "{{folder}}" is "file"
      And the SQL:
        """
        delete from greet_history;
        delete from users
        """
      When I run "restore --from {{file}}"
      Then it exits with 0
      And the output contains "2 rows restored"
      And the table "users" contains exactly the rows:
        | id                                   | username | email     | created_at                  |
        | 0197a0a0-0000-7000-8000-00000000000a | ada      | ada@x.org | 2026-01-31T18:30:00.123456Z |
      And the table "greet_history" contains exactly the rows:
        | id | user_id                              | context        |
        | 1  | 0197a0a0-0000-7000-8000-00000000000a | {"mood": "ok"} |

    Scenario: A backup of one kind of database is restored into the other kind
      Given I run "backup --to {{folder}}"
      And the newest file in "{{folder}}" is "file"
      And "other" is the path of a new file
      When I run "restore --from {{file}} --database sqlite:{{other}}"
      Then it exits with 0
      When I run "copy --from sqlite:{{other}} --to sqlite:{{other}}.copy"
      Then it exits with 0
      And the output contains "users: 1 of 1 rows"

  Rule: A restore that could do harm is refused

    Scenario: A database that isn't empty stays unchanged
      Given I run "backup --to {{folder}}"
      And the newest file in "{{folder}}" is "file"
      When I run "restore --from {{file}}"
      Then it exits with 1
      And the output contains "users"
      And the table "users" has 1 row

    Scenario: A damaged file is refused
      Given I run "backup --to {{folder}}"
      And the newest file in "{{folder}}" is "file"
      And the last byte of the file "{{file}}" is lost
      And "other" is the path of a new file
      When I run "restore --from {{file}} --database sqlite:{{other}}"
      Then it exits with 1
      And the output contains "checksum"

    Scenario: A file that isn't a backup is refused
      Given "other" is the path of a new file
      And the file "{{other}}" says "left foot, right foot"
      When I run "restore --from {{other}}"
      Then it exits with 1
      And the output contains "is no backup"

  Rule: Old backups are deleted

    Scenario: Only the given number of backups is kept
      Given I run "backup --to {{folder}}"
      And the newest file in "{{folder}}" is "oldest"
      And I run "backup --to {{folder}}"
      And I run "backup --to {{folder}} --keep 2"
      Then it exits with 0
      And the output contains "deleted {{oldest}}"
      When I run "restore --from {{oldest}}"
      Then it exits with 1
