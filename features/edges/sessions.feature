Feature: Sessions, at the edges
  The limits of a log-in, and what is refused.

  Rule: The right password creates a session

    Scenario: The response says when the token expires, and must not be cached
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 200
      And the response JSON at "$.expires_in" is "3600"
      And the response JSON at "$.access_token" is "#regex ^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$"
      And the response header "Cache-Control" contains "no-store"

    Scenario: Every log-in creates a row, and a refused one doesn't
      Given a registered user "ada"
      And "ada" logs in
      And "ada" logs in
      And nobody is logged in
      And I query:
        """
        select last_login from users where username = 'ada'
        """
      And I save the query's "last_login" as "before"
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "wrong horse battery"}
        """
      When I query:
        """
        select last_login from users where username = 'ada'
        """
      Then the query returned the rows:
        | last_login |
        | {{before}} |
      And the table "sessions" has 2 rows

    Scenario: A username that equals somebody's email doesn't lock them out
      Given I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}
        """
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "eve", "password": "correct horse battery", "email": "ADA@example.org"}
        """
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"email": "Ada@Example.org", "password": "correct horse battery"}
        """
      Then the response status is 200
      And the table "users" has 1 row

    Scenario Outline: A failed log-in creates no session: <flaw>
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        <login>
        """
      Then the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" is 'Bearer realm="dance-lessons-coach"'
      And the table "sessions" is empty

      Examples:
        | flaw                           | login                                                          |
        | an empty password              | {"username": "ada", "password": ""}                            |
        | an empty name                  | {"username": "", "password": "correct horse battery"}          |
        | an empty email                 | {"email": "", "password": "correct horse battery"}             |
        | the username as the email      | {"email": "ada", "password": "correct horse battery"}          |
        | a space behind the name        | {"username": "ada ", "password": "correct horse battery"}      |
        | a space behind the password    | {"username": "ada", "password": "correct horse battery "}      |
        | a part of the name             | {"username": "ad", "password": "correct horse battery"}        |
        | a sign with a meaning          | {"username": "ad_", "password": "correct horse battery"}       |
        | a NUL character behind         | {"username": "ada", "password": "correct horse battery\\u0000"} |

    Scenario Outline: A log-in is refused, and only the invalid field is named: <flaw>
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        <login>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "sessions" is empty

      Examples:
        | flaw                      | field    | login                                                                                        |
        | nobody                    | username | {"password": "correct horse battery"}                                                        |
        | a name and an email       | email    | {"username": "ada", "email": "ada@example.org", "password": "correct horse battery"}         |
        | a name of null            | username | {"username": null, "password": "correct horse battery"}                                      |
        | an email of null          | email    | {"email": null, "password": "correct horse battery"}                                         |
        | an email as a list        | email    | {"email": ["ada@example.org"], "password": "correct horse battery"}                          |
        | a name with a NUL         | username | {"username": "ada\\u0000", "password": "correct horse battery"}                              |
        | a password as a number    | password | {"username": "ada", "password": 12345678}                                                    |

    Scenario Outline: An unknown parameter is refused: <method> <path>
      Given a registered user "ada"
      And "ada" logs in
      When I send <method> "/api/v1/auth/<path>?colour=red" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the table "sessions" has 1 row

      Examples:
        | method | path                                          |
        | POST   | login                                         |
        | POST   | logout                                        |
        | GET    | validate                                      |
        | DELETE | sessions/0197a0a0-0000-7000-8000-000000000001 |

    Scenario: A log-in with a wrong token in the header is refused
      Given a registered user "ada"
      And the bearer token is "not.a.token"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response is the problem "unauthenticated"

    Scenario Outline: A failed log-in takes as long as a hash, whether the user exists or not: <login>
      Given the service runs with:
        | key                    | value |
        | auth.hash_iterations   | 20000 |
        | server.request_timeout | 100ms |
      And the variable "hash" is "$argon2id$v=19$m=64,t=20000,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      And the table "users" has the rows:
        | username | email           | deleted_at           | password_hash |
        | ada      | ada@example.org | #null                | {{hash}}      |
        | grace    | #null           | 2026-01-31T18:30:00Z | {{hash}}      |
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {<login>, "password": "wrong horse battery"}
        """
      Then the response is the problem "timeout"

      Examples:
        | login                       |
        | "username": "ada"           |
        | "email": "ada@example.org"  |
        | "username": "grace"         |
        | "username": "nobody"        |
        | "email": "no@example.org"   |

  Rule: A token shows who its user is and what they may do

    Scenario: Validation of a token fails after its session has ended
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].expires_at" as "end"
      When I send GET "/api/v1/auth/validate"
      Then the response JSON at "$.expires_at" is "{{end}}"

    Scenario Outline: A malformed Authorization header is refused: <header>
      Given a registered user "ada"
      And "ada" logs in
      And the request header "Authorization" is "<header>"
      When I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains 'error="invalid_token"'

      Examples:
        | header                                                                                    |
        | Bearer                                                                                    |
        | {{ada.token}}                                                                             |
        | Token {{ada.token}}                                                                       |
        | Basic {{ada.token}}                                                                       |
        | Bearer {{ada.token}}x                                                                     |
        | Bearer {{ada.token}} {{ada.token}}                                                        |
        | Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsImp0aSI6IjEiLCJleHAiOjk5OTk5OTk5OTl9.       |

    Scenario Outline: The scheme Bearer is case-insensitive: <word>
      Given a registered user "ada"
      And "ada" logs in
      And the request header "Authorization" is "<word> {{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 200

      Examples:
        | word   |
        | bearer |
        | BEARER |

    Scenario: A token is valid as long as its session exists
      Given a registered user "ada"
      And "ada" logs in
      And the SQL:
        """
        delete from sessions
        """
      When I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"

    Scenario: The first of several signing keys signs, and all of them verify
      Given the service runs with:
        | key              | value                                            |
        | auth.signing_key | left-foot-right-foot-close-left-foot-right-close |
      And a registered user "ada"
      And "ada" logs in
      And the variable "older" is "{{ada.token}}"
      When the service runs with:
        | key              | value                                                                                             |
        | auth.signing_key | right-foot-left-foot-close-right-foot-left-close,left-foot-right-foot-close-left-foot-right-close |
      And I send GET "/api/v1/users/me"
      Then the response status is 200
      Given "ada" logs in
      When the service runs with:
        | key              | value                                            |
        | auth.signing_key | right-foot-left-foot-close-right-foot-left-close |
      And I send GET "/api/v1/users/me"
      Then the response status is 200
      Given the bearer token is "{{older}}"
      When I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"

    Scenario: A token signed with another key is refused
      Given the service runs with:
        | key              | value                                            |
        | auth.signing_key | left-foot-right-foot-close-left-foot-right-close |
      And a registered user "ada"
      And "ada" logs in
      And the service runs with:
        | key              | value                                            |
        | auth.signing_key | right-foot-left-foot-close-right-foot-left-close |
      When I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"

  Rule: Users see and end only their own sessions

    Scenario: A session without a User-Agent header has no user agent
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions"
      Then the response JSON is:
        """
        {
          "data": [
            {"id": "#uuid", "created_at": "#datetime", "expires_at": "#datetime", "user_agent": null, "current": true}
          ],
          "meta": {"total": 1, "page": 1, "limit": 20}
        }
        """

    Scenario: A long user agent is shortened
      Given a registered user "ada"
      And the text "long" of 300 characters
      And the text "kept" of 200 characters
      And the request header "User-Agent" is "{{long}}"
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions"
      Then the response JSON at "$.data[0].user_agent" is "{{kept}}"

    Scenario: The sessions are paginated
      Given a registered user "ada"
      And "ada" logs in
      And "ada" logs in
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions?limit=2&page=2"
      Then the response JSON contains:
        """
        {"data": [{"current": false}], "meta": {"total": 3, "page": 2, "limit": 2}}
        """
      When I send GET "/api/v1/auth/sessions?sort=-created_at&limit=1"
      Then the response JSON at "$.data[0].current" is "true"
      When I send GET "/api/v1/auth/sessions?page=9"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 3, "page": 9, "limit": 20}}
        """

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                    | field |
        | page=                    | page  |
        | page=-1                  | page  |
        | page=9223372036854775808 | page  |
        | limit=                   | limit |
        | limit=0                  | limit |
        | limit=ten                | limit |
        | sort=                    | sort  |
        | sort=-name               | sort  |
        | sort=price               | sort  |
        | page=1&page=1            | page  |
        | user_id=x                | user_id |

    Scenario: An expired session isn't listed
      Given a registered user "ada"
      And "ada" logs in
      And the SQL:
        """
        update sessions set expires_at = '2026-01-01T10:00:00.000000Z'
        """
      And I send GET "/api/v1/users/me"
      And the response status is 401
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions"
      Then the response JSON at "$.meta.total" is "1"

    Scenario: Ending the current session makes its token invalid
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].id" as "session"
      When I send DELETE "/api/v1/auth/sessions/{{session}}"
      Then the response status is 204
      And the response body is empty
      And the table "sessions" is empty
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario: A session can be ended only once
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].id" as "session"
      And "ada" logs in
      And I send DELETE "/api/v1/auth/sessions/{{session}}"
      When I send DELETE "/api/v1/auth/sessions/{{session}}"
      Then the response is the problem "not-found"

    Scenario: Admins can't end other users' sessions either
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].id" as "session"
      And an admin "root"
      And "root" logs in
      When I send DELETE "/api/v1/auth/sessions/{{session}}"
      Then the response is the problem "not-found"
      And the table "sessions" has 2 rows

    Scenario: Logging out deletes the session's row
      Given a registered user "ada"
      And "ada" logs in
      When I send POST "/api/v1/auth/logout"
      Then the response status is 204
      And the response body is empty
      And the table "sessions" is empty
