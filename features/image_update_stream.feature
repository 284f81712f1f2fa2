Feature: Following image updates
  A page that shows image updates receives changes as they happen, whoever makes them.

  Background:
    Given the table "tags" has the rows:
      | id                                   | name       |
      | 0197a0a0-0000-7000-8000-00000000000a | production |
    And the table "image_updates" has the rows:
      | id                                   | image       | hostname   |
      | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | ballroom-1 |
      | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | ballroom-2 |
    And "a moderator" is asking

  Scenario: A follower gets the changes of others
    Given "asking" follows the image updates
    When I send PUT "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/tag" with JSON:
      """json
      {"tag_id": "0197a0a0-0000-7000-8000-00000000000a"}
      """
    And I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge"
    And I send DELETE "/api/v1/tags/0197a0a0-0000-7000-8000-00000000000a"
    And I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002"
    Then "asking" is told:
      | event        | JSON                                                                                 |
      | tagged       | {"image": "postgres:16", "hostname": "ballroom-1", "id": "#uuid"}                    |
      | acknowledged | {"id": "0197a0a0-0000-7000-8000-000000000001", "acknowledged_at": "#datetime"}       |
      | tagged       | {"id": "0197a0a0-0000-7000-8000-000000000001", "tag": null}                          |
      | deleted      | {"id": "0197a0a0-0000-7000-8000-000000000002"}                                       |

  Scenario: A report by Diun is an event
    Given the service runs with:
      | key            | value                  |
      | WEBHOOK_SECRET | Token quick-quick-slow |
    And "asking" follows the image updates
    And the request header "Authorization" is "Token quick-quick-slow"
    When I send POST "/api/v1/image-updates/webhook" with JSON:
      """json
      {"image": "nginx:1.27", "status": "new", "metadata": {"size": 1.10}}
      """
    Then "asking" is told:
      | event    | JSON                                                            |
      | reported | {"image": "nginx:1.27", "status": "new", "metadata": {"size": 1.10}} |

  Scenario: Acknowledging all sends an event for each update
    Given "asking" follows the image updates
    When I send POST "/api/v1/image-updates/acknowledge" with JSON:
      """json
      {"all": true}
      """
    Then "asking" is told:
      | event        | JSON                     |
      | acknowledged | {"image": "postgres:16"} |
      | acknowledged | {"image": "redis:7"}     |

  Scenario: Every follower gets the events
    Given a registered user "ada"
    And "ada" logs in
    And "ada" follows the image updates
    And "a moderator" is asking
    And "asking" follows the image updates
    When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
    Then "ada" is told:
      | event        | JSON                 |
      | acknowledged | {"image": "redis:7"} |
    And "asking" is told:
      | event        | JSON                 |
      | acknowledged | {"image": "redis:7"} |

  Scenario: After a lost connection, a follower continues where it stopped
    Given "asking" follows the image updates
    When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge"
    Then "asking" is told:
      | event        | JSON                     |
      | acknowledged | {"image": "postgres:16"} |
    When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
    And I send DELETE "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001"
    Given "asking" follows the image updates after event "{{event}}"
    Then "asking" is told:
      | event        | JSON                                           |
      | acknowledged | {"image": "redis:7"}                           |
      | deleted      | {"id": "0197a0a0-0000-7000-8000-000000000001"} |

  Scenario: After a long absence, a follower starts again from the list
    Given "asking" follows the image updates after event "4711"
    Then "asking" is told:
      | event  | JSON |
      | reload | {}   |

  Scenario: A change by another replica is an event
    Given "asking" follows the image updates
    When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge"
    Then "asking" is told:
      | event        | JSON                     |
      | acknowledged | {"image": "postgres:16"} |
    # The writes of another replica: the row, and its change.
    Given the SQL:
      """
      insert into image_update_changes (image_update_id, change)
      values ('0197a0a0-0000-7000-8000-000000000002', 'reported')
      """
    Then "asking" is told:
      | event    | JSON                 |
      | reported | {"image": "redis:7"} |

  Scenario: After log-out, no more events are sent
    Given "asking" follows the image updates
    When I send POST "/api/v1/auth/logout"
    Then the response status is 204
    Given a moderator "grace"
    And "grace" logs in
    When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge"
    Then the response status is 200
    And the stream of "asking" ends

  Scenario: An open stream doesn't delay the shutdown
    Given "asking" follows the image updates
    When the service is asked to stop
    Then the stream of "asking" ends
    And it exits with 0

  Scenario Outline: <who> can't follow
    Given "<who>" is asking
    When I send GET "/api/v1/image-updates/stream"
    Then the response is the problem "<problem>"

    Examples:
      | who                | problem         |
      | nobody             | unauthenticated |
      | a client for write | forbidden       |

  Scenario Outline: "<id>" is not a valid event id
    Given the request header "Last-Event-ID" is "<id>"
    When I send GET "/api/v1/image-updates/stream"
    Then the response is the problem "validation"
    And the problem names the fields "Last-Event-ID"

    Examples:
      | id |
      | -1 |
      | x  |

  Scenario: The number of streams is limited
    Given the service runs with:
      | key                | value |
      | server.max_streams | 1     |
    And "asking" follows the image updates
    When I send GET "/api/v1/image-updates/stream"
    Then the response is the problem "unavailable"
