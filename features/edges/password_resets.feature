Feature: Password resets, at the edges
  The limits of a reset, and what is refused.

  Background:
    Given a registered user "ada"
    And an admin "root"
    And "root" logs in

  Rule: Only admins create reset tokens

    Scenario: A reset token has 256 random bits, and the response must not be cached
      When I send POST "/api/v1/users/{{ada.id}}/password-reset"
      Then the response status is 201
      And the response JSON at "$.reset_token" is "#regex ^[0-9a-f]{64}$"
      And the response header "Cache-Control" contains "no-store"
      And the response has no header "Location"

    Scenario Outline: Only admins can create a token: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/users/{{ada.id}}/password-reset"
      Then the response status is <status>

      Examples:
        | who                               | status |
        | nobody                            | 401    |
        | a user                            | 403    |
        | a moderator                       | 403    |
        | a client for read write provision | 403    |
        | a client for admin                | 201    |

    Scenario: If many tokens are created at the same moment, one is valid
      Given I send 6 concurrent POST requests to "/api/v1/users/{{ada.id}}/password-reset"
      And 6 of the responses have status 201
      When I query:
        """
        select id from password_resets where used_at is null
        """
      And I save the query's "id" as "id"
      Then the table "password_resets" contains exactly the rows:
        | id     | used_at |
        | {{id}} | #null   |

    Scenario: After a token is used, other tokens are invalid
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"
      And the table "password_resets" has the rows:
        | user_id    | token_hash | expires_at           | used_at |
        | {{ada.id}} | another    | 2099-01-31T18:30:00Z | #null   |
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response status is 204
      When I query:
        """
        select id from password_resets where used_at is null
        """
      Then the query returned no rows

    Scenario: A newer token replaces the older one
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "older"
      And I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "newer"
      And nobody is logged in
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{older}}", "new_password": "battery staple tango"}
        """
      Then the response is the problem "unauthenticated"
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{newer}}", "new_password": "battery staple tango"}
        """
      Then the response status is 204

    Scenario: The old password stays valid until the token is used
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      When "ada" logs in
      And I send GET "/api/v1/users/me"
      Then the response status is 200

  Rule: A reset token can set a new password once

    Background:
      Given I send POST "/api/v1/users/{{ada.id}}/password-reset"
      And I save the response JSON at "$.reset_token" as "reset_token"

    Scenario: The name is case-insensitive
      Given nobody is logged in
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ADA", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response status is 204

    Scenario Outline: An invalid token is refused, and the right one stays valid: <token>
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "<token>", "new_password": "battery staple tango"}
        """
      Then the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains "Bearer"
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response JSON at "$.allow_password_reset" is "true"

      Examples:
        | token              |
        |                    |
        | made-up            |
        | {{reset_token}}x   |
        | \\u0000            |

    Scenario: A used token gets the same error as a wrong one
      Given I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "another one entirely"}
        """
      Then the response is the problem "unauthenticated"

    Scenario: A token ends when its user is deleted, and stays ended after a restore
      Given I send DELETE "/api/v1/users/{{ada.id}}"
      And nobody is logged in
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response is the problem "unauthenticated"
      Given "root" logs in
      When I send POST "/api/v1/users/{{ada.id}}/restore"
      Then the response JSON at "$.allow_password_reset" is "false"

    @postgres
    Scenario: A token that is used while its user is deleted blocks nobody
      Given the service runs with:
        | key                        | value |
        | server.request_timeout     | 1s    |
        | database.lock_timeout      | 1m    |
        | database.statement_timeout | 1m    |
      And the SQL:
        """
        begin;
        select id from users where username = 'ada' for update
        """
      And a request for DELETE "/api/v1/users/{{ada.id}}" by the bearer "{{root.token}}" is on its way
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}
        """
      Then the response is the problem "timeout"
      Given the SQL:
        """
        rollback
        """
      When I poll GET "/api/v1/users/{{ada.id}}" for up to 60s until the JSON contains:
        """
        {"status": 404}
        """
      Then the response status is 404

    Scenario Outline: The length of the new password is limited: <length>
      Given the text "password" of <length> characters
      When I send POST "/api/v1/auth/password-reset" with JSON:
        """
        {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "{{password}}"}
        """
      Then the response status is <status>

      Examples:
        | length | status |
        | 7      | 400    |
        | 8      | 204    |
        | 128    | 204    |
        | 129    | 400    |

    Scenario Outline: A reset is refused, the invalid field is named, and the token stays valid: <flaw>
      When I send POST "/api/v1/auth/password-reset?<query>" with JSON:
        """
        <reset>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response JSON at "$.allow_password_reset" is "true"

      Examples:
        | flaw                     | field        | query      | reset                                                                                                   |
        | no name                  | username     |            | {"reset_token": "{{reset_token}}", "new_password": "battery staple tango"}                              |
        | a name of null           | username     |            | {"username": null, "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}            |
        | no token                 | reset_token  |            | {"username": "ada", "new_password": "battery staple tango"}                                             |
        | a token of null          | reset_token  |            | {"username": "ada", "reset_token": null, "new_password": "battery staple tango"}                        |
        | no password              | new_password |            | {"username": "ada", "reset_token": "{{reset_token}}"}                                                   |
        | a password of null       | new_password |            | {"username": "ada", "reset_token": "{{reset_token}}", "new_password": null}                             |
        | a password as a number   | new_password |            | {"username": "ada", "reset_token": "{{reset_token}}", "new_password": 123456789}                        |
        | an email                 | email        |            | {"username": "ada", "email": "a@b.org", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"} |
        | a parameter nobody knows | colour       | colour=red | {"username": "ada", "reset_token": "{{reset_token}}", "new_password": "battery staple tango"}           |
