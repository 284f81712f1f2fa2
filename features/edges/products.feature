Feature: Products, at the edges
  The limits of a product, a batch, a list and a change of the stock, and what is refused.

  Rule: Wrong parameters of a list are refused

    Background:
      Given the table "categories" has the rows:
        | id                                   | name  |
        | 0197a0a0-0000-7000-8000-000000000001 | Shoes |
      And the table "products" has the rows:
        | id                                   | name  | price_cents | stock | category_id                          | created_at                  |
        | 0197a0a0-0000-7000-8000-00000000000a | Heels | 0           | 0     | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-00000000000b | Heels | 0           | 1     | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-00000000000c | Heels | 9999999999  | 1     | 0197a0a0-0000-7000-8000-000000000001 | 2026-01-01T10:00:00.000000Z |

    Scenario Outline: Parameters at their limits are accepted: <query>
      When I send GET "/api/v1/products?<query>"
      Then the response status is 200
      And the response JSON at "$.meta.total" is "<total>"
      And the response JSON at "$.data" has <items> items

      Examples:
        | query                                    | total | items |
        | min_price=0                              | 3     | 3     |
        | min_price=0.00&max_price=0.0             | 2     | 2     |
        | min_price=99999999.99                    | 1     | 1     |
        | max_price=99999999.99                    | 3     | 3     |
        | max_price=99999999.98                    | 2     | 2     |
        | limit=1                                  | 3     | 1     |
        | limit=100                                | 3     | 3     |
        | limit=2&page=2                           | 3     | 1     |
        | page=4&limit=1                           | 3     | 0     |
        | page=9223372036854775807&limit=100       | 3     | 0     |
        | q=                                       | 3     | 3     |

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/products?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                                                                                                  | field               |
        | category_id=                                                                                           | category_id         |
        | category_id=7                                                                                          | category_id         |
        | category_id=0197a0a0000070008000000000000001                                                           | category_id         |
        | include_descendants=                                                                                   | include_descendants |
        | include_descendants=TRUE                                                                               | include_descendants |
        | include_descendants=1                                                                                  | include_descendants |
        | min_price=                                                                                             | min_price           |
        | min_price=cheap                                                                                        | min_price           |
        | min_price=1,50                                                                                         | min_price           |
        | min_price=%2B1                                                                                         | min_price           |
        | min_price=100000000                                                                                    | min_price           |
        | max_price=                                                                                             | max_price           |
        | max_price=-0.01                                                                                        | max_price           |
        | max_price=1e2                                                                                          | max_price           |
        | max_price=0.001                                                                                        | max_price           |
        | in_stock=                                                                                              | in_stock            |
        | in_stock=0                                                                                             | in_stock            |
        | q=a%00b                                                                                                | q                   |
        | sort=                                                                                                  | sort                |
        | sort=Price                                                                                             | sort                |
        | sort=%2Bprice                                                                                          | sort                |
        | sort=price,name                                                                                        | sort                |
        | sort=-updated_at                                                                                       | sort                |
        | page=                                                                                                  | page                |
        | page=1.0                                                                                               | page                |
        | page=9223372036854775808                                                                               | page                |
        | limit=                                                                                                 | limit               |
        | limit=-1                                                                                               | limit               |
        | limit=all                                                                                              | limit               |
        | q=a&q=b                                                                                                | q                   |
        | category_id=0197a0a0-0000-7000-8000-000000000001&category_id=0197a0a0-0000-7000-8000-000000000001      | category_id         |
        | sort=name&sort=name                                                                                    | sort                |
        | page=1&page=2                                                                                          | page                |
        | colour=red                                                                                             | colour              |
        | Sort=name                                                                                              | Sort                |

    Scenario: All invalid parameters are reported together
      When I send GET "/api/v1/products?category_id=x&include_descendants=x&min_price=x&max_price=x&in_stock=x&sort=x&page=x&limit=x&colour=x"
      Then the response is the problem "validation"
      And the problem names the fields "category_id, include_descendants, min_price, max_price, in_stock, sort, page, limit, colour"
      And the response JSON at "$.errors" has 9 items

    Scenario Outline: The length of a search is limited: <length>
      Given the text "long" of <length> characters
      When I send GET "/api/v1/products?q={{long}}"
      Then the response status is <status>

      Examples:
        | length | status |
        | 200    | 200    |
        | 201    | 400    |

    Scenario Outline: Equal values are sorted by id: <sort>
      When I send GET "/api/v1/products?max_price=0&sort=<sort>"
      Then the response JSON contains:
        """
        {"data": [{"id": "<first>"}, {"id": "<second>"}]}
        """
      When I send GET "/api/v1/products?max_price=0&sort=<sort>&limit=1&page=2"
      Then the response JSON at "$.data[0].id" is "<second>"

      Examples:
        | sort        | first                                | second                               |
        | name        | 0197a0a0-0000-7000-8000-00000000000a | 0197a0a0-0000-7000-8000-00000000000b |
        | price       | 0197a0a0-0000-7000-8000-00000000000a | 0197a0a0-0000-7000-8000-00000000000b |
        | created_at  | 0197a0a0-0000-7000-8000-00000000000a | 0197a0a0-0000-7000-8000-00000000000b |
        | -name       | 0197a0a0-0000-7000-8000-00000000000b | 0197a0a0-0000-7000-8000-00000000000a |
        | -price      | 0197a0a0-0000-7000-8000-00000000000b | 0197a0a0-0000-7000-8000-00000000000a |
        | -created_at | 0197a0a0-0000-7000-8000-00000000000b | 0197a0a0-0000-7000-8000-00000000000a |

    Scenario Outline: Names are sorted by code points: <sort>
      Given the SQL:
        """
        delete from products
        """
      And the table "products" has the rows:
        | name  | category_id                          |
        | apple | 0197a0a0-0000-7000-8000-000000000001 |
        | Zebra | 0197a0a0-0000-7000-8000-000000000001 |
        | Äpfel | 0197a0a0-0000-7000-8000-000000000001 |
        | _     | 0197a0a0-0000-7000-8000-000000000001 |
        | 10 cm | 0197a0a0-0000-7000-8000-000000000001 |
        | a b   | 0197a0a0-0000-7000-8000-000000000001 |
      When I send GET "/api/v1/products?sort=<sort>"
      Then the response JSON contains:
        """
        {"data": <sorted>}
        """

      Examples:
        | sort  | sorted                                                                                                                   |
        | name  | [{"name": "10 cm"}, {"name": "Zebra"}, {"name": "_"}, {"name": "a b"}, {"name": "apple"}, {"name": "Äpfel"}]               |
        | -name | [{"name": "Äpfel"}, {"name": "apple"}, {"name": "a b"}, {"name": "_"}, {"name": "Zebra"}, {"name": "10 cm"}]               |

    Scenario: A search covers name and sku only
      Given "a client for write" is asking
      And I send POST "/api/v1/products" with JSON:
        """
        {
          "name": "Skirt", "description": "For the rumba", "price": "1", "stock": 1, "sku": "SK-1",
          "category_id": "0197a0a0-0000-7000-8000-000000000001", "image_url": "https://rumba.example/a.png"
        }
        """
      When I send GET "/api/v1/products?q=rumba"
      Then the response JSON at "$.meta.total" is "0"
      When I send GET "/api/v1/products?q=irtsk"
      Then the response JSON at "$.meta.total" is "0"

  Rule: The fields of a product have limits, at creation and in changes

    Background:
      Given a category "Shoes"
      And "a client for write" is asking

    Scenario Outline: A product at the limits is created: <edge>
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "fifty" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      When I send POST "/api/v1/products" with JSON:
        """
        {"price": "1", "category_id": "{{Shoes.id}}", <rest>}
        """
      Then the response status is 201
      And the response JSON contains:
        """
        {<rest>}
        """

      Examples:
        | edge                               | rest                                                                                                |
        | a name of 255 letters, more bytes  | "stock": 0, "name": "{{fifty}}{{fifty}}{{fifty}}{{fifty}}{{fifty}}äöüßé"                             |
        | a name of one letter               | "stock": 0, "name": "H"                                                                             |
        | a sku of 100 letters, more bytes   | "stock": 0, "name": "Heels", "sku": "{{fifty}}{{fifty}}"                                            |
        | no stock                           | "stock": 0, "name": "Heels"                                                                         |
        | as much stock as there may be      | "stock": 2147483647, "name": "Heels"                                                                |
        | what is optional is null           | "stock": 0, "name": "Heels", "description": null, "image_url": null, "sku": null                    |
        | nothing in the description         | "stock": 0, "name": "Heels", "description": ""                                                      |
        | a picture by http                  | "stock": 0, "name": "Heels", "image_url": "http://example.com/a.png?size=1#b"                       |

    Scenario Outline: A product is refused, and only the invalid field is named: <flaw>
      When I send POST "/api/v1/products" with JSON:
        """
        <product>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "products" is empty

      Examples:
        | flaw                        | field       | product                                                                                                        |
        | no name                     | name        | {"price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}                                                      |
        | no price                    | price       | {"name": "Heels", "stock": 1, "category_id": "{{Shoes.id}}"}                                                   |
        | no stock                    | stock       | {"name": "Heels", "price": "1", "category_id": "{{Shoes.id}}"}                                                 |
        | no category                 | category_id | {"name": "Heels", "price": "1", "stock": 1}                                                                    |
        | a name of spaces            | name        | {"name": " \\t ", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}                                     |
        | a name with a NUL character | name        | {"name": "He\\u0000els", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}                              |
        | a name that is a list       | name        | {"name": ["Heels"], "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}                                   |
        | an empty price              | price       | {"name": "Heels", "price": "", "stock": 1, "category_id": "{{Shoes.id}}"}                                      |
        | a price with a comma        | price       | {"name": "Heels", "price": "1,50", "stock": 1, "category_id": "{{Shoes.id}}"}                                  |
        | a price with a plus         | price       | {"name": "Heels", "price": "+1", "stock": 1, "category_id": "{{Shoes.id}}"}                                    |
        | a price with a space        | price       | {"name": "Heels", "price": " 1", "stock": 1, "category_id": "{{Shoes.id}}"}                                    |
        | a price with a currency     | price       | {"name": "Heels", "price": "1 €", "stock": 1, "category_id": "{{Shoes.id}}"}                                   |
        | a price without a whole     | price       | {"name": "Heels", "price": ".50", "stock": 1, "category_id": "{{Shoes.id}}"}                                   |
        | a price that ends in a dot  | price       | {"name": "Heels", "price": "1.", "stock": 1, "category_id": "{{Shoes.id}}"}                                    |
        | a price with an exponent    | price       | {"name": "Heels", "price": "1e2", "stock": 1, "category_id": "{{Shoes.id}}"}                                   |
        | a price in other digits     | price       | {"name": "Heels", "price": "١", "stock": 1, "category_id": "{{Shoes.id}}"}                                     |
        | a price in cents            | price_cents | {"name": "Heels", "price": "1", "price_cents": 100, "stock": 1, "category_id": "{{Shoes.id}}"}                 |
        | a stock as a text           | stock       | {"name": "Heels", "price": "1", "stock": "1", "category_id": "{{Shoes.id}}"}                                   |
        | a stock that is a truth     | stock       | {"name": "Heels", "price": "1", "stock": true, "category_id": "{{Shoes.id}}"}                                  |
        | a stock beyond all numbers  | stock       | {"name": "Heels", "price": "1", "stock": 1e30, "category_id": "{{Shoes.id}}"}                                  |
        | a category as a number      | category_id | {"name": "Heels", "price": "1", "stock": 1, "category_id": 1}                                                  |
        | a description as a number   | description | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "description": 7}                   |
        | a NUL in the description    | description | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "description": "\\u0000"}           |
        | an empty picture            | image_url   | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": ""}                    |
        | a picture without a host    | image_url   | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": "/a.png"}              |
        | a picture with a space      | image_url   | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": "https://a.eu/a b"}    |
        | a picture that is a script  | image_url   | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": "javascript:alert(1)"} |
        | a picture as a list         | image_url   | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "image_url": ["https://a.eu"]}      |
        | an empty sku                | sku         | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": ""}                          |
        | a sku as a number           | sku         | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": 7}                           |
        | an id of one's own choosing | id          | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "id": "{{$uuid}}"}                  |
        | a moment of one's own       | created_at  | {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "created_at": "{{$now}}"}           |

    Scenario: Names need not be unique, and skus are case-sensitive
      Given a product "Heels" in "Shoes" with the sku "HE-7"
      When I send POST "/api/v1/products" with JSON:
        """
        {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "he-7"}
        """
      Then the response status is 201
      And the table "products" has 2 rows

    Scenario Outline: One field is changed, and the others stay: <change>
      Given I send POST "/api/v1/products" with JSON:
        """
        {
          "name": "Heels", "description": "7 cm", "price": "89.90", "stock": 4, "category_id": "{{Shoes.id}}",
          "image_url": "https://example.com/heels.png", "sku": "HE-7"
        }
        """
      And I save the response JSON at "$.id" as "heels"
      And I save the response JSON at "$.created_at" as "made"
      And a category "Latin"
      When I send PATCH "/api/v1/products/{{heels}}" with JSON:
        """
        <change>
        """
      Then the response status is 200
      And the response JSON is:
        """
        {
          "id": "{{heels}}", "name": <name>, "description": <description>, "price": <price>, "stock": <stock>,
          "category_id": <category>, "image_url": <picture>, "sku": <sku>, "created_at": "{{made}}",
          "updated_at": "#datetime"
        }
        """
      When I query:
        """
        select count(*) as changed from products where updated_at > created_at
        """
      Then the query returned the rows:
        | changed |
        | 1       |

      Examples:
        | change                                | name    | description | price   | stock      | category       | picture                         | sku    |
        | {}                                    | "Heels" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"name": "Flats"}                     | "Flats" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"description": "0 cm"}               | "Heels" | "0 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"description": null}                 | "Heels" | null        | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"price": "99999999.99"}              | "Heels" | "7 cm"      | "99999999.99" | 4    | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"stock": 2147483647}                 | "Heels" | "7 cm"      | "89.90" | 2147483647 | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"category_id": "{{Latin.id}}"}       | "Heels" | "7 cm"      | "89.90" | 4          | "{{Latin.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"image_url": "http://a.eu"}          | "Heels" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "http://a.eu"                   | "HE-7" |
        | {"image_url": null}                   | "Heels" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | null                            | "HE-7" |
        | {"sku": "FL-0"}                       | "Heels" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | "FL-0" |
        | {"sku": "HE-7"}                       | "Heels" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | "HE-7" |
        | {"sku": null}                         | "Heels" | "7 cm"      | "89.90" | 4          | "{{Shoes.id}}" | "https://example.com/heels.png" | null   |

    Scenario Outline: A change is refused, the invalid field is named, and nothing is changed: <flaw>
      Given a product "Heels" in "Shoes" with the sku "HE-7"
      And the text "long" of 489 characters
      And the text "two_thousand" of 2001 characters
      When I send PATCH "/api/v1/products/{{Heels.id}}" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "products" contains exactly the rows:
        | name  | description | stock | sku  | image_url |
        | Heels | #null       | 10    | HE-7 | #null     |

      Examples:
        | flaw                       | field       | change                                              |
        | a blank name               | name        | {"name": " ", "stock": 5}                           |
        | a name too long            | name        | {"name": "{{long}}", "stock": 5}                    |
        | a description too long     | description | {"description": "{{two_thousand}}", "stock": 5}     |
        | a description as a number  | description | {"description": 5, "stock": 5}                      |
        | a price as a number        | price       | {"price": 1, "stock": 5}                            |
        | a price of three places    | price       | {"price": "1.005", "stock": 5}                      |
        | a price too high           | price       | {"price": "100000000", "stock": 5}                  |
        | a stock too high           | stock       | {"stock": 2147483648}                               |
        | half a pair                | stock       | {"stock": 0.5}                                      |
        | a category that is none    | category_id | {"category_id": "shoes", "stock": 5}                |
        | a picture too long         | image_url   | {"image_url": "https://a.eu{{long}}", "stock": 5}   |
        | a picture by another way   | image_url   | {"image_url": "ftp://a.eu", "stock": 5}             |
        | a sku too long             | sku         | {"sku": "{{long}}", "stock": 5}                     |
        | an empty sku               | sku         | {"sku": "", "stock": 5}                             |
        | a field nobody knows       | colour      | {"colour": "red", "stock": 5}                       |
        | a deletion by the way      | deleted_at  | {"deleted_at": null, "stock": 5}                    |

    Scenario: Mistakes in path, query and body are reported together
      When I send PATCH "/api/v1/products/heels?colour=red" with JSON:
        """
        {"price": 1, "stock": -1}
        """
      Then the response is the problem "validation"
      And the problem names the fields "id, colour, price, stock"
      And the response JSON at "$.errors" has 4 items

    Scenario: An unknown product can't be changed
      When I send PATCH "/api/v1/products/{{$uuid}}" with JSON:
        """
        {"price": "1"}
        """
      Then the response is the problem "not-found"

    Scenario Outline: An unknown parameter is refused everywhere: <method> <path>
      Given a product "Heels" in "Shoes" with the sku "HE-7"
      When I send <method> "/api/v1/products<path>?colour=red" with JSON:
        """
        <body>
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the response JSON at "$.errors" has 1 item
      And the table "products" contains exactly the rows:
        | name  | stock | deleted_at |
        | Heels | 10    | #null      |

      Examples:
        | method | path                    | body                                                                                      |
        | GET    | /{{Heels.id}}           | {}                                                                                        |
        | POST   |                         | {"name": "Flats", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}                |
        | POST   | /batch                  | {"items": [{"name": "Flats", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}]}   |
        | PATCH  | /{{Heels.id}}           | {"stock": 1}                                                                              |
        | DELETE | /{{Heels.id}}           | {}                                                                                        |
        | POST   | /{{Heels.id}}/restore   | {}                                                                                        |
        | POST   | /{{Heels.id}}/stock     | {"delta": 1}                                                                              |

  Rule: Several products are created together, all or none

    Background:
      Given a category "Shoes"
      And "a client for write" is asking

    Scenario: A batch can have one product
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}]}
        """
      Then the response status is 201
      And the response JSON is:
        """
        {"data": [{
          "id": "#uuid as heels", "name": "Heels", "description": null, "price": "1.00", "stock": 1,
          "category_id": "{{Shoes.id}}", "image_url": null, "sku": null, "created_at": "#datetime",
          "updated_at": "#datetime"
        }]}
        """
      When I send GET "/api/v1/products/{{heels}}"
      Then the response status is 200

    Scenario: A batch with a sku in use is refused as a whole
      Given a product "Heels" in "Shoes" with the sku "HE-7"
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [
          {"name": "Flats", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "FL-0"},
          {"name": "Other heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "HE-7"}
        ]}
        """
      Then the response is the problem "conflict"
      And the table "products" has 1 row

    Scenario: The sku of a deleted product can be used in a batch
      Given a product "Heels" in "Shoes" with the sku "HE-7"
      And I send DELETE "/api/v1/products/{{Heels.id}}"
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [{"name": "New heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "HE-7"}]}
        """
      Then the response status is 201

    Scenario Outline: A batch is refused, and each mistake is named with its index: <flaw>
      When I send POST "/api/v1/products/batch" with JSON:
        """
        <batch>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the response JSON at "$.errors" has <number> items
      And the table "products" is empty

      Examples:
        | flaw                        | fields                                                                        | number | batch                                                                                                  |
        | null                        | items                                                                         | 1      | {"items": null}                                                                                        |
        | a text                      | items                                                                         | 1      | {"items": "Heels"}                                                                                     |
        | a product that is null      | items[0]                                                                      | 1      | {"items": [null]}                                                                                      |
        | a list in a list            | items[0]                                                                      | 1      | {"items": [[]]}                                                                                        |
        | a product with nothing said | items[0].name, items[0].price, items[0].stock, items[0].category_id           | 4      | {"items": [{}]}                                                                                        |
        | all of it                   | items[0].name, items[0].description, items[0].price, items[0].stock, items[0].category_id, items[0].image_url, items[0].sku | 7 | {"items": [{"name": 1, "description": 2, "price": 3, "stock": "4", "category_id": 5, "image_url": 6, "sku": 7}]} |
        | the second one only         | items[1].stock                                                                | 1      | {"items": [{"name": "Heels", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"}, {"name": "Flats", "price": "1", "stock": -1, "category_id": "{{Shoes.id}}"}]} |

    Scenario: Every missing category is named
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": [
          {"name": "Heels", "price": "1", "stock": 1, "category_id": "{{$uuid}}"},
          {"name": "Flats", "price": "1", "stock": 1, "category_id": "{{Shoes.id}}"},
          {"name": "Boots", "price": "1", "stock": 1, "category_id": "{{$uuid}}"}
        ]}
        """
      Then the response is the problem "validation"
      And the problem names the fields "items[0].category_id, items[2].category_id"
      And the response JSON at "$.errors" has 2 items

    Scenario: A mistake in the hundredth product is named
      Given the list "priceless" of 100 times:
        """
        {"name": "Heels", "stock": 1, "category_id": "{{Shoes.id}}"}
        """
      When I send POST "/api/v1/products/batch" with JSON:
        """
        {"items": {{priceless}}}
        """
      Then the response is the problem "validation"
      And the problem names the fields "items[0].price, items[99].price"
      And the response JSON at "$.errors" has 100 items

  Rule: A change of the stock is atomic, and the stock never leaves its bounds

    Background:
      Given a category "Shoes"
      And a product "Heels" in "Shoes"
      And "a client for write" is asking

    Scenario Outline: The stock has a maximum: <delta>
      When I send POST "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        {"delta": <delta>}
        """
      Then the response status is <status>
      And the table "products" contains exactly the rows:
        | name  | stock   |
        | Heels | <stock> |

      Examples:
        | delta       | status | stock      |
        | 2147483637  | 200    | 2147483647 |
        | 2147483638  | 409    | 10         |
        | -2147483647 | 409    | 10         |

    Scenario Outline: A change of the stock is refused, and only the invalid field is named: <change>
      When I send POST "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        <change>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "products" contains exactly the rows:
        | name  | stock |
        | Heels | 10    |

      Examples:
        | change                    | field |
        | {"delta": null}           | delta |
        | {"delta": true}           | delta |
        | {"delta": [1]}            | delta |
        | {"delta": -2147483649}    | delta |
        | {"delta": 1e30}           | delta |
        | {"delta": 1, "stock": 11} | stock |
        | ["delta"]                 | body  |

    Scenario: A change of the stock shows in the product
      Given I send POST "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        {"delta": -4}
        """
      When I send GET "/api/v1/products/{{Heels.id}}"
      Then the response JSON at "$.stock" is "6"

  Rule: A product is deleted once, and can be restored when its sku is free

    Background:
      Given a category "Shoes"
      And a product "Heels" in "Shoes" with the sku "HE-7"
      And "a client for write" is asking

    Scenario: Restoring a product that isn't deleted changes nothing
      When I send POST "/api/v1/products/{{Heels.id}}/restore"
      Then the response status is 200
      And the response JSON at "$.stock" is "10"

    Scenario: A product can be restored after the other one with its sku is deleted
      Given I send DELETE "/api/v1/products/{{Heels.id}}"
      And a product "Flats" in "Shoes" with the sku "HE-7"
      And I send DELETE "/api/v1/products/{{Flats.id}}"
      When I send POST "/api/v1/products/{{Heels.id}}/restore"
      Then the response status is 200
      And the response JSON at "$.sku" is "HE-7"

    Scenario: A product that can't be restored stays deleted
      Given I send DELETE "/api/v1/products/{{Heels.id}}"
      And a product "Flats" in "Shoes" with the sku "HE-7"
      When I send POST "/api/v1/products/{{Heels.id}}/restore"
      Then the response is the problem "conflict"
      And the table "products" contains exactly the rows:
        | name  | deleted_at |
        | Heels | #notnull   |
        | Flats | #null      |

    Scenario: A product's sku can be changed to that of a deleted one
      Given a product "Flats" in "Shoes" with the sku "FL-0"
      And I send DELETE "/api/v1/products/{{Heels.id}}"
      When I send PATCH "/api/v1/products/{{Flats.id}}" with JSON:
        """
        {"sku": "HE-7"}
        """
      Then the response status is 200

    Scenario: No list shows a deleted product
      Given I send DELETE "/api/v1/products/{{Heels.id}}"
      When I send GET "/api/v1/products?q=he-7&in_stock=true&category_id={{Shoes.id}}&include_descendants=true&min_price=0"
      Then the response JSON at "$.meta.total" is "0"

    Scenario: A deleted product keeps its category, so that it can be restored
      Given I send DELETE "/api/v1/products/{{Heels.id}}"
      And I send DELETE "/api/v1/categories/{{Shoes.id}}"
      And the response is the problem "conflict"
      When I send POST "/api/v1/products/{{Heels.id}}/restore"
      Then the response status is 200

  Rule: A search doesn't match across fields

    Scenario: A line break in a search doesn't match across name and sku
      Given "a client for write" is asking
      And a category "Shoes"
      And a product "Latin heels" in "Shoes" with the sku "HEEL-7"
      When I send GET "/api/v1/products?q=heels%0Aheel"
      Then the response JSON at "$.meta.total" is "0"
      When I send GET "/api/v1/products?q=latin%20heels"
      Then the response JSON at "$.meta.total" is "1"

    Scenario Outline: Products that SQL has inserted are found in any case: <q>
      Given a category "Shoes"
      And the table "products" has the rows:
        | name   | sku    | price_cents | category_id  |
        | Größe  | ÉTÉ-37 | 100         | {{Shoes.id}} |
        | Ärmel  | #null  | 100         | {{Shoes.id}} |
      When I send GET "/api/v1/products" with query:
        | name | value |
        | q    | <q>   |
      Then the response JSON at "$.meta.total" is "<total>"

      Examples:
        | q        | total |
        | GRÖ      | 1     |
        | été      | 1     |
        | Är       | 1     |
        | äRMEL    | 1     |
        | größeété | 0     |
