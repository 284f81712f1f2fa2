Feature: Limits, at the edges
  Which attempts count, and up to which one.

  Rule: Log-ins are counted for each account

    Background:
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 2     |
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}
        """

    Scenario: Good log-ins are attempts as well, and name and email are one account
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

    Scenario: What isn't in order is no attempt
      Given I send 4 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada"}
        """
      And 4 of the responses have status 400
      Then "ada" logs in

    Scenario: A user and a client of one name are two
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

    Scenario: Wrong secrets are counted, and then the right one has to wait
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

    Scenario: It is the same client with HTTP Basic
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

  Rule: Attempts are limited unless something else is said

    Scenario Outline: In test as many are allowed as are set
      Given the environment variable "DLC_ENVIRONMENT" is "test"
      And the environment variable "<name>" is "7"
      When I run "config"
      Then the output contains "<shown> = 7"

      Examples:
        | name                            | shown                |
        | DLC_LIMITS_ATTEMPTS_PER_ACCOUNT | attempts_per_account |
        | DLC_LIMITS_ATTEMPTS_PER_ADDRESS | attempts_per_address |

    Scenario Outline: So many are allowed in <environment>
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
