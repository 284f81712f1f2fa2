Feature: Hooks
  Functions of a project run before and after the scenarios whose tags match.

  @with_ada
  Scenario: A hook runs before the first step
    Then the table "users" contains exactly the rows:
      | username |
      | ada      |

  @with_ada @empty
  Scenario: A hook's tag expression excludes this scenario
    Then the table "users" is empty

  @with_ada @and_bob
  Scenario: Several hooks run in the order in which they were added
    Then the table "users" has 2 rows

  Scenario: If a hook before the steps fails, the scenario fails and no step runs
    Given the feature file "shoes.feature":
      """
      @no_shoes
      Feature: Shoes
        Scenario: Without
          When I send GET "/hello"
      """
    When I run the suite with "--store sqlite --slots 1 -vv {{shoes}}"
    Then it exits with 1
    And the output contains "a hook before the scenario failed"
    And the output contains "there are no shoes"
    And the output does not contain "✓ When I send GET"

  Scenario: If a hook after the steps fails, the scenario fails; the hook sees the results of the steps
    Given the feature file "floor.feature":
      """
      Feature: Floor
        @no_floor
        Scenario: Without
          When I send GET "/hello"
        @with_ada
        Scenario: The next one
          Then the table "users" has 1 row
      """
    When I run the suite with "--store sqlite --slots 1 {{floor}}"
    Then it exits with 1
    And the output contains "a hook after the scenario failed"
    And the output contains "no floor after 200"
    And the output contains "tests/selftest/main.rs:"
    And the output contains "the last exchange:"
    And the output contains "GET http://127.0.0.1:"
    And the output contains "{{floor}}:3"
    And the output contains "2 scenarios (1 passed, 1 failed)"

  Scenario: A hook that panics fails its scenario, not the run
    Given the feature file "shoes.feature":
      """
      Feature: Shoes
        @hook_panics
        Scenario: Before
          When I send GET "/hello"
        @hook_panics_after
        Scenario: After
          When I send GET "/hello"
        Scenario: The next one
          When I send GET "/hello"
      """
    When I run the suite with "--store sqlite --slots 1 {{shoes}}"
    Then it exits with 1
    And the output contains "the hook panicked: a shoe is missing"
    And the output contains "tests/selftest/hooks.rs:"
    And the output contains "3 scenarios (1 passed, 2 failed)"

  Scenario: A hook has the time of a step
    Given the feature file "shoes.feature":
      """
      Feature: Shoes
        @hook_hangs
        Scenario: It waits
          When I send GET "/hello"
        Scenario: The next one
          When I send GET "/hello"
      """
    When I run the suite with "--store sqlite --slots 1 --step-timeout 300ms {{shoes}}"
    Then it exits with 1
    And the output contains "the hook took longer than 300ms (--step-timeout)"
    And the output contains "2 scenarios (1 passed, 1 failed)"

  Scenario: An interruption ends a hook before the steps
    Given the feature file "shoes.feature":
      """
      Feature: Shoes
        Scenario: Short
          When I send GET "/hello"
        @hook_hangs
        Scenario: It waits
          When I send GET "/hello"
      """
    When I run the suite with "--store sqlite --slots 1 {{shoes}}" and send INT once "messages.ndjson" has "testCaseFinished"
    Then it exits with 130
    And the output contains "2 scenarios (1 passed, 1 interrupted)"

  Rule: Hooks around all scenarios run once

    Background:
      Given the feature file "dinner.feature":
        """
        Feature: Dinner
          Scenario: Soup
            When I send GET "/hello"
          Scenario: Cake
            When I send GET "/hello"
        """

    Scenario: They can attach to the reports, and share their state
      Given the environment variable "HOOKS" is "attach"
      When I run the suite with "--store sqlite {{dinner}}"
      Then it exits with 0
      And the output contains "2 scenarios (2 passed)"
      And 3 messages of "messages.ndjson" are a "testRunHookStarted"
      And 3 messages of "messages.ndjson" are a "testRunHookFinished"
      And the ids of "messages.ndjson" are consistent
      And the report "messages.ndjson" contains '"BEFORE_TEST_RUN"'
      And the report "messages.ndjson" contains '"AFTER_TEST_RUN"'
      And the report "messages.ndjson" contains "the kitchen is open"
      And the report "report.html" contains "before all scenarios: the kitchen opens"
      And the report "report.html" contains "the kitchen is open"

    Scenario: If one before the scenarios fails, the other hooks run, but no scenario
      Given the environment variable "HOOKS" is "attach fail-before"
      When I run the suite with "--store sqlite {{dinner}}"
      Then it exits with 1
      And the output contains "✗ before all scenarios: the kitchen opens   tests/harness/tests/selftest/main.rs:"
      And the output contains "    of the kitchen"
      And the output contains "2 scenarios weren't run"
      And the output contains "1 hook around all scenarios failed"
      And the report "messages.ndjson" contains "the fire burns"
      And the report "messages.ndjson" contains "the kitchen is open"
      And the report "messages.ndjson" contains '"success":false'
      And 0 messages of "messages.ndjson" are a "testCaseStarted"
      And the report "junit.xml" contains 'tests="1" failures="1"'
      And the report "junit.xml" contains '<failure type="hook" message="there is no key">'
      And there is no report "rerun.txt"

    Scenario: If one after the scenarios fails, the run fails
      Given the environment variable "HOOKS" is "panic-after"
      When I run the suite with "--store sqlite {{dinner}}"
      Then it exits with 1
      And the output contains "✗ hook after all scenarios (tests/harness/tests/selftest/main.rs:"
      And the output contains "the hook panicked: the floor is wet"
      And the output contains "2 scenarios (2 passed)"
      And the output contains "1 hook around all scenarios failed"
      And there is no report "rerun.txt"

    Scenario Outline: <What>
      Given the environment variable "HOOKS" is "<hooks>"
      When I run the suite with "--store sqlite --step-timeout 300ms {{dinner}}"
      Then it exits with 1
      And the output contains "<reason>"

      Examples:
        | What                              | hooks          | reason                                               |
        | They have the time of a step      | wait-before    | the hook took longer than 300ms                      |
        | They have no service              | request-before | this is a hook around all scenarios                  |
        | They can't skip scenarios         | skip-before    | a hook around all scenarios can't skip one: it is closed |

    Scenario: An interruption ends one before the scenarios, and those after them run
      Given the environment variable "HOOKS" is "wait-before attach"
      When I run the suite with "--store sqlite {{dinner}}" and send INT once "messages.ndjson" has "testRunStarted"
      Then it exits with 130
      And the output contains "2 scenarios weren't run"
      And the report "messages.ndjson" contains "the kitchen is open"

    Scenario: A merge shows their failures
      When I run the suite with "--store sqlite --report-dir {{reports}}/1 {{dinner}}:2"
      Given the environment variable "HOOKS" is "panic-after attach"
      When I run the suite with "--store sqlite --report-dir {{reports}}/2 {{dinner}}:4"
      And I run the suite with "--merge {{reports}}/1 {{reports}}/2 --report-dir {{reports}}/all"
      Then it exits with 1
      And the output contains "hook after all scenarios (tests/harness/tests/selftest/main.rs:"
      And the output contains "the hook panicked: the floor is wet"
      And the output contains "2 scenarios (2 passed)"
      And the ids of "all/messages.ndjson" are consistent
      And 6 messages of "all/messages.ndjson" are a "testRunHookFinished"
      And the report "all/report.html" contains "the kitchen is open"
      And the report "all/junit.xml" contains "the floor is wet"

    Scenario: They don't run if no scenario runs
      Given the environment variable "HOOKS" is "fail-before"
      When I run the suite with "--dry-run {{dinner}}"
      Then it exits with 0
      And the output contains "2 scenarios (2 passed)"

  Scenario: GitHub marks the line of a failed hook around all scenarios
    Given the feature file "dinner.feature":
      """
      Feature: Dinner
        Scenario: Soup
          Given no bearer token
      """
    And the environment variable "HOOKS" is "fail-before"
    And the environment variable "GITHUB_ACTIONS" is "true"
    And the environment variable "GITHUB_STEP_SUMMARY" is "{{reports}}.md"
    When I run the suite with "--store sqlite {{dinner}}"
    Then it exits with 1
    And the output contains "::error file=tests/harness/tests/selftest/main.rs,line="
    And the output contains "there is no key%0Aof the kitchen"
    And the report "../reports.md" contains "1 hook failed"
