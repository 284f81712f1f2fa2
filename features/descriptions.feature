Feature: Descriptions
  The program describes its interface and its tables itself, so that no description can be an old one.

  Scenario: The interface is described
    When I run "openapi"
    Then it exits with 0
    And the output contains "3.1.0"
    And the output contains "/api/v1/users/{id}"

  Scenario Outline: The description says what a text may hold: <text>
    When I send GET "/api/openapi.json"
    Then the response JSON at "$.components.schemas.<text>.pattern" is "<pattern>"

    Examples:
      | text                                | pattern                               |
      | PizzaBody.properties.name           | ^[^\\x00]*[^\\s\\x00][^\\x00]*$       |
      | Ingredient                          | ^[^\\x00]*[^\\s\\x00][^\\x00]*$       |
      | ProductChange.properties.description | ^[^\\x00]*$                           |
      | ImageReportBody.properties.hostname | ^[^\\x00]*$                           |
      | Registration.properties.username    | ^[A-Za-z0-9_]+$                       |

  Scenario: Everything that is described has an example
    When I send GET "/api/openapi.json"
    Then every field and every parameter of the description has an example

  Scenario: The interface is described on a machine that is set up wrongly
    Given the environment variable "DB_DRIVER" is "oracle"
    When I run "openapi"
    Then it exits with 0

  Scenario: The tables are described
    When I run "schema"
    Then it exits with 0
    And the output contains "erDiagram"
    And the output contains "categories ||--o{ products : category_id"
    And the output contains "## image_updates"
    And the output contains "products_sku"

  Scenario: The tables are described without the database of this machine
    Given the environment variable "DATABASE_URL" is "postgres://dancer:s3cret-steps@127.0.0.1:1/school"
    When I run "schema"
    Then it exits with 0
    And the output contains "erDiagram"

  Scenario: The tables of a database that is named are described
    Given "school" is the URL of the database
    When I run "schema --database {{school}}"
    Then it exits with 0
    And the output contains "categories ||--o{ products : category_id"
    And the output contains "products_sku"

  Scenario: A database that can't be reached is told without its password
    When I run "schema --database postgres://dancer:s3cret-steps@127.0.0.1:1/school"
    Then it exits with 1
    And the output contains "127.0.0.1:1"
    And the output does not contain "s3cret-steps"

  Scenario Outline: <command> helps
    When I run "<command> --help"
    Then it exits with 0
    And the output contains "Usage"

    Examples:
      | command        |
      | migrate        |
      | migrate create |
      | migrate force  |
      | user create    |
      | copy           |
      | seed           |
      | openapi        |
      | schema         |
