Feature: Image updates, at the edges
  The limits of a report, a list and an acknowledgement, and what is refused.

  Rule: Diun reports with the webhook's secret

    Background:
      Given the service runs with:
        | key            | value            |
        | WEBHOOK_SECRET | quick-quick-slow |
      And the request header "Authorization" is "quick-quick-slow"

    Scenario Outline: Only the image is required in a report, by <method>
      When I send <method> "/api/v1/image-updates/webhook" with JSON:
        """
        <report>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "#regex ^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
          "diun_version": null, "hostname": null, "status": null, "provider": null, "image": "postgres:16",
          "hub_link": null, "mime_type": null, "digest": null, "created": null, "platform": null, "metadata": null,
          "tag": null, "acknowledged_at": null, "created_at": "#datetime", "updated_at": "#datetime"
        }
        """

      Examples:
        | method | report                                                                                                                                                                                                      |
        | GET    | {"image": "postgres:16"}                                                                                                                                                                                    |
        | POST   | {"image": "postgres:16", "diun_version": null, "hostname": null, "status": null, "provider": null, "hub_link": null, "mime_type": null, "digest": null, "created": null, "platform": null, "metadata": null} |

    Scenario Outline: A report is refused, the invalid field is named, and stored data stay: <flaw>
      Given the table "image_updates" has the rows:
        | image       | digest   | acknowledged_at             |
        | postgres:16 | sha256:1 | 2026-01-06T10:00:00.000000Z |
      When I send <method> "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16", "digest": "sha256:2", <field>}
        """
      Then the response is the problem "validation"
      And the problem names the field "<name>"
      And the response JSON at "$.errors" has 1 item
      And the table "image_updates" contains exactly the rows:
        | image       | digest   | acknowledged_at |
        | postgres:16 | sha256:1 | #notnull        |

      Examples:
        | flaw                        | method | name         | field                              |
        | a version as a number       | POST   | diun_version | "diun_version": 4.29               |
        | a hostname as a list        | GET    | hostname     | "hostname": ["ballroom-1"]         |
        | a hostname with a NUL       | POST   | hostname     | "hostname": "\\u0000"              |
        | a status as a truth         | POST   | status       | "status": true                     |
        | a provider as an object     | POST   | provider     | "provider": {}                     |
        | a link as a number          | POST   | hub_link     | "hub_link": 7                      |
        | a type as a number          | POST   | mime_type    | "mime_type": 7                     |
        | a platform as a list        | POST   | platform     | "platform": ["linux"]              |
        | a day without a time        | POST   | created      | "created": "2026-01-31"            |
        | a day that isn't            | GET    | created      | "created": "2026-02-30T10:00:00Z"  |
        | a time without a zone       | POST   | created      | "created": "2026-01-31T10:00:00"   |
        | an empty time               | POST   | created      | "created": ""                      |
        | metadata as a list          | POST   | metadata     | "metadata": []                     |
        | metadata as a number        | POST   | metadata     | "metadata": 7                      |
        | metadata with a NUL         | POST   | metadata     | "metadata": {"a": ["\\u0000"]}     |
        | metadata named with a NUL   | POST   | metadata     | "metadata": {"\\u0000": 1}         |

    Scenario Outline: A malformed image name is refused: <image>
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": <image>}
        """
      Then the response is the problem "validation"
      And the problem names the field "image"
      And the table "image_updates" is empty

      Examples:
        | image                 |
        | null                  |
        | "  "                  |
        | "post\\u0000gres:16"  |
        | ["postgres:16"]       |
        | 16                    |

    Scenario Outline: The length of a report's text is limited: <field> of <length>
      Given the text "long" of <length> characters
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {<report>}
        """
      Then the response status is <status>

      Examples:
        | field        | length | status | report                                              |
        | image        | 200    | 200    | "image": "{{long}}"                                 |
        | image        | 201    | 400    | "image": "{{long}}"                                 |
        | diun_version | 200    | 200    | "image": "postgres:16", "diun_version": "{{long}}"  |
        | diun_version | 201    | 400    | "image": "postgres:16", "diun_version": "{{long}}"  |
        | hostname     | 200    | 200    | "image": "postgres:16", "hostname": "{{long}}"      |
        | hostname     | 201    | 400    | "image": "postgres:16", "hostname": "{{long}}"      |
        | status       | 201    | 400    | "image": "postgres:16", "status": "{{long}}"        |
        | provider     | 201    | 400    | "image": "postgres:16", "provider": "{{long}}"      |
        | hub_link     | 201    | 400    | "image": "postgres:16", "hub_link": "{{long}}"      |
        | mime_type    | 201    | 400    | "image": "postgres:16", "mime_type": "{{long}}"     |
        | digest       | 201    | 400    | "image": "postgres:16", "digest": "{{long}}"        |
        | platform     | 201    | 400    | "image": "postgres:16", "platform": "{{long}}"      |

    Scenario Outline: A body that isn't a report is refused: <body>
      When I send <method> "/api/v1/image-updates/webhook" with body:
        """
        <body>
        """
      Then the response is the problem "<problem>"

      Examples:
        | method | body                | problem      |
        | POST   | {"image":           | invalid-json |
        | GET    | image=postgres:16   | invalid-json |
        | POST   | "postgres:16"       | validation   |
        | GET    | null                | validation   |

    Scenario: A report without a body is refused
      When I send POST "/api/v1/image-updates/webhook"
      Then the response is the problem "invalid-json"

    Scenario: Image names are case-sensitive
      Given I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      When I send GET "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "Postgres:16"}
        """
      Then the response status is 200
      And the table "image_updates" has 2 rows

    Scenario Outline: A call without the secret is refused, and other tokens are not accepted: <header>
      Given "a client for read write provision admin" is asking
      And the request header "Authorization" is "<header>"
      When I send <method> "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      Then the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains "Bearer"
      And the table "image_updates" is empty

      Examples:
        | method | header                    |
        | GET    | Bearer {{asking.token}}   |
        | POST   | Bearer {{asking.token}}   |
        | GET    | Bearer quick-quick-slow   |
        | GET    | QUICK-QUICK-SLOW          |

    Scenario: The secret is not accepted elsewhere
      When I send GET "/api/v1/image-updates"
      Then the response is the problem "unauthenticated"

    Scenario Outline: Other methods of the webhook are refused: <method>
      When I send <method> "/api/v1/image-updates/webhook"
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" is "GET,POST"

      Examples:
        | method |
        | PUT    |
        | PATCH  |
        | DELETE |

    Scenario: A deleted image update is new again with the next report
      Given I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      And I save the response JSON at "$.id" as "update"
      And "a client for read write" is asking
      And I send DELETE "/api/v1/image-updates/{{update}}"
      And the response status is 204
      And the request header "Authorization" is "quick-quick-slow"
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      Then the response status is 200
      And the table "image_updates" has 1 row
      Given "a client for read write" is asking
      When I send GET "/api/v1/image-updates/{{update}}"
      Then the response is the problem "not-found"

    Scenario: An acknowledged update is new again with the next report, and can be acknowledged again
      Given I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      And I save the response JSON at "$.id" as "update"
      And "a client for read write" is asking
      And I send POST "/api/v1/image-updates/{{update}}/acknowledge"
      And I send GET "/api/v1/image-updates?acknowledged=false"
      And the response JSON at "$.meta.total" is "0"
      And the request header "Authorization" is "quick-quick-slow"
      And I send GET "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      And "a client for read write" is asking
      When I send GET "/api/v1/image-updates?acknowledged=false"
      Then the response JSON at "$.meta.total" is "1"
      When I send POST "/api/v1/image-updates/{{update}}/acknowledge"
      Then the response JSON at "$.acknowledged_at" is "#datetime"

  Rule: The platform team finds new updates

    Background:
      Given the table "tags" has the rows:
        | id                                   | name       |
        | 0197a0a0-0000-7000-8000-00000000000a | production |
      And the table "image_updates" has the rows:
        | id                                   | image | hostname   | tag_id                               | acknowledged_at             | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | Zebra | ballroom-1 | 0197a0a0-0000-7000-8000-00000000000a | #null                       | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | apple | ballroom-2 | #null                                | 2026-01-06T10:00:00.000000Z | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | b_1   | #null      | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-06T10:00:00.000000Z | 2026-01-01T10:00:00.000000Z |
      And "a client for read" is asking

    Scenario Outline: The list is sorted as requested: <query>
      When I send GET "/api/v1/image-updates?<query>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"data": <updates>, "meta": {"total": <total>}}
        """

      Examples:
        | query                                | total | updates                                               |
        |                                      | 3     | [{"image": "b_1"}, {"image": "apple"}, {"image": "Zebra"}] |
        | sort=created_at                      | 3     | [{"image": "Zebra"}, {"image": "apple"}, {"image": "b_1"}] |
        | sort=name                            | 3     | [{"image": "Zebra"}, {"image": "apple"}, {"image": "b_1"}] |
        | sort=-name                           | 3     | [{"image": "b_1"}, {"image": "apple"}, {"image": "Zebra"}] |
        | sort=name&limit=2&page=2             | 3     | [{"image": "b_1"}]                                    |
        | limit=100&page=2                     | 3     | []                                                    |
        | tag=production&acknowledged=true     | 1     | [{"image": "b_1"}]                                    |
        | tag=PRODUCTION                       | 0     | []                                                    |
        | tag=                                 | 0     | []                                                    |
        | hostname=Ballroom-1                  | 0     | []                                                    |
        | hostname=                            | 0     | []                                                    |
        | q=BALLROOM&sort=name                 | 2     | [{"image": "Zebra"}, {"image": "apple"}]              |
        | q=%25                                | 0     | []                                                    |
        | q=appleb                             | 0     | []                                                    |
        | q=                                   | 3     | [{"image": "b_1"}, {"image": "apple"}, {"image": "Zebra"}] |

    Scenario Outline: Updates that SQL has inserted are found in any case: <q>
      Given the table "image_updates" has the rows:
        | image        | hostname |
        | Größe:latest | FLÛTE-1  |
      When I send GET "/api/v1/image-updates" with query:
        | name | value |
        | q    | <q>   |
      Then the response JSON at "$.meta.total" is "<total>"

      Examples:
        | q           | total |
        | GRÖßE       | 1     |
        | flûte       | 1     |
        | latestflûte | 0     |

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/image-updates?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                               | field        |
        | acknowledged=                       | acknowledged |
        | acknowledged=1                      | acknowledged |
        | acknowledged=TRUE                   | acknowledged |
        | acknowledged=true&acknowledged=true | acknowledged |
        | tag=a%00                            | tag          |
        | hostname=a%00                       | hostname     |
        | q=a%00                              | q            |
        | q=a&q=b                             | q            |
        | sort=                               | sort         |
        | sort=-image                         | sort         |
        | sort=price                          | sort         |
        | page=                               | page         |
        | page=-1                             | page         |
        | page=9223372036854775808            | page         |
        | limit=                              | limit        |
        | limit=0                             | limit        |
        | limit=all                           | limit        |
        | status=new                          | status       |

    Scenario Outline: The length of a search is limited: <length>
      Given the text "long" of <length> characters
      When I send GET "/api/v1/image-updates?q={{long}}"
      Then the response status is <status>

      Examples:
        | length | status |
        | 200    | 200    |
        | 201    | 400    |

  Rule: The platform team acknowledges updates

    Background:
      Given the table "tags" has the rows:
        | id                                   | name       |
        | 0197a0a0-0000-7000-8000-00000000000a | production |
        | 0197a0a0-0000-7000-8000-00000000000b | nowhere    |
      And the table "image_updates" has the rows:
        | id                                   | image       | tag_id                               | acknowledged_at |
        | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | 0197a0a0-0000-7000-8000-00000000000a | #null           |
        | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | #null                                | #null           |
      And "a client for read write" is asking

    Scenario Outline: Only updates that were not acknowledged yet are counted: <which>
      Given I send POST "/api/v1/image-updates/acknowledge" with JSON:
        """
        {"all": true}
        """
      When I send POST "/api/v1/image-updates/acknowledge" with JSON:
        """
        <which>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {"acknowledged": 0}
        """

      Examples:
        | which                 |
        | {"all": true}         |
        | {"tag": "production"} |
        | {"tag": "nowhere"}    |

    Scenario Outline: Acknowledging several is refused, the invalid field is named, and nothing is acknowledged: <which>
      When I send POST "/api/v1/image-updates/acknowledge" with JSON:
        """
        <which>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "image_updates" contains exactly the rows:
        | image       | acknowledged_at |
        | postgres:16 | #null           |
        | redis:7     | #null           |

      Examples:
        | which                                    | field  |
        | {"all": null}                            | all    |
        | {"all": 1}                               | all    |
        | {"tag": null}                            | tag    |
        | {"tag": ""}                              | tag    |
        | {"tag": "PRODUCTION"}                    | tag    |
        | {"tag": ["production"]}                  | tag    |
        | {"tag": "pro\\u0000duction"}             | tag    |
        | {"tag": "production", "colour": "red"}   | colour |
        | ["production"]                           | body   |

    Scenario: Acknowledging without a selection is refused
      Given the request header "Content-Type" is "application/json"
      When I send POST "/api/v1/image-updates/acknowledge"
      Then the response is the problem "invalid-json"

    Scenario: An image update is deleted only once
      Given I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001"
      When I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001"
      Then the response is the problem "not-found"
      And the table "tags" has 2 rows

    Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
      When I send <method> "/api/v1/image-updates/<path>?colour=red" with JSON:
        """
        <body>
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the response JSON at "$.errors" has 1 item
      And the table "image_updates" contains exactly the rows:
        | image       | tag_id                               | acknowledged_at |
        | postgres:16 | 0197a0a0-0000-7000-8000-00000000000a | #null           |
        | redis:7     | #null                                | #null           |

      Examples:
        | method | path                                             | body                                                 |
        | GET    | 0197a0a0-0000-7000-8000-000000000001             | {}                                                   |
        | DELETE | 0197a0a0-0000-7000-8000-000000000001             | {}                                                   |
        | POST   | 0197a0a0-0000-7000-8000-000000000001/acknowledge | {}                                                   |
        | POST   | acknowledge                                      | {"all": true}                                        |
        | PUT    | 0197a0a0-0000-7000-8000-000000000001/tag         | {"tag_id": "0197a0a0-0000-7000-8000-00000000000b"}   |
        | DELETE | 0197a0a0-0000-7000-8000-000000000001/tag         | {}                                                   |

  Rule: An image update has at most one tag

    Background:
      Given the table "tags" has the rows:
        | id                                   | name       |
        | 0197a0a0-0000-7000-8000-00000000000a | production |
      And the table "image_updates" has the rows:
        | id                                   | image       | tag_id |
        | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | #null  |
      And "a client for read write" is asking

    Scenario: Setting the same tag again and removing an absent tag change nothing
      Given I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag"
      And the response status is 200
      And the response JSON at "$.tag" is "null"
      And I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
        """
        {"tag_id": "0197a0a0-0000-7000-8000-00000000000a"}
        """
      When I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
        """
        {"tag_id": "0197a0a0-0000-7000-8000-00000000000a"}
        """
      Then the response status is 200
      And the response JSON at "$.tag" is '{"id": "0197a0a0-0000-7000-8000-00000000000a", "name": "production"}'
      And the table "tags" has 1 row

    Scenario Outline: Tagging is refused, and only the invalid field is named: <tagging>
      When I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
        """
        <tagging>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "image_updates" contains exactly the rows:
        | image       | tag_id |
        | postgres:16 | #null  |

      Examples:
        | tagging                                                             | field  |
        | {"tag_id": ""}                                                      | tag_id |
        | {"tag_id": 7}                                                       | tag_id |
        | {"tag_id": ["0197a0a0-0000-7000-8000-00000000000a"]}                | tag_id |
        | {"tag_id": "0197a0a0-0000-7000-8000-00000000000a", "name": "x"}     | name   |
        | "0197a0a0-0000-7000-8000-00000000000a"                              | body   |

    Scenario: Mistakes in path, query and body are reported together
      When I send PUT "/api/v1/image-updates/postgres/tag?colour=red" with JSON:
        """
        {"tag_id": "production", "name": "x"}
        """
      Then the response is the problem "validation"
      And the problem names the fields "id, colour, tag_id, name"
      And the response JSON at "$.errors" has 4 items

  Rule: Without a secret the webhook is off

    Scenario Outline: It is off for every caller and every body: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/image-updates/webhook" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unavailable"

      Examples:
        | who                                     |
        | nobody                                  |
        | a client for read write provision admin |
