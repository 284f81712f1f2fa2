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
