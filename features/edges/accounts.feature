Feature: Accounts from the command line, at the edges
  The limits of an account's fields, and what is refused.

  Rule: A command creates an account

    Scenario: A generated password works, and only its hash is stored
      When I run "user create ada --email ADA@Example.ORG"
      Then it exits with 0
      And the output contains "created the user ada"
      And the table "users" contains exactly the rows:
        | username | role | email           | name  | password_hash        |
        | ada      | user | ada@example.org | #null | #contains $argon2id$ |

    Scenario: The password is the first line of the file
      Given "password" is the path of a new file
      And the file "{{password}}" says "left foot, right foot, close"
      And I run "user create ada --password-file {{password}}"
      And the output does not contain "password:"
      When "ada" logs in with password "left foot, right foot, close"
      And I send GET "/api/v1/users"
      Then the response is the problem "forbidden"

    Scenario: The name of a deleted user can be used
      Given the table "users" has the rows:
        | username | deleted_at                  |
        | Ada      | 2026-01-03T10:00:00.000000Z |
      When I run "user create ada"
      Then it exits with 0
      And the table "users" has 2 rows

  Rule: Wrong input is refused, and no account is created

    Scenario Outline: A username has 3 to 50 characters: <length>
      Given the text "name" of <length> characters
      When I run "user create {{name}}"
      Then it exits with <code>

      Examples:
        | length | code |
        | 2      | 2    |
        | 3      | 0    |
        | 50     | 0    |
        | 51     | 2    |

    Scenario Outline: A person's name has 1 to 100 characters: <length>
      Given the text "name" of <length> characters
      When I run "user create ada --name {{name}}"
      Then it exits with <code>

      Examples:
        | length | code |
        | 1      | 0    |
        | 100    | 0    |
        | 101    | 2    |

    Scenario Outline: A password has 8 to 128 characters: <length>
      Given the text "secret" of <length> characters
      And "password" is the path of a new file
      And the file "{{password}}" says "{{secret}}"
      When I run "user create ada --password-file {{password}}"
      Then it exits with <code>

      Examples:
        | length | code |
        | 7      | 2    |
        | 8      | 0    |
        | 128    | 0    |
        | 129    | 2    |

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2
      And the table "users" is empty

      Examples:
        | command                               |
        | user create ada grace                 |
        | user create ada-lovelace              |
        | user create 'ada lovelace'            |
        | user create jürgen                    |
        | user create ada --email ''            |
        | user create ada --email ada@localhost |
        | user create ada --name ''             |
        | user create ada --role admin          |
        | user create ada --admin=yes           |
