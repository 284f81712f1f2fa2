Feature: Tags, at the edges
  The limits of a tag, and what is refused.

  Background:
    Given "a client for read write" is asking

  Scenario Outline: The length of a name is limited: <edge>
    Given the variable "ten" is "äöüßéèñçåø"
    And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "<name>"}
      """
    Then the response status is <status>

    Examples:
      | edge                       | name         | status |
      | one letter                 | t            | 201    |
      | 100 letters, more bytes    | {{hundred}}  | 201    |
      | 101 letters                | {{hundred}}x | 400    |
      | a NUL character            | te\\u0000st  | 400    |
      | no letter                  |              | 400    |

  Scenario Outline: A tag is refused, and only the invalid field is named: <tag>
    When I send POST "/api/v1/tags" with JSON:
      """
      <tag>
      """
    Then the response is the problem "validation"
    And the problem names the field "<field>"
    And the response JSON at "$.errors" has 1 item
    And the table "tags" is empty

    Examples:
      | tag                                | field |
      | {"name": null}                     | name  |
      | {"name": ["production"]}           | name  |
      | {"name": "test", "id": "{{$uuid}}"} | id   |
      | ["production"]                     | body  |

  Scenario: Names are case-sensitive
    Given the table "tags" has the rows:
      | name |
      | test |
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "Test"}
      """
    Then the response status is 201
    And the table "tags" has 2 rows

  Scenario: A tag is deleted only once, and its name can be used again
    Given I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    And I save the response JSON at "$.id" as "tag"
    And I send DELETE "/api/v1/tags/{{tag}}"
    When I send DELETE "/api/v1/tags/{{tag}}"
    Then the response is the problem "not-found"
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    Then the response status is 201

  Scenario: The response to a new tag has no Location
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    Then the response status is 201
    And the response has no header "Location"

  Scenario Outline: An invalid parameter is refused, and only it is named: <query>
    When I send GET "/api/v1/tags?<query>"
    Then the response is the problem "validation"
    And the problem names the field "<field>"
    And the response JSON at "$.errors" has 1 item

    Examples:
      | query                    | field |
      | sort=                    | sort  |
      | sort=-price              | sort  |
      | page=                    | page  |
      | page=-1                  | page  |
      | page=first               | page  |
      | page=9223372036854775808 | page  |
      | limit=                   | limit |
      | limit=101                | limit |
      | limit=all                | limit |
      | page=1&page=1            | page  |
      | name=test                | name  |

  Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
    Given the table "tags" has the rows:
      | id                                   | name |
      | 0197a0a0-0000-7000-8000-00000000000a | test |
    When I send <method> "/api/v1/tags<path>?colour=red" with JSON:
      """
      {"name": "production"}
      """
    Then the response is the problem "validation"
    And the problem names the field "colour"
    And the table "tags" contains exactly the rows:
      | name |
      | test |

    Examples:
      | method | path                                  |
      | POST   |                                       |
      | DELETE | /0197a0a0-0000-7000-8000-00000000000a |

  Scenario Outline: The list is sorted as requested: <query>
    Given the table "tags" has the rows:
      | id                                   | name  | created_at                  |
      | 0197a0a0-0000-7000-8000-00000000000a | Zebra | 2026-01-01T10:00:00.000000Z |
      | 0197a0a0-0000-7000-8000-00000000000b | apple | 2026-01-01T10:00:00.000000Z |
      | 0197a0a0-0000-7000-8000-00000000000c | Äpfel | 2026-01-01T10:00:00.000000Z |
    When I send GET "/api/v1/tags?<query>"
    Then the response JSON contains:
      """
      {"data": <tags>, "meta": {"total": 3, "page": <page>, "limit": <limit>}}
      """

    Examples:
      | query            | page | limit | tags                                                      |
      |                  | 1    | 20    | [{"name": "Äpfel"}, {"name": "apple"}, {"name": "Zebra"}] |
      | sort=created_at  | 1    | 20    | [{"name": "Zebra"}, {"name": "apple"}, {"name": "Äpfel"}] |
      | sort=name        | 1    | 20    | [{"name": "Zebra"}, {"name": "apple"}, {"name": "Äpfel"}] |
      | sort=-name       | 1    | 20    | [{"name": "Äpfel"}, {"name": "apple"}, {"name": "Zebra"}] |
      | limit=100&page=2 | 2    | 100   | []                                                        |

  Scenario Outline: A single tag can't be read or changed: <method>
    When I send <method> "/api/v1/tags/{{$uuid}}"
    Then the response is the problem "method-not-allowed"
    And the response header "Allow" is "DELETE"

    Examples:
      | method |
      | GET    |
      | PATCH  |
      | PUT    |
