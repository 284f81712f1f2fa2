Feature: Neighbours
  The harness plays other services that the service calls. A scenario defines their answers and checks the calls that
  they received.

  Rule: A neighbour gives the defined answers

    Scenario: It answers with JSON, and the received call is checked
      Given the service "payment" answers POST "/charges" with 201 and JSON:
        """json
        {"id": 4711, "amount": 1.10}
        """
      When I send POST "/orders" with JSON:
        """json
        {"item": "shoes", "price": 49.90}
        """
      Then the response status is 201
      And the response JSON at "$.payment.answer.id" is "4711"
      And the service "payment" received 1 request
      And the service "payment" received POST "/charges" with JSON:
        """json
        {"order": {"item": "#string", "price": 49.9}}
        """

    Scenario: It answers with only a status
      Given the service "payment" answers POST "/charges" with 402
      When I send POST "/orders" with JSON:
        """json
        {"item": "shoes"}
        """
      Then the response JSON contains:
        """json
        {"payment": {"status": 402, "answer": null}}
        """

    Scenario: The last step counts
      Given the service "payment" answers POST "/charges" with 402
      And the service "payment" answers POST "/charges" with 503
      When I send POST "/orders" with JSON:
        """json
        {"item": "shoes"}
        """
      Then the response JSON at "$.payment.status" is "503"

    Scenario: A check waits for a late call
      Given the service "payment" answers POST "/charges" with 201
      And the service "mail" answers POST "/mails" with 202
      And the service "mail" is slow by 100ms
      When I send POST "/orders" with JSON:
        """json
        {"item": "shoes", "mail": "ada@example.org"}
        """
      Then the service "mail" received POST "/mails" with JSON:
        """json
        {"to": "ada@example.org"}
        """
      And the service "mail" received 1 request

    Scenario: In every scenario it has no answers and no calls
      Then the service "payment" received 0 requests
      And the service "mail" received 0 requests

  Rule: A neighbour can be slow or down

    Scenario: It is slow
      Given the service "payment" answers POST "/charges" with 201
      And the service "payment" is slow by 300ms
      When I send POST "/orders" with JSON:
        """json
        {}
        """
      Then the response status is 201
      And the response took at least 300ms

    Scenario: It is down, and later available at the same address
      Given the service "payment" answers POST "/charges" with 201
      And I send POST "/orders" with JSON:
        """json
        {}
        """
      And the service "payment" is down
      When I send POST "/orders" with JSON:
        """json
        {}
        """
      Then the response status is 502
      And the service "payment" received 1 request
      Given the service "payment" answers POST "/charges" with 201
      When I send POST "/orders" with JSON:
        """json
        {}
        """
      Then the response status is 201

  Rule: A call without a defined answer is reported

    Scenario: A call without a defined answer fails the scenario, and is shown
      Given the feature file "orders.feature":
        """
        Feature: Orders
          Scenario: The payment has no answer
            When I send POST "/orders" with JSON:
              '''json
              {"item": "shoes"}
              '''
            And a registered user "ada"
            Then the response status is 201
          Scenario: The next one is as if nothing had happened
            Then the service "payment" received 0 requests
        """
      When I run the suite with "--store sqlite --slots 1 {{orders}}"
      Then it exits with 1
      And the output contains "the service called a neighbour, and no step says what it answers"
      And the output contains 'POST /charges, which no step says how to answer, with {"order":{"item":"shoes"}}'
      And the output contains "2 scenarios (1 passed, 1 failed)"
      And the output contains "✓ Then the response status is 201"
      And the output contains "the last exchange:"
      And the output contains "the rows that this scenario wrote:"
      And the output contains "curl "
      And the report "junit.xml" contains "POST http://127.0.0.1"

    Scenario: A failed scenario shows the calls of its neighbours
      Given the feature file "orders.feature":
        """
        Feature: Orders
          Scenario: Another amount
            Given the service "payment" answers POST "/charges" with 201
            When I send POST "/orders" with JSON:
              '''json
              {"item": "shoes", "price": 10}
              '''
            Then the service "payment" received POST "/charges" with JSON:
              '''json
              {"order": {"price": 11}}
              '''
        """
      When I run the suite with "--store sqlite --slots 1 --step-timeout 5s {{orders}}"
      Then it exits with 1
      And the output contains 'the service "payment" received no such POST /charges'
      And the output contains "calls[0].order.price"
      And the output contains 'POST /charges, answered 201, with {"order":{"item":"shoes","price":10}}'

    Scenario: A check ends before the time of its step, and says what is missing
      Given the feature file "orders.feature":
        """
        Feature: Orders
          Scenario: Nobody orders
            Then the service "payment" received 1 request
          Scenario: Nobody orders shoes
            Then the service "payment" received POST "/charges" with JSON:
              '''json
              {}
              '''
          Scenario: Nobody writes to the log
            Then the log contains "shoes"
        """
      When I run the suite with "--store sqlite --slots 1 --step-timeout 2s {{orders}}"
      Then it exits with 1
      And the output contains 'the service "payment" received 0 request(s), not 1; the service finds its address in the variable'
      And the output contains 'the service "payment" received no such POST /charges'
      And the output contains 'no line of the service\'s log contains "shoes"'
      And the output does not contain "took longer than"

    Scenario: An unknown name
      Given the feature file "orders.feature":
        """
        Feature: Orders
          Scenario: A wrong name
            Given the service "payments" is down
        """
      When I run the suite with "--store sqlite --slots 1 {{orders}}"
      Then it exits with 1
      And the output contains 'no neighbour is called "payments"; there are: payment, mail'
