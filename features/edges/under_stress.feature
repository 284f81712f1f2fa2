Feature: Under stress
  Many requests at once have few connections to the database. No change is lost or made twice, every request gets its
  turn, and a stop waits for what has begun.

  Background:
    Given the service runs with:
      | key                      | value |
      | database.max_conns       | 3     |
      | database.acquire_timeout | 1m    |
      | server.request_timeout   | 1m    |
      | server.shutdown_pause    | 500ms |
      | server.shutdown_timeout  | 1m    |
    And "a client for write" is asking
    And a category "Shoes"
    And a product "Heels" in "Shoes"

  Rule: Transactions exclude each other

    Scenario: Of forty sales of ten pairs, ten succeed
      When I send 40 concurrent POST requests to "/api/v1/products/{{Heels.id}}/stock" with JSON:
        """
        {"delta": -1}
        """
      Then 10 of the responses have status 200
      And 30 of the responses have status 409
      And the table "products" contains the rows:
        | name  | stock |
        | Heels | 0     |

    Scenario: Of forty batches with the same sku, one is written completely
      When I send 40 concurrent POST requests to "/api/v1/products/batch" with JSON:
        """
        {"items": [
          {"name": "Laces", "price": "2.50", "stock": 1, "category_id": "{{Shoes.id}}"},
          {"name": "Soles", "price": "9.00", "stock": 1, "category_id": "{{Shoes.id}}", "sku": "soles"}
        ]}
        """
      Then 1 of the responses has status 201
      And 39 of the responses have status 409
      And the table "products" has 3 rows

  Rule: The pool stays within its limit

    Scenario: Sixty requests share three connections, and all are answered
      When I send 60 concurrent POST requests to "/api/v1/tags" with JSON:
        """
        {"name": "{{$uuid}}"}
        """
      Then 60 of the responses have status 201
      When I poll GET "/api/metrics/db" for up to 10s until the JSON contains:
        """
        {"in_use": 0}
        """
      Then the response JSON contains:
        """
        {"max": 3, "acquire_timeouts": 0}
        """

    @postgres
    Scenario: The pool never opens more connections than its limit
      Given I send 60 concurrent GET requests to "/api/v1/products"
      And 60 of the responses have status 200
      When I send GET "/api/metrics/db"
      Then the response JSON contains:
        """
        {"size": 3}
        """

  Rule: At a stop, requests that have begun are answered, and silent clients are not waited for

    Scenario: Thirty silent clients delay neither a request nor the stop
      Given 30 clients have sent half a body of POST "/api/v1/tags"
      Then the service is asked to stop while POST "/api/v1/users" arrives, and answers 201:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      And it exits with 0
      And the table "users" contains the rows:
        | username |
        | ada      |
