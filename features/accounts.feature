Feature: Accounts from the command line
  Operators can create accounts without the API, for example the first admin.
  Other users can see command lines, so a password is never an argument.

  Rule: A command creates an account

    Scenario: An admin is created and can log in
      Given "password" is the path of a new file
      And the file "{{password}}" says "left foot, right foot, close"
      When I run "user create ada --admin --name Ada --email ada@example.org --password-file {{password}}"
      Then it exits with 0
      And the output does not contain "right foot"
      And the table "users" contains exactly the rows:
        | username | role  | name | email           |
        | ada      | admin | Ada  | ada@example.org |
      When "ada" logs in with password "left foot, right foot, close"
      And I send GET "/api/v1/users"
      Then the response status is 200

    Scenario: Without a password file, a password is generated and printed once
      When I run "user create ada"
      Then it exits with 0
      And the output contains "password:"
      And the table "users" contains exactly the rows:
        | username | role |
        | ada      | user |

  Rule: Wrong input is refused, and no account is created

    Scenario: A name that is in use is refused
      Given I run "user create ada"
      When I run "user create Ada --admin"
      Then it exits with 1
      And the output contains "taken"
      And the table "users" has 1 row

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2
      And the table "users" is empty

      Examples:
        | command                             |
        | user                                |
        | user create                         |
        | user create no                      |
        | user create ada --email nowhere     |
        | user create ada --name ' '          |
        | user create ada --password waltzing |

    Scenario: A common password is refused
      Given "password" is the path of a new file
      And the file "{{password}}" says "password1"
      When I run "user create ada --password-file {{password}}"
      Then it exits with 2
      And the output contains "most common"
      And the table "users" is empty

    Scenario: A missing password file is an error
      When I run "user create ada --password-file nowhere"
      Then it exits with 1
      And the output contains "nowhere"
