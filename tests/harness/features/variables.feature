Feature: Variables and made values
  What an answer said can be kept and used again anywhere, and values can be made up.

  Scenario: A variable is filled in everywhere
    Given the variable "name" is "Ada"
    And the variable "greeting" is "Hello, {{name}}!"
    And the request header "X-Request-Id" is "for-{{name}}"
    When I send GET "/api/v1/greet/{{name}}"
    Then the response JSON at "$.message" is "{{greeting}}"
    And the response header "X-Request-Id" is "for-{{name}}"

  Scenario: A part of an answer is kept
    Given a registered user "ada"
    And "ada" logs in
    When I send GET "/api/v1/users/me"
    Then I save the response JSON at "$.id" as "user_id"
    And the table "users" contains exactly the rows:
      | id          | username |
      | {{user_id}} | ada      |

  Scenario: A header of an answer is kept
    Given an admin "root"
    And "root" logs in
    When I send POST "/api/v1/users" with JSON:
      """
      {"username": "ada", "password": "correct horse battery"}
      """
    Then I save the response header "Location" as "location"
    When I send GET "{{location}}"
    Then the response JSON at "$.username" is "ada"

  Scenario: A bare variable keeps its type, a quoted one is text
    Given a registered user "ada"
    And "ada" logs in
    And I send GET "/api/v1/auth/sessions"
    And I save the response JSON at "$.meta.total" as "total"
    When I send GET "/api/v1/auth/sessions"
    Then the response JSON contains:
      """
      {"meta": {"total": {{total}}}}
      """
    When I send PATCH "/api/v1/users/me" with JSON:
      """
      {"name": "{{total}}"}
      """
    Then the response JSON at "$.name" is "1"

  Scenario: A variable in SQL is text
    Given a registered user "ada"
    When I query:
      """
      select username from users where id = '{{ada.id}}'
      """
    Then the query returned the rows:
      | username |
      | ada      |

  Scenario Outline: A made value can stand in a body: <made>
    Given a registered user "ada"
    And "ada" logs in
    When I send PATCH "/api/v1/users/me" with JSON:
      """
      {"description": "<made>"}
      """
    Then the response status is 200
    And the response JSON at "$.description" is "#regex <pattern>"

    Examples:
      | made                | pattern                      |
      | {{$uuid}}           | ^[0-9a-f-]{36}$              |
      | {{$now}}            | ^[0-9]{4}-[0-9]{2}-[0-9]{2}T |
      | {{$seq}}            | ^[0-9]+$                     |
      | {{$fake.name}}      | .                            |
      | {{$fake.email}}     | @                            |
      | {{$fake.username}}  | .                            |
      | {{$fake.password}}  | .                            |
      | {{$fake.word}}      | .                            |
      | {{$fake.sentence}}  | .                            |
      | {{$fake.company}}   | .                            |

  Scenario: A made value differs each time
    Given the variable "first" is "{{$uuid}}"
    And the variable "second" is "{{$uuid}}"
    And the table "users" has the rows:
      | id         | username |
      | {{first}}  | ada      |
      | {{second}} | grace    |
    Then the table "users" has 2 rows
