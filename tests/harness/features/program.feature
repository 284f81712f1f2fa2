Feature: The words for the program and its world
  A scenario can run the program, start the service in another way, stop it, and take its database away.

  Scenario: The program is run and its words are read
    When I run "--version"
    Then it exits with 0
    And the output contains "dance-lessons-coach"
    And the output does not contain "error"

  Scenario: Arguments are split as a shell would
    When I run 'config --config "no such file.toml"'
    Then it exits with 1
    And the output contains "no such file.toml"

  Scenario: The next run gets a variable of the environment
    Given the environment variable "DLC_SERVER_PORT" is "{{$seq}}x"
    When I run "config"
    Then it exits with 1

  Scenario: The service runs with another configuration
    Given the service runs with:
      | key                 | value |
      | auth.token_lifetime | 2m    |
    And a registered user "ada"
    When I send POST "/api/v1/auth/login" with JSON:
      """
      {"username": "ada", "password": "correct horse battery"}
      """
    Then the response JSON at "$.expires_in" is "120"

  Scenario: The service is restarted on the same database
    Given the table "users" has the rows:
      | username |
      | ada      |
    When the service is restarted
    And I send GET "/api/ready"
    Then the response status is 200
    And the table "users" has 1 row

  Scenario: The service is asked to stop
    Given the service runs with:
      | key                   | value |
      | server.shutdown_pause | 3s    |
    When the service is asked to stop
    And I send GET "/api/ready"
    Then the response status is 503

  @postgres
  Scenario: The database goes and comes back
    Given the database refuses connections
    When I send GET "/api/ready"
    Then the response status is 503
    Given the database is reachable again
    When I poll GET "/api/ready" for up to 10s until the JSON contains:
      """
      {"ready": true}
      """
    Then the response status is 200
