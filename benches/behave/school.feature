Feature: A dance school

  Scenario Outline: A newcomer registers (<number>)
    When I send POST "/api/v1/users" with JSON:
      """
      {"username": "ada_<number>", "password": "a long enough one"}
      """
    Then the response status is 201
    And I save the response JSON at "$.id" as "user"
    And the table "users" contains exactly the rows:
      | id       | username     | role |
      | {{user}} | ada_<number> | user |

    Examples:
      | number |

  Scenario Outline: A username is free only once (<number>)
    Given the table "users" has the rows:
      | username     | password_hash |
      | ada_<number> | -             |
    When I send POST "/api/v1/users" with JSON:
      """
      {"username": "ADA_<number>", "password": "a long enough one"}
      """
    Then the response status is 409
    And the table "users" has 1 row

    Examples:
      | number |

  Scenario Outline: A user who logged in is known (<number>)
    When I send POST "/api/v1/users" with JSON:
      """
      {"username": "grace_<number>", "password": "a long enough one"}
      """
    And I send POST "/api/v1/auth/login" with JSON:
      """
      {"username": "grace_<number>", "password": "a long enough one"}
      """
    Then the response status is 200
    And I save the response JSON at "$.access_token" as "token"
    Given the bearer token is "{{token}}"
    When I send GET "/api/v1/users/me"
    Then the response status is 200
    And the response JSON contains:
      """
      {"username": "grace_<number>", "role": "user"}
      """

    Examples:
      | number |

  Scenario Outline: The menu of the café (<number>)
    Given the table "pizzas" has the rows:
      | name              | price_cents | created_by                           |
      | Margherita <number> | 950       | 00000000-0000-0000-0000-000000000001 |
      | Funghi <number>     | 1100      | 00000000-0000-0000-0000-000000000001 |
    When I send GET "/api/v1/pizzas?name=funghi"
    Then the response status is 200
    And the response JSON contains:
      """
      {"meta": {"total": 1, "page": 1, "limit": 20}}
      """

    Examples:
      | number |

  Scenario Outline: A category of the shop (<number>)
    Given the table "categories" has the rows:
      | name           | description    |
      | Shoes <number> | For every step |
    When I send GET "/api/v1/categories"
    Then the response status is 200
    And the response JSON contains:
      """
      {"meta": {"total": 1, "page": 1, "limit": 20}}
      """

    Examples:
      | number |
