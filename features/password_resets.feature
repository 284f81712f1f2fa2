Feature: Password resets
  A user who forgot the password asks an admin, who creates a reset token.
  A reset token works once and for a short time, and only its hash is stored.

  Background:
    Given a registered user "ada"
    And an admin "root"
    And "root" logs in

  Rule: Only admins create reset tokens

    Scenario: An admin gets a reset token for a user
      When I send POST "/api/v1/users/{{ada.id}}/password-reset"
      Then the response status is 201
      And the response JSON is:
        """
        {"reset_token": "#string", "expires_at": "#datetime"}
        """
      And the table "password_resets" has 1 row

    Scenario: The reset token itself is not stored
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      When I query:
        """
        select id from password_resets where token_hash = '{{reset_token}}'
        """
      Then the query returned no rows

    Scenario: Admins see a pending reset until it is used
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response JSON at "$.allow_password_reset" is "true"
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response status is 204
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response JSON at "$.allow_password_reset" is "false"

    Scenario: A deleted user gets no reset token
      Given I send DELETE "/api/v1/users/{{ada.id}}"
      When I send POST "/api/v1/users/{{ada.id}}/password-reset"
      Then the response status is 404

  Rule: A reset token can set a new password once

    Scenario: The token sets a new password without the old one
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And nobody is logged in
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response status is 204
      And the response body is empty
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "battery staple tango"}
        """
      Then the response status is 200

    Scenario: The old password is refused after a reset
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      And nobody is logged in
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 401

    Scenario: A reset ends all sessions of the user
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And "ada" logs in
      And nobody is logged in
      And I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      And the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario: A token works once
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And nobody is logged in
      And I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "another one entirely"}
        """
      Then the response is a client error
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "another one entirely"}
        """
      Then the response status is 401

    Scenario: A token works once, even if it is used many times at the same moment
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And nobody is logged in
      When I send 5 concurrent POST requests to "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then 1 of the responses has status 204

    Scenario: A token expires
      Given the service runs with:
        | key                          | value |
        | auth.password_reset_lifetime | 1s    |
      And "root" logs in
      And I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And I poll GET "/api/v1/users/{{ada.id}}" for up to 5s until the JSON contains:
        """
        {"allow_password_reset": false}
        """
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response is a client error

    Scenario: A token works only for its user
      Given a registered user "grace"
      And I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And nobody is logged in
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "grace", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response is a client error
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "grace", "password": "correct horse battery"}
        """
      Then the response status is 200

    Scenario: A wrong name and a wrong token get the same error
      Given nobody is logged in
      And I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "made-up", "new_password": "battery staple tango"}
        """
      And I save the response JSON at "$.type" as "type"
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "nobody", "reset_token": "made-up", "new_password": "battery staple tango"}
        """
      Then the response is a client error
      And the response JSON at "$.type" is "{{type}}"

    Scenario Outline: A reset is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        <reset>
        """
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields                               | reset                                                                                      |
        | nothing said         | username, reset_token, new_password  | {}                                                                                         |
        | a short new password | new_password                         | {"username": "ada", "reset_token": "made-up", "new_password": "short"}                     |
        | a common password    | new_password                         | {"username": "ada", "reset_token": "made-up", "new_password": "password"}                  |
        | wrong types          | username, reset_token, new_password  | {"username": 1, "reset_token": true, "new_password": []}                                   |
        | a field nobody knows | hint                                 | {"username": "ada", "reset_token": "made-up", "new_password": "battery staple", "hint": 1} |
