Feature: Errors
  When something can't be done, the answer says what and why, always in the same form.
  What went wrong inside never shows.

  Rule: Every error has the same form

    @smoke
    Scenario: An unknown path is answered with a problem
      When I send GET "/api/v1/ballroom"
      Then the response status is 404
      And the response is the problem "not-found"
      And the response header "Content-Type" contains "application/problem+json"
      And the response JSON contains:
        """
        {
          "type": "/problems/not-found", "title": "#string", "status": 404, "detail": "#string",
          "instance": "/api/v1/ballroom", "request_id": "#string"
        }
        """

    Scenario: Every invalid field has a message
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "a", "password": "short"}
        """
      Then the response JSON at "$.errors" has 2 items
      And every item of the response JSON at "$.errors" contains:
        """
        {"field": "#string", "message": "#string"}
        """

    Scenario Outline: An unknown path is 404 for every method: <method> <path>
      When I send <method> "<path>"
      Then the response status is 404
      And the response is the problem "not-found"

      Examples:
        | method | path                    |
        | GET    | /ballroom               |
        | GET    | /api                    |
        | GET    | /api/v2/users           |
        | POST   | /api/v1/ballroom        |
        | DELETE | /api/v1/users/me/shoes  |

    Scenario Outline: An unsupported method is refused, and Allow lists the supported ones: <method> <path>
      When I send <method> "<path>"
      Then the response status is 405
      And the response is the problem "method-not-allowed"
      And the response header "Allow" contains "<allowed>"

      Examples:
        | method | path                  | allowed |
        | DELETE | /api/v1/users         | POST    |
        | PUT    | /api/v1/greet         | GET     |
        | POST   | /api/v1/greetings     | GET     |
        | GET    | /api/v1/auth/login    | POST    |
        | DELETE | /api/v1/users/me      | PATCH   |
        | POST   | /api/health           | GET     |

  Rule: Every request has an id

    Scenario: A request without an id gets one
      When I send GET "/api/v1/greet"
      Then the response header "X-Request-Id" matches "^[!-~]+$"

    Scenario: A request's own id is returned, in problems too
      Given the request header "X-Request-Id" is "evening-class-7"
      When I send GET "/api/v1/ballroom"
      Then the response header "X-Request-Id" is "evening-class-7"
      And the response JSON at "$.request_id" is "evening-class-7"

  Rule: A body must be JSON, and say so

    Scenario Outline: A body that isn't JSON is refused: <body>
      Given the request header "Content-Type" is "application/json"
      When I send POST "/api/v1/users" with body:
        """
        <body>
        """
      Then the response status is 400
      And the response is the problem "invalid-json"

      Examples:
        | body                                        |
        | {                                           |
        | cha cha cha                                 |
        | {"username": "ada",}                        |
        | {'username': 'ada'}                         |
        | {"username": "ada"} {"username": "grace"}   |
        | {"username": }                              |

    Scenario: A missing body is refused
      Given the request header "Content-Type" is "application/json"
      When I send POST "/api/v1/users"
      Then the response status is 400
      And the response is the problem "invalid-json"

    Scenario Outline: JSON that isn't an object is refused: <body>
      When I send POST "/api/v1/users" with JSON:
        """
        <body>
        """
      Then the response status is 400
      And the response is the problem "validation"

      Examples:
        | body  |
        | []    |
        | 42    |
        | "ada" |
        | null  |
        | true  |

    Scenario Outline: A body with another media type is refused: <type>
      Given the request header "Content-Type" is "<type>"
      When I send POST "/api/v1/users" with body:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 415
      And the response is the problem "unsupported-media-type"
      And the table "users" is empty

      Examples:
        | type                              |
        | text/plain                        |
        | application/xml                   |
        | application/x-www-form-urlencoded |

    Scenario Outline: A compressed body is refused: <coding>
      Given the request header "Content-Encoding" is "<coding>"
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is <status>

      Examples:
        | coding         | status |
        | gzip           | 415    |
        | identity, zstd | 415    |
        | Identity       | 201    |

    Scenario Outline: The media type of JSON may have a charset: <type>
      Given the request header "Content-Type" is "<type>"
      When I send POST "/api/v1/users" with body:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201

      Examples:
        | type                            |
        | application/json                |
        | application/json; charset=utf-8 |
        | Application/JSON                |

    Scenario: A body that is too large is refused
      Given the service runs with:
        | key               | value |
        | server.body_limit | 100   |
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "description": "quick quick slow, quick quick slow, and turn"}
        """
      Then the response status is 413
      And the response is the problem "payload-too-large"
      And the table "users" is empty

    Scenario: A body with a too large Content-Length is refused before it is sent
      Then POST "/api/v1/users" that announces 1048577 bytes is answered 413 before they are there

  Rule: Permissions are checked before the request's content

    Scenario: Without a log-in, a broken body is not checked
      Given the request header "Content-Type" is "application/json"
      When I send PUT "/api/v1/users/me/password" with body:
        """
        {"broken
        """
      Then the response status is 401

    Scenario: Users without the right get 403, not details of a bad body
      Given a registered user "ada"
      And "ada" logs in
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"shoe_size": 38}
        """
      Then the response status is 403

    Scenario Outline: A client that sends its body late still gets the answer: <method> <path>
      Then <method> "<path>" is answered <status> before its body is there, and the connection goes on

      Examples:
        | method | path                          | status |
        | POST   | /api/v1/pizzas                | 401    |
        | POST   | /api/v1/image-updates/webhook | 503    |
        | POST   | /api/v1/ballroom              | 404    |
        | POST   | /api/health                   | 405    |
        | GET    | /api/openapi.json             | 200    |

  Rule: Input that can't be decoded is refused

    Scenario Outline: A query with invalid encoding is refused: <query>
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users?q=<query>"
      Then the response is the problem "validation"

      Examples:
        | query |
        | %zz   |
        | %ff   |

    Scenario: A number that is too large is an invalid value, not invalid JSON
      When I send POST "/api/v1/users" with body:
        """
        {"username": "ada", "password": "correct horse battery", "name": 1e999}
        """
      Then the response is a client error
