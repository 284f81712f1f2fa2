Feature: The words for the program and its world
  A scenario can run the program, start the service in another way, stop it, and take its database away.

  Scenario: The program is run and its words are read
    When I run "--version"
    Then it exits with 0
    And the output contains "guestbook"
    And the output does not contain "error"

  Scenario: Arguments are split as a shell would
    When I run 'import "no such file.txt"'
    Then it exits with 1
    And the output contains "no such file.txt"

  Scenario: The next run gets a variable of the environment, and the one after it doesn't
    Given the environment variable "GREETING" is "Welcome"
    When I run "hello Ada"
    Then the output contains "Welcome, Ada!"
    When I run "hello Ada"
    Then the output contains "Hello, Ada!"

  Scenario: The program has the scenario's database
    Given the table "users" has the rows:
      | username |
      | ada      |
      | grace    |
    When I run "users"
    Then it exits with 0
    And the output contains "2 users"

  Scenario: The service runs with another configuration
    Given the service runs with:
      | key      | value   |
      | greeting | Welcome |
    When I send GET "/hello"
    Then the response JSON at "$.message" is "Welcome, world!"

  Scenario: Without another configuration it runs with the suite's own
    When I send GET "/hello"
    Then the response JSON at "$.message" is "Hello, world!"

  Scenario: The service is restarted on the same database
    Given the table "users" has the rows:
      | username |
      | ada      |
    When the service is restarted
    And I send GET "/ready"
    Then the response status is 200
    And the table "users" has 1 row

  Scenario: The service is asked to stop
    Given the service runs with:
      | key        | value |
      | stop.pause | 60    |
    When the service is asked to stop
    And I send GET "/ready"
    Then the response status is 503

  Scenario: A service that was asked to stop ends
    When the service is asked to stop
    Then it exits with 0

  @postgres
  Scenario: The database goes and comes back
    Given the database refuses connections
    When I send GET "/ready"
    Then the response status is 503
    Given the database is reachable again
    When I poll GET "/ready" for up to 20s until the JSON contains:
      """
      {"ready": true}
      """
    Then the response status is 200
