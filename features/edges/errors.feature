Feature: Errors, at the edges
  Errors have the same form on every path and for every method.

  Rule: Every error has the same form

    Scenario Outline: An error has exactly these fields: <status>
      Given "<who>" is asking
      And the request header "X-Request-Id" is "evening-class-7"
      When I send <method> "/api/v1/<path>" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response status is <status>
      And the response header "Content-Type" is "application/problem+json"
      And the response header "X-Request-Id" is "evening-class-7"
      And the response JSON is:
        """
        {
          "type": "/problems/<code>", "title": "#string", "status": <status>, "detail": "#string",
          "instance": "/api/v1/<path>", "request_id": "evening-class-7"
        }
        """

      Examples:
        | who                | method | path                                            | status | code               |
        | nobody             | POST   | categories                                      | 401    | unauthenticated    |
        | a user             | POST   | categories                                      | 403    | forbidden          |
        | a client for write | PATCH  | categories/0197a0a0-0000-7000-8000-000000000001 | 404    | not-found          |
        | nobody             | GET    | ballroom                                        | 404    | not-found          |
        | nobody             | PUT    | categories                                      | 405    | method-not-allowed |
        | nobody             | POST   | image-updates/webhook                           | 503    | unavailable        |

    Scenario: A validation error also lists every mistake, and nothing else
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada"}
        """
      Then the response JSON is:
        """
        {
          "type": "/problems/validation", "title": "#string", "status": 400, "detail": "#string",
          "instance": "/api/v1/users", "request_id": "#string",
          "errors": [{"field": "password", "message": "is required"}]
        }
        """

    Scenario: The path in an error has no query parameters
      When I send GET "/api/v1/products?colour=red"
      Then the response JSON at "$.instance" is "/api/v1/products"

    Scenario Outline: Retry-After and WWW-Authenticate are sent only where they belong: <path>
      When I send GET "<path>"
      Then the response is the problem "<problem>"
      And the response has no header "Retry-After"
      And the response has no header "WWW-Authenticate"

      Examples:
        | path                    | problem    |
        | /api/v1/ballroom        | not-found  |
        | /api/v1/products?page=0 | validation |
        | /api/v1/products/x      | validation |

    Scenario Outline: An unknown path is 404 for every method: <method> <path>
      When I send <method> "<path>"
      Then the response is the problem "not-found"
      And the response header "Content-Type" is "application/problem+json"

      Examples:
        | method  | path                                                            |
        | PUT     | /api/v1/ballroom                                                |
        | PATCH   | /api/v1                                                         |
        | OPTIONS | /ballroom                                                       |
        | GET     | /api/v1/                                                        |
        | GET     | /api/v1/products/                                               |
        | GET     | /api/v1//products                                               |
        | GET     | /API/V1/products                                                |
        | GET     | /api/v1/products/0197a0a0-0000-7000-8000-000000000001/colour    |
        | GET     | /problems/validation                                            |

    Scenario Outline: An unsupported method is refused, and Allow has exactly the supported ones: <method> <path>
      When I send <method> "<path>"
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" matches "^(<allowed>)(, ?(<allowed>))*$"

      Examples:
        | method  | path                                                               | allowed                |
        | PUT     | /api/v1/users                                                      | GET\|HEAD\|POST        |
        | POST    | /api/v1/users/0197a0a0-0000-7000-8000-000000000001                 | GET\|HEAD\|PATCH\|DELETE |
        | GET     | /api/v1/users/0197a0a0-0000-7000-8000-000000000001/restore         | POST                   |
        | GET     | /api/v1/users/0197a0a0-0000-7000-8000-000000000001/password-reset  | POST                   |
        | POST    | /api/v1/users/me/password                                          | PUT                    |
        | GET     | /api/v1/auth/logout                                                | POST                   |
        | GET     | /api/v1/auth/password-reset                                        | POST                   |
        | POST    | /api/v1/auth/validate                                              | GET\|HEAD              |
        | POST    | /api/v1/auth/sessions                                              | GET\|HEAD              |
        | GET     | /api/v1/auth/sessions/0197a0a0-0000-7000-8000-000000000001         | DELETE                 |
        | DELETE  | /api/v1/oauth/clients                                              | GET\|HEAD\|POST        |
        | POST    | /api/v1/greet/Ada                                                  | GET\|HEAD              |
        | DELETE  | /api/v1/categories                                                 | GET\|HEAD\|POST        |
        | PUT     | /api/v1/categories/0197a0a0-0000-7000-8000-000000000001            | GET\|HEAD\|PATCH\|DELETE |
        | DELETE  | /api/v1/products                                                   | GET\|HEAD\|POST        |
        | PUT     | /api/v1/products/0197a0a0-0000-7000-8000-000000000001              | GET\|HEAD\|PATCH\|DELETE |
        | GET     | /api/v1/products/0197a0a0-0000-7000-8000-000000000001/stock        | POST                   |
        | GET     | /api/v1/products/0197a0a0-0000-7000-8000-000000000001/restore      | POST                   |
        | DELETE  | /api/v1/pizzas                                                     | GET\|HEAD\|POST        |
        | POST    | /api/v1/pizzas/0197a0a0-0000-7000-8000-000000000001                | GET\|HEAD\|PUT\|DELETE |
        | PUT     | /api/v1/databases                                                  | GET\|HEAD\|POST        |
        | PUT     | /api/v1/databases/0197a0a0-0000-7000-8000-000000000001             | GET\|HEAD\|PATCH\|DELETE |
        | GET     | /api/v1/databases/0197a0a0-0000-7000-8000-000000000001/status      | POST                   |
        | POST    | /api/v1/image-updates                                              | GET\|HEAD              |
        | PATCH   | /api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001         | GET\|HEAD\|DELETE      |
        | GET     | /api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag     | PUT\|DELETE            |
        | PATCH   | /api/v1/tags                                                       | GET\|HEAD\|POST        |
        | OPTIONS | /api/v1/products                                                   | GET\|HEAD\|POST        |
        | POST    | /health                                                            | GET\|HEAD              |
        | DELETE  | /api/ready                                                         | GET\|HEAD              |
        | POST    | /api/health/db                                                     | GET\|HEAD              |
        | POST    | /api/metrics/db                                                    | GET\|HEAD              |
        | POST    | /metrics                                                           | GET\|HEAD              |
        | POST    | /api/version                                                       | GET\|HEAD              |
        | POST    | /api/openapi.json                                                  | GET\|HEAD              |
        | POST    | /docs                                                              | GET\|HEAD              |

    Scenario Outline: An unknown parameter of an operations endpoint is refused: <path>
      When I send GET "<path>?colour=red"
      Then the response is the problem "validation"
      And the problem names the field "colour"

      Examples:
        | path              |
        | /api/health       |
        | /health           |
        | /api/ready        |
        | /api/health/db    |
        | /api/metrics/db   |
        | /api/version      |
        | /api/openapi.json |
        | /metrics          |
        | /docs             |

  Rule: Every request has an id

    Scenario Outline: An unsafe request id is replaced: <id>
      Given the request header "X-Request-Id" is "<id>"
      When I send GET "/api/v1/greet"
      Then the response status is 200
      And the response header "X-Request-Id" matches "^[0-9a-f-]{36}$"

      Examples:
        | id                                |
        |                                   |
        | evening class                     |

    Scenario Outline: The length of a request id is limited: <length>
      Given the text "long" of <length> characters
      And the request header "X-Request-Id" is "{{long}}"
      When I send GET "/api/v1/greet"
      Then the response header "X-Request-Id" matches "<kept>"

      Examples:
        | length | kept            |
        | 128    | ^x{128}$        |
        | 129    | ^[0-9a-f-]{36}$ |

    Scenario: A log line carries the request's id
      Given the request header "X-Request-Id" is "evening-class-7"
      When I send GET "/api/v1/greet"
      Then the log has a line that contains:
        """json
        {"span": {"request_id": "evening-class-7", "method": "GET", "path": "/api/v1/greet"}}
        """

  Rule: Every body must be JSON, with the media type of JSON

    Background:
      Given an admin "root"
      And "root" logs in

    Scenario Outline: A body that isn't JSON is refused: <method> <path>
      Given the request header "Content-Type" is "application/json"
      When I send <method> "/api/v1/<path>" with body:
        """
        {"broken
        """
      Then the response is the problem "invalid-json"

      Examples:
        | method | path                                                   |
        | PATCH  | users/me                                               |
        | PUT    | users/me/password                                      |
        | PATCH  | users/0197a0a0-0000-7000-8000-000000000001             |
        | POST   | auth/login                                             |
        | POST   | auth/password-reset                                    |
        | POST   | oauth/clients                                          |
        | POST   | categories                                             |
        | PATCH  | categories/0197a0a0-0000-7000-8000-000000000001        |
        | POST   | products                                               |
        | POST   | products/batch                                         |
        | PATCH  | products/0197a0a0-0000-7000-8000-000000000001          |
        | POST   | products/0197a0a0-0000-7000-8000-000000000001/stock    |
        | POST   | pizzas                                                 |
        | PUT    | pizzas/0197a0a0-0000-7000-8000-000000000001            |
        | POST   | databases                                              |
        | PATCH  | databases/0197a0a0-0000-7000-8000-000000000001         |
        | POST   | databases/0197a0a0-0000-7000-8000-000000000001/status  |
        | POST   | image-updates/acknowledge                              |
        | PUT    | image-updates/0197a0a0-0000-7000-8000-000000000001/tag |
        | POST   | tags                                                   |

    Scenario Outline: A duplicate member of an object is refused and named: <field>
      Given the request header "Content-Type" is "application/json"
      When I send POST "/api/v1/<path>" with body:
        """
        <body>
        """
      Then the response is the problem "validation"
      And the response JSON at "$.errors" is '[{"field": "<field>", "message": "is given more than once"}]'

      Examples:
        | path           | field         | body                                                                                              |
        | tags           | name          | {"name": "waltz", "name": "tango"}                                                                |
        | products/batch | items[0].name | {"items": [{"name": "Shoes", "price": "1", "stock": 1, "category_id": "{{$uuid}}", "name": "Fan"}]} |

    Scenario Outline: JSON that isn't an object, and other media types, are refused: <method> <path>
      Given the request header "Content-Type" is "application/json"
      When I send <method> "/api/v1/<path>" with body:
        """
        [1]
        """
      Then the response is the problem "validation"
      And the problem names the field "body"
      Given the request header "Content-Type" is "text/plain"
      When I send <method> "/api/v1/<path>" with body:
        """
        {}
        """
      Then the response is the problem "unsupported-media-type"

      Examples:
        | method | path                                                   |
        | PATCH  | users/me                                               |
        | PUT    | users/me/password                                      |
        | PATCH  | users/0197a0a0-0000-7000-8000-000000000001             |
        | POST   | auth/login                                             |
        | POST   | auth/password-reset                                    |
        | POST   | oauth/clients                                          |
        | POST   | categories                                             |
        | PATCH  | categories/0197a0a0-0000-7000-8000-000000000001        |
        | POST   | products                                               |
        | POST   | products/batch                                         |
        | PATCH  | products/0197a0a0-0000-7000-8000-000000000001          |
        | POST   | products/0197a0a0-0000-7000-8000-000000000001/stock    |
        | POST   | pizzas                                                 |
        | PUT    | pizzas/0197a0a0-0000-7000-8000-000000000001            |
        | POST   | databases                                              |
        | PATCH  | databases/0197a0a0-0000-7000-8000-000000000001         |
        | POST   | databases/0197a0a0-0000-7000-8000-000000000001/status  |
        | POST   | image-updates/acknowledge                              |
        | PUT    | image-updates/0197a0a0-0000-7000-8000-000000000001/tag |
        | POST   | tags                                                   |

    Scenario Outline: A PATCH may have the media type of a merge patch: <type>
      Given the request header "Content-Type" is "<type>"
      When I send PATCH "/api/v1/users/me" with body:
        """
        {"name": "Root"}
        """
      Then the response status is <status>

      Examples:
        | type                         | status |
        | application/merge-patch+json | 200    |
        | text/json                    | 415    |
        | application/jsonp            | 415    |

    Scenario: A body without a media type is refused
      Given the request header "Content-Type" is ""
      When I send PATCH "/api/v1/users/me" with body:
        """
        {"name": "Root"}
        """
      Then the response is the problem "unsupported-media-type"

    Scenario Outline: The size of a body is limited: <limit>
      Given the service runs with:
        | key               | value   |
        | server.body_limit | <limit> |
      And nobody is logged in
      And the request header "Content-Type" is "application/json"
      When I send POST "/api/v1/users" with body:
        """
        {"username":"ada","password":"correct horse battery"}
        """
      Then the response status is <status>

      Examples:
        | limit | status |
        | 53    | 201    |
        | 52    | 413    |

  Rule: Internal errors are never shown

    Scenario: Messages of the database are not shown
      Given "a client for read write" is asking
      And the SQL:
        """
        alter table tags rename to hidden_tags
        """
      When I send GET "/api/v1/tags"
      Then the response is the problem "internal"
      And the response status is 500
      And the response JSON is:
        """
        {
          "type": "/problems/internal", "title": "#string", "status": 500,
          "detail": "the request id finds the cause in the logs", "instance": "/api/v1/tags", "request_id": "#string as request"
        }
        """
      And the log has 1 line that contains:
        """json
        {"level": "ERROR", "span": {"request_id": "{{request}}"}}
        """

  Rule: A request must name its host exactly once

    Scenario: A request with two hosts is refused
      Given the request headers:
        | name | value        |
        | Host | one.example  |
        | Host | two.example  |
      When I send GET "/api/health"
      Then the response is the problem "validation"
      And the problem names the field "Host"

  Rule: The length of responses and log lines is limited

    Scenario: A long path is shortened in responses and in the log
      Given the text "long" of 3000 characters
      When I send GET "/api/v1/{{long}}"
      Then the response is the problem "not-found"
      And the response JSON at "$.instance" is "#regex ^.{500}$"
      And the log does not contain "{{long}}"

  Rule: The documentation page runs no foreign scripts

    Scenario Outline: The page and its files have a content security policy: <path>
      When I send GET "<path>"
      Then the response status is 200
      And the response header "Content-Security-Policy" contains "frame-ancestors 'none'"
      And the response header "Content-Security-Policy" contains "default-src 'self'"
      And the response header "X-Frame-Options" is "DENY"
      And the response header "X-Content-Type-Options" is "nosniff"

      Examples:
        | path                      |
        | /docs                     |
        | /docs/swagger-ui.css      |
