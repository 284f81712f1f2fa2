Feature: Docstrings
  A docstring is what stands between its two fences, from the column of the fence on.

  Scenario: It may hold the signs of a fence, and quotes of all kinds
    When I query:
      """
      select length('\"\"\"') as escaped, 1 as "a""b"
      """
    Then the query returned the rows:
      | escaped | a"b |
      | 3       | 1   |

  Scenario: Three quotes within a line are three quotes
    When I query:
      """
      select length('"""') as three
      """
    Then the query returned the rows:
      | three |
      | 3     |

  Scenario: It keeps the blanks behind the fence's column
    When I query:
      """
        select length('x
        y') as letters
      """
    Then the query returned the rows:
      | letters |
      | 5       |

  Scenario: A media type isn't part of it
    When I send POST "/echo" with JSON:
      """json
      {"username": "ada"}
      """
    Then the response JSON at "$.json" is '{"username": "ada"}'

  Scenario: The other fence is as good
    When I query:
      ```sql
      select '"""' as quotes
      ```
    Then the query returned the rows:
      | quotes |
      | """    |

  Scenario: It may be empty
    When I send POST "/echo" with body:
      """
      """
    Then the response JSON at "$.body" is ""
