Feature: Loans
  A book is lent to one member at a time, and every loan is recorded.

  Background:
    Given the table "books" has the rows:
      | title |
      | Tango |

  Scenario: A loan is recorded
    When I send POST "/books/1/loans" with JSON:
      """json
      {"member": "ada"}
      """
    Then the response status is 201
    And the table "audit.loans" contains exactly the rows:
      | book | member |
      | 1    | ada    |

  Scenario: A book that is lent can't be lent again
    Given the table "loans" has the rows:
      | book | member |
      | 1    | bob    |
    When I send POST "/books/1/loans" with JSON:
      """json
      {"member": "ada"}
      """
    Then the response status is 409
