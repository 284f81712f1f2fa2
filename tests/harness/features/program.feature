Feature: Steps for the program and its environment
  A scenario can run the program, start the service with other settings, stop it, and make its database unavailable.

  Scenario: The program runs, and its output is checked
    When I run "--version"
    Then it exits with 0
    And the output contains "guestbook"
    And the output does not contain "error"

  Scenario: Arguments are split as in a shell
    When I run 'import "no such file.txt"'
    Then it exits with 1
    And the output contains "no such file.txt"

  Scenario: A variable is only set for the next run
    Given the environment variable "GREETING" is "Welcome"
    When I run "hello Ada"
    Then the output contains "Welcome, Ada!"
    When I run "hello Ada"
    Then the output contains "Hello, Ada!"

  Scenario: The program uses the scenario's database
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

  Scenario: By default the service runs with the suite's configuration
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
  Scenario: The database becomes unreachable and reachable again
    Given the database refuses connections
    When I send GET "/ready"
    Then the response status is 503
    Given the database is reachable again
    When I poll GET "/ready" for up to 20s until the JSON contains:
      """
      {"ready": true}
      """
    Then the response status is 200

  @postgres
  Scenario: The database becomes slow and fast again
    Given the database is slow by 300ms
    When I send GET "/ready"
    Then the response status is 200
    And the response took at least 300ms
    Given the database is slow by 0ms
    When I send GET "/ready"
    Then the response status is 200

  @postgres
  Scenario: Packets vanish, and open connections wait
    Given the service runs with:
      | key         | value |
      | ready.limit | 500ms |
    When I send GET "/ready"
    Then the response status is 200
    Given the database is unreachable
    When I send GET "/ready"
    Then the response status is 503
    And the response took at least 500ms
    And the table "users" is empty
    Given the database is reachable again
    When I poll GET "/ready" for up to 60s until the JSON contains:
      """
      {"ready": true}
      """
    Then the response status is 200

  @postgres
  Scenario: A program that connects waits too
    Given the feature file "silent.feature":
      """
      Feature: Silent
        Scenario: It waits
          Given the database is unreachable
          When I run "users"
        Scenario: The next scenario has its database
          When I run "users"
          Then the output contains "0 users"
      """
    When I run the suite with "--database {{server}} --program-timeout 1s --slots 1 {{silent}}"
    Then it exits with 1
    And the output contains "`users` didn't end within 1s"
    And the output contains "2 scenarios (1 passed, 1 failed)"

  Scenario: SQLite has no network
    Given the feature file "silent.feature":
      """
      Feature: Silent
        Scenario: It can't be
          Given the database is unreachable
      """
    When I run the suite with "--store sqlite --slots 1 {{silent}}"
    Then it exits with 1
    And the output contains "tag the scenario @postgres"
