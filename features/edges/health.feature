Feature: Health, at the edges
  What is told about the service, and to whom.

  Rule: A living service says so

    Scenario: All that tell the version tell the same one
      Given I send GET "/api/version"
      And I save the response JSON at "$.version" as "version"
      When I send GET "/api/health"
      Then the response JSON is:
        """
        {"status": "healthy", "version": "{{version}}", "db_driver": "#regex ^(postgres|sqlite)$", "uptime_seconds": "#int"}
        """
      When I send GET "/api/openapi.json"
      Then the response JSON at "$.info.version" is "{{version}}"

    Scenario: The version is exactly told
      When I send GET "/api/version"
      Then the response JSON is:
        """
        {"version": "#string", "commit": "#string", "profile": "#regex ^(debug|release)$"}
        """

    Scenario: The pool is exactly counted
      When I send GET "/api/metrics/db"
      Then the response JSON is:
        """
        {
          "size": "#int", "idle": "#int", "in_use": "#int", "max": "#> 0", "acquires": "#int", "acquire_timeouts": "#int",
          "acquire_ms_mean": "#number", "acquire_ms_max": "#number"
        }
        """

    Scenario Outline: A check that only wants the head gets no body: <path>
      When I send HEAD "<path>"
      Then the response status is 200
      And the response body is empty

      Examples:
        | path              |
        | /health           |
        | /api/ready        |
        | /api/health/db    |
        | /api/metrics/db   |
        | /api/version      |
        | /metrics          |
        | /api/openapi.json |
        | /docs             |
        | /api/v1/products  |

  Rule: A service without its database lives, but isn't ready

    @postgres
    Scenario: The database's own health says that it is gone, and to come back
      Given the service runs with:
        | key                      | value |
        | database.acquire_timeout | 500ms |
      And the database refuses connections
      When I send GET "/api/health/db"
      Then the response is the problem "unavailable"
      And the response header "Retry-After" matches "^[0-9]+$"

    @postgres
    Scenario: What readiness says of the database is no secret
      Given the database refuses connections
      When I send GET "/api/ready"
      Then the response status is 503
      And the response JSON at "$.connections.database.error" is "#regex ^[^:@/]*$"

    @postgres
    Scenario Outline: What only counts goes on without a database: <path>
      Given the database refuses connections
      When I send GET "<path>"
      Then the response status is 200

      Examples:
        | path              |
        | /health           |
        | /api/metrics/db   |
        | /metrics          |
        | /api/openapi.json |
        | /docs             |

    @postgres
    Scenario Outline: What needs the database asks to come back later: <path>
      Given the service runs with:
        | key                      | value |
        | database.acquire_timeout | 500ms |
      And the database refuses connections
      When I send GET "/api/v1/<path>"
      Then the response is the problem "unavailable"
      And the response header "Retry-After" matches "^[0-9]+$"

      Examples:
        | path                                          |
        | products                                      |
        | products/0197a0a0-0000-7000-8000-000000000001 |
        | categories                                    |
        | pizzas                                        |

  Rule: A full pool doesn't make the service unready

    @postgres
    Scenario: While every connection waits for a lock, readiness is answered on its own
      Given the service runs with:
        | key                    | value |
        | database.max_conns     | 1     |
        | server.request_timeout | 2s    |
      And "a user" is asking
      And the SQL:
        """
        begin;
        lock table tags in access exclusive mode
        """
      When I send at the same moment:
        | method | path         | bearer           |
        | GET    | /api/v1/tags | {{asking.token}} |
        | GET    | /api/v1/tags | {{asking.token}} |
        | GET    | /api/ready   |                  |
      Then 1 of the responses have status 200
      And 2 of the responses have status 504
      Given the SQL:
        """
        rollback
        """
