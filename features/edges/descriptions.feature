Feature: Descriptions, at the edges
  The description of every path has its parameters and responses.

  Scenario: The printed description equals the one that the service returns
    When I run "openapi"
    Then the output contains '"openapi"'
    And the output contains "/api/v1/oauth/token"
    And the output contains "/api/v1/image-updates/webhook"

  Scenario Outline: Every table is in the reference: <table>
    When I run "schema"
    Then it exits with 0
    And the output contains "## <table>"
    And the output contains "mermaid"

    Examples:
      | table           |
      | users           |
      | sessions        |
      | password_resets |
      | oauth_clients   |
      | greet_history   |
      | categories      |
      | products        |
      | pizzas          |
      | databases       |
      | database_events |
      | image_updates   |
      | tags            |

  Scenario: A missing file is refused
    When I run "schema --database sqlite:nowhere.db"
    Then it exits with 1
    And the output contains "nowhere.db"

  Scenario Outline: <method> <path> is in the description
    When I send GET "/api/openapi.json"
    Then the response JSON at "$.paths['<path>'].<method>" is "#object"

    Examples:
      | method | path                                    |
      | get    | /api/v1/users                           |
      | post   | /api/v1/users                           |
      | get    | /api/v1/users/me                        |
      | patch  | /api/v1/users/me                        |
      | put    | /api/v1/users/me/password               |
      | get    | /api/v1/users/{id}                      |
      | patch  | /api/v1/users/{id}                      |
      | delete | /api/v1/users/{id}                      |
      | post   | /api/v1/users/{id}/restore              |
      | post   | /api/v1/users/{id}/password-reset       |
      | post   | /api/v1/auth/login                      |
      | post   | /api/v1/auth/password-reset             |
      | get    | /api/v1/auth/validate                   |
      | get    | /api/v1/auth/sessions                   |
      | delete | /api/v1/auth/sessions/{id}              |
      | post   | /api/v1/auth/logout                     |
      | post   | /api/v1/oauth/token                     |
      | get    | /api/v1/oauth/clients                   |
      | post   | /api/v1/oauth/clients                   |
      | delete | /api/v1/oauth/clients/{client_id}       |
      | get    | /api/v1/greet                           |
      | get    | /api/v1/greet/{name}                    |
      | get    | /api/v1/greetings                       |
      | get    | /api/v1/categories                      |
      | post   | /api/v1/categories                      |
      | get    | /api/v1/categories/{id}                 |
      | patch  | /api/v1/categories/{id}                 |
      | delete | /api/v1/categories/{id}                 |
      | get    | /api/v1/products                        |
      | post   | /api/v1/products                        |
      | post   | /api/v1/products/batch                  |
      | get    | /api/v1/products/{id}                   |
      | patch  | /api/v1/products/{id}                   |
      | delete | /api/v1/products/{id}                   |
      | post   | /api/v1/products/{id}/restore           |
      | post   | /api/v1/products/{id}/stock             |
      | get    | /api/v1/pizzas                          |
      | post   | /api/v1/pizzas                          |
      | get    | /api/v1/pizzas/{id}                     |
      | put    | /api/v1/pizzas/{id}                     |
      | delete | /api/v1/pizzas/{id}                     |
      | get    | /api/v1/databases                       |
      | post   | /api/v1/databases                       |
      | get    | /api/v1/databases/{id}                  |
      | patch  | /api/v1/databases/{id}                  |
      | delete | /api/v1/databases/{id}                  |
      | post   | /api/v1/databases/{id}/status           |
      | get    | /api/v1/databases/{id}/events           |
      | get    | /api/v1/databases/events                |
      | post   | /api/v1/image-updates/webhook           |
      | get    | /api/v1/image-updates/webhook           |
      | get    | /api/v1/image-updates                   |
      | get    | /api/v1/image-updates/{id}              |
      | delete | /api/v1/image-updates/{id}              |
      | post   | /api/v1/image-updates/{id}/acknowledge  |
      | post   | /api/v1/image-updates/acknowledge       |
      | put    | /api/v1/image-updates/{id}/tag          |
      | delete | /api/v1/image-updates/{id}/tag          |
      | get    | /api/v1/tags                            |
      | post   | /api/v1/tags                            |
      | delete | /api/v1/tags/{id}                       |
      | get    | /api/health                             |
      | get    | /health                                 |
      | get    | /api/ready                              |
      | get    | /api/health/db                          |
      | get    | /api/metrics/db                         |
      | get    | /api/version                            |
      | get    | /metrics                                |
