Feature: The matchers
  If the exact value is unknown, a matcher describes it.

  Background:
    Given a registered user "ada"

  Scenario: Matchers in a JSON document
    When I send GET "/users/{{ada.id}}"
    Then the response JSON contains:
      """
      {
        "id": "#uuid as user_id",
        "username": "#string",
        "name": "#null",
        "active": "#boolean",
        "role": "#notnull",
        "created_at": "#present",
        "nickname": "#absent",
        "shoe_size": "##string",
        "last_seen": "#ignore"
      }
      """
    And the response JSON at "$.created_at" is "#datetime"
    And the table "users" contains the rows:
      | id          | username |
      | {{user_id}} | ada      |

  Scenario Outline: A matcher for one value: <matcher>
    When I send GET "/users"
    Then the response JSON at "<path>" is "<matcher>"

    Examples:
      | path                 | matcher             |
      | $                    | #object             |
      | $.data               | #array              |
      | $.data               | #[1]                |
      | $.data[0]            | #object             |
      | $.data[0].id         | #uuid               |
      | $.data[0].id         | #string             |
      | $.data[0].id         | #regex ^[0-9a-f-]+$ |
      | $.data[0].created_at | #datetime           |
      | $.data[0].created_at | #contains T         |
      | $.data[0].active     | #boolean            |
      | $.data[0].active     | #notnull            |
      | $.data[0].active     | #present            |
      | $.data[0].shoe_size  | #absent             |
      | $.data[0].shoe_size  | ##string            |
      | $.data[0].shoe_size  | #ignore             |
      | $.meta.total         | #number             |
      | $.meta.total         | #int                |
      | $.meta.total         | #> 0                |
      | $.meta.total         | #< 2                |

  Scenario: Matchers in a table of paths
    When I send GET "/users/{{ada.id}}"
    Then the response JSON has:
      | path       | value            |
      | $.id       | #uuid as user_id |
      | $.username | #regex ^\\w+$    |
      | $.username | #contains d      |
      | $.name     | #null            |
      | $.shoes    | #absent          |
    And the response JSON at "$.id" is "{{user_id}}"

  Scenario: A regular expression in a cell may have pipes and backslashes
    Given the table "users" has the rows:
      | username | name      |
      | grace    | G\|Hopper |
    Then the table "users" contains the rows:
      | username              | name            |
      | #regex ^(grace\|alan)$ | #regex ^G\|\w+$ |

  Scenario: Matchers in a table of rows
    Then the table "users" contains exactly the rows:
      | id              | username      | name  | role     | created_at |
      | #uuid as row_id | #regex ^[a]da | #null | #notnull | #notnull   |
    When I send GET "/users/{{row_id}}"
    Then the response JSON at "$.id" is "{{row_id}}"
