Feature: Categories, at the edges
  The limits of a category's fields, and what is refused.

  Rule: Wrong parameters of a list are refused

    Background:
      Given the table "categories" has the rows:
        | id                                   | name  | parent_id                            | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | Zebra | #null                                | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | apple | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | Äpfel | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000004 | _     | #null                                | 2026-01-01T10:00:00.000000Z |

    Scenario Outline: The list is sorted as requested: <query>
      When I send GET "/api/v1/categories?<query>"
      Then the response status is 200
      And the response JSON contains:
        """
        {"data": <categories>, "meta": {"total": 4, "page": <page>, "limit": <limit>}}
        """

      Examples:
        | query                    | page | limit | categories                                                                                     |
        |                          | 1    | 20    | [{"name": "_"}, {"name": "Äpfel"}, {"name": "apple"}, {"name": "Zebra", "children": "#absent"}] |
        | sort=created_at          | 1    | 20    | [{"name": "Zebra"}, {"name": "apple"}, {"name": "Äpfel"}, {"name": "_"}]                        |
        | sort=name                | 1    | 20    | [{"name": "Zebra"}, {"name": "_"}, {"name": "apple"}, {"name": "Äpfel"}]                        |
        | sort=-name               | 1    | 20    | [{"name": "Äpfel"}, {"name": "apple"}, {"name": "_"}, {"name": "Zebra"}]                        |
        | sort=name&limit=3&page=2 | 2    | 3     | [{"name": "Äpfel"}]                                                                             |
        | limit=100&page=2         | 2    | 100   | []                                                                                              |

    Scenario: A tree of any depth is shown completely
      Given a chain of 300 categories
      And a category "Another root"
      When I send GET "/api/v1/categories?tree=true&sort=name"
      Then the response status is 200
      And the response body contains '"total":4'
      And the response body contains '"name":"Level 300"'

    Scenario Outline: The tree is sorted at every level: <query>
      When I send GET "/api/v1/categories?tree=true&<query>"
      Then the response JSON contains:
        """
        {"data": <tree>, "meta": {"total": 2}}
        """

      Examples:
        | query            | tree                                                                                                     |
        |                  | [{"name": "_", "children": []}, {"name": "Zebra", "children": [{"name": "Äpfel"}, {"name": "apple"}]}]   |
        | sort=created_at  | [{"name": "Zebra", "children": [{"name": "apple"}, {"name": "Äpfel"}]}, {"name": "_", "children": []}]   |
        | sort=name        | [{"name": "Zebra", "children": [{"name": "apple"}, {"name": "Äpfel"}]}, {"name": "_", "children": []}]   |
        | sort=-name       | [{"name": "_", "children": []}, {"name": "Zebra", "children": [{"name": "Äpfel"}, {"name": "apple"}]}]   |
        | page=3&limit=1   | []                                                                                                       |

    Scenario: A node of the tree has the same fields as a category
      When I send GET "/api/v1/categories?tree=true&sort=name&limit=1"
      Then the response JSON at "$.data[0].children[0]" is '{"id": "0197a0a0-0000-7000-8000-000000000002", "name": "apple", "description": "#ignore", "parent_id": "0197a0a0-0000-7000-8000-000000000001", "children": [], "created_at": "#datetime", "updated_at": "#datetime"}'

    Scenario: One category is read without its children
      When I send GET "/api/v1/categories/0197a0a0-0000-7000-8000-000000000001"
      Then the response JSON contains:
        """
        {"name": "Zebra", "parent_id": null, "children": "#absent"}
        """

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/categories?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                    | field     |
        | tree=1                   | tree      |
        | tree=True                | tree      |
        | tree=true&tree=true      | tree      |
        | sort=                    | sort      |
        | sort=-price              | sort      |
        | sort=parent_id           | sort      |
        | page=                    | page      |
        | page=0                   | page      |
        | page=-1                  | page      |
        | page=first               | page      |
        | page=9223372036854775808 | page      |
        | limit=                   | limit     |
        | limit=0                  | limit     |
        | limit=101                | limit     |
        | limit=many               | limit     |
        | parent_id=x              | parent_id |
        | q=shoes                  | q         |

  Rule: The fields of a category have limits

    Background:
      Given "a client for write" is asking

    Scenario Outline: A category at the limits is created: <edge>
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      When I send POST "/api/v1/categories" with JSON:
        """
        <category>
        """
      Then the response status is 201
      And the response JSON contains:
        """
        <category>
        """

      Examples:
        | edge                              | category                                                        |
        | a name of 100 letters, more bytes | {"name": "{{hundred}}"}                                         |
        | a name of one letter              | {"name": "S"}                                                   |
        | what is optional is null          | {"name": "Shoes", "description": null, "parent_id": null}       |
        | nothing in the description        | {"name": "Shoes", "description": ""}                            |
        | a control that is no blank        | {"name": "\\u0085"}                                             |

    Scenario Outline: A category is refused, and only the invalid field is named: <flaw>
      When I send POST "/api/v1/categories" with JSON:
        """
        <category>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "categories" is empty

      Examples:
        | flaw                        | field       | category                                          |
        | an empty name               | name        | {"name": ""}                                      |
        | a name of many blanks       | name        | {"name": " \\t\\u00a0\\u3000\\ufeff"}             |
        | a name with a NUL character | name        | {"name": "Sho\\u0000es"}                          |
        | a name as a number          | name        | {"name": 7}                                       |
        | a name that is an object    | name        | {"name": {"de": "Schuhe"}}                        |
        | a description as a list     | description | {"name": "Shoes", "description": ["7 cm"]}        |
        | a NUL in the description    | description | {"name": "Shoes", "description": "\\u0000"}       |
        | a parent that is empty      | parent_id   | {"name": "Shoes", "parent_id": ""}                |
        | a parent as a number        | parent_id   | {"name": "Shoes", "parent_id": 1}                 |
        | an id of one's own choosing | id          | {"name": "Shoes", "id": "{{$uuid}}"}              |
        | children                    | children    | {"name": "Shoes", "children": []}                 |

    Scenario: Names are case-sensitive
      Given a category "Shoes"
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "shoes"}
        """
      Then the response status is 201

    Scenario Outline: An empty or small change succeeds: <change>
      Given a category "Shoes"
      When I send PATCH "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        <change>
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "{{Shoes.id}}", "name": "<name>", "description": <description>, "parent_id": null}
        """

      Examples:
        | change                     | name  | description |
        | {}                         | Shoes | null        |
        | {"name": "Shoes"}          | Shoes | null        |
        | {"name": "Boots"}          | Boots | null        |
        | {"description": "7 cm"}    | Shoes | "7 cm"      |
        | {"description": null}      | Shoes | null        |
        | {"parent_id": null}        | Shoes | null        |

    Scenario: A change updates updated_at
      Given I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Shoes"}
        """
      And I save the response JSON at "$.id" as "shoes"
      And I save the response JSON at "$.created_at" as "made"
      When I send PATCH "/api/v1/categories/{{shoes}}" with JSON:
        """
        {"description": "7 cm"}
        """
      Then the response JSON at "$.created_at" is "{{made}}"
      When I query:
        """
        select count(*) as changed from categories where updated_at > created_at
        """
      Then the query returned the rows:
        | changed |
        | 1       |

    Scenario Outline: A change is refused, the invalid field is named, and nothing is changed: <flaw>
      Given a category "Shoes"
      And the text "hundred" of 101 characters
      And the text "long" of 2001 characters
      When I send PATCH "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "categories" contains exactly the rows:
        | name  | parent_id |
        | Shoes | #null     |

      Examples:
        | flaw                        | field       | change                                              |
        | a blank name                | name        | {"name": " "}                                       |
        | a name too long             | name        | {"name": "{{hundred}}"}                             |
        | a name as a number          | name        | {"name": 7}                                         |
        | a description too long      | description | {"description": "{{long}}", "name": "Boots"}        |
        | a description as a number   | description | {"description": 7, "name": "Boots"}                 |
        | a parent that is none       | parent_id   | {"parent_id": "Boots", "name": "Boots"}             |
        | a parent as a number        | parent_id   | {"parent_id": 7, "name": "Boots"}                   |
        | an id of one's own choosing | id          | {"id": "{{$uuid}}", "name": "Boots"}                |
        | a field nobody knows        | colour      | {"colour": "red", "name": "Boots"}                  |

    Scenario: Mistakes in path, query and body are reported together
      When I send PATCH "/api/v1/categories/shoes?colour=red" with JSON:
        """
        {"name": 1, "parent_id": 2}
        """
      Then the response is the problem "validation"
      And the problem names the fields "id, colour, name, parent_id"
      And the response JSON at "$.errors" has 4 items

    Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
      Given a category "Shoes"
      When I send <method> "/api/v1/categories<path>?colour=red" with JSON:
        """
        {"name": "Boots"}
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the response JSON at "$.errors" has 1 item
      And the table "categories" contains exactly the rows:
        | name  |
        | Shoes |

      Examples:
        | method | path          |
        | GET    | /{{Shoes.id}} |
        | POST   |               |
        | PATCH  | /{{Shoes.id}} |
        | DELETE | /{{Shoes.id}} |

    Scenario Outline: A deleted category is not found: <method>
      Given a category "Shoes"
      And I send DELETE "/api/v1/categories/{{Shoes.id}}"
      When I send <method> "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        {"name": "Boots"}
        """
      Then the response is the problem "not-found"

      Examples:
        | method |
        | GET    |
        | PATCH  |
        | DELETE |

    Scenario Outline: Nothing can refer to a deleted category: <path>
      Given a category "Shoes"
      And I send DELETE "/api/v1/categories/{{Shoes.id}}"
      When I send POST "/api/v1/<path>" with JSON:
        """
        <body>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"

      Examples:
        | path       | field       | body                                                                             |
        | categories | parent_id   | {"name": "Latin", "parent_id": "{{Shoes.id}}"}                                   |
        | products   | category_id | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}       |

    Scenario: A category can be renamed to the name of a deleted one
      Given a category "Shoes"
      And a category "Boots"
      And I send DELETE "/api/v1/categories/{{Shoes.id}}"
      When I send PATCH "/api/v1/categories/{{Boots.id}}" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response status is 200

    Scenario: A category can't be deleted while it has a product
      Given a category "Shoes"
      And a product "Heels" in "Shoes"
      And a product "Flats" in "Shoes"
      And I send DELETE "/api/v1/products/{{Heels.id}}"
      When I send DELETE "/api/v1/categories/{{Shoes.id}}"
      Then the response is the problem "conflict"
      And the table "products" has 2 rows

    Scenario: A category can be deleted while only its children have products
      Given a category "Shoes"
      And a category "Latin" in "Shoes"
      And a product "Heels" in "Latin"
      When I send DELETE "/api/v1/categories/{{Shoes.id}}"
      Then the response status is 204
      And the table "categories" contains exactly the rows:
        | name  | parent_id |
        | Latin | #null     |

    Scenario: After a refused cycle, the opposite move succeeds
      Given a category "Shoes"
      And a category "Latin" in "Shoes"
      And I send PATCH "/api/v1/categories/{{Latin.id}}" with JSON:
        """
        {"parent_id": null}
        """
      When I send PATCH "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        {"parent_id": "{{Latin.id}}"}
        """
      Then the response status is 200
      And the response JSON at "$.parent_id" is "{{Latin.id}}"
