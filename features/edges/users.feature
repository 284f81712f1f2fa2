Feature: Users, at the edges
  The limits of a user, a change and a list of users, and what is refused.

  Rule: The fields of a registration have limits

    Scenario: Every field of a registration is stored and returned, and nothing else
      When I send POST "/api/v1/users" with JSON:
        """
        {
          "username": "ada", "password": "correct horse battery", "email": "ada@example.org", "name": "Ada Lovelace",
          "description": "Counts in binary", "current_goal": "Viennese waltz"
        }
        """
      Then the response status is 201
      And the response JSON is:
        """
        {
          "id": "#uuid as ada", "username": "ada", "email": "ada@example.org", "name": "Ada Lovelace",
          "description": "Counts in binary", "current_goal": "Viennese waltz", "role": "user", "is_admin": false,
          "last_login": null, "created_at": "#datetime", "updated_at": "#datetime"
        }
        """
      And the response header "Location" is "/api/v1/users/{{ada}}"
      And the response JSON at "$.id" is "#regex ^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users/{{ada}}"
      Then the response status is 200

    Scenario Outline: A registration at the limits succeeds: <edge>
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      And the text "long" of 2000 characters
      And the text "sixty_three" of 63 characters
      And the text "label" of 60 characters
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", <rest>}
        """
      Then the response status is 201
      And the response JSON contains:
        """
        {<rest>}
        """

      Examples:
        | edge                                | rest                                                                                          |
        | a name of 100 letters, more bytes   | "name": "{{hundred}}"                                                                         |
        | a name of one letter                | "name": "A"                                                                                   |
        | a description of 2000 characters    | "description": "{{long}}"                                                                     |
        | nothing in description and goal     | "description": "", "current_goal": ""                                                         |
        | all that is optional is null        | "email": null, "name": null, "description": null, "current_goal": null                        |
        | an email with signs in it           | "email": "a.d+a_1815@sub-host.example.org"                                                    |
        | an email of 200 characters          | "email": "{{sixty_three}}x@{{label}}.{{label}}.xxxxxxxxx.org"                                 |

    Scenario Outline: A password may contain any characters: <password>
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "<password>"}
        """
      Then the response status is 201
      When "ada" logs in with password "<password>"
      Then the response status is 200

      Examples:
        | password              |
        | two  spaces in it     |
        | ダンスを踊りましょう    |
        | qqqqqqqqqqqqqqqqqqqqq |
        | %00%zz&=+;'--         |

    Scenario Outline: A registration is refused, and only the invalid field is named: <flaw>
      Given the text "long" of 201 characters
      And the text "label" of 60 characters
      And the text "sixty_five" of 65 characters
      When I send POST "/api/v1/users" with JSON:
        """
        <registration>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "users" is empty

      Examples:
        | flaw                                | field         | registration                                                                                |
        | a username with a dot               | username      | {"username": "ada.l", "password": "correct horse battery"}                                  |
        | a username with an @                | username      | {"username": "ada@home", "password": "correct horse battery"}                               |
        | a username with a line break        | username      | {"username": "ada\\n", "password": "correct horse battery"}                                 |
        | a username that is a truth          | username      | {"username": true, "password": "correct horse battery"}                                     |
        | an empty password                   | password      | {"username": "ada", "password": ""}                                                         |
        | a password that is a list           | password      | {"username": "ada", "password": ["correct horse battery"]}                                  |
        | a common password in capitals       | password      | {"username": "ada", "password": "PASSWORD"}                                                 |
        | an empty email                      | email         | {"username": "ada", "password": "correct horse battery", "email": ""}                       |
        | an email with two @                 | email         | {"username": "ada", "password": "correct horse battery", "email": "a@b@example.org"}        |
        | an email whose host has no dot      | email         | {"username": "ada", "password": "correct horse battery", "email": "ada@localhost"}          |
        | an email of 201 characters          | email         | {"username": "ada", "password": "correct horse battery", "email": "{{label}}@{{label}}.{{label}}.xxxxxxxxxxxxxx.org"} |
        | an email with a person              | email         | {"username": "ada", "password": "correct horse battery", "email": "Ada <ada@example.org>"}  |
        | an email with a NUL character       | email         | {"username": "ada", "password": "correct horse battery", "email": "a\\u0000da@example.org"} |
        | an email that is a list             | email         | {"username": "ada", "password": "correct horse battery", "email": ["ada@example.org"]}      |
        | a name as a number                  | name          | {"username": "ada", "password": "correct horse battery", "name": 7}                         |
        | a description as a list             | description   | {"username": "ada", "password": "correct horse battery", "description": []}                 |
        | a description with a NUL character  | description   | {"username": "ada", "password": "correct horse battery", "description": "a\\u0000"}         |
        | a goal as a truth                   | current_goal  | {"username": "ada", "password": "correct horse battery", "current_goal": false}             |
        | a goal with a NUL character         | current_goal  | {"username": "ada", "password": "correct horse battery", "current_goal": "\\u0000"}         |
        | an id of one's own choosing         | id            | {"username": "ada", "password": "correct horse battery", "id": "{{$uuid}}"}                 |
        | making oneself an admin by a truth  | is_admin      | {"username": "ada", "password": "correct horse battery", "is_admin": true}                  |
        | a hash of one's own                 | password_hash | {"username": "ada", "password": "correct horse battery", "password_hash": "x"}              |
        | a parameter's name in the body      | page          | {"username": "ada", "password": "correct horse battery", "page": null}                      |

    Scenario: A registration with a wrong token in the header is refused
      Given the bearer token is "not.a.token"
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response is the problem "unauthenticated"
      And the table "users" is empty

    Scenario Outline: An email in use is refused, in upper or lower case: <email>
      Given I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "Ädä@example.org"}
        """
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "grace", "password": "correct horse battery", "email": "<email>"}
        """
      Then the response is the problem "conflict"
      And the response JSON at "$.detail" is "the email is taken"
      And the table "users" has 1 row

      Examples:
        | email           |
        | ädä@example.org |
        | ÄDÄ@EXAMPLE.ORG |

    Scenario: If many register with the same email at the same moment, exactly one succeeds
      When I send 8 concurrent POST requests to "/api/v1/users" with JSON:
        """
        {"username": "dancer_{{$seq}}", "password": "correct horse battery", "email": "home@example.org"}
        """
      Then 1 of the responses has status 201
      And 7 of the responses have status 409

    Scenario: An email can't be changed to one in use
      Given I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}
        """
      And a registered user "grace"
      And "grace" logs in
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        {"email": "ADA@example.org"}
        """
      Then the response is the problem "conflict"
      And the response JSON at "$.detail" is "the email is taken"

    Scenario: The email of a deleted user can be used, and then the user can't be restored
      Given I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}
        """
      And I save the response JSON at "$.id" as "id"
      And an admin "root"
      And "root" logs in
      And I send DELETE "/api/v1/users/{{id}}"
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "grace", "password": "correct horse battery", "email": "ada@example.org"}
        """
      And the response status is 201
      When I send POST "/api/v1/users/{{id}}/restore"
      Then the response is the problem "conflict"
      And the response JSON at "$.detail" is "the email is now taken"

  Rule: Users manage their own profile

    Background:
      Given I send POST "/api/v1/users" with JSON:
        """
        {
          "username": "ada", "password": "correct horse battery", "email": "ada@example.org", "name": "Ada Lovelace",
          "description": "Counts in binary", "current_goal": "Viennese waltz"
        }
        """
      And I save the response JSON at "$.id" as "id"
      And I save the response JSON at "$.created_at" as "made"
      And "ada" logs in

    Scenario Outline: One field is changed, and the others stay: <change>
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        <change>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "{{id}}", "username": "<username>", "email": <email>, "name": <name>,
          "description": <description>, "current_goal": <goal>, "role": "user", "is_admin": false,
          "last_login": "#datetime", "created_at": "{{made}}", "updated_at": "#datetime"
        }
        """

      Examples:
        | change                              | username | email             | name           | description        | goal             |
        | {"username": "lovelace"}            | lovelace | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" |
        | {"username": "ADA"}                 | ADA      | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" |
        | {"email": "Lovelace@Example.ORG"}   | ada      | "lovelace@example.org" | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" |
        | {"email": null}                     | ada      | null              | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" |
        | {"name": "Ada"}                     | ada      | "ada@example.org" | "Ada"          | "Counts in binary" | "Viennese waltz" |
        | {"name": null}                      | ada      | "ada@example.org" | null           | "Counts in binary" | "Viennese waltz" |
        | {"description": "Counts"}           | ada      | "ada@example.org" | "Ada Lovelace" | "Counts"           | "Viennese waltz" |
        | {"description": null}               | ada      | "ada@example.org" | "Ada Lovelace" | null               | "Viennese waltz" |
        | {"current_goal": "Tango"}           | ada      | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | "Tango"          |
        | {"current_goal": null}              | ada      | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | null             |

    Scenario Outline: A name in use is refused: <name>
      Given a registered user "grace"
      And "ada" logs in
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        {"username": "<name>"}
        """
      Then the response is the problem "conflict"
      And the table "users" contains the rows:
        | username |
        | ada      |
        | grace    |

      Examples:
        | name  |
        | grace |
        | GRACE |

    Scenario: After a change of the name, only the new name can log in
      Given I send PATCH "/api/v1/users/me" with JSON:
        """
        {"username": "lovelace"}
        """
      When I send GET "/api/v1/auth/validate"
      Then the response JSON at "$.username" is "lovelace"
      When "lovelace" logs in
      And nobody is logged in
      And I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 401
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201

    Scenario Outline: A change of one's profile is refused, the invalid field is named, and nothing is changed: <flaw>
      Given the text "name" of 101 characters
      And the text "long" of 2001 characters
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "users" contains exactly the rows:
        | username | email           | name         | description      | current_goal   | role |
        | ada      | ada@example.org | Ada Lovelace | Counts in binary | Viennese waltz | user |

      Examples:
        | flaw                          | field                | change                                            |
        | a username of null            | username             | {"username": null, "name": "Ada"}                 |
        | a username of 2 characters    | username             | {"username": "ad", "name": "Ada"}                 |
        | a username of 101 characters  | username             | {"username": "{{name}}", "name": "Ada"}           |
        | a username with a hyphen      | username             | {"username": "ada-l", "name": "Ada"}              |
        | a username as a number        | username             | {"username": 7, "name": "Ada"}                    |
        | an empty email                | email                | {"email": "", "name": "Ada"}                      |
        | an email as a number          | email                | {"email": 7, "name": "Ada"}                       |
        | an empty name                 | name                 | {"name": "", "email": null}                       |
        | a name of 101 characters      | name                 | {"name": "{{name}}", "email": null}               |
        | a description of 2001         | description          | {"description": "{{long}}", "name": "Ada"}        |
        | a description as a number     | description          | {"description": 7, "name": "Ada"}                 |
        | a goal of 2001                | current_goal         | {"current_goal": "{{long}}", "name": "Ada"}       |
        | a goal as a list              | current_goal         | {"current_goal": [], "name": "Ada"}               |
        | another password by the way   | password             | {"password": "battery staple", "name": "Ada"}     |
        | being an admin                | is_admin             | {"is_admin": true, "name": "Ada"}                 |
        | a log-in that never was       | last_login           | {"last_login": null, "name": "Ada"}               |
        | a reset that nobody made      | allow_password_reset | {"allow_password_reset": true, "name": "Ada"}     |
        | no object                     | body                 | ["Ada"]                                           |

    Scenario Outline: An unknown parameter is refused: <method> <path>
      When I send <method> "/api/v1/users<path>?colour=red" with JSON:
        """
        <body>
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | method | path         | body                                                                                       |
        | GET    | /me          | {}                                                                                         |
        | PATCH  | /me          | {"name": "Ada"}                                                                            |
        | PUT    | /me/password | {"current_password": "correct horse battery", "new_password": "battery staple tango"}      |

    Scenario Outline: The length of a new password is limited: <length>
      Given the text "password" of <length> characters
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "correct horse battery", "new_password": "{{password}}"}
        """
      Then the response status is <status>

      Examples:
        | length | status |
        | 7      | 400    |
        | 8      | 204    |
        | 128    | 204    |
        | 129    | 400    |

    Scenario Outline: A new password is refused, and only the invalid field is named: <change>
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | change                                                                          | field            |
        | {"new_password": "battery staple tango"}                                        | current_password |
        | {"current_password": null, "new_password": "battery staple tango"}              | current_password |
        | {"current_password": "correct horse battery"}                                   | new_password     |
        | {"current_password": "correct horse battery", "new_password": null}             | new_password     |
        | {"current_password": "not my password", "new_password": "short"}                | new_password     |
        | {"current_password": "correct horse battery", "new_password": ["a long one"]}   | new_password     |

    Scenario: A wrong current password is reported, and ends no session
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "not my password", "new_password": "battery staple tango"}
        """
      Then the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" is 'Bearer realm="dance-lessons-coach"'
      When I send GET "/api/v1/users/me"
      Then the response status is 200

  Rule: Admins find users

    Background:
      Given the table "users" has the rows:
        | id                                   | username | name   | email            | description | current_goal | role      | created_at                  | deleted_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | zoe      | Zebra  | zoe@example.org  | Tango       | Waltz        | user      | 2026-01-01T10:00:00.000000Z | #null                       |
        | 0197a0a0-0000-7000-8000-000000000002 | ada      | apple  | #null            | #null       | #null        | user      | 2026-01-01T10:00:00.000000Z | #null                       |
        | 0197a0a0-0000-7000-8000-000000000003 | max      | Äpfel  | #null            | #null       | #null        | user      | 2026-01-01T10:00:00.000000Z | #null                       |
        | 0197a0a0-0000-7000-8000-000000000004 | gone     | Ghost  | gone@example.org | #null       | #null        | user      | 2026-01-02T10:00:00.000000Z | 2026-01-03T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000005 | mod      | #null  | mod@example.org  | #null       | #null        | moderator | 2026-01-01T10:00:00.000000Z | #null                       |
      And "a client for admin" is asking

    Scenario Outline: The list is sorted as requested: <query>
      When I send GET "/api/v1/users?<query>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"data": <users>}
        """

      Examples:
        | query                               | users                                                                              |
        |                                     | [{"username": "mod"}, {"username": "max"}, {"username": "ada"}, {"username": "zoe"}] |
        | sort=created_at                     | [{"username": "zoe"}, {"username": "ada"}, {"username": "max"}, {"username": "mod"}] |
        | role=user&sort=name                 | [{"username": "zoe"}, {"username": "ada"}, {"username": "max"}]                      |
        | role=user&sort=-name                | [{"username": "max"}, {"username": "ada"}, {"username": "zoe"}]                      |
        | role=user&sort=name&limit=2&page=2  | [{"username": "max"}]                                                                |
        | role=moderator                      | [{"username": "mod"}]                                                                |
        | role=admin                          | []                                                                                   |
        | q=EXAMPLE.org&sort=created_at       | [{"username": "zoe"}, {"username": "mod"}]                                           |
        | q=example.org&role=user             | [{"username": "zoe"}]                                                                |
        | q=ghost                             | []                                                                                   |
        | q=tango                             | []                                                                                   |
        | q=waltz                             | []                                                                                   |
        | q=appleada                          | []                                                                                   |
        | q=&role=moderator                   | [{"username": "mod"}]                                                                |

    Scenario: A list shows the fields that admins may see, and no more
      When I send GET "/api/v1/users?q=zoe"
      Then the response JSON is:
        """
        {
          "data": [{
            "id": "0197a0a0-0000-7000-8000-000000000001", "username": "zoe", "email": "zoe@example.org", "name": "Zebra",
            "description": "Tango", "current_goal": "Waltz", "role": "user", "is_admin": false,
            "allow_password_reset": false, "last_login": null, "created_at": "2026-01-01T10:00:00.000000Z",
            "updated_at": "#datetime"
          }],
          "meta": {"total": 1, "page": 1, "limit": 20}
        }
        """

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/users?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                    | field |
        | role=                    | role  |
        | role=Admin               | role  |
        | role=user,admin          | role  |
        | role=user&role=admin     | role  |
        | q=a%00                   | q     |
        | q=a&q=b                  | q     |
        | sort=                    | sort  |
        | sort=username            | sort  |
        | sort=price               | sort  |
        | page=                    | page  |
        | page=9223372036854775808 | page  |
        | limit=                   | limit |
        | limit=ten                | limit |
        | username=ada             | username |

    Scenario Outline: The length of a search is limited: <length>
      Given the text "long" of <length> characters
      When I send GET "/api/v1/users?q={{long}}"
      Then the response status is <status>

      Examples:
        | length | status |
        | 200    | 200    |
        | 201    | 400    |

    Scenario Outline: Users that SQL has inserted are found in any case: <q>
      Given the table "users" has the rows:
        | username | name      | email            |
        | zoe_u    | Zoë Ünal  | zoë@example.org  |
        | none     | #null     | #null            |
      When I send GET "/api/v1/users" with query:
        | name | value |
        | q    | <q>   |
      Then the response JSON at "$.meta.total" is "<total>"

      Examples:
        | q       | total |
        | ÜNAL    | 1     |
        | ZOË@    | 1     |
        | Zoe_U   | 1     |
        | orgZoë  | 0     |

  Rule: Admins manage all accounts

    Background:
      Given I send POST "/api/v1/users" with JSON:
        """
        {
          "username": "ada", "password": "correct horse battery", "email": "ada@example.org", "name": "Ada Lovelace",
          "description": "Counts in binary", "current_goal": "Viennese waltz"
        }
        """
      And I save the response JSON at "$.id" as "ada.id"
      And an admin "root"
      And "root" logs in

    Scenario Outline: An admin changes one field, and the others stay: <change>
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        <change>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "{{ada.id}}", "username": "<username>", "email": <email>, "name": <name>,
          "description": <description>, "current_goal": <goal>, "role": "<role>", "is_admin": false,
          "allow_password_reset": false, "last_login": null, "created_at": "#datetime", "updated_at": "#datetime"
        }
        """

      Examples:
        | change                      | username | email             | name           | description        | goal             | role      |
        | {}                          | ada      | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" | user      |
        | {"username": "lovelace"}    | lovelace | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" | user      |
        | {"email": "A@B.org"}        | ada      | "a@b.org"         | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" | user      |
        | {"email": null}             | ada      | null              | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" | user      |
        | {"name": null}              | ada      | "ada@example.org" | null           | "Counts in binary" | "Viennese waltz" | user      |
        | {"description": null}       | ada      | "ada@example.org" | "Ada Lovelace" | null               | "Viennese waltz" | user      |
        | {"current_goal": null}      | ada      | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | null             | user      |
        | {"role": "moderator"}       | ada      | "ada@example.org" | "Ada Lovelace" | "Counts in binary" | "Viennese waltz" | moderator |

    Scenario Outline: An admin's change is refused, the invalid field is named, and nothing is changed: <flaw>
      Given the text "name" of 101 characters
      And the text "long" of 2001 characters
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "users" contains the rows:
        | username | email           | name         | role |
        | ada      | ada@example.org | Ada Lovelace | user |

      Examples:
        | flaw                         | field                | change                                                |
        | a role in capitals           | role                 | {"role": "ADMIN", "name": null}                       |
        | an empty role                | role                 | {"role": "", "name": null}                            |
        | a role as a truth            | role                 | {"role": true, "name": null}                          |
        | a username of null           | username             | {"username": null, "role": "admin"}                   |
        | a username that is none      | username             | {"username": "a da", "role": "admin"}                 |
        | a name too long              | name                 | {"name": "{{name}}", "role": "admin"}                 |
        | a description too long       | description          | {"description": "{{long}}", "role": "admin"}          |
        | a goal too long              | current_goal         | {"current_goal": "{{long}}", "role": "admin"}         |
        | a password                   | password             | {"password": "battery staple", "role": "admin"}       |
        | being an admin               | is_admin             | {"is_admin": true}                                    |
        | a reset without a token      | allow_password_reset | {"allow_password_reset": true}                        |
        | a deletion by the way        | deleted_at           | {"deleted_at": null, "role": "admin"}                 |
        | an id                        | id                   | {"id": "{{$uuid}}", "role": "admin"}                  |

    Scenario: An admin can't set a name in use
      Given a registered user "grace"
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"username": "Grace"}
        """
      Then the response is the problem "conflict"

    Scenario: Mistakes in path, query and body are reported together
      When I send PATCH "/api/v1/users/ada?colour=red" with JSON:
        """
        {"role": "queen", "name": 7, "shoe_size": 38}
        """
      Then the response is the problem "validation"
      And the problem names the fields "id, colour, role, name, shoe_size"
      And the response JSON at "$.errors" has 5 items

    Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
      When I send <method> "/api/v1/users/{{ada.id}}<path>?colour=red" with JSON:
        """
        {"name": "Ada"}
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the table "users" contains the rows:
        | username | name         | deleted_at |
        | ada      | Ada Lovelace | #null      |
      And the table "password_resets" is empty

      Examples:
        | method | path            |
        | GET    |                 |
        | PATCH  |                 |
        | DELETE |                 |
        | POST   | /restore        |
        | POST   | /password-reset |

    Scenario: An unknown user can't be changed
      When I send PATCH "/api/v1/users/{{$uuid}}" with JSON:
        """
        {"name": "Ada"}
        """
      Then the response is the problem "not-found"

    Scenario Outline: A deleted user is not found: <method> <path>
      Given I send DELETE "/api/v1/users/{{ada.id}}"
      When I send <method> "/api/v1/users/{{ada.id}}<path>" with JSON:
        """
        {"name": "Ada"}
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path            |
        | GET    |                 |
        | PATCH  |                 |
        | DELETE |                 |
        | POST   | /password-reset |

    Scenario: A user can be renamed to the name of a deleted one
      Given a registered user "grace"
      And I send DELETE "/api/v1/users/{{ada.id}}"
      When I send PATCH "/api/v1/users/{{grace.id}}" with JSON:
        """
        {"username": "ADA"}
        """
      Then the response status is 200

    Scenario: A restored user has the same data and can log in
      Given "ada" logs in
      And "root" logs in
      And I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"role": "moderator"}
        """
      And "ada" logs in
      And "root" logs in
      And I send DELETE "/api/v1/users/{{ada.id}}"
      When I send POST "/api/v1/users/{{ada.id}}/restore"
      Then the response JSON contains:
        """
        {"id": "{{ada.id}}", "username": "ada", "name": "Ada Lovelace", "email": "ada@example.org", "role": "moderator"}
        """
      Given the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401
      And "ada" logs in

    Scenario: Restoring a user who isn't deleted changes nothing
      Given "ada" logs in
      And "root" logs in
      When I send POST "/api/v1/users/{{ada.id}}/restore"
      Then the response status is 200
      Given the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 200

    Scenario: A user can be restored after the other one with the name is deleted
      Given the variable "first" is "{{ada.id}}"
      And I send DELETE "/api/v1/users/{{first}}"
      And a registered user "ada"
      And I send POST "/api/v1/users/{{first}}/restore"
      And the response is the problem "conflict"
      And I send DELETE "/api/v1/users/{{ada.id}}"
      When I send POST "/api/v1/users/{{first}}/restore"
      Then the response status is 200

    Scenario: A deleted admin doesn't count as a remaining admin
      Given an admin "second"
      And I send DELETE "/api/v1/users/{{second.id}}"
      When I send DELETE "/api/v1/users/{{root.id}}"
      Then the response is the problem "conflict"
      When I send PATCH "/api/v1/users/{{root.id}}" with JSON:
        """
        {"role": "moderator"}
        """
      Then the response is the problem "conflict"

    Scenario: One of two admins can give up the role
      Given an admin "second"
      When I send PATCH "/api/v1/users/{{root.id}}" with JSON:
        """
        {"role": "user"}
        """
      Then the response status is 200
      When I send GET "/api/v1/users"
      Then the response status is 401

    Scenario: The last admin can change everything else
      When I send PATCH "/api/v1/users/{{root.id}}" with JSON:
        """
        {"role": "admin", "username": "headmistress", "name": "Grace"}
        """
      Then the response status is 200
      When I send GET "/api/v1/users/me"
      Then the response JSON contains:
        """
        {"username": "headmistress", "name": "Grace", "role": "admin", "is_admin": true, "allow_password_reset": false}
        """

    Scenario: A changed name ends no session
      Given "ada" logs in
      And "root" logs in
      And I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"username": "lovelace", "role": "user"}
        """
      And the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response JSON at "$.username" is "lovelace"

    Scenario: A new role takes effect at the next log-in
      Given I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"role": "admin"}
        """
      And "ada" logs in
      When I send GET "/api/v1/users/{{root.id}}"
      Then the response status is 200
