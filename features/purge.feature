Feature: Purge
  Deleted rows can be restored until a purge erases them.

  Background:
    Given the table "categories" has the rows:
      | id                                   | name  |
      | 0197a0a0-0000-7000-8000-000000000001 | Shoes |
    And the table "products" has the rows:
      | name     | category_id                          | deleted_at           |
      | Heels    | 0197a0a0-0000-7000-8000-000000000001 | 2020-01-31T18:30:00Z |
      | Slippers | 0197a0a0-0000-7000-8000-000000000001 | 2099-01-31T18:30:00Z |
      | Flats    | 0197a0a0-0000-7000-8000-000000000001 | #null                |
    And the table "pizzas" has the rows:
      | name       | deleted_at           |
      | Margherita | 2020-01-31T18:30:00Z |
      | Funghi     | #null                |
    And the table "users" has the rows:
      | id                                   | username | deleted_at           |
      | 0197a0a0-0000-7000-8000-00000000000a | ada      | 2020-01-31T18:30:00Z |
      | 0197a0a0-0000-7000-8000-00000000000b | grace    | #null                |
    And the table "greet_history" has the rows:
      | user_id                              | message      |
      | 0197a0a0-0000-7000-8000-00000000000a | Hello, ada   |
      | 0197a0a0-0000-7000-8000-00000000000b | Hello, grace |

  Rule: Only rows that were deleted long ago are erased

    Scenario: The rows are erased with what belongs to them, and counted
      When I run "purge --older-than 90d"
      Then it exits with 0
      And the output contains "products: 1 rows erased"
      And the output contains "pizzas: 1 rows erased"
      And the output contains "databases: 0 rows erased"
      And the output contains "users: 1 rows erased"
      And the table "products" contains exactly the rows:
        | name     |
        | Slippers |
        | Flats    |
      And the table "pizzas" contains exactly the rows:
        | name   |
        | Funghi |
      And the table "users" contains exactly the rows:
        | username |
        | grace    |
      And the table "greet_history" contains exactly the rows:
        | message      |
        | Hello, grace |
      And the table "categories" has 1 row

    Scenario: Recently deleted rows stay
      When I run "purge --older-than 36000d"
      Then it exits with 0
      And the output contains "products: 0 rows erased"
      And the table "products" has 3 rows

  Rule: Nobody purges by mistake

    Scenario Outline: The age is required: <command>
      When I run "<command>"
      Then it exits with 2
      And the table "products" has 3 rows

      Examples:
        | command                  |
        | purge                    |
        | purge --older-than 90    |
        | purge --older-than soon  |
