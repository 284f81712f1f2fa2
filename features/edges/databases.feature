Feature: Managed databases, at the edges
  The limits of a database, a change of status and a list, and what is refused.

  Rule: A team requests a database

    Background:
      Given "a client for read write" is asking

    Scenario Outline: A name has 3 to 63 characters: <length>
      Given the text "name" of <length> characters
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "{{name}}", "owner_team": "a", "purpose": "b"}
        """
      Then the response status is <status>

      Examples:
        | length | status |
        | 2      | 400    |
        | 3      | 201    |
        | 63     | 201    |
        | 64     | 400    |

    Scenario Outline: A malformed name is refused, and only the name is reported: <name>
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "<name>", "owner_team": "a", "purpose": "b"}
        """
      Then the response is the problem "validation"
      And the problem names the field "name"
      And the response JSON at "$.errors" has 1 item
      And the table "databases" is empty

      Examples:
        | name       |
        |            |
        | abc\\n     |
        | abc\\u0000 |
        | a.b        |
        | ab-        |
        | a---b      |
        | aBc        |
        | tanzbär    |
        | ٣abc       |

    Scenario Outline: The length of a text is limited: <field>, <edge>
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", <texts>}
        """
      Then the response status is <status>

      Examples:
        | field      | edge        | status | texts                                                        |
        | owner_team | 200 letters | 201    | "purpose": "b", "owner_team": "{{hundred}}{{hundred}}"       |
        | owner_team | 201 letters | 400    | "purpose": "b", "owner_team": "{{hundred}}{{hundred}}x"      |
        | purpose    | 200 letters | 201    | "owner_team": "a", "purpose": "{{hundred}}{{hundred}}"       |
        | purpose    | 201 letters | 400    | "owner_team": "a", "purpose": "{{hundred}}{{hundred}}x"      |

    Scenario Outline: A request is refused, and only the invalid field is named: <flaw>
      When I send POST "/api/v1/databases" with JSON:
        """
        <wish>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "databases" is empty
      And the table "database_events" is empty

      Examples:
        | flaw                      | field       | wish                                                                              |
        | no name                   | name        | {"owner_team": "a", "purpose": "b"}                                               |
        | no team                   | owner_team  | {"name": "abc", "purpose": "b"}                                                   |
        | an empty team             | owner_team  | {"name": "abc", "owner_team": "", "purpose": "b"}                                 |
        | a team with a NUL         | owner_team  | {"name": "abc", "owner_team": "a\\u0000", "purpose": "b"}                         |
        | no purpose                | purpose     | {"name": "abc", "owner_team": "a"}                                                |
        | a blank purpose           | purpose     | {"name": "abc", "owner_team": "a", "purpose": "  "}                               |
        | a purpose with a NUL      | purpose     | {"name": "abc", "owner_team": "a", "purpose": "b\\u0000"}                         |
        | a status of one's own     | status      | {"name": "abc", "owner_team": "a", "purpose": "b", "status": "requested"}         |
        | a host of one's own       | host        | {"name": "abc", "owner_team": "a", "purpose": "b", "host": "h"}                   |
        | a port of one's own       | port        | {"name": "abc", "owner_team": "a", "purpose": "b", "port": 5432}                  |
        | a secret of one's own     | secret_name | {"name": "abc", "owner_team": "a", "purpose": "b", "secret_name": "s"}            |
        | an id of one's own        | id          | {"name": "abc", "owner_team": "a", "purpose": "b", "id": "{{$uuid}}"}             |
        | no object                 | body        | ["abc"]                                                                           |

    Scenario: The actor of the event is the username of whoever requested it
      Given "a moderator" is asking
      And a database "ticket-shop"
      Then the table "database_events" contains exactly the rows:
        | id | to        | actor           |
        | 1  | requested | {{asking.name}} |

  Rule: Databases can be found by team, status and name

    Background:
      Given the table "databases" has the rows:
        | id                                   | name        | owner_team | status    | host | port | secret_name | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | ticket-shop | Box_office | ready     | h    | 5432 | s           | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | seat-plan   | Box_office | failed    | #null | #null | #null     | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | seat0       | teachers   | requested | #null | #null | #null     | 2026-01-01T10:00:00.000000Z |
      And "a client for read" is asking

    Scenario Outline: The list is sorted as requested: <query>
      When I send GET "/api/v1/databases?<query>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"data": <databases>, "meta": {"total": <total>}}
        """

      Examples:
        | query                                  | total | databases                                                            |
        |                                        | 3     | [{"name": "seat0"}, {"name": "seat-plan"}, {"name": "ticket-shop"}]  |
        | sort=-created_at                       | 3     | [{"name": "seat0"}, {"name": "seat-plan"}, {"name": "ticket-shop"}]  |
        | sort=created_at                        | 3     | [{"name": "ticket-shop"}, {"name": "seat-plan"}, {"name": "seat0"}]  |
        | sort=name                              | 3     | [{"name": "seat-plan"}, {"name": "seat0"}, {"name": "ticket-shop"}]  |
        | sort=-name                             | 3     | [{"name": "ticket-shop"}, {"name": "seat0"}, {"name": "seat-plan"}]  |
        | sort=name&limit=2&page=2               | 3     | [{"name": "ticket-shop"}]                                            |
        | limit=100&page=2                       | 3     | []                                                                   |
        | owner_team=Box_office&status=ready     | 1     | [{"name": "ticket-shop"}]                                            |
        | owner_team=box_office                  | 0     | []                                                                   |
        | owner_team=Box%25                      | 0     | []                                                                   |
        | owner_team=                            | 0     | []                                                                   |
        | name=                                  | 3     | [{"name": "seat0"}, {"name": "seat-plan"}, {"name": "ticket-shop"}]  |
        | name=%25                               | 0     | []                                                                   |
        | status=provisioning,deleting           | 0     | []                                                                   |

    Scenario: A list shows host and port only of databases that are ready
      When I send GET "/api/v1/databases?sort=-name"
      Then the response JSON contains:
        """
        {"data": [
          {"status": "ready", "host": "h", "port": 5432, "secret_name": "s"},
          {"status": "requested", "host": "#absent", "port": "#absent", "secret_name": "#absent"},
          {"status": "failed", "host": "#absent", "port": "#absent", "secret_name": "#absent"}
        ]}
        """

    Scenario: A ready database is shown with all fields
      When I send GET "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001"
      Then the response JSON is:
        """
        {
          "id": "0197a0a0-0000-7000-8000-000000000001", "name": "ticket-shop", "owner_team": "Box_office",
          "purpose": "#string", "status": "ready", "host": "h", "port": 5432, "secret_name": "s",
          "created_at": "2026-01-01T10:00:00.000000Z", "updated_at": "#datetime"
        }
        """

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/databases?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                          | field      |
        | status=                        | status     |
        | status=,                       | status     |
        | status=READY                   | status     |
        | status=ready%20,failed         | status     |
        | status=ready&status=failed     | status     |
        | owner_team=a%00                | owner_team |
        | owner_team=a&owner_team=b      | owner_team |
        | name=a%00                      | name       |
        | sort=                          | sort       |
        | sort=status                    | sort       |
        | page=                          | page       |
        | page=-1                        | page       |
        | page=9223372036854775808       | page       |
        | limit=                         | limit      |
        | limit=0                        | limit      |
        | limit=ten                      | limit      |
        | team=teachers                  | team       |
        | q=seat                         | q          |

    Scenario Outline: The length of a filter is limited: <parameter> of <length>
      Given the text "long" of <length> characters
      When I send GET "/api/v1/databases?<parameter>={{long}}"
      Then the response status is <status>

      Examples:
        | parameter  | length | status |
        | owner_team | 200    | 200    |
        | owner_team | 201    | 400    |
        | name       | 200    | 200    |
        | name       | 201    | 400    |

  Rule: A database's description can be changed, its name can't

    Background:
      Given "a client for read write" is asking
      And I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "box office", "purpose": "Who has which seat"}
        """
      And I save the response JSON at "$.id" as "shop"
      And I save the response JSON at "$.created_at" as "made"

    Scenario Outline: A change keeps other fields, and is not an event: <change>
      When I send PATCH "/api/v1/databases/{{shop}}" with JSON:
        """
        <change>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "{{shop}}", "name": "ticket-shop", "owner_team": "<team>", "purpose": "<purpose>",
          "status": "requested", "created_at": "{{made}}", "updated_at": "#datetime"
        }
        """
      And the table "database_events" has 1 row

      Examples:
        | change                                       | team       | purpose            |
        | {}                                           | box office | Who has which seat |
        | {"owner_team": "teachers"}                   | teachers   | Who has which seat |
        | {"purpose": "Who sits where"}                | box office | Who sits where     |
        | {"owner_team": "teachers", "purpose": "x"}   | teachers   | x                  |

    Scenario Outline: A change is refused, the invalid field is named, and nothing is changed: <flaw>
      Given the text "long" of 201 characters
      When I send PATCH "/api/v1/databases/{{shop}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "databases" contains exactly the rows:
        | name        | owner_team | purpose            | status    | host  |
        | ticket-shop | box office | Who has which seat | requested | #null |

      Examples:
        | flaw                    | field       | change                                        |
        | a name of null          | name        | {"name": null, "purpose": "x"}                |
        | a blank team            | owner_team  | {"owner_team": " ", "purpose": "x"}           |
        | a team of null          | owner_team  | {"owner_team": null, "purpose": "x"}          |
        | a team too long         | owner_team  | {"owner_team": "{{long}}", "purpose": "x"}    |
        | a team as a number      | owner_team  | {"owner_team": 7, "purpose": "x"}             |
        | an empty purpose        | purpose     | {"purpose": "", "owner_team": "x"}            |
        | a purpose too long      | purpose     | {"purpose": "{{long}}", "owner_team": "x"}    |
        | a purpose as a list     | purpose     | {"purpose": [], "owner_team": "x"}            |
        | a host by the way       | host        | {"host": "h", "purpose": "x"}                 |
        | a port by the way       | port        | {"port": null, "purpose": "x"}                |
        | a secret by the way     | secret_name | {"secret_name": "s", "purpose": "x"}          |

    Scenario Outline: Mistakes in path, query and body are reported together: <method> <path>
      Given "a client for read write provision" is asking
      When I send <method> "/api/v1/databases/shop<path>?colour=red" with JSON:
        """
        {"name": "x", "owner_team": 1, "status": "broken"}
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | method | path    | fields                                     |
        | PATCH  |         | id, colour, name, owner_team, status       |
        | POST   | /status | id, colour, name, owner_team, status       |
        | GET    | /events | id, colour                                 |

    Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
      Given "a client for read write provision" is asking
      When I send <method> "/api/v1/databases<path>?colour=red" with JSON:
        """
        <body>
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the response JSON at "$.errors" has 1 item
      And the table "database_events" has 1 row

      Examples:
        | method | path             | body                                                       |
        | POST   |                  | {"name": "seat-plan", "owner_team": "a", "purpose": "b"}   |
        | GET    | /{{shop}}        | {}                                                         |
        | PATCH  | /{{shop}}        | {"purpose": "b"}                                           |
        | DELETE | /{{shop}}        | {}                                                         |
        | POST   | /{{shop}}/status | {"status": "provisioning"}                                 |
        | GET    | /{{shop}}/events | {}                                                         |

  Rule: The status changes step by step

    Scenario Outline: Deleting a database that is <from> is answered with <status>
      Given the table "databases" has the rows:
        | id                                   | name      | status |
        | 0197a0a0-0000-7000-8000-000000000001 | seat-plan | <from> |
      And "a client for read write" is asking
      When I send DELETE "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001"
      Then the response status is <status>
      And the table "databases" contains exactly the rows:
        | name      | status |
        | seat-plan | <to>   |
      And the table "database_events" has <events> rows

      Examples:
        | from         | status | to       | events |
        | requested    | 202    | deleting | 1      |
        | provisioning | 202    | deleting | 1      |
        | ready        | 202    | deleting | 1      |
        | failed       | 202    | deleting | 1      |
        | deleting     | 409    | deleting | 0      |
        | deleted      | 404    | deleted  | 0      |

    Scenario Outline: A deleted database is not found: <method> <path>
      Given the table "databases" has the rows:
        | id                                   | name      | status  |
        | 0197a0a0-0000-7000-8000-000000000001 | seat-plan | deleted |
      And "a client for read write provision" is asking
      When I send <method> "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001<path>" with JSON:
        """
        <body>
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path    | body                  |
        | GET    |         | {}                    |
        | PATCH  |         | {"purpose": "b"}      |
        | DELETE |         | {}                    |
        | POST   | /status | {"status": "deleted"} |
        | GET    | /events | {}                    |

    Scenario: The name of a database that is being deleted is still in use
      Given the table "databases" has the rows:
        | name        | status   |
        | ticket-shop | deleting |
      And "a client for write" is asking
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "a", "purpose": "b"}
        """
      Then the response is the problem "conflict"

    Scenario: A failed database can be provisioned again, and then has host and port
      Given "a client for read write provision" is asking
      And a database "ticket-shop"
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "provisioning"}
        """
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "failed", "message": "no room"}
        """
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "provisioning", "message": null}
        """
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "ready", "message": "done", "host": "h", "port": 65535, "secret_name": "s"}
        """
      When I send GET "/api/v1/databases/{{ticket-shop.id}}"
      Then the response JSON contains:
        """
        {"status": "ready", "host": "h", "port": 65535, "secret_name": "s"}
        """
      And the table "database_events" contains exactly the rows:
        | id | from         | to           | message |
        | 1  | #null        | requested    | #null   |
        | 2  | requested    | provisioning | #null   |
        | 3  | provisioning | failed       | no room |
        | 4  | failed       | provisioning | #null   |
        | 5  | provisioning | ready        | done    |

    Scenario Outline: The fields of a status change have limits: <edge>
      Given the table "databases" has the rows:
        | id                                   | name      | status       |
        | 0197a0a0-0000-7000-8000-000000000001 | seat-plan | provisioning |
      And the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      And "a client for provision" is asking
      When I send POST "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001/status" with JSON:
        """
        {"status": "ready", <rest>}
        """
      Then the response status is <status>

      Examples:
        | edge                  | status | rest                                                                                            |
        | the lowest port       | 200    | "host": "h", "port": 1, "secret_name": "s"                                                      |
        | the highest port      | 200    | "host": "h", "port": 65535, "secret_name": "s"                                                  |
        | a host of 200         | 200    | "host": "{{hundred}}{{hundred}}", "port": 1, "secret_name": "s"                                 |
        | a host of 201         | 400    | "host": "{{hundred}}{{hundred}}x", "port": 1, "secret_name": "s"                                |
        | a secret of 200       | 200    | "host": "h", "port": 1, "secret_name": "{{hundred}}{{hundred}}"                                 |
        | a secret of 201       | 400    | "host": "h", "port": 1, "secret_name": "{{hundred}}{{hundred}}x"                                |
        | a message of 200      | 200    | "host": "h", "port": 1, "secret_name": "s", "message": "{{hundred}}{{hundred}}"                 |
        | a message of 201      | 400    | "host": "h", "port": 1, "secret_name": "s", "message": "{{hundred}}{{hundred}}x"                |

    Scenario Outline: A status change is refused, and only the invalid field is named: <flaw>
      Given the table "databases" has the rows:
        | id                                   | name      | status       |
        | 0197a0a0-0000-7000-8000-000000000001 | seat-plan | provisioning |
      And "a client for provision" is asking
      When I send POST "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001/status" with JSON:
        """
        <step>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "databases" contains exactly the rows:
        | name      | status       | host  |
        | seat-plan | provisioning | #null |
      And the table "database_events" is empty

      Examples:
        | flaw                     | field       | step                                                                                  |
        | a status of null         | status      | {"status": null}                                                                      |
        | a status in capitals     | status      | {"status": "FAILED"}                                                                  |
        | a list of them           | status      | {"status": ["failed"]}                                                                |
        | a message with a NUL     | message     | {"status": "failed", "message": "\\u0000"}                                            |
        | a message as a list      | message     | {"status": "failed", "message": []}                                                   |
        | no host                  | host        | {"status": "ready", "port": 1, "secret_name": "s"}                                    |
        | a blank host             | host        | {"status": "ready", "host": " ", "port": 1, "secret_name": "s"}                       |
        | a host as a number       | host        | {"status": "ready", "host": 7, "port": 1, "secret_name": "s"}                         |
        | no port                  | port        | {"status": "ready", "host": "h", "secret_name": "s"}                                  |
        | a port as a text         | port        | {"status": "ready", "host": "h", "port": "5432", "secret_name": "s"}                  |
        | half a port              | port        | {"status": "ready", "host": "h", "port": 0.5, "secret_name": "s"}                     |
        | a port below zero        | port        | {"status": "ready", "host": "h", "port": -1, "secret_name": "s"}                      |
        | no secret                | secret_name | {"status": "ready", "host": "h", "port": 1}                                           |
        | an empty secret          | secret_name | {"status": "ready", "host": "h", "port": 1, "secret_name": ""}                        |
        | a secret as a list       | secret_name | {"status": "ready", "host": "h", "port": 1, "secret_name": []}                        |
        | a host that isn't due    | host        | {"status": "failed", "host": "h"}                                                     |
        | no host that isn't due   | host        | {"status": "failed", "host": null}                                                    |
        | a port that isn't due    | port        | {"status": "deleting", "port": 1}                                                     |
        | a secret that isn't due  | secret_name | {"status": "failed", "secret_name": "s"}                                              |

  Rule: A client that follows the events misses none

    Background:
      Given "a client for read write provision" is asking
      And a database "ticket-shop"
      And a database "seat-plan"
      And I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "deleted"}
        """

    Scenario Outline: The events after a sequence number are listed in order: <query>
      When I send GET "/api/v1/databases/events?<query>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"data": <events>, "meta": {"total": <total>, "page": <page>, "limit": <limit>}}
        """

      Examples:
        | query                          | total | page | limit | events                                       |
        |                                | 4     | 1    | 20    | [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}] |
        | after=0                        | 4     | 1    | 20    | [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}] |
        | after=2                        | 2     | 1    | 20    | [{"id": 3}, {"id": 4}]                       |
        | after=4                        | 0     | 1    | 20    | []                                           |
        | after=9223372036854775807      | 0     | 1    | 20    | []                                           |
        | limit=3                        | 4     | 1    | 3     | [{"id": 1}, {"id": 2}, {"id": 3}]            |
        | limit=3&page=2                 | 4     | 2    | 3     | [{"id": 4}]                                  |
        | after=1&limit=2&page=2         | 3     | 2    | 2     | [{"id": 4}]                                  |
        | limit=100                      | 4     | 1    | 100   | [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}] |

    Scenario: The events of one database are paginated
      Given I send POST "/api/v1/databases/{{seat-plan.id}}/status" with JSON:
        """
        {"status": "provisioning", "message": "on host 7"}
        """
      When I send GET "/api/v1/databases/{{seat-plan.id}}/events?limit=1&page=2"
      Then the response JSON is:
        """
        {
          "data": [
            {"id": 5, "database_id": "{{seat-plan.id}}", "from": "requested", "to": "provisioning", "message": "on host 7",
             "actor": "{{asking.name}}", "created_at": "#datetime"}
          ],
          "meta": {"total": 2, "page": 2, "limit": 1}
        }
        """

    Scenario: The events of a deleted database are only in the list of all events
      When I send GET "/api/v1/databases/{{ticket-shop.id}}/events"
      Then the response is the problem "not-found"
      When I send GET "/api/v1/databases/events?after=3"
      Then the response JSON at "$.data[0].database_id" is "{{ticket-shop.id}}"

    Scenario Outline: An invalid parameter is refused, and only it is named: <path>
      When I send GET "/api/v1/databases/<path>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | path                                     | field       |
        | events?after=                            | after       |
        | events?after=1.5                         | after       |
        | events?after=9223372036854775808         | after       |
        | events?after=1&after=2                   | after       |
        | events?page=0                            | page        |
        | events?limit=101                         | limit       |
        | events?limit=                            | limit       |
        | events?database_id={{seat-plan.id}}      | database_id |
        | {{seat-plan.id}}/events?page=x           | page        |
        | {{seat-plan.id}}/events?limit=0          | limit       |
        | {{seat-plan.id}}/events?colour=red       | colour      |

    Scenario Outline: The events are read-only: <method> <path>
      When I send <method> "/api/v1/databases/<path>"
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" contains "GET"

      Examples:
        | method | path                    |
        | POST   | {{seat-plan.id}}/events |
        | DELETE | {{seat-plan.id}}/events |
        | POST   | events                  |
