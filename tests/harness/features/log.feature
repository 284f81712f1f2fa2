Feature: Steps for the service's log
  A scenario reads the service's log lines since its start, and none of other scenarios.

  Rule: A text is in the log, or not

    Scenario: The service's log lines are found
      Given the request header "X-Request-Id" is "polka-42"
      When I send GET "/health"
      Then the log contains "polka-42"
      And the log does not contain "tango-43"

    Scenario Outline: Log lines of another scenario aren't found: round <round>
      Given the request header "X-Request-Id" is "round-<round>"
      When I send GET "/health"
      Then the log contains "round-<round>"
      And the log does not contain "round-<other>"

      Examples:
        | round | other |
        | 1     | 2     |
        | 2     | 1     |

    Scenario: A text with quotes and non-ASCII characters is found
      When I send GET "/hello/%22Zo%C3%AB%22"
      Then the log contains '"Zoë"'

  Rule: A line is compared as JSON

    Scenario: Parts of a line are named, and matchers replace unknown values
      Given the request header "X-Request-Id" is "polka-42"
      When I send GET "/health"
      Then the log has a line that contains:
        """json
        {
          "level": "INFO", "message": "answered", "status": 200, "milliseconds": "#number as took",
          "span": {"name": "request", "request_id": "polka-42", "method": "GET", "path": "/health"}
        }
        """
      And the variable "checked" is "{{took}}"

    Scenario: Lines are counted
      Given I send GET "/health"
      When I send GET "/health"
      Then the log has 2 lines that contain:
        """json
        {"span": {"path": "/health"}}
        """
      And the log has 0 lines that contain:
        """json
        {"span": {"path": "/ready"}}
        """

  Rule: A failure shows the log lines

    Scenario: Each of these fails, with its own reason
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: A text that isn't there
            When I send GET "/health"
            Then the log contains "a waltz"
          Scenario: A text that should not be there
            When I send GET "/health"
            Then the log does not contain "answered"
          Scenario: A line that isn't there, and the one that is nearest
            When I send GET "/health"
            Then the log has a line that contains:
              '''
              {"message": "answered", "status": 418}
              '''
          Scenario: Lines that are too many
            When I send GET "/health"
            And I send GET "/health"
            Then the log has 1 line that contains:
              '''
              {"message": "answered"}
              '''
          Scenario: A log that is empty proves nothing
            Then the log does not contain "answered"
        """
      When I run the suite with "--store sqlite --slots 5 {{polka}}"
      Then it exits with 1
      And the output contains "5 scenarios (5 failed)"
      And the output contains 'no line of the service\'s log contains "a waltz"'
      And the output contains "path=/health"
      And the output contains "the service's log contains"
      And the output contains "status=200"
      And the output contains "the service's log has no such line"
      And the output contains "status: expected 418, found 200"
      And the output contains "2 line(s) of the service's log contain"
      And the output contains "this would always be true"

    Scenario: Without a service there is no log
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody listens
            Then the log contains "a waltz"
        """
      When I run the suite with "--store sqlite --target none --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "there is no service that could be asked for its log"

  Rule: A line in JSON is shown as people read it

    Scenario Outline: The log of the service as a <target>
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: It isn't gone
            When I send GET "/hello/ada"
            Then the response status is 404
        """
      When I run the suite with "--store sqlite --slots 1 --target <target> {{polka}}"
      Then it exits with 1
      And the output contains " INFO selftest::service: greeted"
      And the output contains " name=ada"
      And the output contains " · request"
      And the output contains " path=/hello/ada"

      Examples:
        | target  |
        | service |
        | binary  |
