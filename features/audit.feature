Feature: Audit
  Every act that affects who may do what is one line of the log: who did what, and from where. The lines contain no
  password, no token and no secret.

  Rule: Log-ins are logged, successful and refused ones

    Scenario: A registration is logged
      When I send POST "/api/v1/users" with JSON:
        """json
        {"username": "ada", "password": "left foot, right foot", "email": "ada@example.org"}
        """
      Then the log has 1 line that contains:
        """json
        {"target": "audit", "act": "register", "who": "ada", "from": "127.0.0.1", "user_id": "#uuid"}
        """
      And the log does not contain "left foot"
      And the log does not contain "argon2"

    Scenario: A log-in is logged
      Given a registered user "ada"
      When "ada" logs in
      Then the log has 1 line that contains:
        """json
        {
          "level": "INFO", "target": "audit", "act": "log-in", "who": "ada", "from": "127.0.0.1",
          "user_id": "{{ada.id}}", "session_id": "#uuid"
        }
        """
      And the log does not contain "correct horse"
      And the log does not contain "{{ada.token}}"

    Scenario: A log line has the id of its request
      Given a registered user "ada"
      And the request header "X-Request-Id" is "polka-42"
      When "ada" logs in
      Then the log has a line that contains:
        """json
        {"act": "log-in", "span": {"request_id": "polka-42"}}
        """

    Scenario Outline: A failed log-in is logged: <what>
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """json
        {"username": "<username>", "password": "<password>"}
        """
      Then the response status is 401
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "log-in refused", "who": "<username>", "from": "127.0.0.1"}
        """
      And the log does not contain "<password>"

      Examples:
        | what             | username | password      |
        | a wrong password | ada      | wrong-foot-77 |
        | a wrong name     | grace    | wrong-foot-77 |

    Scenario: A name with line breaks can't forge a log line
      When I send POST "/api/v1/auth/login" with JSON:
        """json
        {"username": "ada\n{\"act\": \"log-in\"}", "password": "wrong-foot-77"}
        """
      Then the log has 0 lines that contain:
        """json
        {"act": "log-in"}
        """
      And the log has 1 line that contains:
        """json
        {"act": "log-in refused", "who": "#contains ada\\n"}
        """

    Scenario: Too many failed log-ins are logged
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 1     |
      And a registered user "ada"
      And I send POST "/api/v1/auth/login" with JSON:
        """json
        {"username": "ada", "password": "wrong-foot-77"}
        """
      When I send POST "/api/v1/auth/login" with JSON:
        """json
        {"username": "ada", "password": "wrong-foot-77"}
        """
      Then the response status is 429
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "too many log-ins", "who": "ada", "from": "127.0.0.1"}
        """

  Rule: New passwords are logged, with the number of ended sessions

    Scenario: A change of a password is logged
      Given a registered user "ada"
      And "ada" logs in
      And "ada" logs in
      And "ada" logs in
      When I send PUT "/api/v1/users/me/password" with JSON:
        """json
        {"current_password": "correct horse battery", "new_password": "left foot, right foot"}
        """
      Then the response status is 204
      And the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "password changed", "who": "ada", "from": "127.0.0.1",
          "user_id": "{{ada.id}}", "sessions_ended": 2
        }
        """
      And the log does not contain "left foot"
      And the log does not contain "correct horse"

    Scenario: A change with a wrong password is logged
      Given a registered user "ada"
      And "ada" logs in
      When I send PUT "/api/v1/users/me/password" with JSON:
        """json
        {"current_password": "wrong-foot-77", "new_password": "left foot, right foot"}
        """
      Then the response status is 401
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "password change refused", "who": "ada", "from": "127.0.0.1", "user_id": "{{ada.id}}"}
        """
      And the log does not contain "wrong-foot-77"
      And the log does not contain "left foot"

    Scenario: A password reset is logged when it is created and when it is used
      Given an admin "grace"
      And a registered user "ada"
      And "ada" logs in
      And "grace" logs in
      When I send POST "/api/v1/users/{{ada.id}}/password-reset"
      Then the response status is 201
      And I save the response JSON at "$.reset_token" as "reset_token"
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "password reset made", "who": "grace", "from": "127.0.0.1", "user_id": "{{ada.id}}"}
        """
      Given nobody is logged in
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """json
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "left foot, right foot"}
        """
      Then the response status is 204
      And the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "password reset used", "who": "ada", "from": "127.0.0.1",
          "user_id": "{{ada.id}}", "sessions_ended": 1
        }
        """
      And the log does not contain "{{reset_token}}"
      And the log does not contain "left foot"

    Scenario Outline: A failed password reset is logged: <who>
      Given a registered user "ada"
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """json
        {"username": "<who>", "reset_token": "guessed-token-77", "new_password": "left foot, right foot"}
        """
      Then the response status is 401
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "password reset refused", "who": "<who>", "from": "127.0.0.1"}
        """
      And the log does not contain "guessed-token-77"
      And the log does not contain "left foot"

      Examples:
        | who   |
        | ada   |
        | grace |

  Rule: Changes of names, emails and roles are logged

    Scenario: A change of a role is logged
      Given an admin "grace"
      And a registered user "ada"
      And "ada" logs in
      And "ada" logs in
      And "grace" logs in
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """json
        {"role": "moderator"}
        """
      Then the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "role changed", "who": "grace", "from": "127.0.0.1",
          "user_id": "{{ada.id}}", "was": "user", "role": "moderator", "sessions_ended": 2
        }
        """

    Scenario: An unchanged role isn't logged
      Given an admin "grace"
      And a registered user "ada"
      And "grace" logs in
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """json
        {"role": "user", "name": "Ada"}
        """
      Then the response status is 200
      And the log does not contain "role changed"

    Scenario: Changes of name and email are logged, with who made them
      Given an admin "grace"
      And a registered user "ada"
      And "ada" logs in
      When I send PATCH "/api/v1/users/me" with JSON:
        """json
        {"username": "lovelace"}
        """
      Then the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "username changed", "who": "ada", "from": "127.0.0.1",
          "user_id": "{{ada.id}}", "was": "ada", "username": "lovelace"
        }
        """
      When "grace" logs in
      And I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """json
        {"email": "ada@example.org"}
        """
      Then the log has 1 line that contains:
        """json
        {"target": "audit", "act": "email changed", "who": "grace", "from": "127.0.0.1", "user_id": "{{ada.id}}"}
        """

    Scenario: Deleting and restoring a user is logged
      Given an admin "grace"
      And a registered user "ada"
      And "ada" logs in
      And "grace" logs in
      When I send DELETE "/api/v1/users/{{ada.id}}"
      And I send POST "/api/v1/users/{{ada.id}}/restore"
      Then the response status is 200
      And the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "user deleted", "who": "grace", "from": "127.0.0.1",
          "user_id": "{{ada.id}}", "sessions_ended": 1
        }
        """
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "user restored", "who": "grace", "from": "127.0.0.1", "user_id": "{{ada.id}}"}
        """

    Scenario: Refused changes aren't logged as changes
      Given an admin "grace"
      And "grace" logs in
      When I send DELETE "/api/v1/users/{{grace.id}}"
      Then the response status is 409
      And the log does not contain "user deleted"

  Rule: Ended sessions are logged

    Scenario: A log-out is logged
      Given a registered user "ada"
      And "ada" logs in
      When I send POST "/api/v1/auth/logout"
      Then the log has 1 line that contains:
        """json
        {"target": "audit", "act": "log-out", "who": "ada", "from": "127.0.0.1", "session_id": "#uuid"}
        """

    Scenario: Ending another session of one's own is logged
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].id" as "first_session"
      And "ada" logs in
      When I send DELETE "/api/v1/auth/sessions/{{first_session}}"
      Then the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "session ended", "who": "ada", "from": "127.0.0.1",
          "session_id": "{{first_session}}"
        }
        """

  Rule: Clients and their tokens are logged

    Scenario: Creating a client, its tokens and its deletion are logged
      Given an admin "grace"
      And "grace" logs in
      When I send POST "/api/v1/oauth/clients" with JSON:
        """json
        {"name": "cash register", "scopes": ["read", "write"]}
        """
      Then I save the response JSON at "$.client_id" as "client_id"
      And I save the response JSON at "$.client_secret" as "client_secret"
      And the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "client made", "who": "grace", "from": "127.0.0.1",
          "client_id": "{{client_id}}", "scopes": "read write"
        }
        """
      Given nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | scope         | read               |
        | client_id     | {{client_id}}      |
        | client_secret | {{client_secret}}  |
      Then I save the response JSON at "$.access_token" as "access_token"
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "token", "who": "{{client_id}}", "from": "127.0.0.1", "scopes": "read"}
        """
      When "grace" logs in
      And I send DELETE "/api/v1/oauth/clients/{{client_id}}"
      Then the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "client removed", "who": "grace", "from": "127.0.0.1",
          "client_id": "{{client_id}}"
        }
        """
      And the log does not contain "{{client_secret}}"
      And the log does not contain "{{access_token}}"

    Scenario: A wrong client secret is logged
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | cash-register      |
        | client_secret | guessed-secret-77  |
      Then the response status is 401
      And the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "token refused", "who": "cash-register", "from": "127.0.0.1",
          "reason": "invalid_client"
        }
        """
      And the log does not contain "guessed-secret-77"

    Scenario: A request for scopes that the client doesn't have is logged
      Given an admin "grace"
      And "grace" logs in
      And I send POST "/api/v1/oauth/clients" with JSON:
        """json
        {"name": "cash register", "scopes": ["read"]}
        """
      And I save the response JSON at "$.client_id" as "client_id"
      And I save the response JSON at "$.client_secret" as "client_secret"
      And nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | scope         | admin              |
        | client_id     | {{client_id}}      |
        | client_secret | {{client_secret}}  |
      Then the response status is 400
      And the log has 1 line that contains:
        """json
        {
          "target": "audit", "act": "token refused", "who": "{{client_id}}", "from": "127.0.0.1",
          "reason": "invalid_scope"
        }
        """

    Scenario: Too many token requests are logged
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 1     |
      And I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | cash-register      |
        | client_secret | guessed-secret-77  |
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | cash-register      |
        | client_secret | guessed-secret-77  |
      Then the response status is 429
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "too many tokens", "who": "cash-register", "from": "127.0.0.1"}
        """

    Scenario: Credentials in a URL are refused, and aren't logged
      When I send POST "/api/v1/oauth/token?client_id=cash-register&client_secret=guessed-secret-77" with form:
        | name       | value              |
        | grant_type | client_credentials |
      Then the response status is 400
      And the log contains "/api/v1/oauth/token"
      And the log does not contain "guessed-secret-77"

    Scenario: A webhook call with a wrong secret is logged
      Given the service runs with:
        | key            | value             |
        | WEBHOOK_SECRET | right-step-secret |
      And the request header "Authorization" is "wrong-step-secret"
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """json
        {}
        """
      Then the response status is 401
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "report refused", "who": "webhook", "from": "127.0.0.1"}
        """
      And the log does not contain "wrong-step-secret"
      And the log does not contain "right-step-secret"

  Rule: Accounts that the service or a command creates are logged too

    Scenario: The first admin and the first client are logged
      When the service runs with:
        | key                      | value                |
        | bootstrap.admin_username | headmistress         |
        | bootstrap.admin_password | battery staple tango |
        | bootstrap.client_id      | provisioner          |
        | bootstrap.client_secret  | secret-of-the-first-client-0123456789 |
      Then the log has 1 line that contains:
        """json
        {"target": "audit", "act": "first admin made", "who": "headmistress", "from": "start", "user_id": "#uuid"}
        """
      And the log has 1 line that contains:
        """json
        {"target": "audit", "act": "first client made", "who": "provisioner", "from": "start"}
        """
      And the log does not contain "battery staple"
      And the log does not contain "secret-of-the-first"

    Scenario: A second start creates no account and logs none
      Given the service runs with:
        | key                      | value                |
        | bootstrap.admin_username | headmistress         |
        | bootstrap.admin_password | battery staple tango |
      When the service is restarted
      Then the log has 1 line that contains:
        """json
        {"act": "first admin made"}
        """

    Scenario: An account from the command line is logged
      Given "password" is the path of a new file
      And the file "{{password}}" says "left foot, right foot, close"
      And the environment variable "USER" is "janitor"
      When I run "user create ada --admin --password-file {{password}}"
      Then it exits with 0
      And the output contains '"target":"audit"'
      And the output contains '"act":"user made","who":"janitor","from":"command line"'
      And the output contains '"username":"ada","role":"admin"'
      And the output does not contain "right foot"

    Scenario: A refused account is not logged as created
      Given I run "user create ada"
      When I run "user create ada"
      Then it exits with 1
      And the output does not contain "user made"

    Scenario: Demo users from the command line are logged
      Given the environment variable "USER" is "janitor"
      When I run "seed --demo 3"
      Then it exits with 0
      And the output contains '"act":"database seeded","who":"janitor","from":"command line","users":3'
