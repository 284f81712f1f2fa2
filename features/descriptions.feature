Feature: Descriptions
  The program generates the descriptions of its API and its tables, so they are never out of date.

  Scenario: The OpenAPI description is printed
    When I run "openapi"
    Then it exits with 0
    And the output contains "3.1.0"
    And the output contains "/api/v1/users/{id}"

  Scenario Outline: The description gives the format of a text: <text>
    When I send GET "/api/openapi.json"
    Then the response JSON at "$.components.schemas.<text>.pattern" is "<pattern>"

    Examples:
      | text                                | pattern                               |
      | PizzaBody.properties.name           | ^[^\\x00]*[^\\s\\x00][^\\x00]*$       |
      | Ingredient                          | ^[^\\x00]*[^\\s\\x00][^\\x00]*$       |
      | ProductChange.properties.description | ^[^\\x00]*$                           |
      | ImageReportBody.properties.hostname | ^[^\\x00]*$                           |
      | Registration.properties.username    | ^[A-Za-z0-9_]+$                       |

  Scenario: Everything in the description has an example
    When I send GET "/api/openapi.json"
    Then every field and every parameter of the description has an example

  Scenario: The description is printed despite a wrong configuration
    Given the environment variable "DB_DRIVER" is "oracle"
    When I run "openapi"
    Then it exits with 0

  Scenario: The schema reference is printed
    When I run "schema"
    Then it exits with 0
    And the output contains "erDiagram"
    And the output contains "categories ||--o{ products : category_id"
    And the output contains "## image_updates"
    And the output contains "products_sku"

  Scenario: The schema reference needs no database
    Given the environment variable "DATABASE_URL" is "postgres://dancer:s3cret-steps@127.0.0.1:1/school"
    When I run "schema"
    Then it exits with 0
    And the output contains "also not DATABASE_URL"
    And the output contains "erDiagram"

  Scenario: The schema of a given database is printed
    Given "school" is the URL of the database
    When I run "schema --database {{school}}"
    Then it exits with 0
    And the output contains "categories ||--o{ products : category_id"
    And the output contains "products_sku"

  Scenario: A failed connection is reported without the password
    When I run "schema --database postgres://dancer:s3cret-steps@127.0.0.1:1/school"
    Then it exits with 1
    And the output contains "127.0.0.1:1"
    And the output does not contain "s3cret-steps"

  Scenario Outline: <command> prints help
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
