Feature: At the same moment
  Rules also hold for concurrent requests: one of them succeeds, and the others are refused. Concurrent requests for the
  same name, product or status are in the features of those resources. Here are requests for different things.

  Rule: Categories never form a cycle

    Scenario: Two categories are moved below each other at the same moment
      Given "a client for write" is asking
      And a category "Latin"
      And a category "Salsa"
      And a category "Shoes"
      And a category "Heels"
      And a category "Tickets"
      And a category "Balls"
      When I send at the same moment:
        | method | path                               | JSON                             |
        | PATCH  | /api/v1/categories/{{Latin.id}}    | {"parent_id": "{{Salsa.id}}"}    |
        | PATCH  | /api/v1/categories/{{Salsa.id}}    | {"parent_id": "{{Latin.id}}"}    |
        | PATCH  | /api/v1/categories/{{Shoes.id}}    | {"parent_id": "{{Heels.id}}"}    |
        | PATCH  | /api/v1/categories/{{Heels.id}}    | {"parent_id": "{{Shoes.id}}"}    |
        | PATCH  | /api/v1/categories/{{Tickets.id}}  | {"parent_id": "{{Balls.id}}"}    |
        | PATCH  | /api/v1/categories/{{Balls.id}}    | {"parent_id": "{{Tickets.id}}"}  |
      Then 3 of the responses have status 200
      And 3 of the responses have status 409
      When I query:
        """
        select count(*) as circles
          from categories child join categories parent on parent.id = child.parent_id
         where parent.parent_id = child.id
        """
      Then the query returned the rows:
        | circles |
        | 0       |

    Scenario: Three categories are moved into a cycle, and one move fails
      Given "a client for write" is asking
      And a category "Latin"
      And a category "Salsa"
      And a category "Rueda"
      When I send at the same moment:
        | method | path                            | JSON                          |
        | PATCH  | /api/v1/categories/{{Latin.id}} | {"parent_id": "{{Salsa.id}}"} |
        | PATCH  | /api/v1/categories/{{Salsa.id}} | {"parent_id": "{{Rueda.id}}"} |
        | PATCH  | /api/v1/categories/{{Rueda.id}} | {"parent_id": "{{Latin.id}}"} |
      Then 2 of the responses have status 200
      And 1 of the responses has status 409

    Scenario: A category is deleted while products and children are added to it
      Given "a client for write" is asking
      And a category "Latin"
      When I send at the same moment:
        | method | path                            | JSON                                                                                |
        | DELETE | /api/v1/categories/{{Latin.id}} |                                                                                     |
        | POST   | /api/v1/products                | {"name": "Skirt", "price": "9.90", "stock": 1, "category_id": "{{Latin.id}}"}       |
        | POST   | /api/v1/categories              | {"name": "Salsa", "parent_id": "{{Latin.id}}"}                                      |
        | DELETE | /api/v1/categories/{{Latin.id}} |                                                                                     |
        | POST   | /api/v1/products                | {"name": "Heels", "price": "9.90", "stock": 1, "category_id": "{{Latin.id}}"}       |
      Then 0 of the responses have status 500
      When I query:
        """
        select (select count(*) from products where category_id not in (select id from categories))
             + (select count(*) from categories where parent_id not in (select id from categories)) as hanging_in_the_air
        """
      Then the query returned the rows:
        | hanging_in_the_air |
        | 0                  |

  Rule: There is always an admin

    Scenario: The last two admins demote each other
      Given an admin "ada"
      And an admin "grace"
      And "ada" logs in
      And "grace" logs in
      And nobody is logged in
      When I send at the same moment:
        | method | path                       | JSON             | bearer          |
        | PATCH  | /api/v1/users/{{grace.id}} | {"role": "user"} | {{ada.token}}   |
        | PATCH  | /api/v1/users/{{ada.id}}   | {"role": "user"} | {{grace.token}} |
      Then 1 of the responses has status 200
      When I query:
        """
        select count(*) as admins from users where role = 'admin' and deleted_at is null
        """
      Then the query returned the rows:
        | admins |
        | 1      |

    Scenario: A client demotes and deletes the last two admins
      Given "a client for admin" is asking
      And an admin "ada"
      And an admin "grace"
      When I send at the same moment:
        | method | path                       | JSON             |
        | PATCH  | /api/v1/users/{{grace.id}} | {"role": "user"} |
        | DELETE | /api/v1/users/{{ada.id}}   |                  |
      Then 1 of the responses has status 409
      When I query:
        """
        select count(*) as admins from users where role = 'admin' and deleted_at is null
        """
      Then the query returned the rows:
        | admins |
        | 1      |

  Rule: A name is unique, however it is set

    Scenario: Two users take the same new name
      Given a registered user "ada"
      And a registered user "grace"
      And "ada" logs in
      And "grace" logs in
      And nobody is logged in
      When I send at the same moment:
        | method | path              | JSON                                                              | bearer          |
        | PATCH  | /api/v1/users/me  | {"username": "hopper"}                                            | {{ada.token}}   |
        | PATCH  | /api/v1/users/me  | {"username": "Hopper"}                                            | {{grace.token}} |
        | POST   | /api/v1/users     | {"username": "HOPPER", "password": "correct horse battery"}       |                 |
      Then 2 of the responses have status 409
      When I query:
        """
        select count(*) as bearers from users where lower(username) = 'hopper'
        """
      Then the query returned the rows:
        | bearers |
        | 1       |

    Scenario: A deleted user is restored while others register with the name
      Given "a client for admin" is asking
      And a registered user "ada"
      And I send DELETE "/api/v1/users/{{ada.id}}"
      When I send at the same moment:
        | method | path                               | JSON                                                     |
        | POST   | /api/v1/users/{{ada.id}}/restore   |                                                          |
        | POST   | /api/v1/users                      | {"username": "ada", "password": "correct horse battery"} |
        | POST   | /api/v1/users                      | {"username": "Ada", "password": "correct horse battery"} |
      Then 2 of the responses have status 409

    Scenario: A deleted product is restored while another product takes its sku
      Given "a client for write" is asking
      And a category "Shoes"
      And a product "Heels" in "Shoes" with the sku "LH-42"
      And I send DELETE "/api/v1/products/{{Heels.id}}"
      When I send at the same moment:
        | method | path                                     | JSON                                                                                          |
        | POST   | /api/v1/products/{{Heels.id}}/restore    |                                                                                               |
        | POST   | /api/v1/products                         | {"name": "Flats", "price": "9", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "LH-42"}    |
        | POST   | /api/v1/products                         | {"name": "Boots", "price": "9", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "LH-42"}    |
      Then 2 of the responses have status 409

    Scenario: Two categories and two pizzas take the same new name
      Given "a client for write" is asking
      And a category "Latin"
      And a category "Salsa"
      And a pizza "Napoli"
      And a pizza "Roma"
      When I send at the same moment:
        | method | path                            | JSON                                                              |
        | PATCH  | /api/v1/categories/{{Latin.id}} | {"name": "Rueda"}                                                 |
        | PATCH  | /api/v1/categories/{{Salsa.id}} | {"name": "Rueda"}                                                 |
        | PUT    | /api/v1/pizzas/{{Napoli.id}}    | {"name": "Bianca", "price": "8.50", "ingredients": ["mozzarella"]} |
        | PUT    | /api/v1/pizzas/{{Roma.id}}      | {"name": "Bianca", "price": "8.50", "ingredients": ["ricotta"]}    |
      Then 2 of the responses have status 200
      And 2 of the responses have status 409

  Rule: What may happen once happens once

    Scenario: Several requests change a password with the same old password
      Given a registered user "ada"
      And "ada" logs in
      When I send 5 concurrent PUT requests to "/api/v1/users/me/password" with JSON:
        """json
        {"current_password": "correct horse battery", "new_password": "left foot number {{$seq}}"}
        """
      Then 1 of the responses has status 204
      And 4 of the responses have status 401

    Scenario: A database gets one of two conflicting status changes
      Given "a client for write provision" is asking
      And a database "ticket-shop"
      And I send POST "/api/v1/databases/{{ticket-shop.id}}/status" with JSON:
        """
        {"status": "provisioning"}
        """
      When I send at the same moment:
        | method | path                                         | JSON                                                                       |
        | POST   | /api/v1/databases/{{ticket-shop.id}}/status  | {"status": "ready", "host": "db.local", "port": 5432, "secret_name": "s"}  |
        | POST   | /api/v1/databases/{{ticket-shop.id}}/status  | {"status": "failed", "message": "no room"}                                 |
      Then 1 of the responses has status 200
      And 1 of the responses has status 409
      And the table "database_events" has 3 rows

    Scenario: A product that is deleted many times is deleted once
      Given "a client for write" is asking
      And a category "Shoes"
      And a product "Heels" in "Shoes"
      When I send 6 concurrent DELETE requests to "/api/v1/products/{{Heels.id}}"
      Then 1 of the responses has status 204
      And 5 of the responses have status 404

    Scenario: Sales and deliveries at the same moment add up
      Given "a client for write" is asking
      And a category "Shoes"
      And a product "Heels" in "Shoes"
      When I send at the same moment:
        | method | path                                | JSON           |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": -3}  |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": 7}   |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": 20}  |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": -4}  |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": 1}   |
      Then 5 of the responses have status 200
      And the table "products" contains the rows:
        | name  | stock |
        | Heels | 31    |

    Scenario: An image is reported again while its update is deleted
      Given the service runs with:
        | key                | value            |
        | database.max_conns | 1                |
        | WEBHOOK_SECRET     | Bearer cha-cha-1 |
      And "a client for write" is asking
      And the variable "report" is "/api/v1/image-updates/webhook"
      And the table "image_updates" has the rows:
        | id                                   | image   |
        | 0197a0a0-0000-7000-8000-000000000001 | redis:7 |
      And no bearer token
      When I send at the same moment:
        | method | path                                                       | JSON                 | bearer           |
        | POST   | {{report}}                                                 | {"image": "redis:7"} | cha-cha-1        |
        | DELETE | /api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001 |                      | {{asking.token}} |
        | POST   | {{report}}                                                 | {"image": "redis:7"} | cha-cha-1        |
        | POST   | {{report}}                                                 | {"image": "redis:7"} | cha-cha-1        |
        | POST   | {{report}}                                                 | {"image": "redis:7"} | cha-cha-1        |
        | POST   | {{report}}                                                 | {"image": "redis:7"} | cha-cha-1        |
        | POST   | {{report}}                                                 | {"image": "redis:7"} | cha-cha-1        |
      Then 6 of the responses have status 200
      And 1 of the responses has status 204

  Rule: When replicas start at the same moment, only one migrates

    Scenario Outline: An older database is migrated once: from version <from>
      Given I note the schema
      And I query:
        """
        select count(*) as steps from _sqlx_migrations
        """
      And I save the query's "steps" as "steps"
      And I run "migrate down --to <from>"
      When 5 replicas start at the same moment with:
        | key                  | value |
        | server.max_in_flight | 10    |
      Then the schema is as noted
      When I query:
        """
        select count(*) as steps from _sqlx_migrations where success
        """
      Then the query returned the rows:
        | steps     |
        | {{steps}} |

      Examples:
        | from |
        | 0    |
        | 7    |
        | 12   |
