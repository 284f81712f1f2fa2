Feature: Pizzas
  Guests of the school's café invent its pizzas: everybody with an account may put a pizza on the menu.
  A pizza belongs to its creator; only admins may change those of others.

  Rule: Everybody reads the menu

    Background:
      Given the table "pizzas" has the rows:
        | id                                   | name       | price_cents | ingredients           | created_by                           | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | Margherita | 850         | ["tomato", "basil"]   | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | Funghi     | 950         | ["mushrooms"]         | 0197a0a0-0000-7000-8000-00000000000b | 2026-01-03T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | Quattro_4  | 1100        | ["ham"]               | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-02T10:00:00.000000Z |

    @smoke
    Scenario: One pizza can be read
      When I send GET "/api/v1/pizzas/0197a0a0-0000-7000-8000-000000000001"
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "id": "0197a0a0-0000-7000-8000-000000000001", "name": "Margherita", "price": "8.50",
          "ingredients": ["tomato", "basil"], "created_by": "0197a0a0-0000-7000-8000-00000000000a",
          "created_at": "2026-01-01T10:00:00.000000Z"
        }
        """

    Scenario Outline: Pizzas are found: <query>
      When I send GET "/api/v1/pizzas?sort=name&<query>"
      Then the response status is 200
      And the response JSON at "$.meta.total" is "<total>"
      And the response JSON at "$.data[0].name" is "<first>"

      Examples:
        | query                                                   | total | first      |
        |                                                         | 3     | Funghi     |
        | name=MARG                                               | 1     | Margherita |
        | name=_                                                  | 1     | Quattro_4  |
        | name=g                                                  | 2     | Funghi     |
        | created_by=0197a0a0-0000-7000-8000-00000000000a         | 2     | Margherita |
        | created_by=0197a0a0-0000-7000-8000-00000000000a&name=qu | 1     | Quattro_4  |

    Scenario Outline: The menu is sorted and paginated: <query>
      When I send GET "/api/v1/pizzas?<query>"
      Then the response JSON at "$.data[0].name" is "<first>"
      And the response JSON at "$.meta.total" is "3"

      Examples:
        | query                    | first      |
        |                          | Funghi     |
        | sort=created_at          | Margherita |
        | sort=-name               | Quattro_4  |
        | sort=name&page=2&limit=1 | Margherita |

    Scenario Outline: Invalid parameters of the menu are refused and named: <query>
      When I send GET "/api/v1/pizzas?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                                | fields                    |
        | created_by=ada                       | created_by                |
        | sort=price                           | sort                      |
        | page=0&limit=0&colour=red&sort=dance | page, limit, colour, sort |

  Rule: Everybody with an account may create pizzas

    Background:
      Given "a user" is asking

    @smoke
    Scenario: A pizza is created, and can be read at its path
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Margherita", "description": "The first", "price": "8.5", "ingredients": ["tomato", "mozzarella"]}
        """
      Then the response status is 201
      And the response JSON is:
        """
        {
          "id": "#uuid as pizza", "name": "Margherita", "description": "The first", "price": "8.50",
          "ingredients": ["tomato", "mozzarella"], "created_by": "{{asking.id}}",
          "created_at": "#datetime", "updated_at": "#datetime"
        }
        """
      And the response header "Location" is "/api/v1/pizzas/{{pizza}}"
      And the table "pizzas" contains exactly the rows:
        | id        | name       | price_cents | ingredients              | created_by    |
        | {{pizza}} | Margherita | 850         | ["tomato", "mozzarella"] | {{asking.id}} |

    Scenario: Two pizzas can't have the same name
      Given a pizza "Margherita"
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Margherita", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response is the problem "conflict"

    Scenario: If several requests want the same name at once, exactly one gets it
      When I send 8 concurrent POST requests to "/api/v1/pizzas" with JSON:
        """
        {"name": "Margherita", "price": "1", "ingredients": ["tomato"]}
        """
      Then 1 of the responses has status 201
      And 7 of the responses have status 409
      And the table "pizzas" has 1 row

    Scenario Outline: A pizza is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/pizzas" with JSON:
        """
        <pizza>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "pizzas" is empty

      Examples:
        | flaw                 | fields                                        | pizza                                                                          |
        | nothing said         | name, price, ingredients                      | {}                                                                             |
        | null                 | name, price, ingredients                      | {"name": null, "price": null, "ingredients": null}                             |
        | a blank name         | name                                          | {"name": " ", "price": "1", "ingredients": ["tomato"]}                         |
        | a price as a number  | price                                         | {"name": "Funghi", "price": 8.5, "ingredients": ["tomato"]}                    |
        | nothing on it        | ingredients                                   | {"name": "Funghi", "price": "1", "ingredients": []}                            |
        | ingredients as text  | ingredients                                   | {"name": "Funghi", "price": "1", "ingredients": "tomato"}                      |
        | a bad ingredient     | ingredients[1]                                | {"name": "Funghi", "price": "1", "ingredients": ["tomato", 7]}                 |
        | an empty ingredient  | ingredients[0]                                | {"name": "Funghi", "price": "1", "ingredients": [""]}                          |
        | somebody else's name | created_by                                    | {"name": "Funghi", "price": "1", "ingredients": ["tomato"], "created_by": "{{$uuid}}"} |
        | all of it            | name, description, price, ingredients, colour | {"name": 1, "description": 2, "price": 3, "ingredients": 4, "colour": 5}       |

    Scenario Outline: The number of ingredients is limited: <number>
      Given the list "ingredients" of <number> times:
        """
        "olive"
        """
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Olive", "price": "1", "ingredients": {{ingredients}}}
        """
      Then the response status is <status>

      Examples:
        | number | status |
        | 30     | 201    |
        | 31     | 400    |

  Rule: A pizza belongs to its creator

    Background:
      Given "a user" is asking
      And a pizza "Margherita"

    Scenario: The creator replaces a pizza
      When I send PUT "/api/v1/pizzas/{{Margherita.id}}" with JSON:
        """
        {"name": "Funghi", "price": "9.50", "ingredients": ["mushrooms"]}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "id": "{{Margherita.id}}", "name": "Funghi", "description": null, "price": "9.50",
          "ingredients": ["mushrooms"], "created_by": "{{asking.id}}"
        }
        """
      When I send GET "/api/v1/pizzas?name=FUNGHI"
      Then the response JSON at "$.meta.total" is "1"

    Scenario: An incomplete replacement is refused
      When I send PUT "/api/v1/pizzas/{{Margherita.id}}" with JSON:
        """
        {"price": "9.50"}
        """
      Then the response is the problem "validation"
      And the problem names the fields "name, ingredients"

    Scenario: A name in use can't be used for a replacement
      Given a pizza "Funghi"
      When I send PUT "/api/v1/pizzas/{{Funghi.id}}" with JSON:
        """
        {"name": "Margherita", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response is the problem "conflict"

    Scenario: A deleted pizza is not found, and its name can be used again
      When I send DELETE "/api/v1/pizzas/{{Margherita.id}}"
      Then the response status is 204
      And the table "pizzas" contains exactly the rows:
        | name       | deleted_at |
        | Margherita | #notnull   |
      When I send GET "/api/v1/pizzas/{{Margherita.id}}"
      Then the response is the problem "not-found"
      When I send GET "/api/v1/pizzas"
      Then the response JSON at "$.meta.total" is "0"
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Margherita", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response status is 201

    Scenario Outline: Others are refused, whatever the body: <who>, <method>
      Given "<who>" is asking
      When I send <method> "/api/v1/pizzas/{{Margherita.id}}" with JSON:
        """
        {"colour": "red"}
        """
      Then the response is the problem "forbidden"
      And the table "pizzas" contains exactly the rows:
        | name       | deleted_at |
        | Margherita | #null      |

      Examples:
        | who                               | method |
        | a user                            | PUT    |
        | a user                            | DELETE |
        | a moderator                       | PUT    |
        | a moderator                       | DELETE |
        | a client for read write provision | PUT    |
        | a client for read write provision | DELETE |

    Scenario Outline: Admins can change every pizza: <who>
      Given "<who>" is asking
      When I send PUT "/api/v1/pizzas/{{Margherita.id}}" with JSON:
        """
        {"name": "Margherita", "price": "7", "ingredients": ["tomato"]}
        """
      Then the response status is 200
      When I send DELETE "/api/v1/pizzas/{{Margherita.id}}"
      Then the response status is 204

      Examples:
        | who                |
        | an admin           |
        | a client for admin |

    Scenario: A client can change its own pizzas
      Given "a client for write" is asking
      And a pizza "Funghi"
      When I send PUT "/api/v1/pizzas/{{Funghi.id}}" with JSON:
        """
        {"name": "Funghi", "price": "7", "ingredients": ["mushrooms"]}
        """
      Then the response status is 200
      And the response JSON at "$.created_by" is "{{asking.id}}"
      When I send DELETE "/api/v1/pizzas/{{Funghi.id}}"
      Then the response status is 204

    Scenario Outline: An unknown id is not found: <method>
      When I send <method> "/api/v1/pizzas/{{$uuid}}" with JSON:
        """
        {"name": "Funghi", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response is the problem "not-found"

      Examples:
        | method |
        | GET    |
        | PUT    |
        | DELETE |

    Scenario Outline: A malformed id is refused: <method>
      When I send <method> "/api/v1/pizzas/margherita" with JSON:
        """
        {"name": "Funghi", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response is the problem "validation"
      And the problem names the field "id"

      Examples:
        | method |
        | GET    |
        | PUT    |
        | DELETE |

  Rule: A deleted pizza can be restored

    Background:
      Given "a user" is asking
      And a pizza "Margherita"
      And I send DELETE "/api/v1/pizzas/{{Margherita.id}}"

    Scenario: The owner finds and restores it
      Given a pizza "Funghi"
      When I send GET "/api/v1/pizzas?deleted=true"
      Then the response JSON at "$.data" has 1 item
      And the response JSON at "$.data[0].name" is "Margherita"
      When I send POST "/api/v1/pizzas/{{Margherita.id}}/restore"
      Then the response status is 200
      And the response JSON at "$.name" is "Margherita"
      When I send GET "/api/v1/pizzas/{{Margherita.id}}"
      Then the response status is 200
      When I send GET "/api/v1/pizzas?deleted=true"
      Then the response JSON at "$.meta.total" is "0"

    Scenario: It can't be restored while its name is in use
      Given the variable "older" is "{{Margherita.id}}"
      And a pizza "Margherita"
      When I send POST "/api/v1/pizzas/{{older}}/restore"
      Then the response is the problem "conflict"

    Scenario: An admin finds and restores every pizza
      Given "an admin" is asking
      When I send GET "/api/v1/pizzas?deleted=true"
      Then the response JSON at "$.data" has 1 item
      When I send POST "/api/v1/pizzas/{{Margherita.id}}/restore"
      Then the response status is 200

    Scenario: Others neither find nor restore it
      Given "a moderator" is asking
      When I send GET "/api/v1/pizzas?deleted=true"
      Then the response JSON at "$.meta.total" is "0"
      When I send POST "/api/v1/pizzas/{{Margherita.id}}/restore?colour=red"
      Then the response is the problem "forbidden"
      Given "nobody" is asking
      When I send GET "/api/v1/pizzas?deleted=true&limit=0"
      Then the response status is 401
      When I send POST "/api/v1/pizzas/{{Margherita.id}}/restore"
      Then the response status is 401
      Given "a client for read" is asking
      When I send GET "/api/v1/pizzas?deleted=true&limit=0"
      Then the response status is 403
      When I send POST "/api/v1/pizzas/{{Margherita.id}}/restore?colour=red"
      Then the response status is 403

    Scenario: Somebody else's deleted pizzas are refused before the request is checked
      Given the variable "owner" is "{{asking.id}}"
      And "a moderator" is asking
      When I send GET "/api/v1/pizzas?deleted=true&created_by={{owner}}&limit=0"
      Then the response status is 403
      When I send GET "/api/v1/pizzas?deleted=true&created_by=x"
      Then the response is the problem "validation"

    Scenario: An unknown pizza can't be restored
      When I send POST "/api/v1/pizzas/0197a0a0-0000-7000-8000-000000000001/restore"
      Then the response is the problem "not-found"
