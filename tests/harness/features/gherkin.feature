# A comment may come before the language, and so may blank lines.

# language: en
Feature: Gherkin
  Rules of the house are free text, and so are Scenarios, Examples and Backgrounds without a colon:
  * a step's keyword
  """
  and a fence of a docstring

  Scenario: A description below a scenario
    Whenever a keyword is only the beginning of a word, Andante for instance, the line is free text.

    Given the variable "tempo" is "andante"
    * the variable "other" is "allegro"
    Then the variable "tempo" is "andante"

  Scenario: A cell knows three escapes, and every other backslash stays
    When I query:
      """
      select 'a
      b' as newline, 'a|b' as bar, 'a\b' as backslash, 'a\n' as both, 'C:\temp\x' as path, 'ada-42' as name
      """
    Then the query returned the rows:
      | newline | bar  | backslash | both | path      | name               |
      | a\nb    | a\|b | a\\b      | a\\n | C:\temp\x | #regex ^\w+-\d{2}$ |

  Scenario: Text after the last bar of a row is a comment
    When I query:
      """
      select 1 as a, 'x' as b
      """
    Then the query returned the rows:
      | a |	b | # tabs and blanks around a cell aren't part of it
      |1|   x	| the only row

  Scenario Outline: In an outline, <b> and price<10 stay unchanged, and <name> is replaced
    When I query:
      """
      select '<b>' || '<name>' || '</b>' as shown, count(*) as n
        from (select 1 as price union all select 9 union all select 12) as pizzas
       where price<10 and price><least>
      """
    Then the query returned the rows:
      | shown         | n      |
      | <b><name></b> | <left> |

    Examples: A few names
      Scenario planners chose these.

      | name | least | left |
      # Rows are counted by their line in the file.
      | Ada  | 5     | 1    |
      | $1   | 0     | 2    |
      | a\\  | 0     | 2    |
