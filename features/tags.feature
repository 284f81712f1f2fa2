Feature: Tags
  Image updates that belong together have the same tag.

  Background:
    Given "a client for read write" is asking

  @smoke
  Scenario: A tag is created and listed
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    Then the response status is 201
    And the response JSON is:
      """
      {"id": "#uuid as tag", "name": "production", "created_at": "#datetime"}
      """
    When I send GET "/api/v1/tags"
    Then the response JSON is:
      """
      {
        "data": [{"id": "{{tag}}", "name": "production", "created_at": "#datetime"}],
        "meta": {"total": 1, "page": 1, "limit": 20}
      }
      """

  Scenario: Two tags can't have the same name
    Given I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    Then the response is the problem "conflict"

  Scenario: If several requests want the same name at once, exactly one gets it
    When I send 8 concurrent POST requests to "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    Then 1 of the responses has status 201
    And 7 of the responses have status 409

  Scenario Outline: A tag is refused, and the invalid fields are named: <flaw>
    When I send POST "/api/v1/tags" with JSON:
      """
      <tag>
      """
    Then the response is the problem "validation"
    And the problem names the fields "<fields>"
    And the table "tags" is empty

    Examples:
      | flaw                 | fields       | tag                               |
      | nothing said         | name         | {}                                |
      | a blank name         | name         | {"name": " "}                     |
      | a name as a number   | name         | {"name": 5}                       |
      | a field nobody knows | name, colour | {"name": null, "colour": "red"}   |

  Scenario Outline: The list is sorted and paginated: <query>
    Given the table "tags" has the rows:
      | name       | created_at                  |
      | test       | 2026-01-01T10:00:00.000000Z |
      | production | 2026-01-02T10:00:00.000000Z |
      | staging    | 2026-01-03T10:00:00.000000Z |
    When I send GET "/api/v1/tags?<query>"
    Then the response JSON at "$.data[0].name" is "<first>"
    And the response JSON at "$.meta.total" is "3"

    Examples:
      | query                    | first      |
      |                          | staging    |
      | sort=created_at          | test       |
      | sort=name                | production |
      | sort=-name&limit=1&page=2 | staging   |

  Scenario Outline: Invalid parameters of a list are refused and named: <query>
    When I send GET "/api/v1/tags?<query>"
    Then the response is the problem "validation"
    And the problem names the fields "<fields>"

    Examples:
      | query                     | fields              |
      | sort=price                | sort                |
      | page=0&limit=0&colour=red | page, limit, colour |

  Scenario: Deleting a tag removes it from its updates
    Given the table "tags" has the rows:
      | id                                   | name       |
      | 0197a0a0-0000-7000-8000-00000000000a | production |
    And the table "image_updates" has the rows:
      | image       | tag_id                               |
      | postgres:16 | 0197a0a0-0000-7000-8000-00000000000a |
    When I send DELETE "/api/v1/tags/0197a0a0-0000-7000-8000-00000000000a"
    Then the response status is 204
    And the table "tags" is empty
    And the table "image_updates" contains exactly the rows:
      | image       | tag_id |
      | postgres:16 | #null  |

  Scenario: An unknown tag can't be deleted
    When I send DELETE "/api/v1/tags/{{$uuid}}"
    Then the response is the problem "not-found"

  Scenario: A malformed id is refused
    When I send DELETE "/api/v1/tags/production"
    Then the response is the problem "validation"
    And the problem names the field "id"
