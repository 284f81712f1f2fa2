Feature: Greetings, at the edges
  The limits of a greeting, and what is refused.

  Rule: Everybody is greeted

    Scenario Outline: An invalid name is refused: <path>
      When I send GET "/api/v1/greet/<path>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"

      Examples:
        | path       | field |
        | %20        | name  |
        | %20%09%20  | name  |
        | a%00b      | name  |
        | a%zz       | path  |

    Scenario: The length of a name is limited to 100 characters, not bytes
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      When I send GET "/api/v1/greet/{{hundred}}"
      Then the response status is 200
      And the response JSON at "$.message" is "Hello, {{hundred}}!"
      When I send GET "/api/v1/greet/{{hundred}}x"
      Then the response is the problem "validation"

    Scenario Outline: A name is greeted exactly as written: <path>
      When I send GET "/api/v1/greet/<path>"
      Then the response status is 200
      And the response JSON is:
        """
        {"message": "<greeting>"}
        """

      Examples:
        | path          | greeting              |
        | a%2Fb         | Hello, a/b!           |
        | a+b           | Hello, a+b!           |
        | %3Cb%3E       | Hello, <b>!           |
        | %22Ada%22     | Hello, \\"Ada\\"!     |

    Scenario Outline: Mistakes in name and parameters are reported together: <query>
      Given the text "long" of 101 characters
      When I send GET "/api/v1/greet/{{long}}?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query             | fields             |
        | colour=red        | name, colour       |
        | colour=red&size=7 | name, colour, size |

    Scenario Outline: A wrong token is refused although no token is needed: <header>
      Given the request header "Authorization" is "<header>"
      When I send GET "/api/v1/greet/Ada"
      Then the response is the problem "unauthenticated"

      Examples:
        | header           |
        | Bearer           |
        | Bearer x.y.z     |
        | Basic YTpi       |
        | not.a.token      |

  Rule: Logged-in users get a personal greeting

    Background:
      Given a registered user "ada"
      And the request header "User-Agent" is "dance-app/1.0"
      And "ada" logs in

    Scenario Outline: The greeting depends on the profile: <profile>
      Given I send PATCH "/api/v1/users/me" with JSON:
        """
        <profile>
        """
      When I send GET "/api/v1/greet"
      Then the response JSON is:
        """
        {"message": "<message>"}
        """

      Examples:
        | profile                                                | message                                            |
        | {}                                                     | Hello, ada!                                        |
        | {"name": "Ada Lovelace"}                               | Hello, Ada Lovelace!                               |
        | {"current_goal": "Tango"}                              | Hello, ada! Current goal: Tango                    |
        | {"name": "Ada Lovelace", "current_goal": "Tango"}      | Hello, Ada Lovelace! Current goal: Tango           |
        | {"name": null, "current_goal": null}                   | Hello, ada!                                        |

    Scenario: The history keeps the greeting and its parameters
      Given I send PATCH "/api/v1/users/me" with JSON:
        """
        {"name": "Ada", "current_goal": "Tango"}
        """
      And I send GET "/api/v1/greet/Grace"
      And I save the response JSON at "$.message" as "message"
      And the response JSON at "$.message" is "#contains Grace"
      When I send GET "/api/v1/greetings"
      Then the response JSON is:
        """
        {
          "data": [{
            "id": 1, "message": "{{message}}",
            "context": {"name": "Grace", "current_goal": "Tango", "user_agent": "dance-app/1.0"},
            "created_at": "#datetime"
          }],
          "meta": {"total": 1, "page": 1, "limit": 20}
        }
        """

    Scenario: A refused greeting isn't added to the history
      When I send GET "/api/v1/greet?colour=red"
      Then the response is the problem "validation"
      And the table "greet_history" is empty

    Scenario: The token of an ended session is refused
      Given "ada" has logged out
      And the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/greet"
      Then the response is the problem "unauthenticated"

  Rule: Users list their own greetings, admins everybody's

    Background:
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/greet"

    Scenario Outline: Only admins can use the parameter user_id, even with their own id: <somebody>
      Given <somebody> "grace"
      And "grace" logs in
      When I send GET "/api/v1/greetings?user_id={{grace.id}}"
      Then the response status is <status>

      Examples:
        | somebody          | status |
        | a registered user | 403    |
        | a moderator       | 403    |
        | an admin          | 200    |

    Scenario Outline: Variants of the parameter don't show another user's greetings: <parameter>
      Given <somebody> "grace"
      And "grace" logs in
      When I send GET "/api/v1/greetings?<parameter>={{ada.id}}"
      Then the response is the problem "forbidden"

      Examples:
        | somebody          | parameter          |
        | a registered user | user%5Fid          |
        | a registered user | %75ser_id          |
        | a moderator       | limit=5&user%5fid  |

    Scenario: A client with the scope admin can read a user's greetings
      Given "a client for admin" is asking
      When I send GET "/api/v1/greetings?user_id={{ada.id}}"
      Then the response JSON at "$.meta.total" is "1"

    Scenario: The history of a user without greetings is empty
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/greetings?user_id={{$uuid}}"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 0, "page": 1, "limit": 20}}
        """

    Scenario: Without the parameter, admins see their own greetings
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/greetings"
      Then the response JSON at "$.meta.total" is "0"

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/greetings?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                    | field   |
        | user_id=                 | user_id |
        | user_id=7                | user_id |
        | user_id={{ada.id}}&user_id={{ada.id}} | user_id |
        | sort=                    | sort    |
        | sort=-name               | sort    |
        | sort=price               | sort    |
        | page=                    | page    |
        | page=-1                  | page    |
        | page=9223372036854775808 | page    |
        | limit=                   | limit   |
        | limit=1.5                | limit   |
        | q=hello                  | q       |

    Scenario: A page after the last one is empty, and has the total
      When I send GET "/api/v1/greetings?page=2&limit=100"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 1, "page": 2, "limit": 100}}
        """
