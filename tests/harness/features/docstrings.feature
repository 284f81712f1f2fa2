Feature: Docstrings
  A docstring is the text between its two delimiters. Its lines start at the delimiter's column.

  Scenario: It may contain escaped delimiters, and quotes of all kinds
    When I query:
      """
      select length('\"\"\"') as escaped, 1 as "a""b"
      """
    Then the query returned the rows:
      | escaped | a"b |
      | 3       | 1   |

  Scenario: Three quotes inside a line don't end it
    When I query:
      """
      select length('"""') as three
      """
    Then the query returned the rows:
      | three |
      | 3     |

  Scenario: It keeps blanks after the delimiter's column
    When I query:
      """
        select length('x
        y') as letters
      """
    Then the query returned the rows:
      | letters |
      | 5       |

  Scenario: A media type isn't part of its text
    When I send POST "/echo" with JSON:
      """json
      {"username": "ada"}
      """
    Then the response JSON at "$.json" is '{"username": "ada"}'

  Scenario: The other delimiter works too
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
