Feature: Limits
  Nobody can guess passwords and secrets by trial: attempts per minute are limited.
  The service accepts only as many requests as it can handle.

  Rule: Log-ins are counted for each account

    Background:
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 3     |
      And a registered user "ada"
      And a registered user "grace"

    Scenario: After too many attempts, even the right password is refused for a while
      Given I send 3 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "wrong horse battery"}
        """
      And 3 of the responses have status 401
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 429
      And the response is the problem "too-many-requests"
      And the response header "Retry-After" matches "^[1-9][0-9]?$"

    Scenario: Of many concurrent attempts, only the allowed number is checked
      When I send 12 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "wrong horse battery"}
        """
      Then 3 of the responses have status 401
      And 9 of the responses have status 429

    Scenario Outline: Every spelling counts as the same account: <name>
      Given I send 3 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "<name>", "password": "wrong horse battery"}
        """
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "<other>", "password": "wrong horse battery"}
        """
      Then the response status is 429

      Examples:
        | name   | other  |
        | ada    | ADA    |
        | nobody | NoBody |

    Scenario: Other accounts are not affected
      Given I send 4 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "wrong horse battery"}
        """
      Then "grace" logs in

  Rule: Tokens are counted for each client

    Scenario: After too many attempts, a client is refused for a while
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 2     |
      And a client "till" with the scopes "read"
      And a client "bar" with the scopes "read"
      And "till" gets a token
      And "till" gets a token
      And nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response is the problem "too-many-requests"
      And the response header "Retry-After" matches "^[1-9][0-9]?$"
      And "bar" gets a token

  Rule: Attempts are counted for each address too

    Scenario: Attempts with many names are limited too
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_address | 5     |
      When I send 9 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "dancer_{{$seq}}", "password": "correct horse battery"}
        """
      Then 5 of the responses have status 401
      And 4 of the responses have status 429

  Rule: By default, attempts are limited

    Scenario Outline: The default limits in <environment>: <shown>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      When I run "config"
      Then it exits with 0
      And the output contains "<shown>"

      Examples:
        | environment | shown                      |
        | development | attempts_per_account = 10  |
        | development | attempts_per_address = 100 |
        | test        | attempts_per_account = 0   |
        | test        | attempts_per_address = 0   |

    Scenario: In test there is no limit
      Given a registered user "ada"
      When I send 15 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then 15 of the responses have status 200

  Rule: Metrics count what happens

    Scenario: Responses are counted by route, not by path
      Given I send GET "/api/v1/products/0197a0a0-0000-7000-8000-000000000001"
      And I send GET "/api/v1/ballroom"
      When I send GET "/metrics"
      Then the response status is 200
      And the response header "Content-Type" is "text/plain; version=0.0.4; charset=utf-8"
      And the response body contains 'http_request_duration_seconds_count{method="GET",route="/api/v1/products/{id}",status="404"} 1'
      And the response body contains 'http_request_duration_seconds_bucket{method="GET",route="/api/v1/products/{id}",status="404",le="+Inf"} 1'
      And the response body contains 'route="unmatched",status="404"'

    Scenario Outline: Metrics of the pool and the password queue exist: <name>
      When I send GET "/metrics"
      Then the response body contains "# TYPE <name> <kind>"

      Examples:
        | name                            | kind      |
        | http_request_duration_seconds   | histogram |
        | db_pool_connections             | gauge     |
        | db_pool_connections_max         | gauge     |
        | db_pool_acquires_total          | counter   |
        | db_pool_acquire_timeouts_total  | counter   |
        | password_hashing_running        | gauge     |
        | password_hashing_waiting        | gauge     |
        | uptime_seconds                  | gauge     |

  Rule: The duration and the number of requests are limited

    @postgres
    Scenario: A request that waits too long for a lock is given up
      Given the service runs with:
        | key                    | value |
        | server.request_timeout | 300ms |
      And "a user" is asking
      And the SQL:
        """
        begin;
        lock table tags in access exclusive mode
        """
      When I send GET "/api/v1/tags"
      Then the response status is 504
      And the response is the problem "timeout"
      Given the SQL:
        """
        rollback
        """
      When I send GET "/api/v1/tags"
      Then the response status is 200

    @postgres
    Scenario: Beyond the limit of concurrent requests, clients get 503 with Retry-After
      Given the service runs with:
        | key                    | value |
        | server.request_timeout | 500ms |
        | server.max_in_flight   | 1     |
      And "a user" is asking
      And the SQL:
        """
        begin;
        lock table tags in access exclusive mode
        """
      When I send 3 concurrent GET requests to "/api/v1/tags"
      Then 1 of the responses has status 504
      And 2 of the responses have status 503
      Given the SQL:
        """
        rollback
        """
