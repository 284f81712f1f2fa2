Feature: Categories
  Categories form a tree, in which the shop's products are sorted.
  Everybody may read the tree; changing it needs the scope write.

  Rule: Everybody can list the categories, flat or as a tree

    Background:
      Given the table "categories" has the rows:
        | id                                   | name    | parent_id                            | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | Shoes   | #null                                | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | Latin   | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-02T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | Salsa   | 0197a0a0-0000-7000-8000-000000000002 | 2026-01-03T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000004 | Tickets | #null                                | 2026-01-04T10:00:00.000000Z |

    @smoke
    Scenario: The categories are listed
      When I send GET "/api/v1/categories?sort=name"
      Then the response status is 200
      And the response JSON at "$.data[0]" is '{"id": "0197a0a0-0000-7000-8000-000000000002", "name": "Latin", "description": "#ignore", "parent_id": "0197a0a0-0000-7000-8000-000000000001", "created_at": "2026-01-02T10:00:00.000000Z", "updated_at": "#datetime"}'
      And the response JSON has:
        | path           | value   |
        | $.data[1].name | Salsa   |
        | $.data[2].name | Shoes   |
        | $.data[3].name | Tickets |
        | $.meta.total   | 4       |

    Scenario: The categories are shown as a tree
      When I send GET "/api/v1/categories?tree=true&sort=name"
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "data": [
            {"name": "Shoes", "children": [
              {"name": "Latin", "children": [
                {"name": "Salsa", "children": []}
              ]}
            ]},
            {"name": "Tickets", "children": []}
          ],
          "meta": {"total": 2, "page": 1, "limit": 20}
        }
        """

    Scenario: The pages of the tree count its roots
      When I send GET "/api/v1/categories?tree=true&sort=name&limit=1&page=2"
      Then the response JSON contains:
        """
        {"data": [{"name": "Tickets", "children": []}], "meta": {"total": 2, "page": 2, "limit": 1}}
        """

    Scenario Outline: The list is sorted and paginated: <query>
      When I send GET "/api/v1/categories?<query>"
      Then the response JSON at "$.data[0].name" is "<first>"
      And the response JSON at "$.meta.total" is "4"

      Examples:
        | query                      | first   |
        |                            | Tickets |
        | sort=created_at            | Shoes   |
        | sort=-name                 | Tickets |
        | sort=name&limit=2&page=2   | Shoes   |
        | tree=false&sort=created_at | Shoes   |

    Scenario: One category can be read
      When I send GET "/api/v1/categories/0197a0a0-0000-7000-8000-000000000003"
      Then the response status is 200
      And the response JSON contains:
        """
        {"name": "Salsa", "parent_id": "0197a0a0-0000-7000-8000-000000000002"}
        """

    Scenario Outline: Invalid parameters of a list are refused and named: <query>
      When I send GET "/api/v1/categories?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                              | fields                    |
        | tree=yes                           | tree                      |
        | tree=                              | tree                      |
        | sort=price                         | sort                      |
        | page=0&limit=101&tree=x&colour=red | page, limit, tree, colour |
        | limit=1&limit=2                    | limit                     |

  Rule: The scope write allows creating, changing and deleting categories

    Background:
      Given "a client for write" is asking

    @smoke
    Scenario: A category is created, and can be read at its path
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Shoes", "description": "For every floor"}
        """
      Then the response status is 201
      And the response JSON is:
        """
        {
          "id": "#uuid as shoes", "name": "Shoes", "description": "For every floor", "parent_id": null,
          "created_at": "#datetime", "updated_at": "#datetime"
        }
        """
      And the response header "Location" is "/api/v1/categories/{{shoes}}"
      And the table "categories" contains exactly the rows:
        | id        | name  | parent_id |
        | {{shoes}} | Shoes | #null     |
      When I send GET "/api/v1/categories/{{shoes}}"
      Then the response status is 200

    Scenario: A category is created below another one
      Given a category "Shoes"
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Latin", "parent_id": "{{Shoes.id}}"}
        """
      Then the response status is 201
      And the response JSON at "$.parent_id" is "{{Shoes.id}}"

    Scenario: Two categories can't have the same name
      Given a category "Shoes"
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response is the problem "conflict"
      And the table "categories" has 1 row

    Scenario: If several requests want the same name at once, exactly one gets it
      When I send 8 concurrent POST requests to "/api/v1/categories" with JSON:
        """
        {"name": "Shoes"}
        """
      Then 1 of the responses has status 201
      And 7 of the responses have status 409
      And the table "categories" has 1 row

    Scenario Outline: A category is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/categories" with JSON:
        """
        <category>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "categories" is empty

      Examples:
        | flaw                 | fields                       | category                                                                          |
        | no name              | name                         | {}                                                                                |
        | a name of null       | name                         | {"name": null}                                                                    |
        | a blank name         | name                         | {"name": "  "}                                                                    |
        | wrong types          | name, description, parent_id | {"name": 1, "description": [], "parent_id": 2}                                     |
        | a parent that is none | parent_id                   | {"name": "Latin", "parent_id": "Shoes"}                                           |
        | a parent not there   | parent_id                    | {"name": "Latin", "parent_id": "0197a0a0-0000-7000-8000-000000000009"}            |
        | a field nobody knows | colour                       | {"name": "Latin", "colour": "red"}                                                |

    Scenario Outline: The length of a text is limited: <field> of <length>
      Given the text "long" of <length> characters
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Shoes", "<field>": "{{long}}"}
        """
      Then the response status is <status>

      Examples:
        | field       | length | status |
        | description | 2000   | 201    |
        | description | 2001   | 400    |

    Scenario Outline: The length of a name is limited: <length>
      Given the text "long" of <length> characters
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "{{long}}"}
        """
      Then the response status is <status>

      Examples:
        | length | status |
        | 100    | 201    |
        | 101    | 400    |

    Scenario: A change keeps fields that it doesn't contain, and null clears a field
      Given a category "Shoes"
      And I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Latin", "description": "With heels", "parent_id": "{{Shoes.id}}"}
        """
      And I save the response JSON at "$.id" as "latin"
      When I send PATCH "/api/v1/categories/{{latin}}" with JSON:
        """
        {"description": null}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"name": "Latin", "description": null, "parent_id": "{{Shoes.id}}"}
        """
      When I send PATCH "/api/v1/categories/{{latin}}" with JSON:
        """
        {"name": "Ballroom", "parent_id": null}
        """
      Then the response JSON contains:
        """
        {"name": "Ballroom", "description": null, "parent_id": null}
        """

    Scenario Outline: A change is refused, and the invalid fields are named: <flaw>
      Given a category "Shoes"
      When I send PATCH "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields       | change                                                    |
        | a name of null       | name         | {"name": null}                                            |
        | several at once      | name, colour | {"name": "", "colour": "red"}                             |
        | a parent not there   | parent_id    | {"parent_id": "0197a0a0-0000-7000-8000-000000000009"}     |

    Scenario: A change to a name that is in use is refused
      Given a category "Shoes"
      And a category "Tickets"
      When I send PATCH "/api/v1/categories/{{Tickets.id}}" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response is the problem "conflict"

    Scenario Outline: A category can't be moved below itself: <parent>
      Given a category "Shoes"
      And a category "Latin" in "Shoes"
      And a category "Salsa" in "Latin"
      When I send PATCH "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        {"parent_id": "{{<parent>.id}}"}
        """
      Then the response is the problem "conflict"
      And the table "categories" contains the rows:
        | name  | parent_id |
        | Shoes | #null     |

      Examples:
        | parent |
        | Shoes  |
        | Latin  |
        | Salsa  |

    Scenario: A branch can be moved below another parent
      Given a category "Shoes"
      And a category "Latin" in "Shoes"
      And a category "Tickets"
      When I send PATCH "/api/v1/categories/{{Shoes.id}}" with JSON:
        """
        {"parent_id": "{{Tickets.id}}"}
        """
      Then the response status is 200

    Scenario: The children of a deleted category become roots
      Given a category "Shoes"
      And a category "Latin" in "Shoes"
      And a category "Salsa" in "Latin"
      When I send DELETE "/api/v1/categories/{{Shoes.id}}"
      Then the response status is 204
      And the table "categories" contains exactly the rows:
        | name  | parent_id    |
        | Latin | #null        |
        | Salsa | {{Latin.id}} |

    Scenario: A category with products can't be deleted
      Given a category "Shoes"
      And a product "Latin heels" in "Shoes"
      When I send DELETE "/api/v1/categories/{{Shoes.id}}"
      Then the response is the problem "conflict"
      And the table "categories" has 1 row

    Scenario: A category with deleted products can't be deleted, so that they can be restored
      Given a category "Shoes"
      And a product "Latin heels" in "Shoes"
      And I send DELETE "/api/v1/products/{{Latin heels.id}}"
      When I send DELETE "/api/v1/categories/{{Shoes.id}}"
      Then the response is the problem "conflict"
      And the table "products" has 1 row
      When I send POST "/api/v1/products/{{Latin heels.id}}/restore"
      Then the response status is 200

    Scenario: The name of a deleted category can be used again
      Given a category "Shoes"
      And I send DELETE "/api/v1/categories/{{Shoes.id}}"
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response status is 201

    Scenario Outline: An unknown id is not found: <method>
      When I send <method> "/api/v1/categories/{{$uuid}}" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response is the problem "not-found"

      Examples:
        | method |
        | GET    |
        | PATCH  |
        | DELETE |

    Scenario Outline: A malformed id is refused: <method>
      When I send <method> "/api/v1/categories/shoes" with JSON:
        """
        {"colour": "red"}
        """
      Then the response is the problem "validation"
      And the problem names the field "id"

      Examples:
        | method |
        | GET    |
        | PATCH  |
        | DELETE |
