Feature: Seed, at the edges
  The limits of the demo data, and what is refused.

  Rule: Every shop starts with the same categories

    Scenario: The five default categories are created, and nothing else
      When I run "seed"
      Then it exits with 0
      And the output contains "5 categories"
      And the table "categories" contains exactly the rows:
        | name          | parent_id |
        | Lesson passes | #null     |
        | Tickets       | #null     |
        | Shoes         | #null     |
        | Clothing      | #null     |
        | Accessories   | #null     |
      And the table "products" is empty
      And the table "pizzas" is empty
      And the table "oauth_clients" is empty

    Scenario Outline: Staging and production get the categories too: <environment>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DB_SSLMODE" is "prefer"
      When I run "seed"
      Then it exits with 0
      And the table "categories" has 5 rows

      Examples:
        | environment |
        | staging     |
        | production  |

    Scenario: Demo data are refused in staging
      Given the environment variable "DLC_ENVIRONMENT" is "staging"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      When I run "seed --demo 3"
      Then it exits with 2
      And the output contains "staging"
      And the table "categories" is empty

  Rule: Demo data are the same for the same seed

    Scenario Outline: The output has the number of created rows: <command>
      When I run "<command>"
      Then it exits with 0
      And the output contains "<told>"

      Examples:
        | command              | told                                              |
        | seed                 | created 5 categories, 0 users, 0 products and 0 pizzas |
        | seed --demo 1        | created 5 categories, 1 users, 1 products and 1 pizzas |
        | seed --demo 2 --seed 7 | created 5 categories, 2 users, 2 products and 2 pizzas |

    Scenario: The default seed is 1
      Given I run "seed --demo 3"
      When I run "seed --demo 3 --seed 1"
      Then it exits with 0
      And the table "users" has 3 rows

    Scenario: Demo people are users, and can't log in
      Given I run "seed --demo 3"
      When I query:
        """
        select count(*) as people from users where role = 'user' and password_hash not like '$argon2%'
        """
      Then the query returned the rows:
        | people |
        | 3      |

  Rule: Wrong input is refused

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2
      And the table "categories" is empty

      Examples:
        | command               |
        | seed --demo -1        |
        | seed --demo 1.5       |
        | seed --demo 100001    |
        | seed --demo 3 --seed  |
        | seed --demo 3 --seed x |
        | seed --demo 3 --seed -1 |
