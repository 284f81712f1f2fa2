Feature: Managed databases
  Teams request databases from the school's platform. Provisioners create them and report the status.
  Every change of status is a numbered event, so a client that follows the numbers misses none.

  Rule: A team requests a database

    Background:
      Given "a client for read write" is asking

    @smoke
    Scenario: A database is requested, and can be read at its path
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "box office", "purpose": "Who has which seat"}
        """
      Then the response status is 201
      And the response JSON is:
        """
        {
          "id": "#uuid as shop", "name": "ticket-shop", "owner_team": "box office", "purpose": "Who has which seat",
          "status": "requested", "created_at": "#datetime", "updated_at": "#datetime"
        }
        """
      And the response header "Location" is "/api/v1/databases/{{shop}}"
      And the table "databases" contains exactly the rows:
        | id       | name        | status    | host  |
        | {{shop}} | ticket-shop | requested | #null |
      And the table "database_events" contains exactly the rows:
        | id | database_id | from  | to        | actor           |
        | 1  | {{shop}}    | #null | requested | {{asking.name}} |
      When I send GET "/api/v1/databases/{{shop}}"
      Then the response status is 200

    Scenario Outline: A name is valid as a host name: <name>
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "<name>", "owner_team": "a", "purpose": "b"}
        """
      Then the response status is <status>

      Examples:
        | name                                                             | status |
        | abc                                                              | 201    |
        | a-1                                                              | 201    |
        | a23456789b123456789c123456789d123456789e123456789f123456789g12   | 201    |
        | a23456789b123456789c123456789d123456789e123456789f123456789g1234 | 400    |
        | ab                                                               | 400    |
        | 1abc                                                             | 400    |
        | -abc                                                             | 400    |
        | abc-                                                             | 400    |
        | a--b                                                             | 400    |
        | Abc                                                              | 400    |
        | a_b                                                              | 400    |
        | äbc                                                              | 400    |
        | a b                                                              | 400    |

    Scenario Outline: A request is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/databases" with JSON:
        """
        <wish>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "databases" is empty
      And the table "database_events" is empty

      Examples:
        | flaw                  | fields                           | wish                                                                       |
        | nothing said          | name, owner_team, purpose        | {}                                                                         |
        | null                  | name, owner_team, purpose        | {"name": null, "owner_team": null, "purpose": null}                        |
        | wrong types           | name, owner_team, purpose        | {"name": 1, "owner_team": [], "purpose": true}                             |
        | blank texts           | owner_team, purpose              | {"name": "abc", "owner_team": " ", "purpose": ""}                          |
        | a status of one's own | status, host                     | {"name": "abc", "owner_team": "a", "purpose": "b", "status": "ready", "host": "x"} |

    Scenario: Two databases can't have the same name
      Given a database "ticket-shop"
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "a", "purpose": "b"}
        """
      Then the response is the problem "conflict"
      And the table "database_events" has 1 row

    Scenario: If several requests want the same name at once, exactly one gets it
      When I send 8 concurrent POST requests to "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "a", "purpose": "b"}
        """
      Then 1 of the responses has status 201
      And 7 of the responses have status 409
      And the table "databases" has 1 row
      And the table "database_events" contains exactly the rows:
        | id | to        |
        | 1  | requested |

  Rule: Databases can be found by team, status and name

    Background:
      Given the table "databases" has the rows:
        | id                                   | name        | owner_team | status       | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | ticket-shop | box office | ready        | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | tango-diary | teachers   | requested    | 2026-01-04T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | seat-plan   | box office | failed       | 2026-01-02T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000004 | old-plan    | box office | deleting     | 2026-01-03T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000005 | gone        | box office | deleted      | 2026-01-05T10:00:00.000000Z |
      And "a user" is asking

    Scenario Outline: Databases are found: <query>
      When I send GET "/api/v1/databases?sort=name&<query>"
      Then the response status is 200
      And the response JSON at "$.meta.total" is "<total>"
      And the response JSON at "$.data" has <total> items
      And the response JSON at "$.data[0].name" is "<first>"

      Examples:
        | query                                          | total | first       |
        |                                                | 4     | old-plan    |
        | owner_team=teachers                            | 1     | tango-diary |
        | status=ready                                   | 1     | ticket-shop |
        | status=failed,requested                        | 2     | seat-plan   |
        | status=ready,ready                             | 1     | ticket-shop |
        | status=requested,provisioning,ready,failed,deleting,deleted | 4 | old-plan |
        | name=PLAN                                      | 2     | old-plan    |
        | name=t-s                                       | 1     | ticket-shop |
        | name=-                                         | 4     | old-plan    |
        | owner_team=box%20office&status=failed&name=eat | 1     | seat-plan   |

    Scenario Outline: A filter without a match returns an empty list: <query>
      When I send GET "/api/v1/databases?<query>"
      Then the response JSON at "$.meta.total" is "0"

      Examples:
        | query               |
        | name=gone           |
        | status=deleted      |
        | owner_team=BOX      |
        | name=_              |
        | status=provisioning |

    Scenario Outline: The list is sorted and paginated: <query>
      When I send GET "/api/v1/databases?<query>"
      Then the response JSON at "$.data[0].name" is "<first>"
      And the response JSON at "$.meta.total" is "4"

      Examples:
        | query                    | first       |
        |                          | tango-diary |
        | sort=created_at          | ticket-shop |
        | sort=-name               | ticket-shop |
        | sort=name&page=2&limit=1 | seat-plan   |

    Scenario Outline: Invalid parameters of a list are refused and named: <query>
      When I send GET "/api/v1/databases?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                             | fields              |
        | status=broken                     | status              |
        | status=ready,                     | status              |
        | status=ready,broken               | status              |
        | sort=price                        | sort                |
        | page=0&limit=101&colour=red       | page, limit, colour |

  Rule: A database's description can be changed, its name can't

    Background:
      Given "a client for read write" is asking
      And a database "ticket-shop"

    Scenario: Team and description are changed
      When I send PATCH "/api/v1/databases/{{ticket-shop.id}}" with JSON:
        """
        {"owner_team": "teachers"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"name": "ticket-shop", "owner_team": "teachers", "purpose": "Behaviour tests", "status": "requested"}
        """

    Scenario Outline: A change is refused, and the invalid fields are named: <flaw>
      When I send PATCH "/api/v1/databases/{{ticket-shop.id}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields              | change                                  |
        | another name         | name                | {"name": "seat-plan"}                   |
        | the same name        | name                | {"name": "ticket-shop"}                 |
        | null                 | owner_team, purpose | {"owner_team": null, "purpose": null}   |
        | another status       | status              | {"status": "ready"}                     |
        | a field nobody knows | colour              | {"colour": "red"}                       |

  Rule: The status changes step by step

    Scenario: A database passes every status, from requested to deleted
      Given "a client for read write provision" is asking
      And a database "ticket-shop"
      When I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "provisioning", "message": "on host 7"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "{{ticket-shop.id}}", "status": "provisioning", "host": "#absent", "port": "#absent", "secret_name": "#absent"}
        """
      When I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "ready", "host": "db-7.example.com", "port": 5432, "secret_name": "ticket-shop-credentials"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"status": "ready", "host": "db-7.example.com", "port": 5432, "secret_name": "ticket-shop-credentials"}
        """
      When I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      Then the response status is 202
      And the response JSON contains:
        """
        {"id": "{{ticket-shop.id}}", "status": "deleting", "host": "#absent", "port": "#absent", "secret_name": "#absent"}
        """
      When I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "deleted"}
        """
      Then the response status is 200
      And the response JSON at "$.status" is "deleted"
      When I send GET "/api/v1/databases/{{ticket-shop.id}}"
      Then the response is the problem "not-found"
      And the table "database_events" contains exactly the rows:
        | id | from         | to           | message   | actor           |
        | 1  | #null        | requested    | #null     | {{asking.name}} |
        | 2  | requested    | provisioning | on host 7 | {{asking.name}} |
        | 3  | provisioning | ready        | #null     | {{asking.name}} |
        | 4  | ready        | deleting     | #null     | {{asking.name}} |
        | 5  | deleting     | deleted      | #null     | {{asking.name}} |

    Scenario Outline: A change from <from> to <to> is answered with <status>
      Given the table "databases" has the rows:
        | id                                   | name      | status |
        | 0197a0a0-0000-7000-8000-000000000001 | seat-plan | <from> |
      And "a client for provision" is asking
      When I send POST "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001/status" with JSON:
        """
        {"status": "<to>"<place>}
        """
      Then the response status is <status>
      And the table "database_events" has <events> rows

      Examples:
        | from         | to           | status | events | place                                        |
        | requested    | requested    | 409    | 0      |                                              |
        | requested    | provisioning | 200    | 1      |                                              |
        | requested    | ready        | 409    | 0      | , "host": "h", "port": 1, "secret_name": "s" |
        | requested    | failed       | 409    | 0      |                                              |
        | requested    | deleting     | 200    | 1      |                                              |
        | requested    | deleted      | 409    | 0      |                                              |
        | provisioning | requested    | 409    | 0      |                                              |
        | provisioning | provisioning | 409    | 0      |                                              |
        | provisioning | ready        | 200    | 1      | , "host": "h", "port": 1, "secret_name": "s" |
        | provisioning | failed       | 200    | 1      |                                              |
        | provisioning | deleting     | 200    | 1      |                                              |
        | provisioning | deleted      | 409    | 0      |                                              |
        | ready        | requested    | 409    | 0      |                                              |
        | ready        | provisioning | 409    | 0      |                                              |
        | ready        | ready        | 409    | 0      | , "host": "h", "port": 1, "secret_name": "s" |
        | ready        | failed       | 409    | 0      |                                              |
        | ready        | deleting     | 200    | 1      |                                              |
        | ready        | deleted      | 409    | 0      |                                              |
        | failed       | requested    | 409    | 0      |                                              |
        | failed       | provisioning | 200    | 1      |                                              |
        | failed       | ready        | 409    | 0      | , "host": "h", "port": 1, "secret_name": "s" |
        | failed       | failed       | 409    | 0      |                                              |
        | failed       | deleting     | 200    | 1      |                                              |
        | failed       | deleted      | 409    | 0      |                                              |
        | deleting     | requested    | 409    | 0      |                                              |
        | deleting     | provisioning | 409    | 0      |                                              |
        | deleting     | ready        | 409    | 0      | , "host": "h", "port": 1, "secret_name": "s" |
        | deleting     | failed       | 409    | 0      |                                              |
        | deleting     | deleting     | 409    | 0      |                                              |
        | deleting     | deleted      | 200    | 1      |                                              |
        | deleted      | deleting     | 404    | 0      |                                              |

    Scenario Outline: A status change is refused, and the invalid fields are named: <flaw>
      Given "a client for write provision" is asking
      And a database "ticket-shop"
      When I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        <step>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "database_events" has 1 row

      Examples:
        | flaw                     | fields                          | step                                                                    |
        | nothing said             | status                          | {}                                                                      |
        | a status nobody knows    | status                          | {"status": "broken"}                                                    |
        | ready, but nowhere       | host, port, secret_name         | {"status": "ready"}                                                     |
        | ready, with nothing      | host, port, secret_name         | {"status": "ready", "host": null, "port": null, "secret_name": null}    |
        | a port that is none      | port                            | {"status": "ready", "host": "h", "port": 65536, "secret_name": "s"}     |
        | a port of zero           | port                            | {"status": "ready", "host": "h", "port": 0, "secret_name": "s"}         |
        | a place without ready    | host, port, secret_name         | {"status": "failed", "host": "h", "port": 1, "secret_name": "s"}        |
        | wrong types              | status, message                 | {"status": 1, "message": 2}                                             |
        | a field nobody knows     | colour                          | {"status": "provisioning", "colour": "red"}                             |

    Scenario: If several requests make the same status change at once, exactly one succeeds
      Given "a client for write provision" is asking
      And a database "ticket-shop"
      When I send 8 concurrent POST requests to "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "provisioning"}
        """
      Then 1 of the responses has status 200
      And 7 of the responses have status 409
      And the table "database_events" has 2 rows

    Scenario: A database that is being deleted can't be deleted again
      Given "a client for write" is asking
      And a database "ticket-shop"
      And I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      When I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      Then the response is the problem "conflict"

    Scenario: The name of a deleted database can be used again
      Given the table "databases" has the rows:
        | name        | status  |
        | ticket-shop | deleted |
      And "a client for write" is asking
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "a", "purpose": "b"}
        """
      Then the response status is 201

    Scenario Outline: An unknown id is not found: <method> <path>
      Given "a client for read write provision" is asking
      When I send <method> "/api/v1/databases/{{$uuid}}<path>" with JSON:
        """
        <body>
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path    | body                       |
        | GET    |         | {}                         |
        | PATCH  |         | {"purpose": "b"}           |
        | DELETE |         | {}                         |
        | POST   | /status | {"status": "provisioning"} |
        | GET    | /events | {}                         |

    Scenario Outline: A malformed id is refused: <method> <path>
      Given "a client for read write provision" is asking
      When I send <method> "/api/v1/databases/shop<path>" with JSON:
        """
        {"status": "provisioning"}
        """
      Then the response is the problem "validation"
      And the problem names the field "id"

      Examples:
        | method | path    |
        | GET    |         |
        | PATCH  |         |
        | DELETE |         |
        | POST   | /status |
        | GET    | /events |

  Rule: A client that follows the events misses none

    Background:
      Given "a client for read write provision" is asking

    Scenario: The events of all databases are listed in order
      Given a database "ticket-shop"
      And a database "seat-plan"
      And I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      When I send GET "/api/v1/databases/events"
      Then the response status is 200
      And the response JSON is:
        """
        {
          "data": [
            {"id": 1, "database_id": "{{ticket-shop.id}}", "from": null, "to": "requested", "message": null,
             "actor": "{{asking.name}}", "created_at": "#datetime"},
            {"id": 2, "database_id": "{{seat-plan.id}}", "from": null, "to": "requested", "message": null,
             "actor": "{{asking.name}}", "created_at": "#datetime"},
            {"id": 3, "database_id": "{{ticket-shop.id}}", "from": "requested", "to": "deleting", "message": null,
             "actor": "{{asking.name}}", "created_at": "#datetime"}
          ],
          "meta": {"total": 3, "page": 1, "limit": 20}
        }
        """
      When I send GET "/api/v1/databases/events?after=1&limit=1"
      Then the response JSON contains:
        """
        {"data": [{"id": 2}], "meta": {"total": 2, "page": 1, "limit": 1}}
        """
      When I send GET "/api/v1/databases/events?after=3"
      Then the response JSON at "$.data" has 0 items

    Scenario: The events of one database can be listed
      Given a database "ticket-shop"
      And a database "seat-plan"
      And I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      When I send GET "/api/v1/databases/{{ticket-shop.id}}/events"
      Then the response JSON contains:
        """
        {"data": [{"id": 1, "to": "requested"}, {"id": 3, "to": "deleting"}], "meta": {"total": 2}}
        """

    Scenario: The deletion of a database is an event
      Given a database "ticket-shop"
      And I send DELETE "/api/v1/databases/{{ticket-shop.id}}"
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "deleted"}
        """
      When I send GET "/api/v1/databases/events?after=2"
      Then the response JSON contains:
        """
        {"data": [{"id": 3, "from": "deleting", "to": "deleted"}]}
        """

    Scenario: A refused status change uses no sequence number
      Given a database "ticket-shop"
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "deleted"}
        """
      And I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "a", "purpose": "b"}
        """
      And a database "seat-plan"
      When I send GET "/api/v1/databases/events?after=1"
      Then the response JSON contains:
        """
        {"data": [{"id": 2, "database_id": "{{seat-plan.id}}"}]}
        """

    Scenario: During concurrent changes, a follower sees every event once and in order
      When a follower reads the events while 60 databases are asked for
      Then the follower has seen the events 1 to 60

    Scenario Outline: Invalid parameters of the events are refused and named: <path>
      Given a database "ticket-shop"
      When I send GET "/api/v1/databases/<path>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | path                                        | fields               |
        | events?after=-1                             | after                |
        | events?after=last&page=0&limit=0&colour=red | after, page, limit, colour |
        | events?sort=name                            | sort                 |
        | {{ticket-shop.id}}/events?after=1           | after                |
        | {{ticket-shop.id}}/events?limit=101         | limit                |

  Rule: A client that follows the events can wait for the next one

    Background:
      Given "a client for read write" is asking

    Scenario: Existing events are returned at once
      Given a database "ticket-shop"
      When I send GET "/api/v1/databases/events?after=0&wait=30s"
      Then the response JSON at "$.data" has 1 item
      And the response took less than 20s

    Scenario: When the wait is over, the list is empty
      When I send GET "/api/v1/databases/events?after=0&wait=50ms"
      Then the response status is 200
      And the response JSON at "$.data" has 0 items

    Scenario: A client can wait longer than other requests may take
      Given the service runs with:
        | key                    | value |
        | server.request_timeout | 300ms |
      When I send GET "/api/v1/databases/events?after=0&wait=700ms"
      Then the response status is 200
      And the response JSON at "$.data" has 0 items
      And the response took at least 700ms

    Scenario: A waiting client gets the event as soon as it happens
      When I send at the same moment:
        | method | path                                      | JSON                                                                        | bearer           |
        | GET    | /api/v1/databases/events?after=0&wait=25s |                                                                             | {{asking.token}} |
        | POST   | /api/v1/databases                         | {"name": "ticket-shop", "owner_team": "box office", "purpose": "Who sits where"} | {{asking.token}} |
      Then 1 of the responses has status 200
      And 1 of the responses has status 201

    Scenario Outline: An invalid wait is refused: <wait>
      When I send GET "/api/v1/databases/events?wait=<wait>"
      Then the response is the problem "validation"
      And the problem names the field "wait"

      Examples:
        | wait  |
        | 30    |
        | 61s   |
        | later |

  Rule: A request that is sent again with its key takes effect once

    Scenario: A repeated request gets the same database, with its path
      Given "a client for read write" is asking
      And the request header "Idempotency-Key" is "3f2a9c1"
      And I send POST "/api/v1/databases" with JSON:
        """
        {"name": "ticket-shop", "owner_team": "box office", "purpose": "Who sits where"}
        """
      And I save the response JSON at "$.id" as "id"
      When I send POST "/api/v1/databases" with JSON:
        """
        {"purpose": "Who sits where", "owner_team": "box office", "name": "ticket-shop"}
        """
      Then the response status is 201
      And the response header "Location" is "/api/v1/databases/{{id}}"
      And the response JSON at "$.id" is "{{id}}"
      And the table "database_events" has 1 row
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "seat-plan", "owner_team": "box office", "purpose": "Who sits where"}
        """
      Then the response is the problem "conflict"
