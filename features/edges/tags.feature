Feature: Tags, at the edges
  What a tag may just be, and what is refused.

  Background:
    Given "a client for read write" is asking

  Scenario Outline: A name may be as long as it may be, and no longer: <edge>
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

  Scenario Outline: A tag is refused and the field named, and no other one: <tag>
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

  Scenario: A name in another case is another name
    Given the table "tags" has the rows:
      | name |
      | test |
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "Test"}
      """
    Then the response status is 201
    And the table "tags" has 2 rows

  Scenario: A removed tag is removed once, and its name is free again
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

  Scenario: A tag that nobody can look at by itself has no path to be found at
    When I send POST "/api/v1/tags" with JSON:
      """
      {"name": "production"}
      """
    Then the response status is 201
    And the response has no header "Location"

  Scenario Outline: A parameter is refused and named, and no other one: <query>
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

  Scenario Outline: A parameter that nobody knows is refused everywhere: <method> <path>
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

  Scenario Outline: The tags come in their order: <query>
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

  Scenario Outline: A tag can't be looked at or changed by itself: <method>
    When I send <method> "/api/v1/tags/{{$uuid}}"
    Then the response is the problem "method-not-allowed"
    And the response header "Allow" is "DELETE"

    Examples:
      | method |
      | GET    |
      | PATCH  |
      | PUT    |
