Feature: Seed
  A new database can be filled with default categories, and with demo data.
  Existing rows stay as they are.

  Rule: Every shop starts with the same categories

    Scenario: The default categories are created once
      Given I run "seed"
      When I run "seed"
      Then it exits with 0
      And the output contains "0 categories"
      And the table "categories" has 5 rows
      And the table "categories" contains the rows:
        | name          | parent_id |
        | Lesson passes | #null     |
        | Tickets       | #null     |
      And the table "users" is empty

    Scenario: An existing category stays unchanged
      Given the table "categories" has the rows:
        | name  | description        |
        | Shoes | What we have of it |
      When I run "seed"
      Then it exits with 0
      And the output contains "4 categories"
      And the table "categories" contains the rows:
        | name  | description        |
        | Shoes | What we have of it |

  Rule: Demo data are the same for the same seed

    Scenario: The requested number of rows is created
      When I run "seed --demo 20"
      Then it exits with 0
      And the table "categories" has 5 rows
      And the table "users" has 20 rows
      And the table "products" has 20 rows
      And the table "pizzas" has 20 rows

    Scenario: The service shows the demo data
      Given I run "seed --demo 20"
      When I send GET "/api/v1/products?q=demo-1-0000&limit=50"
      Then the response status is 200
      And the response JSON at "$.data" has 9 items
      When I send GET "/api/v1/pizzas?name=pizza"
      Then the response JSON at "$.meta.total" is "#number"

    Scenario: The same seed creates the same rows
      Given I run "seed --demo 3 --seed 7"
      And I query:
        """
        select id, username, name, email, current_goal from users order by created_at limit 1
        """
      And I save the query's "id" as "id"
      And I save the query's "name" as "name"
      And the SQL:
        """
        delete from products;
        delete from pizzas;
        delete from users;
        """
      When I run "seed --demo 3 --seed 7"
      Then it exits with 0
      And the table "users" has 3 rows
      And the table "users" contains the rows:
        | id     | name     |
        | {{id}} | {{name}} |

    Scenario: The same seed again changes nothing, another one adds rows
      Given I run "seed --demo 3 --seed 7"
      When I run "seed --demo 3 --seed 7"
      Then it exits with 0
      And the table "users" has 3 rows
      When I run "seed --demo 3 --seed 8"
      Then it exits with 0
      And the table "users" has 6 rows
      And the table "products" has 6 rows

    Scenario: More rows than fit in one statement are created
      When I run "seed --demo 1201"
      Then it exits with 0
      And the table "products" has 1201 rows

  Rule: Wrong input is refused

    Scenario: A name in use is reported, and nothing is created
      Given a category "Shoes"
      And a product "Sandals" in "Shoes" with the sku "DEMO-1-00002"
      When I run "seed --demo 3"
      Then it exits with 1
      And the output contains "taken"
      And the table "users" is empty
      And the table "products" has 1 row

    Scenario: Demo data are refused in production
      Given the environment variable "DLC_ENVIRONMENT" is "production"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      When I run "seed --demo 3"
      Then it exits with 2
      And the output contains "production"
      And the table "users" is empty

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2

      Examples:
        | command              |
        | seed --demo          |
        | seed --demo 0        |
        | seed --demo many     |
        | seed --seed 7        |
        | seed 20              |
