Feature: Pizzas, at the edges
  The limits of a pizza and of a list, and what is refused.

  Rule: Wrong parameters of a list are refused

    Background:
      Given the table "pizzas" has the rows:
        | id                                   | name   | price_cents | ingredients | created_by                           | created_at                  | deleted_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | Zucca  | 850         | ["pumpkin"] | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-01T10:00:00.000000Z | #null                       |
        | 0197a0a0-0000-7000-8000-000000000002 | aglio  | 850         | ["garlic"]  | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-01T10:00:00.000000Z | #null                       |
        | 0197a0a0-0000-7000-8000-000000000003 | Ärmel  | 850         | ["ham"]     | 0197a0a0-0000-7000-8000-00000000000b | 2026-01-01T10:00:00.000000Z | #null                       |
        | 0197a0a0-0000-7000-8000-000000000004 | Gone   | 850         | ["ham"]     | 0197a0a0-0000-7000-8000-00000000000a | 2026-01-02T10:00:00.000000Z | 2026-01-03T10:00:00.000000Z |

    Scenario Outline: The menu is sorted as requested: <query>
      When I send GET "/api/v1/pizzas?<query>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"data": <pizzas>, "meta": {"total": 3, "page": <page>, "limit": <limit>}}
        """

      Examples:
        | query                                | page                | limit | pizzas                                                    |
        |                                      | 1                   | 20    | [{"name": "Ärmel"}, {"name": "aglio"}, {"name": "Zucca"}] |
        | sort=created_at                      | 1                   | 20    | [{"name": "Zucca"}, {"name": "aglio"}, {"name": "Ärmel"}] |
        | sort=-created_at                     | 1                   | 20    | [{"name": "Ärmel"}, {"name": "aglio"}, {"name": "Zucca"}] |
        | sort=name                            | 1                   | 20    | [{"name": "Zucca"}, {"name": "aglio"}, {"name": "Ärmel"}] |
        | sort=-name                           | 1                   | 20    | [{"name": "Ärmel"}, {"name": "aglio"}, {"name": "Zucca"}] |
        | sort=name&limit=2                    | 1                   | 2     | [{"name": "Zucca"}, {"name": "aglio"}]                    |
        | sort=name&limit=2&page=2             | 2                   | 2     | [{"name": "Ärmel"}]                                       |
        | limit=100&page=2                     | 2                   | 100   | []                                                        |
        | limit=1&page=9223372036854775807     | 9223372036854775807 | 1     | []                                                        |
        | name=                                | 1                   | 20    | [{"name": "Ärmel"}, {"name": "aglio"}, {"name": "Zucca"}] |

    Scenario Outline: A filter without a match returns an empty list: <query>
      When I send GET "/api/v1/pizzas?<query>"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 0, "page": 1, "limit": 20}}
        """

      Examples:
        | query                                                     |
        | name=gone                                                 |
        | name=%25                                                  |
        | name=a_l                                                  |
        | name=garlic                                               |
        | created_by=0197a0a0-0000-7000-8000-00000000000c           |
        | created_by=0197a0a0-0000-7000-8000-00000000000b&name=zuc  |

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/pizzas?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                            | field      |
        | created_by=                      | created_by |
        | created_by=0197a0a0              | created_by |
        | name=a%00                        | name       |
        | name=a&name=b                    | name       |
        | sort=                            | sort       |
        | sort=-price                      | sort       |
        | sort=NAME                        | sort       |
        | page=                            | page       |
        | page=-1                          | page       |
        | page=one                         | page       |
        | page=9223372036854775808         | page       |
        | limit=                           | limit      |
        | limit=0                          | limit      |
        | limit=101                        | limit      |
        | limit=2.5                        | limit      |
        | q=funghi                         | q          |
        | min_price=1                      | min_price  |

    Scenario Outline: The length of a search is limited: <length>
      Given the text "long" of <length> characters
      When I send GET "/api/v1/pizzas?name={{long}}"
      Then the response status is <status>

      Examples:
        | length | status |
        | 200    | 200    |
        | 201    | 400    |

    Scenario Outline: A search ignores case in every alphabet: <name>
      Given "a user" is asking
      And a pizza "ÄRGER ΟΔΟΣ"
      When I send GET "/api/v1/pizzas" with query:
        | name | value  |
        | name | <name> |
      Then the response JSON at "$.meta.total" is "1"

      Examples:
        | name     |
        | ärger    |
        | ÄRGER οδ |
        | οδος     |
        | Οδοσ     |

    Scenario Outline: Pizzas that SQL has inserted or changed are found in any case: <name>
      Given the table "pizzas" has the rows:
        | name       | price_cents | created_by                           |
        | ÄRGER ΟΔΟΣ | 850         | 0197a0a0-0000-7000-8000-000000000001 |
        | Roma       | 900         | 0197a0a0-0000-7000-8000-000000000001 |
      And the SQL:
        """
        update pizzas set name = 'Crème İstanbul' where name = 'Roma'
        """
      When I send GET "/api/v1/pizzas" with query:
        | name | value  |
        | name | <name> |
      Then the response JSON at "$.meta.total" is "<total>"

      Examples:
        | name     | total |
        | ärger    | 1     |
        | ÄRGER οδ | 1     |
        | Οδοσ     | 1     |
        | CRÈME    | 1     |
        | İSTANBUL | 1     |
        | roma     | 0     |

  Rule: The fields of a pizza have limits

    Background:
      Given "a user" is asking

    Scenario Outline: A pizza at the limits is created: <edge>
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      And the text "long" of 2000 characters
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {<pizza>}
        """
      Then the response status is 201
      And the response JSON contains:
        """
        {<pizza>}
        """

      Examples:
        | edge                                | pizza                                                                                              |
        | a name of 100 letters, more bytes   | "name": "{{hundred}}", "price": "1.00", "ingredients": ["tomato"]                                   |
        | a name of one letter                | "name": "F", "price": "1.00", "ingredients": ["tomato"]                                             |
        | a description of 2000               | "name": "Funghi", "price": "1.00", "ingredients": ["tomato"], "description": "{{long}}"             |
        | a description of nothing            | "name": "Funghi", "price": "1.00", "ingredients": ["tomato"], "description": ""                     |
        | a description that is null          | "name": "Funghi", "price": "1.00", "ingredients": ["tomato"], "description": null                   |
        | for nothing                         | "name": "Funghi", "price": "0.00", "ingredients": ["tomato"]                                        |
        | as dear as it may be                | "name": "Funghi", "price": "99999999.99", "ingredients": ["tomato"]                                 |
        | an ingredient of 200 letters        | "name": "Funghi", "price": "1.00", "ingredients": ["{{hundred}}{{hundred}}"]                        |
        | ingredients in their order, twice   | "name": "Funghi", "price": "1.00", "ingredients": ["tomato", "basil", "tomato", "Ärger \\"1\\""]    |

    Scenario Outline: A pizza is refused, and only the invalid field is named: <flaw>
      Given the text "hundred" of 101 characters
      And the text "long" of 2001 characters
      When I send POST "/api/v1/pizzas" with JSON:
        """
        <pizza>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "pizzas" is empty

      Examples:
        | flaw                          | field          | pizza                                                                                     |
        | no name                       | name           | {"price": "1", "ingredients": ["tomato"]}                                                 |
        | no price                      | price          | {"name": "Funghi", "ingredients": ["tomato"]}                                             |
        | no ingredients                | ingredients    | {"name": "Funghi", "price": "1"}                                                          |
        | a name of 101 characters      | name           | {"name": "{{hundred}}", "price": "1", "ingredients": ["tomato"]}                          |
        | a name with a NUL character   | name           | {"name": "Fun\\u0000ghi", "price": "1", "ingredients": ["tomato"]}                        |
        | a name that is a list         | name           | {"name": ["Funghi"], "price": "1", "ingredients": ["tomato"]}                             |
        | a description of 2001         | description    | {"name": "Funghi", "price": "1", "ingredients": ["tomato"], "description": "{{long}}"}    |
        | a description as a number     | description    | {"name": "Funghi", "price": "1", "ingredients": ["tomato"], "description": 1}             |
        | an empty price                | price          | {"name": "Funghi", "price": "", "ingredients": ["tomato"]}                                |
        | a price below zero            | price          | {"name": "Funghi", "price": "-1", "ingredients": ["tomato"]}                              |
        | a price too high              | price          | {"name": "Funghi", "price": "100000000.00", "ingredients": ["tomato"]}                    |
        | a price of three places       | price          | {"name": "Funghi", "price": "1.005", "ingredients": ["tomato"]}                           |
        | a price in words              | price          | {"name": "Funghi", "price": "ten", "ingredients": ["tomato"]}                             |
        | ingredients that are null     | ingredients    | {"name": "Funghi", "price": "1", "ingredients": null}                                     |
        | ingredients as an object      | ingredients    | {"name": "Funghi", "price": "1", "ingredients": {"0": "tomato"}}                          |
        | an ingredient that is null    | ingredients[0] | {"name": "Funghi", "price": "1", "ingredients": [null]}                                   |
        | a blank ingredient            | ingredients[2] | {"name": "Funghi", "price": "1", "ingredients": ["tomato", "ham", "  "]}                  |
        | an ingredient of 202          | ingredients[0] | {"name": "Funghi", "price": "1", "ingredients": ["{{hundred}}{{hundred}}"]}               |
        | an ingredient with a NUL      | ingredients[0] | {"name": "Funghi", "price": "1", "ingredients": ["\\u0000tomato"]}                        |
        | an ingredient that is a list  | ingredients[0] | {"name": "Funghi", "price": "1", "ingredients": [["tomato"]]}                             |
        | an id of one's own choosing   | id             | {"name": "Funghi", "price": "1", "ingredients": ["tomato"], "id": "{{$uuid}}"}            |
        | a price in cents              | price_cents    | {"name": "Funghi", "price": "1", "ingredients": ["tomato"], "price_cents": 100}           |

    Scenario: Every invalid ingredient is named
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Funghi", "price": "1", "ingredients": ["", "tomato", 7, " "]}
        """
      Then the response is the problem "validation"
      And the problem names the fields "ingredients[0], ingredients[2], ingredients[3]"
      And the response JSON at "$.errors" has 3 items

    Scenario: Names are case-sensitive
      Given a pizza "Margherita"
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "margherita", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response status is 201
      And the table "pizzas" has 2 rows

    Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
      Given a pizza "Margherita"
      When I send <method> "/api/v1/pizzas<path>?colour=red" with JSON:
        """
        {"name": "Funghi", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the response JSON at "$.errors" has 1 item
      And the table "pizzas" contains exactly the rows:
        | name       | deleted_at |
        | Margherita | #null      |

      Examples:
        | method | path               |
        | GET    | /{{Margherita.id}} |
        | POST   |                    |
        | PUT    | /{{Margherita.id}} |
        | DELETE | /{{Margherita.id}} |

    Scenario: Mistakes in path, query and body are reported together
      When I send PUT "/api/v1/pizzas/margherita?colour=red" with JSON:
        """
        {"name": " ", "price": 1, "ingredients": []}
        """
      Then the response is the problem "validation"
      And the problem names the fields "id, colour, name, price, ingredients"
      And the response JSON at "$.errors" has 5 items

  Rule: PUT replaces a pizza

    Background:
      Given "a user" is asking
      And I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Margherita", "description": "The first", "price": "8.50", "ingredients": ["tomato"]}
        """
      And I save the response JSON at "$.id" as "margherita"
      And I save the response JSON at "$.created_at" as "made"

    Scenario: A replacement can keep the name, and updates updated_at
      When I send PUT "/api/v1/pizzas/{{margherita}}" with JSON:
        """
        {"name": "Margherita", "price": "9", "ingredients": ["basil", "tomato"], "description": "The second"}
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "{{margherita}}", "name": "Margherita", "description": "The second", "price": "9.00",
          "ingredients": ["basil", "tomato"], "created_by": "{{asking.id}}", "created_at": "{{made}}",
          "updated_at": "#datetime"
        }
        """
      When I query:
        """
        select count(*) as changed from pizzas where updated_at > created_at
        """
      Then the query returned the rows:
        | changed |
        | 1       |

    Scenario Outline: An invalid replacement is refused: <flaw>
      Given the text "hundred" of 101 characters
      When I send PUT "/api/v1/pizzas/{{margherita}}" with JSON:
        """
        <pizza>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "pizzas" contains exactly the rows:
        | name       | description | price_cents | ingredients |
        | Margherita | The first   | 850         | ["tomato"]  |

      Examples:
        | flaw                  | field          | pizza                                                                              |
        | no name               | name           | {"price": "1", "ingredients": ["ham"]}                                             |
        | no price              | price          | {"name": "Funghi", "ingredients": ["ham"]}                                         |
        | no ingredients        | ingredients    | {"name": "Funghi", "price": "1"}                                                   |
        | a name too long       | name           | {"name": "{{hundred}}", "price": "1", "ingredients": ["ham"]}                      |
        | a price as a number   | price          | {"name": "Funghi", "price": 1, "ingredients": ["ham"]}                             |
        | nothing on it         | ingredients    | {"name": "Funghi", "price": "1", "ingredients": []}                                |
        | a bad ingredient      | ingredients[1] | {"name": "Funghi", "price": "1", "ingredients": ["ham", 1]}                        |
        | somebody else's name  | created_by     | {"name": "Funghi", "price": "1", "ingredients": ["ham"], "created_by": "{{$uuid}}"} |
        | a field nobody knows  | colour         | {"name": "Funghi", "price": "1", "ingredients": ["ham"], "colour": "red"}          |

    Scenario Outline: A change by somebody else doesn't change the creator: <who>
      Given the variable "maker" is "{{asking.id}}"
      And "<who>" is asking
      When I send PUT "/api/v1/pizzas/{{margherita}}" with JSON:
        """
        {"name": "Margherita", "price": "9", "ingredients": ["tomato"]}
        """
      Then the response JSON at "$.created_by" is "{{maker}}"

      Examples:
        | who                |
        | an admin           |
        | a client for admin |

    Scenario Outline: A deleted pizza is not found: <method>
      Given I send DELETE "/api/v1/pizzas/{{margherita}}"
      When I send <method> "/api/v1/pizzas/{{margherita}}" with JSON:
        """
        {"name": "Funghi", "price": "1", "ingredients": ["ham"]}
        """
      Then the response is the problem "not-found"

      Examples:
        | method |
        | GET    |
        | PUT    |
        | DELETE |

    Scenario: A pizza can be renamed to the name of a deleted one
      Given a pizza "Funghi"
      And I send DELETE "/api/v1/pizzas/{{margherita}}"
      When I send PUT "/api/v1/pizzas/{{Funghi.id}}" with JSON:
        """
        {"name": "Margherita", "price": "1", "ingredients": ["ham"]}
        """
      Then the response status is 200

    Scenario: PATCH is not supported
      When I send PATCH "/api/v1/pizzas/{{margherita}}" with JSON:
        """
        {"price": "9"}
        """
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" contains "GET"
      And the response header "Allow" contains "PUT"
      And the response header "Allow" contains "DELETE"
