Feature: Limits, at the edges
  Which attempts count, and how many are allowed.

  Rule: Log-ins are counted for each account

    Background:
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 2     |
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}
        """

    Scenario: Successful log-ins count too, and name and email count as one account
      Given "ada" logs in
      And nobody is logged in
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"email": "ADA@example.org", "password": "correct horse battery"}
        """
      And the response status is 200
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response is the problem "too-many-requests"
      And the response header "Retry-After" matches "^[1-9][0-9]?$"

    Scenario: The limit doesn't show whose email an address is
      Given I send 3 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"email": "ada@example.org", "password": "wrong horse battery"}
        """
      And 1 of the responses has status 429
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "wrong horse battery"}
        """
      Then the response is the problem "unauthenticated"

    Scenario: Replicas share their counts
      Given "ada" logs in
      And the service is restarted
      And "ada" logs in
      And nobody is logged in
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response is the problem "too-many-requests"

    Scenario: Attempts with the current password are limited too
      Given "ada" logs in
      And I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "wrong horse battery", "new_password": "battery staple tango"}
        """
      And I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "wrong horse battery", "new_password": "battery staple tango"}
        """
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "correct horse battery", "new_password": "battery staple tango"}
        """
      Then the response is the problem "too-many-requests"

    Scenario: Malformed requests aren't counted
      Given I send 4 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada"}
        """
      And 4 of the responses have status 400
      Then "ada" logs in

    Scenario: Log-ins with a client's name don't use up the client's attempts
      Given a client "till" with the scopes "read"
      And I send 3 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "client till", "password": "wrong horse battery"}
        """
      Then "till" gets a token

    Scenario: A user and a client with the same name are counted separately
      Given a client "ada" with the scopes "read"
      And "ada" gets a token
      And "ada" gets a token
      Then "ada" logs in

  Rule: Tokens are counted for each client

    Background:
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 2     |
      And a client "till" with the scopes "read"

    Scenario: After too many wrong secrets, the right one is refused too
      Given I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | till               |
        | client_secret | one                |
      And I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | till               |
        | client_secret | two                |
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response is the problem "too-many-requests"

    Scenario: Form and HTTP Basic count as the same client
      Given "till" gets a token
      And "till" gets a token
      And the Basic credentials are "till" and "one-two-three-one-two-three"
      When I send POST "/api/v1/oauth/token" with form:
        | name       | value              |
        | grant_type | client_credentials |
      Then the response status is 429

  Rule: Attempts are counted for each address too

    Scenario: Log-ins and tokens are counted together
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_address | 2     |
      And a registered user "ada"
      And a client "till" with the scopes "read"
      And "ada" logs in
      And "till" gets a token
      And nobody is logged in
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "grace", "password": "correct horse battery"}
        """
      Then the response is the problem "too-many-requests"

    Scenario: Registrations are counted for each address, separately from log-ins
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_address | 3     |
      When I send 5 concurrent POST requests to "/api/v1/users" with JSON:
        """
        {"username": "dancer_{{$seq}}", "password": "correct horse battery"}
        """
      Then 3 of the responses have status 201
      And 2 of the responses have status 429
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      Then the response is the problem "unauthenticated"

  Rule: By default, attempts are limited

    Scenario Outline: In test the configured limits apply
      Given the environment variable "DLC_ENVIRONMENT" is "test"
      And the environment variable "<name>" is "7"
      When I run "config"
      Then the output contains "<shown> = 7"

      Examples:
        | name                            | shown                |
        | DLC_LIMITS_ATTEMPTS_PER_ACCOUNT | attempts_per_account |
        | DLC_LIMITS_ATTEMPTS_PER_ADDRESS | attempts_per_address |

    Scenario Outline: The default limits in <environment>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      When I run "config"
      Then it exits with 0
      And the output contains "attempts_per_account = 10"
      And the output contains "attempts_per_address = 100"

      Examples:
        | environment |
        | staging     |
        | production  |

  Rule: Slow or many clients don't keep others waiting

    Scenario: Slow clients don't use up the limit of concurrent requests
      Given the service runs with:
        | key                  | value |
        | server.max_in_flight | 2     |
      And a registered user "ada"
      And 5 clients have sent half a body of POST "/api/v1/auth/login"
      When I send GET "/api/v1/categories"
      Then the response status is 200
      And "ada" logs in

    Scenario: Registrations don't keep log-ins waiting
      Given the service runs with:
        | key                   | value |
        | auth.hash_concurrency | 1     |
        | auth.hash_queue       | 2     |
        | auth.hash_iterations  | 500   |
      And a registered user "ada"
      When I send at the same moment:
        | method | path                | JSON                                                         |
        | POST   | /api/v1/users       | {"username": "dancer_1", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_2", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_3", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_4", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_5", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_6", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_7", "password": "correct horse battery"} |
        | POST   | /api/v1/users       | {"username": "dancer_8", "password": "correct horse battery"} |
        | POST   | /api/v1/auth/login  | {"username": "ada", "password": "correct horse battery"}      |
      Then 1 of the responses has status 200

  Rule: Behind proxies, the client's address counts

    Background:
      Given the service runs with:
        | key                         | value                 |
        | limits.attempts_per_address | 1                     |
        | server.trusted_proxies      | 127.0.0.1, 10.0.0.0/8 |

    Scenario: Limits and audit log use the address that a trusted proxy reports
      Given the request header "X-Forwarded-For" is "203.0.113.1, 10.0.0.7"
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      And the response status is 401
      And the log has a line that contains:
        """
        {"target": "audit", "act": "log-in refused", "from": "203.0.113.1"}
        """
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      And the response status is 429
      And the request header "X-Forwarded-For" is "203.0.113.2"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      Then the response status is 401

    Scenario: A client can't forge the address before the proxy
      Given the request header "X-Forwarded-For" is "198.51.100.1, 203.0.113.1"
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      And the request header "X-Forwarded-For" is "198.51.100.2, 203.0.113.1"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      Then the response status is 429

    Scenario: Without trusted proxies the headers are ignored
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_address | 1     |
        | server.trusted_proxies      |       |
      And the request header "X-Forwarded-For" is "203.0.113.1"
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      And the request header "X-Forwarded-For" is "203.0.113.2"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "correct horse battery"}
        """
      Then the response status is 429
