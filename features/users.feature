Feature: Users
  Everybody who dances, teaches or works at the school is a user.
  Anyone may register; what others can see and change depends on their role.

  Rule: Anyone may register, and no response shows a password

    @smoke
    Scenario: A new dancer registers with a username and a password
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "smoke_dancer_{{$seq}}", "password": "correct horse battery", "name": "Fred Astaire"}
        """
      Then the response status is 201
      And the response header "Location" matches "^/api/v1/users/[0-9a-f-]+$"
      And the response JSON has:
        | path            | value        |
        | $.id            | #uuid        |
        | $.username      | #string      |
        | $.name          | Fred Astaire |
        | $.role          | user         |
        | $.is_admin      | false        |
        | $.created_at    | #datetime    |
        | $.updated_at    | #datetime    |
        | $.password      | #absent      |
        | $.password_hash | #absent      |

    Scenario: Fields that weren't given are empty
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201
      And the response JSON contains:
        """
        {"username": "ada", "email": null, "name": null, "description": null, "current_goal": null, "last_login": null}
        """

    Scenario: The password is kept only as an argon2id hash
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201
      And the table "users" contains exactly the rows:
        | username | role | password_hash        |
        | ada      | user | #contains $argon2id$ |

    Scenario: An email address is kept in lower case
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "email": "Ada@Example.ORG"}
        """
      Then the response status is 201
      And the response JSON at "$.email" is "ada@example.org"

    Scenario Outline: A registration at the edge of what is allowed succeeds: <edge>
      Given the variable "ten" is "Waltz34567"
      And the variable "fifty" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      And the variable "hundred" is "{{fifty}}{{fifty}}"
      And the variable "thousand" is "{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}"
      When I send POST "/api/v1/users" with JSON:
        """
        <registration>
        """
      Then the response status is 201

      Examples:
        | edge                                     | registration                                                                                   |
        | a username of 3 characters               | {"username": "ada", "password": "correct horse battery"}                                       |
        | a username of 50 characters              | {"username": "{{fifty}}", "password": "correct horse battery"}                                 |
        | a username of capitals, digits and _     | {"username": "Ada_1815", "password": "correct horse battery"}                                  |
        | a password of 8 characters               | {"username": "ada", "password": "qz7!Lw3e"}                                                    |
        | a password of 8 characters of many bytes | {"username": "ada", "password": "äöüßéèñç"}                                                    |
        | a password of 128 characters             | {"username": "ada", "password": "{{hundred}}{{ten}}{{ten}}12345678"}                           |
        | a name of 100 characters                 | {"username": "ada", "password": "correct horse battery", "name": "{{hundred}}"}                |
        | a goal of 2000 characters                | {"username": "ada", "password": "correct horse battery", "current_goal": "{{thousand}}{{thousand}}"} |
        | optional fields that are null            | {"username": "ada", "password": "correct horse battery", "email": null, "name": null}          |

    Scenario Outline: A registration is refused, and the invalid field is named: <flaw>
      Given the variable "ten" is "Waltz34567"
      And the variable "fifty" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      And the variable "hundred" is "{{fifty}}{{fifty}}"
      And the variable "thousand" is "{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}{{hundred}}"
      When I send POST "/api/v1/users" with JSON:
        """
        <registration>
        """
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the field "<field>"
      And the table "users" is empty

      Examples: The username
        | flaw                             | field    | registration                                                           |
        | no username                      | username | {"password": "correct horse battery"}                                  |
        | a username of null               | username | {"username": null, "password": "correct horse battery"}                |
        | an empty username                | username | {"username": "", "password": "correct horse battery"}                  |
        | a username of 2 characters       | username | {"username": "ad", "password": "correct horse battery"}                |
        | a username of 51 characters      | username | {"username": "{{fifty}}x", "password": "correct horse battery"}        |
        | a username with a space          | username | {"username": "ada lovelace", "password": "correct horse battery"}      |
        | a username with a hyphen         | username | {"username": "ada-lovelace", "password": "correct horse battery"}      |
        | a username with an umlaut        | username | {"username": "jürgen", "password": "correct horse battery"}            |
        | a username that is a number      | username | {"username": 1815, "password": "correct horse battery"}                |
        | a username that is a list        | username | {"username": ["ada"], "password": "correct horse battery"}             |

      Examples: The password
        | flaw                                   | field    | registration                                                      |
        | no password                            | password | {"username": "ada"}                                               |
        | a password of null                     | password | {"username": "ada", "password": null}                             |
        | a password of 7 characters             | password | {"username": "ada", "password": "qz7!Lw3"}                        |
        | a password of 7 characters, more bytes | password | {"username": "ada", "password": "äöüßéèñ"}                        |
        | a password of 129 characters           | password | {"username": "ada", "password": "{{hundred}}{{ten}}{{ten}}123456789"} |
        | one of the most common passwords       | password | {"username": "ada", "password": "password"}                       |
        | another of the most common passwords   | password | {"username": "ada", "password": "12345678"}                       |
        | a password that is a number            | password | {"username": "ada", "password": 1234567890}                       |

      Examples: The rest
        | flaw                          | field        | registration                                                                               |
        | an email without an @         | email        | {"username": "ada", "password": "correct horse battery", "email": "ada.example.org"}       |
        | an email without a name       | email        | {"username": "ada", "password": "correct horse battery", "email": "@example.org"}          |
        | an email without a host       | email        | {"username": "ada", "password": "correct horse battery", "email": "ada@"}                  |
        | an email with a space         | email        | {"username": "ada", "password": "correct horse battery", "email": "a da@example.org"}      |
        | an email that is a truth      | email        | {"username": "ada", "password": "correct horse battery", "email": true}                    |
        | an empty name                 | name         | {"username": "ada", "password": "correct horse battery", "name": ""}                       |
        | a blank name                  | name         | {"username": "ada", "password": "correct horse battery", "name": "   "}                    |
        | a name of 101 characters      | name         | {"username": "ada", "password": "correct horse battery", "name": "{{hundred}}x"}           |
        | a name with a NUL character   | name         | {"username": "ada", "password": "correct horse battery", "name": "A\\u0000da"}             |
        | a description of 2001         | description  | {"username": "ada", "password": "correct horse battery", "description": "{{thousand}}{{thousand}}x"} |
        | a goal of 2001                | current_goal | {"username": "ada", "password": "correct horse battery", "current_goal": "{{thousand}}{{thousand}}x"} |
        | a field nobody knows          | shoe_size    | {"username": "ada", "password": "correct horse battery", "shoe_size": 38}                  |
        | making oneself an admin       | role         | {"username": "ada", "password": "correct horse battery", "role": "admin"}                  |

    Scenario: All invalid fields of a registration are reported together
      When I send POST "/api/v1/users?colour=red" with JSON:
        """
        {"username": "a", "password": "short", "email": "nowhere", "name": "", "current_goal": 7, "shoe_size": 38}
        """
      Then the response is the problem "validation"
      And the problem names the fields "username, password, email, name, current_goal, shoe_size, colour"

    Scenario Outline: Usernames are case-insensitive: <again>
      Given a registered user "ada"
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "<again>", "password": "correct horse battery"}
        """
      Then the response status is 409
      And the response is the problem "conflict"
      And the table "users" has 1 row

      Examples:
        | again |
        | ada   |
        | ADA   |
        | aDa   |

    Scenario: If many want the same username at the same moment, exactly one gets it
      When I send 8 concurrent POST requests to "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then 1 of the responses has status 201
      And 7 of the responses have status 409
      And the table "users" has 1 row

    Scenario: Many dancers can register at the same moment
      When I send 8 concurrent POST requests to "/api/v1/users" with JSON:
        """
        {"username": "dancer_{{$seq}}", "password": "correct horse battery"}
        """
      Then 8 of the responses have status 201
      And the table "users" has 8 rows

  Rule: Users manage their own profile

    Scenario: A user sees their own profile
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/users/me"
      Then the response status is 200
      And the response JSON has:
        | path                   | value      |
        | $.id                   | {{ada.id}} |
        | $.username             | ada        |
        | $.last_login           | #datetime  |
        | $.allow_password_reset | #absent    |

    Scenario: Times are in UTC with microseconds
      Given a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/users/me"
      Then the response JSON has:
        | path         | value                                                                          |
        | $.created_at | #regex ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$ |
        | $.last_login | #regex ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$ |

    Scenario: A user changes some fields, and the others stay
      Given a registered user "ada"
      And "ada" logs in
      And I send PATCH "/api/v1/users/me" with JSON:
        """
        {"name": "Ada Lovelace", "description": "Counts in binary"}
        """
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        {"current_goal": "Viennese waltz", "email": "ADA@example.org"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "username": "ada", "name": "Ada Lovelace", "description": "Counts in binary",
          "current_goal": "Viennese waltz", "email": "ada@example.org"
        }
        """
      When I query:
        """
        select count(*) as changed from users where username = 'ada' and updated_at > created_at
        """
      Then the query returned the rows:
        | changed |
        | 1       |

    Scenario: A field that is set to null is cleared
      Given a registered user "ada"
      And "ada" logs in
      And I send PATCH "/api/v1/users/me" with JSON:
        """
        {"name": "Ada Lovelace", "current_goal": "Viennese waltz"}
        """
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        {"current_goal": null}
        """
      Then the response status is 200
      And the table "users" contains the rows:
        | username | name         | current_goal |
        | ada      | Ada Lovelace | #null        |

    Scenario: An empty change changes nothing
      Given a registered user "ada"
      And "ada" logs in
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        {}
        """
      Then the response status is 200
      And the response JSON at "$.username" is "ada"

    Scenario Outline: A change of one's profile is refused, and the invalid field is named: <flaw>
      Given a registered user "ada"
      And "ada" logs in
      When I send PATCH "/api/v1/users/me" with JSON:
        """
        <change>
        """
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the field "<field>"

      Examples:
        | flaw                        | field     | change                        |
        | a bad email                 | email     | {"email": "nowhere"}          |
        | a blank name                | name      | {"name": " "}                 |
        | a name that is an object    | name      | {"name": {"first": "Ada"}}    |
        | promoting oneself           | role      | {"role": "admin"}             |
        | a field nobody knows        | shoe_size | {"shoe_size": 38}             |
        | an id of one's own choosing | id        | {"id": "{{$uuid}}"}           |

  Rule: A new password needs the old one, and ends the other sessions

    Scenario: After a change, only the new password works
      Given a registered user "ada"
      And "ada" logs in
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "correct horse battery", "new_password": "battery staple tango"}
        """
      Then the response status is 204
      And the response body is empty
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 401
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "battery staple tango"}
        """
      Then the response status is 200

    Scenario: The session that changed the password stays, and all others end
      Given a registered user "ada"
      And "ada" logs in
      And the variable "elsewhere" is "{{ada.token}}"
      And "ada" logs in
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "correct horse battery", "new_password": "battery staple tango"}
        """
      Then the response status is 204
      When I send GET "/api/v1/users/me"
      Then the response status is 200
      Given the bearer token is "{{elsewhere}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario: Without the right current password nothing changes
      Given a registered user "ada"
      And "ada" logs in
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "not my password", "new_password": "battery staple tango"}
        """
      Then the response is a client error
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 200

    Scenario Outline: A new password is refused, and the invalid field is named: <flaw>
      Given a registered user "ada"
      And "ada" logs in
      When I send PUT "/api/v1/users/me/password" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields                         | change                                                                                         |
        | nothing said         | current_password, new_password | {}                                                                                             |
        | too short            | new_password                   | {"current_password": "correct horse battery", "new_password": "short"}                         |
        | one of the common    | new_password                   | {"current_password": "correct horse battery", "new_password": "password"}                      |
        | wrong types          | current_password, new_password | {"current_password": 1, "new_password": false}                                                 |
        | a field nobody knows | hint                           | {"current_password": "correct horse battery", "new_password": "battery staple", "hint": "horse"} |

  Rule: Admins find users by name, email and role

    Scenario Outline: A search for "<q>" finds a part of username, email or name in any case
      Given I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery", "name": "Ada Lovelace", "email": "countess@example.org"}
        """
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "g_hopper", "password": "correct horse battery", "name": "Grace Hopper"}
        """
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "zoe", "password": "correct horse battery", "name": "Zoë Ünal 100%"}
        """
      And an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users" with query:
        | name | value |
        | q    | <q>   |
      Then the response status is 200
      And the response JSON at "$.meta.total" is "1"
      And the response JSON at "$.data[0].username" is "<found>"

      Examples:
        | q        | found    |
        | LOVE     | ada      |
        | Countess | ada      |
        | HOPPER   | g_hopper |
        | ünal     | zoe      |
        | ÜNAL     | zoe      |
        | 0%       | zoe      |
        | g_h      | g_hopper |

    Scenario Outline: Wildcards of SQL are ordinary characters in a search: <q>
      Given a registered user "ada"
      And an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users" with query:
        | name | value |
        | q    | <q>   |
      Then the response JSON at "$.meta.total" is "0"

      Examples:
        | q     |
        | %     |
        | a_a   |
        | ' or  |

    Scenario: Users can be listed by role
      Given the table "users" has the rows:
        | username | role      |
        | ada      | user      |
        | grace    | moderator |
        | alan     | user      |
      And an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users?role=user"
      Then the response JSON at "$.data" has 2 items
      And every item of the response JSON at "$.data" contains:
        """
        {"role": "user", "is_admin": false}
        """
      And the response JSON at "$.data" contains in any order:
        """
        [{"username": "alan"}, {"username": "ada"}]
        """

    Scenario Outline: The list is sorted and paginated: <query>
      Given the table "users" has the rows:
        | username | name   | created_at                  |
        | u_anna   | Anna   | 2026-01-03T10:00:00.000000Z |
        | u_bert   | Bert   | 2026-01-01T10:00:00.000000Z |
        | u_clara  | Clara  | 2026-01-05T10:00:00.000000Z |
        | u_dora   | Dora   | 2026-01-02T10:00:00.000000Z |
        | u_emil   | Emil   | 2026-01-04T10:00:00.000000Z |
      And an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users?role=user&<query>"
      Then the response status is 200
      And the response JSON at "$.data" has <items> items
      And the response JSON at "$.data[0].name" is "<first>"
      And the response JSON at "$.meta" is '{"total": 5, "page": <page>, "limit": <limit>}'

      Examples:
        | query                         | items | first | page | limit |
        | sort=name                     | 5     | Anna  | 1    | 20    |
        | sort=-name                    | 5     | Emil  | 1    | 20    |
        | sort=created_at               | 5     | Bert  | 1    | 20    |
        | sort=-created_at              | 5     | Clara | 1    | 20    |
        | limit=100                     | 5     | Clara | 1    | 100   |
        | sort=name&limit=2             | 2     | Anna  | 1    | 2     |
        | sort=name&limit=2&page=2      | 2     | Clara | 2    | 2     |
        | sort=name&limit=4&page=2      | 1     | Emil  | 2    | 4     |

    Scenario: A page after the last one is empty, and has the total
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users?page=1000000"
      Then the response status is 200
      And the response JSON is:
        """
        {"data": [], "meta": {"total": 1, "page": 1000000, "limit": 20}}
        """

    Scenario Outline: Invalid parameters of a list are refused and named: <query>
      Given an admin "root"
      And "root" logs in
      When I send GET "/api/v1/users?<query>"
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                                     | fields                          |
        | page=0                                    | page                            |
        | page=-1                                   | page                            |
        | page=two                                  | page                            |
        | limit=0                                   | limit                           |
        | limit=101                                 | limit                           |
        | limit=1.5                                 | limit                           |
        | sort=shoe_size                            | sort                            |
        | sort=--name                               | sort                            |
        | role=queen                                | role                            |
        | colour=red                                | colour                          |
        | page=0&limit=0&sort=x&role=x&colour=red   | page, limit, sort, role, colour |

  Rule: Admins manage all accounts

    Background:
      Given a registered user "ada"
      And an admin "root"
      And "root" logs in

    Scenario: An admin sees a user, and whether a password reset is pending
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "{{ada.id}}", "username": "ada", "role": "user", "allow_password_reset": false}
        """

    Scenario Outline: A user's role decides who is an admin: <role>
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"role": "<role>"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"role": "<role>", "is_admin": <is_admin>}
        """

      Examples:
        | role      | is_admin |
        | user      | false    |
        | moderator | false    |
        | admin     | true     |

    Scenario: A changed role ends all sessions of that user
      Given "ada" logs in
      And "root" logs in
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        {"role": "moderator"}
        """
      Then the response status is 200
      Given the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario Outline: An admin's change is refused, and the invalid field is named: <flaw>
      When I send PATCH "/api/v1/users/{{ada.id}}" with JSON:
        """
        <change>
        """
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the field "<field>"

      Examples:
        | flaw                  | field     | change                 |
        | a role that is none   | role      | {"role": "queen"}      |
        | a role of null        | role      | {"role": null}         |
        | a role that is a list | role      | {"role": ["admin"]}    |
        | a field nobody knows  | shoe_size | {"shoe_size": 38}      |
        | a bad email           | email     | {"email": "nowhere"}   |

    Scenario: A deleted user is hidden, but the row stays
      When I send DELETE "/api/v1/users/{{ada.id}}"
      Then the response status is 204
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response status is 404
      When I send GET "/api/v1/users?role=user"
      Then the response JSON at "$.meta.total" is "0"
      And the table "users" contains the rows:
        | username | deleted_at |
        | ada      | #notnull   |

    Scenario: A deleted user's sessions end
      Given "ada" logs in
      And "root" logs in
      When I send DELETE "/api/v1/users/{{ada.id}}"
      Then the response status is 204
      Given the bearer token is "{{ada.token}}"
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    Scenario: A deleted user's name is free again
      Given I send DELETE "/api/v1/users/{{ada.id}}"
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "Ada", "password": "correct horse battery"}
        """
      Then the response status is 201

    Scenario: A deleted user can be restored
      Given I send DELETE "/api/v1/users/{{ada.id}}"
      When I send POST "/api/v1/users/{{ada.id}}/restore"
      Then the response status is 200
      And the response JSON at "$.username" is "ada"
      When I send GET "/api/v1/users/{{ada.id}}"
      Then the response status is 200

    Scenario: A deleted user can't be restored while somebody else has the name
      Given the variable "first" is "{{ada.id}}"
      And I send DELETE "/api/v1/users/{{first}}"
      And I send POST "/api/v1/users" with JSON:
        """
        {"username": "ADA", "password": "correct horse battery"}
        """
      When I send POST "/api/v1/users/{{first}}/restore"
      Then the response status is 409
      And the response is the problem "conflict"

    Scenario: The last admin can't be deleted
      When I send DELETE "/api/v1/users/{{root.id}}"
      Then the response status is 409
      And the response is the problem "conflict"

    Scenario: The last admin can't lose the role
      When I send PATCH "/api/v1/users/{{root.id}}" with JSON:
        """
        {"role": "user"}
        """
      Then the response status is 409
      And the table "users" contains the rows:
        | username | role  |
        | root     | admin |

    Scenario: One of two admins can be deleted
      Given an admin "second"
      When I send DELETE "/api/v1/users/{{second.id}}"
      Then the response status is 204

    Scenario Outline: An unknown user is not found: <method> <path>
      When I send <method> "/api/v1/users/{{$uuid}}<path>"
      Then the response status is 404
      And the response is the problem "not-found"

      Examples:
        | method | path            |
        | GET    |                 |
        | DELETE |                 |
        | POST   | /restore        |
        | POST   | /password-reset |

    Scenario Outline: A malformed id is refused: <method> <path>
      When I send <method> "<path>"
      Then the response status is 400
      And the response is the problem "validation"
      And the problem names the field "id"

      Examples:
        | method | path                                       |
        | GET    | /api/v1/users/ada                          |
        | GET    | /api/v1/users/42                           |
        | DELETE | /api/v1/users/0193-not-a-uuid              |
        | POST   | /api/v1/users/ada/restore                  |
        | POST   | /api/v1/users/ada/password-reset           |

  Rule: Only admins manage other accounts

    Scenario Outline: Without a log-in it is refused: <method> <path>
      When I send <method> "/api/v1/users<path>"
      Then the response status is 401
      And the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains "Bearer"

      Examples:
        | method | path                                                 |
        | GET    |                                                      |
        | GET    | /me                                                  |
        | PATCH  | /me                                                  |
        | PUT    | /me/password                                         |
        | GET    | /0197a0a0-0000-7000-8000-000000000001                |
        | PATCH  | /0197a0a0-0000-7000-8000-000000000001                |
        | DELETE | /0197a0a0-0000-7000-8000-000000000001                |
        | POST   | /0197a0a0-0000-7000-8000-000000000001/restore        |
        | POST   | /0197a0a0-0000-7000-8000-000000000001/password-reset |

    Scenario Outline: Users and moderators are refused: <method> <path>
      Given a registered user "ada"
      And a moderator "grace"
      And "<who>" logs in
      When I send <method> "/api/v1/users<path>"
      Then the response status is 403
      And the response is the problem "forbidden"

      Examples:
        | who   | method | path                                                 |
        | ada   | GET    |                                                      |
        | grace | GET    |                                                      |
        | ada   | GET    | /0197a0a0-0000-7000-8000-000000000001                |
        | grace | PATCH  | /0197a0a0-0000-7000-8000-000000000001                |
        | grace | DELETE | /0197a0a0-0000-7000-8000-000000000001                |
        | ada   | POST   | /0197a0a0-0000-7000-8000-000000000001/restore        |
        | ada   | POST   | /0197a0a0-0000-7000-8000-000000000001/password-reset |

  Rule: A search works with every alphabet

    Scenario Outline: <q> finds the dancer from Athens
      Given an admin "root"
      And a registered user "odos"
      And "root" logs in
      And I send PATCH "/api/v1/users/{{odos.id}}" with JSON:
        """
        {"name": "ΟΔΟΣΑ"}
        """
      When I send GET "/api/v1/users" with query:
        | name | value |
        | q    | <q>   |
      Then the response JSON at "$.data" has 1 item
      And the response JSON at "$.data[0].username" is "odos"

      Examples:
        | q     |
        | ΟΔΟΣ  |
        | οδοσ  |
        | οδος  |

  Rule: Admins see deleted users

    Scenario: Only deleted users are listed
      Given a registered user "ada"
      And a registered user "grace"
      And an admin "root"
      And "root" logs in
      And I send DELETE "/api/v1/users/{{ada.id}}"
      When I send GET "/api/v1/users?deleted=true"
      Then the response JSON at "$.data" has 1 item
      And the response JSON at "$.data[0].username" is "ada"
      When I send GET "/api/v1/users?deleted=true&q=grace"
      Then the response JSON at "$.meta.total" is "0"
