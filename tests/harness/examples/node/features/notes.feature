Feature: Notes
  A note is kept until somebody asks for it.

  Scenario: There are no notes at first
    When I send GET "/notes"
    Then the response JSON is:
      """json
      []
      """

  Scenario Outline: A note that says <text>
    When I send POST "/notes" with JSON:
      """json
      {"text": "<text>"}
      """
    Then the response status is 201
    And the response JSON is:
      """json
      {"id": 1, "text": "<text>"}
      """
    And the table "notes" contains exactly the rows:
      | text   |
      | <text> |

    Examples:
      | text          |
      | buy new shoes |
      | it's late     |

  Scenario: A note without a text
    When I send POST "/notes" with JSON:
      """json
      {"text": ""}
      """
    Then the response status is 422
    And the table "notes" is empty
