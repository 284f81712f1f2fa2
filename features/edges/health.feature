Feature: Health, at the edges
  What the service reports about itself.

  Rule: A running service reports that it is healthy

    Scenario: Every endpoint shows the same version
      Given I send GET "/api/version"
      And I save the response JSON at "$.version" as "version"
      When I send GET "/api/health"
      Then the response JSON is:
        """
        {"status": "healthy", "version": "{{version}}", "db_driver": "#regex ^(postgres|sqlite)$", "uptime_seconds": "#int"}
        """
      When I send GET "/api/openapi.json"
      Then the response JSON at "$.info.version" is "{{version}}"

    Scenario: The version is exact
      When I send GET "/api/version"
      Then the response JSON is:
        """
        {"version": "#string", "commit": "#string", "profile": "#regex ^(debug|release)$"}
        """

    Scenario: The pool's numbers are exact
      When I send GET "/api/metrics/db"
      Then the response JSON is:
        """
        {
          "size": "#int", "idle": "#int", "in_use": "#int", "max": "#> 0", "acquires": "#int", "acquire_timeouts": "#int",
          "acquire_ms_mean": "#number", "acquire_ms_max": "#number"
        }
        """

    Scenario Outline: HEAD has no body: <path>
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

  Rule: Without its database, a service is healthy but not ready

    @postgres
    Scenario: The database's health endpoint says that it is unavailable, with Retry-After
      Given the service runs with:
        | key                      | value |
        | database.acquire_timeout | 500ms |
      And the database refuses connections
      When I send GET "/api/health/db"
      Then the response is the problem "unavailable"
      And the response header "Retry-After" matches "^[0-9]+$"

    @postgres
    Scenario: Readiness shows no secrets of the database
      Given the database refuses connections
      When I send GET "/api/ready"
      Then the response status is 503
      And the response JSON at "$.connections.database.error" is "#regex ^[^:@/]*$"

    @postgres
    Scenario Outline: Endpoints that need no database work without it: <path>
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
    Scenario Outline: Endpoints that need the database answer 503: <path>
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

    @postgres
    Scenario: A database that stops answering doesn't use up the pool
      Given the service runs with:
        | key                        | value |
        | database.max_conns         | 5     |
        | database.acquire_timeout   | 500ms |
        | database.statement_timeout | 1s    |
      And I send 20 concurrent GET requests to "/api/v1/products"
      And 20 of the responses have status 200
      And the database is unreachable
      When I send 20 concurrent GET requests to "/api/v1/products"
      Then 20 of the responses have status 503
      When I send GET "/api/v1/products"
      Then the response is the problem "unavailable"
      And the response header "Retry-After" matches "^[0-9]+$"
      Given the database is reachable again
      When I poll GET "/api/v1/products" for up to 60s until the JSON contains:
        """
        {"data": []}
        """
      And I poll GET "/api/metrics/db" for up to 60s until the JSON contains:
        """
        {"in_use": 0}
        """
      Then the response status is 200

    @postgres
    Scenario: A statement without an answer is given up long before its deadline
      Given the service runs with:
        | key                        | value |
        | database.max_conns         | 1     |
        | database.statement_timeout | 5m    |
        | database.lock_timeout      | 5m    |
        | server.request_timeout     | 1m    |
      And I send GET "/api/v1/products"
      And the database is unreachable
      When I send GET "/api/v1/products"
      Then the response is the problem "unavailable"
      Given the database is reachable again
      When I poll GET "/api/v1/products" for up to 60s until the JSON contains:
        """
        {"data": []}
        """
      Then the response status is 200

    @postgres
    Scenario: A statement that waits for a lock is not given up
      Given the service runs with:
        | key                    | value |
        | database.lock_timeout  | 1m    |
        | server.request_timeout | 4s    |
      And "a user" is asking
      And the SQL:
        """
        begin;
        lock table tags in access exclusive mode
        """
      When I send GET "/api/v1/tags"
      Then the response is the problem "timeout"
      Given the SQL:
        """
        rollback
        """

    @postgres
    Scenario: On a slow network, many concurrent requests are all answered
      Given the service runs with:
        | key                        | value |
        | database.acquire_timeout   | 1m    |
        | database.statement_timeout | 1m    |
        | server.request_timeout     | 1m    |
      And the database is slow by 50ms
      When I send 40 concurrent GET requests to "/api/v1/products"
      Then 40 of the responses have status 200

    @postgres
    Scenario: A service whose database doesn't answer can be stopped
      Given the service runs with:
        | key                        | value |
        | database.acquire_timeout   | 500ms |
        | database.statement_timeout | 1m    |
        | server.request_timeout     | 1s    |
        | server.shutdown_pause      | 0s    |
        | server.shutdown_timeout    | 1s    |
      And the database is unreachable
      And I send 20 concurrent GET requests to "/api/v1/products"
      When the service is asked to stop
      Then it exits with 0

  Rule: A full pool doesn't make the service unready

    @postgres
    Scenario: While every connection waits for a lock, readiness is still answered
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
      Then 1 of the responses has status 200
      And 2 of the responses have status 504
      Given the SQL:
        """
        rollback
        """

    @postgres
    Scenario: A server that accepts no further connection doesn't make the service unready
      Given the service runs with:
        | key                | value |
        | database.max_conns | 1     |
        | database.min_conns | 0     |
      And I send GET "/api/v1/pizzas"
      And I send GET "/api/ready"
      And the SQL:
        """
        do $$ begin execute format('alter database %I connection limit 0', current_database()); end $$;
        select pg_terminate_backend(pid)
          from pg_stat_activity
         where datname = current_database()
           and application_name = 'dance-lessons-coach'
           and query = 'select 1'
        """
      When I send GET "/api/ready"
      And the SQL:
        """
        do $$ begin execute format('alter database %I connection limit -1', current_database()); end $$
        """
      Then the response status is 200
      And the response took less than 1500ms

    @postgres
    Scenario: Readiness shows that every connection is in use
      Given the service runs with:
        | key                    | value |
        | database.max_conns     | 1     |
        | database.min_conns     | 0     |
        | database.lock_timeout  | 1m    |
        | server.request_timeout | 10s   |
      And "a user" is asking
      And the SQL:
        """
        begin;
        lock table tags in access exclusive mode
        """
      And a request for GET "/api/v1/tags" by the bearer "{{asking.token}}" is on its way
      When I poll GET "/api/ready" for up to 10s until the JSON contains:
        """
        {"ready": true, "connections": {"database": {"status": "healthy", "pool": "saturated"}}}
        """
      Then the response status is 200
      And the response JSON is:
        """
        {"ready": true, "connections": {"database": {"status": "healthy", "pool": "saturated"}}}
        """
      Given the SQL:
        """
        rollback
        """
      When I poll GET "/api/metrics/db" for up to 60s until the JSON contains:
        """
        {"in_use": 0}
        """
      And I send GET "/api/ready"
      Then the response JSON is:
        """
        {"ready": true, "connections": {"database": {"status": "healthy"}}}
        """
