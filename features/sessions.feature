Feature: Sessions
  A user who logs in gets a token. Every log-in is a session.
  Users can list and end their sessions; after that, the token is invalid.

  Rule: The right password creates a session

    Scenario Outline: A user logs in with <how>
      Given I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}
        """
      When I send POST "/api/v1/auth/login" with JSON:
        """
        <login>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {"access_token": "#string", "token_type": "Bearer", "expires_in": "#> 0"}
        """
      And the table "sessions" has 1 row

      Examples:
        | how                        | login                                                             |
        | the username               | {"username": "ada", "password": "correct horse battery"}          |
        | the username in capitals   | {"username": "ADA", "password": "correct horse battery"}          |
        | the email                  | {"email": "ada@example.org", "password": "correct horse battery"} |
        | the email in capitals      | {"email": "ADA@Example.Org", "password": "correct horse battery"} |
        | the email as the username  | {"username": "Ada@example.org", "password": "correct horse battery"} |

    Scenario: The time of the last log-in is stored
      Given a registered user "ada"
      And the table "users" contains the rows:
        | username | last_login |
        | ada      | #null      |
      When "ada" logs in
      Then the table "users" contains the rows:
        | username | last_login |
        | ada      | #notnull   |

    Scenario Outline: A log-in fails and opens no session: <flaw>
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        <login>
        """
      Then the response status is 401
      And the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains "Bearer"
      And the table "sessions" is empty

      Examples:
        | flaw                        | login                                                        |
        | a wrong password            | {"username": "ada", "password": "wrong horse battery"}       |
        | the password in capitals    | {"username": "ada", "password": "CORRECT HORSE BATTERY"}     |
        | a username nobody has       | {"username": "nobody", "password": "correct horse battery"}  |
        | an email nobody has         | {"email": "no@example.org", "password": "correct horse battery"} |

    Scenario: A wrong name and a wrong password get the same error
      Given a registered user "ada"
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "wrong horse battery"}
        """
      And I save the response JSON at "$.detail" as "detail"
      And I save the response JSON at "$.title" as "title"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "nobody", "password": "wrong horse battery"}
        """
      Then the response status is 401
      And the response JSON contains:
        """
        {"title": "{{title}}", "detail": "{{detail}}"}
        """

    Scenario: A deleted user can't log in
      Given a registered user "ada"
      And an admin "root"
      And "root" logs in
      And I send DELETE "/api/v1/users/{{ada.id}}"
      And nobody is logged in
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 401

    Scenario Outline: A log-in is refused, and the invalid fields are named: <flaw>
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        <login>
        """
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields             | login                                                                       |
        | no password          | password           | {"username": "ada"}                                                         |
        | a password of null   | password           | {"username": "ada", "password": null}                                       |
        | wrong types          | username, password | {"username": 1, "password": 2}                                              |
        | a field nobody knows | remember_me        | {"username": "ada", "password": "correct horse battery", "remember_me": true} |

  Rule: A token shows who its user is and what they may do

    Scenario Outline: The scopes come from the role: <role>
      Given <somebody> "ada"
      And "ada" logs in
      When I send GET "/api/v1/auth/validate"
      Then the response status is 200
      And the response JSON is:
        """
        {
          "subject": "{{ada.id}}", "kind": "user", "username": "ada", "role": "<role>",
          "scopes": "#array", "expires_at": "#datetime"
        }
        """
      And the response JSON at "$.scopes" has <number> items
      And the response JSON at "$.scopes" contains in any order:
        """
        <scopes>
        """

      Examples:
        | somebody          | role      | number | scopes                                  |
        | a registered user | user      | 1      | ["read"]                                |
        | a moderator       | moderator | 2      | ["read", "write"]                       |
        | an admin          | admin     | 4      | ["read", "write", "provision", "admin"] |

    @smoke
    Scenario: Validation needs a token
      When I send GET "/api/v1/auth/validate"
      Then the response status is 401
      And the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains "Bearer"

    Scenario Outline: A wrong token is refused even if none is needed: <path>
      Given the bearer token is "not.a.token"
      When I send GET "<path>"
      Then the response status is 401
      And the response is the problem "unauthenticated"

      Examples:
        | path                  |
        | /api/v1/greet         |
        | /api/v1/greet/Ada     |
        | /api/v1/users/me      |
        | /api/v1/auth/validate |

    Scenario: A token that was tampered with is refused
      Given a registered user "ada"
      And "ada" logs in
      And the bearer token is "x{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario: A token expires
      Given the service runs with:
        | key                 | value |
        | auth.token_lifetime | 1s    |
      And a registered user "ada"
      And "ada" logs in
      When I poll GET "/api/v1/auth/validate" for up to 5s until the JSON contains:
        """
        {"status": 401}
        """
      Then the response is the problem "unauthenticated"

  Rule: Users see and end only their own sessions

    Scenario: Every log-in is a session, and the current one is marked
      Given a registered user "ada"
      And the request header "User-Agent" is "dance-app/1.0"
      And "ada" logs in
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions"
      Then the response status is 200
      And the response JSON at "$.data" has 2 items
      And every item of the response JSON at "$.data" contains:
        """
        {"id": "#uuid", "created_at": "#datetime", "expires_at": "#datetime", "user_agent": "dance-app/1.0", "current": "#boolean"}
        """
      And the response JSON has:
        | path              | value |
        | $.data[0].current | true  |
        | $.data[1].current | false |
        | $.meta.total      | 2     |

    Scenario: The oldest session can be listed first
      Given a registered user "ada"
      And "ada" logs in
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions?sort=created_at"
      Then the response JSON has:
        | path              | value |
        | $.data[0].current | false |
        | $.data[1].current | true  |

    Scenario: Other users' sessions aren't listed
      Given a registered user "ada"
      And a registered user "grace"
      And "grace" logs in
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions"
      Then the response JSON at "$.data" has 1 item

    Scenario: The token of an ended session is refused at once
      Given a registered user "ada"
      And "ada" logs in
      And the variable "elsewhere" is "{{ada.token}}"
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].id" as "session"
      And "ada" logs in
      When I send DELETE "/api/v1/auth/sessions/{{session}}"
      Then the response status is 204
      When I send GET "/api/v1/auth/sessions"
      Then the response JSON at "$.data" has 1 item
      Given the bearer token is "{{elsewhere}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario: Another user's session is not found and stays valid
      Given a registered user "ada"
      And a registered user "grace"
      And "ada" logs in
      And I send GET "/api/v1/auth/sessions"
      And I save the response JSON at "$.data[0].id" as "session"
      And "grace" logs in
      When I send DELETE "/api/v1/auth/sessions/{{session}}"
      Then the response status is 404
      And the response is the problem "not-found"
      Given the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 200

    Scenario: An unknown session is not found
      Given a registered user "ada"
      And "ada" logs in
      When I send DELETE "/api/v1/auth/sessions/{{$uuid}}"
      Then the response status is 404

    Scenario: A malformed session id is refused
      Given a registered user "ada"
      And "ada" logs in
      When I send DELETE "/api/v1/auth/sessions/first"
      Then the response is the problem "validation"
      And the problem names the field "id"

    Scenario Outline: Invalid parameters of the list are refused and named: <query>
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/auth/sessions?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query             | fields       |
        | page=0            | page         |
        | limit=101         | limit        |
        | sort=name         | sort         |
        | colour=red&page=x | colour, page |

    Scenario: Logging out ends only the current session
      Given a registered user "ada"
      And "ada" logs in
      And the variable "elsewhere" is "{{ada.token}}"
      And "ada" logs in
      When I send POST "/api/v1/auth/logout"
      Then the response status is 204
      When I send GET "/api/v1/users/me"
      Then the response status is 401
      Given the bearer token is "{{elsewhere}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 200

    Scenario: A second log-out is refused
      Given a registered user "ada"
      And "ada" logs in
      And "ada" has logged out
      And the bearer token is "{{ada.token}}"
      When I send POST "/api/v1/auth/logout"
      Then the response status is 401

    Scenario Outline: Without a log-in it is refused: <method> <path>
      When I send <method> "<path>"
      Then the response status is 401
      And the response is the problem "unauthenticated"

      Examples:
        | method | path                                                        |
        | GET    | /api/v1/auth/sessions                                       |
        | POST   | /api/v1/auth/logout                                         |
        | DELETE | /api/v1/auth/sessions/0197a0a0-0000-7000-8000-000000000001 |
