Feature: A library

  Scenario Outline: A book that was added can be read (<number>)
    When I send POST "/books" with JSON:
      """
      {"title": "Dances of the world <number>", "genre": "dance"}
      """
    Then the response status is 201
    And I save the response JSON at "$.id" as "book"
    When I send GET "/books/{{book}}"
    Then the response status is 200
    And the response JSON contains:
      """
      {"id": 1, "title": "Dances of the world <number>"}
      """

    Examples:
      | number |

  Scenario Outline: There are no two books of one title (<number>)
    Given the table "books" has the rows:
      | title          | genre |
      | Tango <number> | dance |
    When I send POST "/books" with JSON:
      """
      {"title": "Tango <number>", "genre": "music"}
      """
    Then the response status is 409
    And the table "books" contains exactly the rows:
      | title          | genre |
      | Tango <number> | dance |

    Examples:
      | number |

  Scenario Outline: A loan is recorded (<number>)
    Given the table "books" has the rows:
      | title          | genre |
      | Waltz <number> | music |
    And the table "members" has the rows:
      | name | branch |
      | ada  | north  |
    When I send POST "/loans" with JSON:
      """
      {"book": 1, "member": 1}
      """
    Then the response status is 201
    And the table "audit.events" contains exactly the rows:
      | event        |
      | INSERT loans |

    Examples:
      | number |

  Scenario Outline: A book that is lent can't be lent again (<number>)
    Given the table "books" has the rows:
      | title          | genre |
      | Polka <number> | music |
    And the table "members" has the rows:
      | name | branch |
      | ada  | north  |
      | bob  | south  |
    And the table "loans" has the rows:
      | book | member |
      | 1    | 1      |
    When I send POST "/loans" with JSON:
      """
      {"book": 1, "member": 2}
      """
    Then the response status is 409
    And the table "loans" has 1 row

    Examples:
      | number |
