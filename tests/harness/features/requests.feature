Feature: The words for requests
  A scenario can send every kind of request, with headers, tokens, parameters and bodies of every kind.

  Rule: Headers and tokens stay until they are changed

    Scenario: One header is sent
      Given the request header "X-Request-Id" is "one"
      When I send GET "/api/v1/greet"
      Then the response header "X-Request-Id" is "one"

    Scenario: Several headers are sent, and a later value wins
      Given the request headers:
        | name         | value            |
        | X-Request-Id | two              |
        | Accept       | application/json |
      And the request header "X-Request-Id" is "three"
      When I send GET "/api/v1/greet"
      And I send GET "/api/v1/greet"
      Then the response header "X-Request-Id" is "three"

    Scenario: A token is sent until there is none
      Given the bearer token is "not.a.token"
      When I send GET "/api/v1/greet"
      Then the response status is 401
      Given no bearer token
      When I send GET "/api/v1/greet"
      Then the response status is 200

  Rule: A request may have any method and any body

    Scenario Outline: The method is sent as it is written: <method>
      When I send <method> "/api/v1/users/me"
      Then the response status is <status>

      Examples:
        | method | status |
        | GET    | 401    |
        | PATCH  | 401    |
        | HEAD   | 401    |
        | PUT    | 405    |
        | POST   | 405    |
        | DELETE | 405    |

    Scenario: OPTIONS is a method too
      When I send OPTIONS "/api/v1/greet"
      Then the response header "Allow" contains "GET"

    Scenario: JSON is sent as JSON
      When I send POST "/api/v1/users" with JSON:
        """json
        {
          "username": "ada",

          "password": "correct horse battery"
        }
        """
      Then the response status is 201

    Scenario: A form is sent as a form
      When I send POST "/api/v1/auth/login" with form:
        | name     | value                 |
        | username | ada & grace           |
        | password | correct horse battery |
      Then the response status is 415

    Scenario: Parameters are encoded
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users" with query:
        | name | value       |
        | q    | a&b=c d+ö%? |
        | page | 1           |
      Then the response status is 200
      And the response JSON at "$.meta.total" is "0"

    Scenario: A path is sent as it is written
      When I send GET "/api/v1/greet/%41da%2FGrace"
      Then the response JSON at "$.message" is "Hello, Ada/Grace!"

    Scenario: A body is sent as it is
      Given the request header "Content-Type" is "application/json"
      When I send POST "/api/v1/users" with body:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201

  Rule: Many requests may be sent at the same moment

    Scenario: Every one of them is answered
      When I send 5 concurrent GET requests to "/api/v1/greet"
      Then 5 of the responses have status 200
      And 0 of the responses have status 500

    Scenario: Made values differ from one to the next
      When I send 4 concurrent POST requests to "/api/v1/users" with JSON:
        """
        {"username": "dancer_{{$seq}}", "password": "correct horse battery"}
        """
      Then 4 of the responses have status 201

    Scenario: A request is sent again until its answer is the expected one
      When I poll GET "/api/ready" for up to 1m30s until the JSON contains:
        """
        {"ready": true}
        """
      Then the response status is 200
