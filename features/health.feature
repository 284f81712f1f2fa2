Feature: Health
  Operators can ask at any time whether the service is alive and ready, and which version it is.
  This needs no log-in.

  Rule: A running service reports that it is healthy

    @smoke
    Scenario Outline: The service is alive: <path>
      When I send GET "<path>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"status": "healthy", "version": "#string", "db_driver": "#regex ^(postgres|sqlite)$", "uptime_seconds": "#number"}
        """

      Examples:
        | path        |
        | /api/health |
        | /health     |

    @smoke
    Scenario: The service is ready
      When I send GET "/api/ready"
      Then the response status is 200
      And the response JSON is:
        """
        {"ready": true, "connections": {"database": {"status": "healthy"}}}
        """

    @smoke
    Scenario: The service shows its version
      When I send GET "/api/version"
      Then the response status is 200
      And the response JSON contains:
        """
        {"version": "#regex ^[0-9]+[.][0-9]+[.][0-9]+", "commit": "#string", "profile": "#string"}
        """

    @smoke
    Scenario: The health check sends a query to the database
      When I send GET "/api/health/db"
      Then the response status is 200
      And the response JSON contains:
        """
        {"status": "healthy", "driver": "#regex ^(postgres|sqlite)$", "server_version": "#string", "latency_ms": "#number"}
        """

    Scenario Outline: The pool is described: <figure>
      When I send GET "/api/metrics/db"
      Then the response status is 200
      And the response JSON at "$.<figure>" is "#number"

      Examples:
        | figure           |
        | size             |
        | idle             |
        | in_use           |
        | max              |
        | acquires         |
        | acquire_timeouts |
        | acquire_ms_mean  |
        | acquire_ms_max   |

    Scenario: HEAD has no body
      When I send HEAD "/api/health"
      Then the response status is 200
      And the response body is empty

  Rule: The service describes itself

    @smoke
    Scenario: The API is described by OpenAPI 3.1
      When I send GET "/api/openapi.json"
      Then the response status is 200
      And the response JSON at "$.openapi" is "#regex ^3[.]1"
      And the response JSON at "$.paths" is "#object"

    Scenario Outline: The description contains every path: <path>
      When I send GET "/api/openapi.json"
      Then the response body contains '"<path>"'

      Examples:
        | path                               |
        | /api/v1/users                      |
        | /api/v1/users/me                   |
        | /api/v1/users/me/password          |
        | /api/v1/users/{id}                 |
        | /api/v1/users/{id}/restore         |
        | /api/v1/users/{id}/password-reset  |
        | /api/v1/auth/login                 |
        | /api/v1/auth/logout                |
        | /api/v1/auth/password-reset        |
        | /api/v1/auth/sessions              |
        | /api/v1/auth/validate              |
        | /api/v1/greet                      |
        | /api/v1/greetings                  |
        | /api/ready                         |
        | /metrics                           |
        | /api/v1/oauth/token                |
        | /api/v1/oauth/clients              |
        | /api/v1/oauth/clients/{client_id}  |
        | /api/v1/categories                 |
        | /api/v1/categories/{id}            |
        | /api/v1/products                   |
        | /api/v1/products/batch             |
        | /api/v1/products/{id}              |
        | /api/v1/products/{id}/restore      |
        | /api/v1/products/{id}/stock        |
        | /api/v1/pizzas                     |
        | /api/v1/pizzas/{id}                |
        | /api/v1/databases                  |
        | /api/v1/databases/events           |
        | /api/v1/databases/{id}             |
        | /api/v1/databases/{id}/events      |
        | /api/v1/databases/{id}/status      |
        | /api/v1/image-updates              |
        | /api/v1/image-updates/webhook      |
        | /api/v1/image-updates/acknowledge  |
        | /api/v1/image-updates/{id}         |
        | /api/v1/image-updates/{id}/acknowledge |
        | /api/v1/image-updates/{id}/tag     |
        | /api/v1/tags                       |
        | /api/v1/tags/{id}                  |

    Scenario: The documentation is a page to browse
      When I send GET "/docs"
      Then the response status is 200
      And the response header "Content-Type" contains "text/html"

    Scenario Outline: The documentation brings its own files, so that it needs no internet: <file>
      When I send GET "/docs/<file>"
      Then the response status is <status>
      And the response header "Content-Type" contains "<type>"

      Examples:
        | file                 | status | type                     |
        | swagger-ui.css       | 200    | text/css                 |
        | swagger-ui-bundle.js | 200    | javascript               |
        | waltz.js             | 404    | application/problem+json |

  Rule: Without its database, a service is healthy but not ready

    @postgres
    Scenario: Readiness reports an unreachable database quickly
      Given the database refuses connections
      When I send GET "/api/ready"
      Then the response status is 503
      And the response JSON is:
        """
        {
          "ready": false, "reason": "database_unhealthy",
          "connections": {"database": {"status": "unhealthy", "error": "#string"}}
        }
        """
      And the response took less than 2500ms

    @postgres
    Scenario Outline: Endpoints that need no database work without it: <path>
      Given the database refuses connections
      When I send GET "<path>"
      Then the response status is 200

      Examples:
        | path                  |
        | /api/health           |
        | /api/version          |
        | /api/v1/greet         |
        | /api/v1/greet/Ada     |

    @postgres
    Scenario: Endpoints that need the database answer 503 with Retry-After
      Given the service runs with:
        | key                      | value |
        | database.acquire_timeout | 500ms |
      And the database refuses connections
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 503
      And the response is the problem "unavailable"
      And the response header "Retry-After" matches "^[0-9]+$"

    @postgres
    Scenario: The log says why the database can't be reached, with the database's own message
      Given the service runs with:
        | key                      | value |
        | database.acquire_timeout | 500ms |
        | database.max_conns       | 1     |
      And the database refuses connections
      # It may get the connection that was lost.
      And I send GET "/api/v1/pizzas"
      When I send GET "/api/v1/pizzas"
      Then the response status is 503
      And the log contains "can't connect to the database: "
      And the log does not contain "at line"

    @postgres
    Scenario: Readiness doesn't wait for a database that doesn't answer
      Given the service runs with:
        | key                        | value |
        | database.acquire_timeout   | 1m    |
        | database.statement_timeout | 1m    |
      And the database is unreachable
      When I send GET "/api/ready"
      Then the response status is 503
      And the response JSON contains:
        """
        {"ready": false, "reason": "database_unhealthy"}
        """
      And the response took less than 20s

    @postgres
    Scenario: When the network is back the service is ready again, and nothing is lost
      Given a registered user "ada"
      And the database is unreachable
      And I send GET "/api/ready"
      And the response status is 503
      And the database is reachable again
      When I poll GET "/api/ready" for up to 60s until the JSON contains:
        """
        {"ready": true}
        """
      Then "ada" logs in

    @postgres
    Scenario: When the database is back the service is ready again, and nothing is lost
      Given a registered user "ada"
      And the database refuses connections
      And I send GET "/api/ready"
      And the response status is 503
      And the database is reachable again
      When I poll GET "/api/ready" for up to 10s until the JSON contains:
        """
        {"ready": true}
        """
      Then "ada" logs in

  Rule: Before it stops, a service reports that it is not ready

    Scenario: Readiness says that the service is shutting down
      Given the service runs with:
        | key                   | value |
        | server.shutdown_pause | 3s    |
      When the service is asked to stop
      And I send GET "/api/ready"
      Then the response status is 503
      And the response JSON is:
        """
        {"ready": false, "reason": "server_shutting_down", "connections": {"database": "not_checked"}}
        """

    Scenario: Requests are still answered while the load balancer switches over
      Given the service runs with:
        | key                   | value |
        | server.shutdown_pause | 3s    |
      And the service is asked to stop
      When I send GET "/api/v1/greet"
      Then the response status is 200

    Scenario Outline: A stalled request doesn't delay the shutdown: <sent>
      Given the service runs with:
        | key                     | value |
        | server.shutdown_pause   | 0     |
        | server.shutdown_timeout | 60s   |
      Then a client that has sent "<sent>" doesn't hold up the service's end

      Examples:
        | sent            |
        | nothing         |
        | a whole request |
        | half a head     |
        | half a body     |

    Scenario: A request that has begun to arrive is answered
      Given the service runs with:
        | key                   | value |
        | server.shutdown_pause | 500ms |
      Then the service is asked to stop while POST "/api/v1/users" arrives, and answers 201:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      And it exits with 0
      And the table "users" contains the rows:
        | username |
        | ada      |
