Feature: Variables and made values
  What an answer said can be kept and used again anywhere, and values can be made up.

  Scenario: A variable is filled in everywhere
    Given the variable "name" is "Ada"
    And the variable "greeting" is "Hello, {{name}}!"
    And the request header "X-Request-Id" is "for-{{name}}"
    When I send GET "/hello/{{name}}"
    Then the response JSON at "$.message" is "{{greeting}}"
    And the response header "X-Request-Id" is "for-{{name}}"

  Scenario: A part of an answer is kept
    When I send POST "/users" with JSON:
      """
      {"username": "ada"}
      """
    Then I save the response JSON at "$.id" as "user_id"
    And the table "users" contains exactly the rows:
      | id          | username |
      | {{user_id}} | ada      |

  Scenario: A header of an answer is kept
    When I send POST "/users" with JSON:
      """
      {"username": "ada"}
      """
    Then I save the response header "Location" as "location"
    When I send GET "{{location}}"
    Then the response JSON at "$.username" is "ada"

  Scenario: A bare variable keeps its type, a quoted one is text
    Given a registered user "ada"
    And I send GET "/users"
    And I save the response JSON at "$.meta.total" as "total"
    When I send GET "/users"
    Then the response JSON contains:
      """
      {"meta": {"total": {{total}}}}
      """
    When I send POST "/echo" with JSON:
      """
      {"bare": {{total}}, "quoted": "{{total}}"}
      """
    Then the response JSON at "$.json" is '{"bare": 1, "quoted": "1"}'

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
    When I send POST "/echo" with JSON:
      """
      {"made": "<made>"}
      """
    Then the response JSON at "$.json.made" is "#regex <pattern>"

    Examples:
      | made               | pattern                      |
      | {{$uuid}}          | ^[0-9a-f-]{36}$              |
      | {{$now}}           | ^[0-9]{4}-[0-9]{2}-[0-9]{2}T |
      | {{$seq}}           | ^[0-9]+$                     |
      | {{$fake.name}}     | .                            |
      | {{$fake.email}}    | @                            |
      | {{$fake.username}} | .                            |
      | {{$fake.password}} | .                            |
      | {{$fake.word}}     | .                            |
      | {{$fake.sentence}} | .                            |
      | {{$fake.company}}  | .                            |

  Scenario: A made value differs each time
    Given the variable "first" is "{{$uuid}}"
    And the variable "second" is "{{$uuid}}"
    And the table "users" has the rows:
      | id         | username |
      | {{first}}  | ada      |
      | {{second}} | grace    |
    Then the table "users" has 2 rows
