Feature: Image updates
  Diun watches the images of the school's services, and reports every change to a webhook.
  The platform team acknowledges updates and tags those that belong together.

  Rule: Diun reports with the webhook's secret

    Background:
      Given the service runs with:
        | key            | value                 |
        | WEBHOOK_SECRET | Token quick-quick-slow |
      And the request header "Authorization" is "Token quick-quick-slow"

    @smoke
    Scenario Outline: Diun's report is accepted by <method>
      When I send <method> "/api/v1/image-updates/webhook" with JSON:
        """
        {
          "diun_version": "4.29.0",
          "hostname": "ballroom-1",
          "status": "new",
          "provider": "docker",
          "image": "docker.io/crazymax/diun:latest",
          "hub_link": "https://hub.docker.com/r/crazymax/diun",
          "mime_type": "application/vnd.docker.distribution.manifest.list.v2+json",
          "digest": "sha256:216e3ae7de4ca8b553eb11ef7abda00651e79e537e85c46108284e5e91673e01",
          "created": "2020-03-26T12:23:56Z",
          "platform": "linux/amd64",
          "metadata": {
            "ctn_command": "diun serve", "ctn_createdat": "2022-12-29 10:22:15 +0100 CET", "ctn_id": "0dbd10e15b31",
            "ctn_names": "diun", "ctn_size": "0B", "ctn_state": "running", "ctn_status": "Up 7 minutes (healthy)"
          }
        }
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "#uuid as update", "diun_version": "4.29.0", "hostname": "ballroom-1", "status": "new",
          "provider": "docker", "image": "docker.io/crazymax/diun:latest",
          "hub_link": "https://hub.docker.com/r/crazymax/diun",
          "mime_type": "application/vnd.docker.distribution.manifest.list.v2+json",
          "digest": "sha256:216e3ae7de4ca8b553eb11ef7abda00651e79e537e85c46108284e5e91673e01",
          "created": "2020-03-26T12:23:56.000000Z", "platform": "linux/amd64",
          "metadata": {
            "ctn_command": "diun serve", "ctn_createdat": "2022-12-29 10:22:15 +0100 CET", "ctn_id": "0dbd10e15b31",
            "ctn_names": "diun", "ctn_size": "0B", "ctn_state": "running", "ctn_status": "Up 7 minutes (healthy)"
          },
          "tag": null, "acknowledged_at": null, "created_at": "#datetime", "updated_at": "#datetime"
        }
        """
      And the table "image_updates" contains exactly the rows:
        | id         | image                          | hostname   | status | acknowledged_at |
        | {{update}} | docker.io/crazymax/diun:latest | ballroom-1 | new    | #null           |

      Examples:
        | method |
        | GET    |
        | POST   |

    Scenario Outline: Any content type is accepted: <type>
      Given the request header "Content-Type" is "<type>"
      When I send POST "/api/v1/image-updates/webhook" with body:
        """
        {"image": "postgres:16"}
        """
      Then the response status is 200

      Examples:
        | type                              |
        | text/plain                        |
        | application/x-www-form-urlencoded |

    Scenario: Unknown fields of a report are ignored
      When I send POST "/api/v1/image-updates/webhook?colour=red" with JSON:
        """
        {"image": "postgres:16", "architecture": "amd64", "os": "linux", "metadata": null, "created": null}
        """
      Then the response status is 200

    Scenario: Numbers in a report keep all digits
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {
          "image": "postgres:16",
          "metadata": {"z": [5.851109056968531e142, 0.1, -0.0, 1e17, 1E+400, 1e-400, 1.10], "a": 12345678901234567890123456}
        }
        """
      Then the response body contains '"metadata":{"z":[5.851109056968531e142,0.1,-0.0,1e17,1E+400,1e-400,1.10],"a":12345678901234567890123456}'
      And I save the response JSON at "$.id" as "update"
      Given "a client for read" is asking
      When I send GET "/api/v1/image-updates/{{update}}"
      Then the response body contains '"metadata":{"z":[5.851109056968531e142,0.1,-0.0,1e17,1E+400,1e-400,1.10],"a":12345678901234567890123456}'
      When I send GET "/api/v1/image-updates"
      Then the response body contains ",1E+400,"

    Scenario Outline: The creation time of an image is stored in microseconds: <created>
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16", "created": "<created>"}
        """
      Then the response JSON at "$.created" is "<kept>"

      Examples:
        | created                        | kept                        |
        | 2020-03-26T12:23:56.123456789Z | 2020-03-26T12:23:56.123456Z |
        | 2020-03-26T14:23:56+02:00      | 2020-03-26T12:23:56.000000Z |
        | 0001-01-01T00:00:00Z           | 0001-01-01T00:00:00.000000Z |
        | 2016-12-31T23:59:60Z           | 2017-01-01T00:00:00.000000Z |

    Scenario: A new report of an image updates it and makes it new again
      Given I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16", "digest": "sha256:1", "status": "new", "hostname": "ballroom-1"}
        """
      And I save the response JSON at "$.id" as "update"
      And I save the response JSON at "$.created_at" as "first"
      And the SQL:
        """
        update image_updates set acknowledged_at = '2026-01-01T10:00:00.000000Z'
        """
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16", "digest": "sha256:2", "status": "update"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "id": "{{update}}", "digest": "sha256:2", "status": "update", "hostname": null, "acknowledged_at": null,
          "created_at": "{{first}}"
        }
        """
      And the table "image_updates" has 1 row

    Scenario: Concurrent reports of one image create one row
      When I send 8 concurrent POST requests to "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16", "digest": "sha256:{{$seq}}"}
        """
      Then 8 of the responses have status 200
      And the table "image_updates" has 1 row

    Scenario Outline: A report is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        <report>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "image_updates" is empty

      Examples:
        | flaw                | fields                                    | report                                                                        |
        | no image            | image                                     | {"status": "new"}                                                             |
        | a blank image       | image                                     | {"image": ""}                                                                 |
        | wrong types         | image, status, created, metadata          | {"image": 1, "status": [], "created": 5, "metadata": "x"}                     |
        | a day that is none  | created                                   | {"image": "postgres:16", "created": "yesterday"}                              |
        | no object           | body                                      | ["postgres:16"]                                                               |

    Scenario: A body that isn't JSON is refused
      When I send GET "/api/v1/image-updates/webhook"
      Then the response is the problem "invalid-json"

    Scenario: HEAD reports nothing
      When I send HEAD "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      Then the response status is 405
      And the table "image_updates" is empty

    Scenario Outline: A call without the right secret is refused, whatever the body: <header>
      Given the request header "Authorization" is "<header>"
      When I send POST "/api/v1/image-updates/webhook" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unauthenticated"

      Examples:
        | header                        |
        | quick-quick-slow              |
        | Token quick-quick             |
        | Token quick-quick-slow-slow   |
        | token quick-quick-slow        |

    Scenario: A report without the header is refused
      Given no bearer token
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      Then the response is the problem "unauthenticated"

  Rule: Without a secret the webhook is off

    Scenario Outline: A report by <method> is refused
      Given the request header "Authorization" is "<header>"
      When I send <method> "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      Then the response is the problem "unavailable"
      And the response header "Retry-After" matches "^[0-9]+$"

      Examples:
        | method | header |
        | GET    | Token  |
        | POST   | Token  |

    Scenario: The secret is not shown
      Given the environment variable "WEBHOOK_SECRET" is "quick-quick-slow"
      When I run "config"
      Then it exits with 0
      And the output does not contain "quick-quick-slow"

  Rule: The platform team finds new updates

    Background:
      Given the table "tags" has the rows:
        | id                                   | name       |
        | 0197a0a0-0000-7000-8000-00000000000a | production |
      And the table "image_updates" has the rows:
        | id                                   | image         | hostname   | tag_id                               | acknowledged_at             | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | postgres:16   | ballroom-1 | 0197a0a0-0000-7000-8000-00000000000a | #null                       | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | Redis:7       | ballroom-2 | #null                                | 2026-01-06T10:00:00.000000Z | 2026-01-03T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | my_app:latest | ballroom-1 | #null                                | #null                       | 2026-01-02T10:00:00.000000Z |
      And "a client for read" is asking

    Scenario: One image update can be read
      When I send GET "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001"
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "image": "postgres:16", "hostname": "ballroom-1", "acknowledged_at": null,
          "tag": {"id": "0197a0a0-0000-7000-8000-00000000000a", "name": "production"}
        }
        """

    Scenario Outline: Image updates are found: <query>
      When I send GET "/api/v1/image-updates?sort=name&<query>"
      Then the response status is 200
      And the response JSON at "$.meta.total" is "<total>"
      And the response JSON at "$.data" has <total> items
      And the response JSON at "$.data[0].image" is "<first>"

      Examples:
        | query                                    | total | first         |
        |                                          | 3     | Redis:7       |
        | acknowledged=true                        | 1     | Redis:7       |
        | acknowledged=false                       | 2     | my_app:latest |
        | tag=production                           | 1     | postgres:16   |
        | hostname=ballroom-1                      | 2     | my_app:latest |
        | q=REDIS                                  | 1     | Redis:7       |
        | q=room-2                                 | 1     | Redis:7       |
        | q=_                                      | 1     | my_app:latest |
        | q=post&hostname=ballroom-1&acknowledged=false&tag=production | 1 | postgres:16 |

    Scenario Outline: A filter without a match returns an empty list: <query>
      When I send GET "/api/v1/image-updates?<query>"
      Then the response JSON at "$.meta.total" is "0"

      Examples:
        | query           |
        | tag=test        |
        | hostname=ball   |
        | q=mysql         |
        | q=p%25s         |

    Scenario Outline: The list is sorted and paginated: <query>
      When I send GET "/api/v1/image-updates?<query>"
      Then the response JSON at "$.data[0].image" is "<first>"
      And the response JSON at "$.meta.total" is "3"

      Examples:
        | query                    | first         |
        |                          | Redis:7       |
        | sort=created_at          | postgres:16   |
        | sort=-name               | postgres:16   |
        | sort=name&page=2&limit=1 | my_app:latest |

    Scenario Outline: Invalid parameters of a list are refused and named: <query>
      When I send GET "/api/v1/image-updates?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                          | fields                    |
        | acknowledged=perhaps           | acknowledged              |
        | sort=image                     | sort                      |
        | page=0&limit=101&colour=red    | page, limit, colour       |

  Rule: The platform team acknowledges updates

    Background:
      Given the table "tags" has the rows:
        | id                                   | name       |
        | 0197a0a0-0000-7000-8000-00000000000a | production |
      And the table "image_updates" has the rows:
        | id                                   | image       | tag_id                               | acknowledged_at             |
        | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | 0197a0a0-0000-7000-8000-00000000000a | #null                       |
        | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-06T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | app:latest  | #null                                | #null                       |
      And "a client for write" is asking

    Scenario: One update is acknowledged
      When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge"
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "0197a0a0-0000-7000-8000-000000000001", "acknowledged_at": "#datetime", "tag": {"name": "production"}}
        """

    Scenario: A second acknowledgement keeps the first time
      When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
      Then the response status is 200
      And the response JSON at "$.acknowledged_at" is "2026-01-06T10:00:00.000000Z"

    Scenario Outline: Several updates are acknowledged at once: <which>
      When I send POST "/api/v1/image-updates/acknowledge" with JSON:
        """
        <which>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {"acknowledged": <number>}
        """
      When I query:
        """
        select count(*) as news from image_updates where acknowledged_at is null
        """
      Then the query returned the rows:
        | news   |
        | <left> |

      Examples:
        | which                 | number | left |
        | {"all": true}         | 2      | 0    |
        | {"tag": "production"} | 1      | 1    |

    Scenario Outline: Acknowledging several is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/image-updates/acknowledge" with JSON:
        """
        <which>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "image_updates" contains the rows:
        | image      | acknowledged_at |
        | app:latest | #null           |

      Examples:
        | flaw                 | fields | which                                |
        | nothing said         | all    | {}                                   |
        | not all              | all    | {"all": false}                       |
        | all as a text        | all    | {"all": "true"}                      |
        | both                 | tag    | {"all": true, "tag": "production"}   |
        | a tag not there      | tag    | {"tag": "test"}                      |
        | a tag as a number    | tag    | {"tag": 5}                           |
        | a field nobody knows | ids    | {"all": true, "ids": []}             |

    Scenario: A deleted image update is not found
      When I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001"
      Then the response status is 204
      And the table "image_updates" has 2 rows

  Rule: An image update has at most one tag

    Background:
      Given the table "tags" has the rows:
        | id                                   | name       |
        | 0197a0a0-0000-7000-8000-00000000000a | production |
        | 0197a0a0-0000-7000-8000-00000000000b | test       |
      And the table "image_updates" has the rows:
        | id                                   | image       | tag_id |
        | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | #null  |
      And "a client for write" is asking

    Scenario: A tag is set, changed and removed
      When I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
        """
        {"tag_id": "0197a0a0-0000-7000-8000-00000000000a"}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"image": "postgres:16", "tag": {"id": "0197a0a0-0000-7000-8000-00000000000a", "name": "production"}}
        """
      When I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
        """
        {"tag_id": "0197a0a0-0000-7000-8000-00000000000b"}
        """
      Then the response JSON at "$.tag.name" is "test"
      When I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag"
      Then the response status is 200
      And the response JSON contains:
        """
        {"image": "postgres:16", "tag": null}
        """

    Scenario: A new report keeps the tag
      Given the service runs with:
        | key            | value            |
        | WEBHOOK_SECRET | quick-quick-slow |
      And the SQL:
        """
        update image_updates set tag_id = '0197a0a0-0000-7000-8000-00000000000a'
        """
      And the request header "Authorization" is "quick-quick-slow"
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """
        {"image": "postgres:16"}
        """
      Then the response JSON at "$.tag.name" is "production"

    Scenario Outline: Tagging is refused, and the invalid fields are named: <flaw>
      When I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
        """
        <tagging>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields         | tagging                                            |
        | nothing said         | tag_id         | {}                                                 |
        | null                 | tag_id         | {"tag_id": null}                                   |
        | a tag that is none   | tag_id         | {"tag_id": "production"}                           |
        | a tag not there      | tag_id         | {"tag_id": "0197a0a0-0000-7000-8000-00000000000f"} |
        | a field nobody knows | tag_id, colour | {"colour": "red"}                                  |

    Scenario Outline: An unknown id is not found: <method> <path>
      Given "a client for read write" is asking
      When I send <method> "/api/v1/image-updates/{{$uuid}}<path>" with JSON:
        """
        {"tag_id": "0197a0a0-0000-7000-8000-00000000000a"}
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path         |
        | GET    |              |
        | DELETE |              |
        | POST   | /acknowledge |
        | PUT    | /tag         |
        | DELETE | /tag         |

    Scenario Outline: A malformed id is refused: <method> <path>
      Given "a client for read write" is asking
      When I send <method> "/api/v1/image-updates/postgres<path>" with JSON:
        """
        {"tag_id": "0197a0a0-0000-7000-8000-00000000000a"}
        """
      Then the response is the problem "validation"
      And the problem names the field "id"

      Examples:
        | method | path         |
        | GET    |              |
        | DELETE |              |
        | POST   | /acknowledge |
        | PUT    | /tag         |
        | DELETE | /tag         |
