Feature: Variables and generated values
  A value of a response can be saved and used anywhere, and values can be generated.

  Scenario: A variable is filled in everywhere
    Given the variable "name" is "Ada"
    And the variable "greeting" is "Hello, {{name}}!"
    And the request header "X-Request-Id" is "for-{{name}}"
    When I send GET "/hello/{{name}}"
    Then the response JSON at "$.message" is "{{greeting}}"
    And the response header "X-Request-Id" is "for-{{name}}"

  Scenario: A value of a response is saved
    When I send POST "/users" with JSON:
      """
      {"username": "ada"}
      """
    Then I save the response JSON at "$.id" as "user_id"
    And the table "users" contains exactly the rows:
      | id          | username |
      | {{user_id}} | ada      |

  Scenario: A header of a response is saved
    When I send POST "/users" with JSON:
      """
      {"username": "ada"}
      """
    Then I save the response header "Location" as "location"
    When I send GET "{{location}}"
    Then the response JSON at "$.username" is "ada"

  Scenario: A variable without quotes keeps its type, a quoted one is text
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

  Scenario: The name of a variable can contain another variable
    Given the variable "name" is "ada"
    And the variable "ada_id" is "7"
    When I send POST "/echo" with JSON:
      """
      {"{{{{name}}_id}}": "{{{{name}}_id}}", "id": {{{{name}}_id}}}
      """
    Then the response JSON at "$.json" is '{"7": "7", "id": "7"}'
    When I send POST "/echo" with body:
      """
      {{{1,2},{3,4}}} {{{{name}}_id}}
      """
    Then the response JSON at "$.body" is "{{{1,2},{3,4}}} 7"

  Scenario: An unknown variable fails, and the known ones are listed
    Given the feature file "party.feature":
      """
      Feature: Party
        Scenario: They come
          Given the variable "guest" is "ada"
          And the variable "house" is "1"
          When I send GET "/users/{{gest}}"
      """
    When I run the suite with "--store sqlite --slots 1 {{party}}"
    Then it exits with 1
    And the output contains "there is no variable `gest`: known are guest, house; generated values are $uuid"

  Scenario: The same seed generates the same values
    Given the feature file "guest.feature":
      """
      Feature: Guest
        Scenario: Somebody comes
          When I send POST "/users" with JSON:
            '''
            {"username": "{{$uuid}}"}
            '''
          Then the response status is 201
      """
    When I run the suite with "--target {{service}} --seed 7 {{guest}}"
    Then it exits with 0
    When I run the suite with "--target {{service}} --seed 7 {{guest}}"
    Then it exits with 1
    And the output contains "found:    409 Conflict"
    When I run the suite with "--target {{service}} --seed 8 {{guest}}"
    Then it exits with 0
    And the table "users" has 2 rows

  Scenario: A variable in SQL is text
    Given a registered user "ada"
    When I query:
      """
      select username from users where id = '{{ada.id}}'
      """
    Then the query returned the rows:
      | username |
      | ada      |

  Scenario Outline: A body can contain a generated value: <made>
    When I send POST "/echo" with JSON:
      """
      {"made": "<made>"}
      """
    Then the response JSON at "$.json.made" is "#regex <pattern>"

    Examples:
      | made               | pattern                      |
      | {{$uuid}}          | ^[0-9a-f-]{36}$              |
      | {{$now}}           | ^[0-9]{4}-[0-9]{2}-[0-9]{2}T |
      | {{$now-720h}}      | ^[0-9]{4}-[0-9]{2}-[0-9]{2}T |
      | {{$now+1h30m}}     | ^[0-9]{4}-[0-9]{2}-[0-9]{2}T |
      | {{$seq}}           | ^[0-9]+$                     |
      | {{$fake.name}}     | .                            |
      | {{$fake.email}}    | @                            |
      | {{$fake.username}} | .                            |
      | {{$fake.password}} | .                            |
      | {{$fake.word}}     | .                            |
      | {{$fake.sentence}} | .                            |
      | {{$fake.company}}  | .                            |

  Scenario: A generated value is different each time
    Given the variable "first" is "{{$uuid}}"
    And the variable "second" is "{{$uuid}}"
    And the table "users" has the rows:
      | id         | username |
      | {{first}}  | ada      |
      | {{second}} | grace    |
    Then the table "users" has 2 rows
