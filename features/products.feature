Feature: Products
  The shop sells lesson passes, shoes and tickets, each with a price and a stock.
  Everybody may read the products; changing them needs the scope write.

  Rule: Everybody can browse the shop

    Background:
      Given the table "categories" has the rows:
        | id                                   | name  | parent_id                            |
        | 0197a0a0-0000-7000-8000-000000000001 | Shoes | #null                                |
        | 0197a0a0-0000-7000-8000-000000000002 | Latin | 0197a0a0-0000-7000-8000-000000000001 |
        | 0197a0a0-0000-7000-8000-000000000003 | Salsa | 0197a0a0-0000-7000-8000-000000000002 |
      And the table "products" has the rows:
        | id                                   | name       | sku    | price_cents | stock | category_id                          | created_at                  |
        | 0197a0a0-0000-7000-8000-00000000000a | Sneaker    | SN-1   | 4900        | 3     | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-00000000000b | Heel 7 cm  | HE_7   | 8990        | 0     | 0197a0a0-0000-7000-8000-000000000002 | 2026-01-04T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-00000000000c | Salsa flat | #null  | 6500        | 12    | 0197a0a0-0000-7000-8000-000000000003 | 2026-01-02T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-00000000000d | 100% suede | BR-100 | 1250        | 1     | 0197a0a0-0000-7000-8000-000000000003 | 2026-01-03T10:00:00.000000Z |

    @smoke
    Scenario: One product can be read
      When I send GET "/api/v1/products/0197a0a0-0000-7000-8000-00000000000b"
      Then the response status is 200
      And the response JSON contains:
        """
        {
          "id": "0197a0a0-0000-7000-8000-00000000000b", "name": "Heel 7 cm", "sku": "HE_7", "price": "89.90", "stock": 0,
          "category_id": "0197a0a0-0000-7000-8000-000000000002", "created_at": "2026-01-04T10:00:00.000000Z"
        }
        """

    Scenario Outline: Products are found: <query>
      When I send GET "/api/v1/products?sort=name&<query>"
      Then the response status is 200
      And the response JSON at "$.meta.total" is "<total>"
      And the response JSON at "$.data" has <total> items
      And the response JSON at "$.data[0].name" is "<first>"

      Examples:
        | query                                                                           | total | first      |
        |                                                                                 | 4     | 100% suede |
        | category_id=0197a0a0-0000-7000-8000-000000000002                                | 1     | Heel 7 cm  |
        | category_id=0197a0a0-0000-7000-8000-000000000001&include_descendants=true       | 4     | 100% suede |
        | category_id=0197a0a0-0000-7000-8000-000000000002&include_descendants=true       | 3     | 100% suede |
        | category_id=0197a0a0-0000-7000-8000-000000000001&include_descendants=false      | 1     | Sneaker    |
        | min_price=65                                                                    | 2     | Heel 7 cm  |
        | max_price=65.00                                                                 | 3     | 100% suede |
        | min_price=49.00&max_price=49.00                                                 | 1     | Sneaker    |
        | in_stock=true                                                                   | 3     | 100% suede |
        | in_stock=false                                                                  | 1     | Heel 7 cm  |
        | q=SALSA                                                                         | 1     | Salsa flat |
        | q=he_                                                                           | 1     | Heel 7 cm  |
        | q=br-1                                                                          | 1     | 100% suede |
        | q=%25                                                                           | 1     | 100% suede |
        | q=s                                                                             | 3     | 100% suede |
        | in_stock=true&min_price=40.00&category_id=0197a0a0-0000-7000-8000-000000000003  | 1     | Salsa flat |

    Scenario Outline: A filter without a match returns an empty list: <query>
      When I send GET "/api/v1/products?<query>"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 0, "page": 1, "limit": 20}}
        """

      Examples:
        | query                                            |
        | q=waltz                                          |
        | q=h__l                                           |
        | q=he-7                                           |
        | min_price=90                                     |
        | min_price=2&max_price=1                          |
        | category_id=0197a0a0-0000-7000-8000-000000000009 |

    Scenario Outline: The list is sorted and paginated: <query>
      When I send GET "/api/v1/products?<query>"
      Then the response JSON at "$.data[0].name" is "<first>"
      And the response JSON at "$.meta.total" is "4"

      Examples:
        | query                      | first      |
        |                            | Heel 7 cm  |
        | sort=created_at            | Sneaker    |
        | sort=-name                 | Sneaker    |
        | sort=price                 | 100% suede |
        | sort=-price                | Heel 7 cm  |
        | sort=price&page=2&limit=1  | Sneaker    |

    Scenario Outline: Invalid parameters of a list are refused and named: <query>
      When I send GET "/api/v1/products?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                                          | fields                      |
        | category_id=shoes                              | category_id                 |
        | include_descendants=yes                        | include_descendants         |
        | min_price=1.005                                | min_price                   |
        | min_price=-1&max_price=ten                     | min_price, max_price        |
        | max_price=100000000                            | max_price                   |
        | in_stock=maybe                                 | in_stock                    |
        | sort=stock                                     | sort                        |
        | page=0&limit=0&colour=red                      | page, limit, colour         |

    Scenario Outline: A search with many matches returns the first page: <sort>
      Given "a client for write" is asking
      And the list "waltzes" of 100 times:
        """
        {"name": "Waltz", "price": "20", "stock": 1, "category_id": "0197a0a0-0000-7000-8000-000000000001"}
        """
      And I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": {{waltzes}}}
        """
      And the table "products" has the rows:
        | name       | price_cents | category_id                          |
        | Slow waltz | 1000        | 0197a0a0-0000-7000-8000-000000000001 |
        | Waltz shoe | 3000        | 0197a0a0-0000-7000-8000-000000000001 |
      When I send GET "/api/v1/products?q=waltz&limit=1&sort=<sort>"
      Then the response JSON contains:
        """
        {"data": [{"name": "<first>"}], "meta": {"total": 102, "page": 1, "limit": 1}}
        """

      Examples:
        | sort   | first      |
        | price  | Slow waltz |
        | -price | Waltz shoe |

    Scenario: A search ignores case in every alphabet
      Given "a client for write" is asking
      And I send POST "/api/v1/products" with JSON:
        """
        {"name": "ΟΔΟΣ Übungsschuh", "price": "1", "stock": 1, "category_id": "0197a0a0-0000-7000-8000-000000000001"}
        """
      When I send GET "/api/v1/products" with query:
        | name | value    |
        | q    | οδος üBu |
      Then the response JSON at "$.meta.total" is "1"

  Rule: The scope write allows creating products

    Background:
      Given a category "Shoes"
      And "a client for write" is asking

    @smoke
    Scenario: A product is created, and can be read at its path
      When I send POST "/api/v1/products" with JSON:
        """
        {
          "name": "Latin heels", "description": "7 cm", "price": "89.9", "stock": 4, "category_id": "{{Shoes.id}}",
          "image_url": "https://example.com/heels.png", "sku": "HE-7"
        }
        """
      Then the response status is 201
      And the response JSON is:
        """
        {
          "id": "#uuid as heels", "name": "Latin heels", "description": "7 cm", "price": "89.90", "stock": 4,
          "category_id": "{{Shoes.id}}", "image_url": "https://example.com/heels.png", "sku": "HE-7",
          "created_at": "#datetime", "updated_at": "#datetime"
        }
        """
      And the response header "Location" is "/api/v1/products/{{heels}}"
      And the table "products" contains exactly the rows:
        | id        | name        | price_cents | stock | sku  | deleted_at |
        | {{heels}} | Latin heels | 8990        | 4     | HE-7 | #null      |

    Scenario Outline: A price is a decimal text: <price>
      When I send POST "/api/v1/products" with JSON:
        """
        {"name": "Heels", "price": "<price>", "stock": 0, "category_id": "{{Shoes.id}}"}
        """
      Then the response status is 201
      And the response JSON at "$.price" is "<shown>"

      Examples:
        | price       | shown       |
        | 0           | 0.00        |
        | 0.00        | 0.00        |
        | 5           | 5.00        |
        | 5.5         | 5.50        |
        | 0.05        | 0.05        |
        | 99999999.99 | 99999999.99 |

    Scenario Outline: A product is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/products" with JSON:
        """
        <product>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "products" is empty

      Examples:
        | flaw                     | fields                                         | product                                                                                             |
        | nothing said             | name, price, stock, category_id                | {}                                                                                                  |
        | null where it can't be   | name, price, stock, category_id                | {"name": null, "price": null, "stock": null, "category_id": null}                                   |
        | a blank name             | name                                           | {"name": "", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}                               |
        | a price as a number      | price                                          | {"name": "Heels", "price": 89.9, "stock": 1, "category_id": "{{Shoes.id}}"}                         |
        | a third place            | price                                          | {"name": "Heels", "price": "1.005", "stock": 1, "category_id": "{{Shoes.id}}"}                      |
        | a price below zero       | price                                          | {"name": "Heels", "price": "-1.00", "stock": 1, "category_id": "{{Shoes.id}}"}                      |
        | a price too high         | price                                          | {"name": "Heels", "price": "100000000.00", "stock": 1, "category_id": "{{Shoes.id}}"}               |
        | a price in words         | price                                          | {"name": "Heels", "price": "ten", "stock": 1, "category_id": "{{Shoes.id}}"}                        |
        | a stock below zero       | stock                                          | {"name": "Heels", "price": "1", "stock": -1, "category_id": "{{Shoes.id}}"}                         |
        | a stock too high         | stock                                          | {"name": "Heels", "price": "1", "stock": 2147483648, "category_id": "{{Shoes.id}}"}                 |
        | half a pair              | stock                                          | {"name": "Heels", "price": "1", "stock": 0.5, "category_id": "{{Shoes.id}}"}                        |
        | a category that is none  | category_id                                    | {"name": "Heels", "price": "1", "stock": 1, "category_id": "shoes"}                                 |
        | a category not there     | category_id                                    | {"name": "Heels", "price": "1", "stock": 1, "category_id": "0197a0a0-0000-7000-8000-000000000009"}   |
        | a picture by another way | image_url                                      | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": "ftp://example.com/a.png"} |
        | a picture nowhere        | image_url                                      | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": "https://"}  |
        | a field nobody knows     | colour                                         | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "colour": "red"}         |
        | all of it                | name, description, price, stock, category_id, image_url, sku, colour | {"name": 1, "description": 2, "price": 3, "stock": "4", "category_id": 5, "image_url": 6, "sku": 7, "colour": 8} |

    Scenario Outline: The length of a text is limited: <field> of <length>
      Given the text "long" of <length> characters
      When I send POST "/api/v1/products" with JSON:
        """
        {"price": "1", "stock": 1, "category_id": "{{Shoes.id}}", <text>}
        """
      Then the response status is <status>

      Examples:
        | field       | length | status | text                                                        |
        | name        | 255    | 201    | "name": "{{long}}"                                          |
        | name        | 256    | 400    | "name": "{{long}}"                                          |
        | sku         | 100    | 201    | "name": "Heels", "sku": "{{long}}"                          |
        | sku         | 101    | 400    | "name": "Heels", "sku": "{{long}}"                          |
        | description | 2000   | 201    | "name": "Heels", "description": "{{long}}"                  |
        | description | 2001   | 400    | "name": "Heels", "description": "{{long}}"                  |
        | image_url   | 488    | 201    | "name": "Heels", "image_url": "https://a.eu{{long}}"        |
        | image_url   | 489    | 400    | "name": "Heels", "image_url": "https://a.eu{{long}}"        |

    Scenario: Two products can't have the same sku
      Given a product "Heels" in "Shoes" with the sku "HE-7"
      When I send POST "/api/v1/products" with JSON:
        """
        {"name": "Other heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "HE-7"}
        """
      Then the response is the problem "conflict"
      And the table "products" has 1 row

    Scenario: If several requests want the same sku at once, exactly one gets it
      When I send 8 concurrent POST requests to "/api/v1/products" with JSON:
        """
        {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "HE-7"}
        """
      Then 1 of the responses has status 201
      And 7 of the responses have status 409

    Scenario: Several products can have no sku
      Given a product "Heels" in "Shoes"
      When I send POST "/api/v1/products" with JSON:
        """
        {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}
        """
      Then the response status is 201

  Rule: Several products are created together, all or none

    Background:
      Given a category "Shoes"
      And "a client for write" is asking

    Scenario: A batch of products is created in its order
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [
          {"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}", "sku": "HE-7"},
          {"name": "Flats", "price": "65", "stock": 0, "category_id": "{{Shoes.id}}"}
        ]}
        """
      Then the response status is 201
      And the response JSON contains:
        """
        {"data": [{"id": "#uuid", "name": "Heels", "price": "89.90"}, {"id": "#uuid", "name": "Flats", "price": "65.00"}]}
        """
      And the table "products" has 2 rows

    Scenario: A hundred products are created together
      Given the list "hundred" of 100 times:
        """
        {"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}
        """
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": {{hundred}}}
        """
      Then the response status is 201
      And the table "products" has 100 rows

    Scenario: A hundred and one products are refused
      Given the list "many" of 101 times:
        """
        {"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}
        """
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": {{many}}}
        """
      Then the response is the problem "validation"
      And the problem names the field "items"
      And the table "products" is empty

    Scenario Outline: One invalid product means that none is created: <flaw>
      When I send POST "/api/v1/products/batch" with JSON:
        """
        <batch>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "products" is empty

      Examples:
        | flaw                  | fields                               | batch                                                                                                            |
        | nothing said          | items                                | {}                                                                                                               |
        | no product            | items                                | {"items": []}                                                                                                    |
        | no list               | items                                | {"items": {"name": "Heels"}}                                                                                     |
        | a field nobody knows  | colour                               | {"items": [{"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}], "colour": "red"}          |
        | no object             | items[0]                             | {"items": ["Heels"]}                                                                                             |
        | several bad ones      | items[0].price, items[1].name, items[1].colour | {"items": [{"name": "Heels", "price": "x", "stock": 1, "category_id": "{{Shoes.id}}"}, {"price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "colour": "red"}]} |
        | a category not there  | items[1].category_id                 | {"items": [{"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}, {"name": "Flats", "price": "1", "stock": 1, "category_id": "0197a0a0-0000-7000-8000-000000000009"}]} |

    Scenario: A duplicate sku in a batch means that none is created
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [
          {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "HE-7"},
          {"name": "Flats", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "HE-7"}
        ]}
        """
      Then the response is the problem "conflict"
      And the table "products" is empty

  Rule: A product can be changed

    Background:
      Given a category "Shoes"
      And a product "Heels" in "Shoes" with the sku "HE-7"
      And "a client for write" is asking

    Scenario: A change keeps fields that it doesn't contain, and null clears a field
      When I send PATCH "/api/v1/products/{{Heels.id}}" with JSON:
        """
        {"price": "79.00", "sku": null}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "{{Heels.id}}", "name": "Heels", "price": "79.00", "stock": 10, "sku": null}
        """

    Scenario: A search finds a changed name
      Given I send PATCH "/api/v1/products/{{Heels.id}}" with JSON:
        """
        {"name": "Practice shoes"}
        """
      When I send GET "/api/v1/products?q=PRACTICE"
      Then the response JSON at "$.meta.total" is "1"
      When I send GET "/api/v1/products?q=heels"
      Then the response JSON at "$.meta.total" is "0"

    Scenario Outline: A change is refused, and the invalid fields are named: <flaw>
      When I send PATCH "/api/v1/products/{{Heels.id}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                    | fields                          | change                                                                |
        | null where it can't be  | name, price, stock, category_id | {"name": null, "price": null, "stock": null, "category_id": null}     |
        | a category not there    | category_id                     | {"category_id": "0197a0a0-0000-7000-8000-000000000009"}               |
        | several at once         | price, stock, id                | {"price": "1,50", "stock": -1, "id": "{{Heels.id}}"}                  |

    Scenario: A change to a sku in use is refused
      Given a product "Flats" in "Shoes" with the sku "FL-0"
      When I send PATCH "/api/v1/products/{{Flats.id}}" with JSON:
        """
        {"sku": "HE-7"}
        """
      Then the response is the problem "conflict"

  Rule: A change of the stock is atomic, and the stock never falls below zero

    Background:
      Given a category "Shoes"
      And a product "Heels" in "Shoes"
      And "a client for write" is asking

    Scenario Outline: The stock is increased and decreased: <delta>
      When I send POST "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        {"delta": <delta>}
        """
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "{{Heels.id}}", "stock": <stock>}
        """

      Examples:
        | delta | stock |
        | 5     | 15    |
        | -3    | 7     |
        | -10   | 0     |
        | 0     | 10    |

    Scenario Outline: An impossible change is refused, and nothing changes: <delta>
      When I send POST "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        {"delta": <delta>}
        """
      Then the response is the problem "conflict"
      And the table "products" contains the rows:
        | name  | stock |
        | Heels | 10    |

      Examples:
        | delta      |
        | -11        |
        | 2147483647 |

    Scenario: Of thirty concurrent buyers of ten pairs, ten succeed
      When I send 30 concurrent POST requests to "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        {"delta": -1}
        """
      Then 10 of the responses have status 200
      And 20 of the responses have status 409
      And the table "products" contains exactly the rows:
        | name  | stock |
        | Heels | 0     |

    Scenario Outline: A change of the stock is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | flaw                 | fields        | change                         |
        | nothing said         | delta         | {}                             |
        | a text               | delta         | {"delta": "5"}                 |
        | half a pair          | delta         | {"delta": 1.5}                 |
        | more than there are  | delta         | {"delta": 2147483648}          |
        | a field nobody knows | delta, reason | {"delta": null, "reason": "x"} |

  Rule: A deleted product is hidden, and can be restored

    Background:
      Given a category "Shoes"
      And a product "Heels" in "Shoes" with the sku "HE-7"
      And "a client for write" is asking
      And I send DELETE "/api/v1/products/{{Heels.id}}"

    Scenario: It is neither found nor listed
      Then the response status is 204
      When I send GET "/api/v1/products/{{Heels.id}}"
      Then the response is the problem "not-found"
      When I send GET "/api/v1/products"
      Then the response JSON at "$.meta.total" is "0"
      And the table "products" contains exactly the rows:
        | name  | deleted_at |
        | Heels | #notnull   |

    Scenario Outline: It is not found: <method> <path>
      When I send <method> "/api/v1/products/{{Heels.id}}<path>" with JSON:
        """
        <body>
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path   | body            |
        | PATCH  |        | {"price": "1"}  |
        | DELETE |        | {}              |
        | POST   | /stock | {"delta": 1}    |

    Scenario: It is restored unchanged
      When I send POST "/api/v1/products/{{Heels.id}}/restore"
      Then the response status is 200
      And the response JSON contains:
        """
        {"id": "{{Heels.id}}", "name": "Heels", "sku": "HE-7"}
        """
      When I send GET "/api/v1/products/{{Heels.id}}"
      Then the response status is 200

    Scenario: If its sku is used by another product, it can't be restored
      Given the variable "old" is "{{Heels.id}}"
      And a product "New heels" in "Shoes" with the sku "HE-7"
      When I send POST "/api/v1/products/{{old}}/restore"
      Then the response is the problem "conflict"

    Scenario Outline: An unknown id is not found: <method> <path>
      When I send <method> "/api/v1/products/{{$uuid}}<path>" with JSON:
        """
        {"delta": 1}
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path     |
        | GET    |          |
        | DELETE |          |
        | POST   | /restore |
        | POST   | /stock   |

    Scenario Outline: A malformed id is refused: <method> <path>
      When I send <method> "/api/v1/products/heels<path>" with JSON:
        """
        {"delta": 1}
        """
      Then the response is the problem "validation"
      And the problem names the field "id"

      Examples:
        | method | path     |
        | GET    |          |
        | PATCH  |          |
        | DELETE |          |
        | POST   | /restore |
        | POST   | /stock   |

  Rule: The scope write allows listing deleted products

    Background:
      Given a category "Shoes"
      And a product "Heels" in "Shoes"
      And a product "Flats" in "Shoes"
      And "a client for write" is asking
      And I send DELETE "/api/v1/products/{{Heels.id}}"

    Scenario: Only deleted products are listed, until they are restored
      When I send GET "/api/v1/products?deleted=true"
      Then the response status is 200
      And the response JSON at "$.data" has 1 item
      And the response JSON at "$.data[0].name" is "Heels"
      Given I send POST "/api/v1/products/{{Heels.id}}/restore"
      When I send GET "/api/v1/products?deleted=true"
      Then the response JSON at "$.meta.total" is "0"

    Scenario Outline: Others can't list deleted products: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/products?deleted=true"
      Then the response status is <status>
      When I send GET "/api/v1/products?d%65leted=true&limit=0&colour=red"
      Then the response status is <status>
      When I send GET "/api/v1/products?deleted=false"
      Then the response JSON at "$.data" has 1 item

      Examples:
        | who                        | status |
        | nobody                     | 401    |
        | a user                     | 403    |
        | a client for read          | 403    |

  Rule: A batch that is sent again with its key is created once

    Background:
      Given a category "Shoes"
      And "a client for write" is asking
      And the request header "Idempotency-Key" is "spring-delivery"

    Scenario: The first response is returned again
      Given I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}", "sku": "HE-7"}]}
        """
      And the response status is 201
      And I save the response JSON at "$.data[0].id" as "id"
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}", "sku": "HE-7"}]}
        """
      Then the response status is 201
      And the response header "Content-Type" is "application/json"
      And the response JSON at "$.data[0].id" is "{{id}}"
      And the table "products" has 1 row

    Scenario: Of many concurrent requests one creates, and all get its response
      When I send 6 concurrent POST requests to "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      Then 6 of the responses have status 201
      And the table "products" has 1 row

    Scenario: The same key with another body is a conflict
      Given I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 4, "category_id": "{{Shoes.id}}"}]}
        """
      Then the response is the problem "conflict"
      And the table "products" has 1 row

    Scenario: A refused request leaves the key unused
      Given I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "0197a0a0-0000-7000-8000-000000000001"}]}
        """
      And the response is the problem "validation"
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      Then the response status is 201

    Scenario: Keys of different callers are independent
      Given I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      And "a moderator" is asking
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      Then the response status is 201
      And the table "products" has 2 rows

    Scenario: A key can be used again after a day
      Given I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      And the SQL:
        """
        update idempotency_keys set created_at = '2020-01-31T18:30:00.000000Z'
        """
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      Then the response status is 201
      And the table "products" has 2 rows

    Scenario Outline: A key that is empty, too long or not visible is refused: <key>
      Given the text "long" of 201 characters
      And the request header "Idempotency-Key" is "<key>"
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "89.90", "stock": 3, "category_id": "{{Shoes.id}}"}]}
        """
      Then the response is the problem "validation"
      And the problem names the field "Idempotency-Key"

      Examples:
        | key      |
        |          |
        | {{long}} |
        | a b      |

    Scenario: The description says which keys are valid
      When I send GET "/api/openapi.json"
      Then the response JSON at "$.paths['/api/v1/products/batch'].post.parameters[0].name" is "Idempotency-Key"
      And the response JSON at "$.paths['/api/v1/products/batch'].post.parameters[0].schema" is '{"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}'
