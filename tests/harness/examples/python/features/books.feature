Feature: Books
  A book is added once, and read as often as somebody likes.

  Scenario: A book that was added can be read
    When I send POST "/books" with JSON:
      """json
      {"title": "Dances of the world"}
      """
    Then the response status is 201
    And I save the response JSON at "$.id" as "book"
    When I send GET "/books/{{book}}"
    Then the response JSON is:
      """json
      {"id": 1, "title": "Dances of the world"}
      """

  Scenario: In another scenario it is not there, and nobody remembers it
    When I send GET "/books/1"
    Then the response status is 404

  Scenario: There are no two books of one title
    Given the table "books" has the rows:
      | title |
      | Tango |
    When I send POST "/books" with JSON:
      """json
      {"title": "Tango"}
      """
    Then the response status is 409
