Feature: What a run finds on a machine
  A machine may have PostgreSQL or not, a service that is already running, and a terminal. A run uses what is there, and
  says what it uses and why.

  Rule: Where the database comes from is said, and why

    Scenario: A machine without PostgreSQL runs the suite on SQLite, and counts what is left out
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
          @postgres
          Scenario: Somebody asks for a role
            Given no bearer token
        """
      And the file "broken/initdb" says:
        """
        """
      And the file "broken/postgres" says:
        """
        """
      And the environment variable "PATH" is "{{features}}/broken"
      And the environment variable "DOCKER_HOST" is "tcp://127.0.0.1:1"
      When I run the suite with "--slots 1 {{polka}}"
      Then it exits with 0
      And the output contains "No PostgreSQL can be had: the suite runs on SQLite."
      And the output contains "container: no engine answers"
      And the output contains "local: "
      And the output contains "1 scenario (1 passed)"
      And the output contains "1 scenario left out: @postgres"
      Given the environment variable "PATH" is "{{features}}/broken"
      And the environment variable "DOCKER_HOST" is "tcp://127.0.0.1:1"
      And the environment variable "CI" is "true"
      When I run the suite with "--slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "No PostgreSQL can be had:"
      And the output contains "What you can do:"

    Scenario: An image whose download stalls is given up
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
        """
      And a container engine whose downloads stall
      When I run the suite with "--database container {{polka}}"
      Then it exits with 1
      And the output contains "pulling "
      And the output contains "can't be pulled: no progress for 5 s"

    Scenario: A service that is already running is used as it is
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody comes
            When I send POST "/users" with JSON:
              '''
              {"username": "ada"}
              '''
            Then the response status is 201
          Scenario: Somebody is still there
            When I send GET "/users"
            Then the response JSON at "$.data" has 1 item
          Scenario: Its database is its own
            Then the table "users" has 1 row
        """
      When I run the suite with "--target {{service}} {{polka}}"
      Then it exits with 1
      And the output contains "its database isn't ours, so scenarios run one at a time and nothing is reset"
      And the output contains "3 scenarios (2 passed, 1 failed)"
      And the table "users" has 1 row

  Rule: A terminal shows a bar

    Scenario: It shows what is done, what has failed, and what takes long
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
          Scenario: Nobody dances
            Then the table "users" has 1 row
          Scenario: It never ends
            When I poll GET "/health" for up to 2s until the JSON contains:
              '''
              {"status": "ill"}
              '''
        """
      When I run the suite on a terminal with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "] 2/3 · "
      And the output contains "1 failed"
      And the output contains "/s · 1 s: Polka › It never ends"
      And the output contains "3 scenarios (1 passed, 2 failed)"
