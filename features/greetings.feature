Feature: Greetings
  The school greets everybody. Logged-in users get a personal greeting, and find earlier greetings in a history.

  Rule: Everybody is greeted

    @smoke
    Scenario: Without a name, the world is greeted
      When I send GET "/api/v1/greet"
      Then the response status is 200
      And the response JSON is:
        """
        {"message": "Hello, world!"}
        """

    @smoke
    Scenario: A given name is greeted
      When I send GET "/api/v1/greet/Ada"
      Then the response status is 200
      And the response JSON is:
        """
        {"message": "Hello, Ada!"}
        """

    Scenario Outline: A name may be in any alphabet: <greeting>
      When I send GET "/api/v1/greet/<path>"
      Then the response status is 200
      And the response JSON at "$.message" is "<greeting>"

      Examples:
        | path                 | greeting             |
        | A                    | Hello, A!            |
        | Zo%C3%AB             | Hello, Zoë!          |
        | Ada%20Lovelace       | Hello, Ada Lovelace! |
        | %E3%83%80%E3%83%B3%E3%82%B9 | Hello, ダンス!  |
        | 100%25               | Hello, 100%!         |

    Scenario: A name of 100 characters is greeted
      Given the variable "ten" is "Waltz34567"
      When I send GET "/api/v1/greet/{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      Then the response status is 200

    Scenario: A name of 101 characters is refused
      Given the variable "ten" is "Waltz34567"
      When I send GET "/api/v1/greet/{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}x"
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the field "name"

    Scenario: A name that isn't UTF-8 is refused
      When I send GET "/api/v1/greet/%FF%FE"
      Then the response status is 400
      And the response header "Content-Type" contains "application/problem+json"

    Scenario Outline: An unknown parameter is refused: <path>
      When I send GET "<path>?colour=red"
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the field "colour"

      Examples:
        | path              |
        | /api/v1/greet     |
        | /api/v1/greet/Ada |

    Scenario: A greeting without a log-in isn't added to a history
      When I send GET "/api/v1/greet"
      Then the response status is 200
      And the table "greet_history" is empty

  Rule: Logged-in users get a personal greeting

    Scenario: The greeting contains the user's name and goal
      Given a registered user "ada"
      And "ada" logs in
      And I send PATCH "/api/v1/users/me" with JSON:
        """
        {"name": "Ada Lovelace", "current_goal": "Viennese waltz"}
        """
      When I send GET "/api/v1/greet"
      Then the response status is 200
      And the response JSON has:
        | path      | value                    |
        | $.message | #contains Ada Lovelace   |
        | $.message | #contains Viennese waltz |

    Scenario: A user without a name is greeted by the username
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/greet"
      Then the response JSON at "$.message" is "#contains ada"

    Scenario: The greeting is written to the history
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/greet"
      Then I save the response JSON at "$.message" as "message"
      And the table "greet_history" contains exactly the rows:
        | user_id    | message     |
        | {{ada.id}} | {{message}} |

  Rule: Users list their own greetings, admins everybody's

    Scenario: The history shows the newest greeting first
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/greet"
      And I send PATCH "/api/v1/users/me" with JSON:
        """
        {"current_goal": "Tango"}
        """
      And I send GET "/api/v1/greet"
      When I send GET "/api/v1/greetings"
      Then the response status is 200
      And the response JSON has:
        | path                 | value           |
        | $.meta.total         | 2               |
        | $.data[0].id         | 2               |
        | $.data[0].message    | #contains Tango |
        | $.data[0].context    | #object         |
        | $.data[0].created_at | #datetime       |
        | $.data[1].id         | 1               |

    Scenario: A new user's history is empty
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/greetings"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 0, "page": 1, "limit": 20}}
        """

    Scenario: The history is paginated
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/greet"
      And I send GET "/api/v1/greet"
      And I send GET "/api/v1/greet"
      When I send GET "/api/v1/greetings?limit=2&page=2"
      Then the response JSON contains:
        """
        {"data": [{"id": 1}], "meta": {"total": 3, "page": 2, "limit": 2}}
        """

    Scenario Outline: The history is sorted by time, newest first by default: <query>
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/greet"
      And I send GET "/api/v1/greet"
      When I send GET "/api/v1/greetings?<query>"
      Then the response JSON at "$.data[0].id" is "<first>"

      Examples:
        | query                            | first |
        | sort=-created_at                 | 2     |
        | sort=created_at                  | 1     |
        | sort=created_at&limit=1&page=2   | 2     |

    Scenario: Users don't see other users' greetings
      Given a registered user "ada"
      And a registered user "grace"
      And "ada" logs in
      And I send GET "/api/v1/greet"
      And "grace" logs in
      When I send GET "/api/v1/greetings"
      Then the response JSON at "$.meta.total" is "0"

    Scenario: An admin can read a user's greetings
      Given a registered user "ada"
      And "ada" logs in
      And I send GET "/api/v1/greet"
      And an admin "root"
      And "root" logs in
      When I send GET "/api/v1/greetings?user_id={{ada.id}}"
      Then the response status is 200
      And the response JSON at "$.data" has 1 item

    Scenario Outline: Only admins can read other users' greetings: <somebody>
      Given a registered user "ada"
      And <somebody> "grace"
      And "grace" logs in
      When I send GET "/api/v1/greetings?user_id={{ada.id}}"
      Then the response status is 403
      And the response is the problem "forbidden"

      Examples:
        | somebody          |
        | a registered user |
        | a moderator       |

    Scenario: The history needs a log-in
      When I send GET "/api/v1/greetings"
      Then the response status is 401
      And the response is the problem "unauthenticated"

    Scenario Outline: Invalid parameters of the history are refused and named: <query>
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/greetings?<query>"
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                              | fields                       |
        | page=0                             | page                         |
        | limit=0                            | limit                        |
        | limit=101                          | limit                        |
        | sort=name                          | sort                         |
        | user_id=ada                        | user_id                      |
        | colour=red                         | colour                       |
        | page=x&limit=y&user_id=z&colour=w  | page, limit, user_id, colour |

  Rule: HEAD writes nothing

    Scenario: HEAD adds no greeting to the history
      Given a registered user "ada"
      And "ada" logs in
      When I send HEAD "/api/v1/greet"
      Then the response status is 200
      And the table "greet_history" is empty

    Scenario: A name without letters is refused
      When I send GET "/api/v1/greet/"
      Then the response is the problem "validation"
      And the problem names the field "name"
