Feature: Notes
  A note is kept until somebody asks for it.

  Scenario: There are no notes at first
    When I send GET "/notes"
    Then the response status is 200
    And the response JSON is:
      """json
      []
      """

  Scenario: A note that was made can be read
    Given a note that says "buy new shoes"
    And I save the response JSON at "$.id" as "note"
    When I send GET "/notes/{{note}}"
    Then the response JSON contains:
      """json
      {"text": "buy new shoes"}
      """

  Scenario: Ids start at 1 in every scenario
    Given a note that says "the first"
    Then the response JSON at "$.id" is "1"

  Scenario: A note that is not there
    When I send GET "/notes/4711"
    Then the response status is 404

  Scenario: Rows can be put into the database and looked at there
    Given the table "notes" has the rows:
      | text            |
      | learn the tango |
    When I send POST "/notes" with JSON:
      """json
      {"text": "learn the waltz"}
      """
    Then the response status is 201
    And the table "notes" contains exactly the rows:
      | text            |
      | learn the tango |
      | learn the waltz |
