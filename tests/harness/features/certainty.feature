Feature: A step that proves nothing fails
  A check that would pass whatever happened, and a step that would do nothing, are mistakes. The message says what to
  write instead.

  Rule: A table with only a heading is a table whose heading was forgotten

    Scenario Outline: <step>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Forgotten
            When I send POST "/echo" with JSON:
              '''
              [{"name": "ada"}]
              '''
            Then <step>
              | name | ada |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "the table has only a heading, | name | ada |: write at least one row below it"

      Examples:
        | step                                                  |
        | the request headers:                                  |
        | I send POST "/echo" with form:                        |
        | I send GET "/echo" with query:                        |
        | the service runs with:                                |
        | the response JSON has:                                |
        | the response JSON at "$.json" contains in any order:  |
        | the table "users" has the rows:                       |
        | the table "users" contains the rows:                  |

    Scenario: A table that must be empty, and a query that must find nothing
      When I query:
        """
        select username, name from users
        """
      Then the query returned the rows:
        | username | name |
      And the table "users" contains exactly the rows:
        | username | name |

  Rule: What is always true isn't a check

    Scenario Outline: <step>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Always true
            When I run "--version"
            And I send POST "/echo" with JSON:
              '''
              [{"name": "ada"}]
              '''
            Then <step>
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "<message>"

      Examples:
        | step                                          | message                                 |
        | the response body contains ""                 | every text contains the empty text      |
        | the response header "content-type" contains "" | every text contains the empty text     |
        | the output contains ""                        | every text contains the empty text      |
        | the log contains ""                           | every text contains the empty text      |
        | the response has no header "X Foo"            | `X Foo` can't be the name of a header   |
        | the response has no header ""                 | `` can't be the name of a header        |

    Scenario: The items of an empty array
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Every array contains them
            When I send POST "/echo" with JSON:
              '''
              [{"name": "ada"}]
              '''
            Then the response JSON at "$.json" contains in any order:
              '''
              []
              '''
          Scenario: Every one of none
            When I send POST "/echo" with JSON:
              '''
              []
              '''
            Then every item of the response JSON at "$.json" contains:
              '''
              {"name": "ada"}
              '''
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "2 scenarios (2 failed)"
      And the output contains "every array contains the items of []"
      And the output contains "is empty, so this would always be true"

    Scenario: Two columns with the same name
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Which one
            When I query:
              '''
              select 1 as a, 2 as a
              '''
            Then the query returned the rows:
              | a |
              | 1 |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "there are several columns `a`"

  Rule: A misspelled value is reported as such

    Scenario Outline: <step>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Misspelled
            <step>
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "<message>"

      Examples:
        | step                                                                             | message                                                      |
        | Then the response status is -200                                                 | `-200` can't be read as a whole number from 0 to 65535       |
        | Given the environment variable "A=B" is "x"                                      | there can't be an environment variable A=B=x                 |
        | Then the table "users" contains the rows:\n\| name \|\n\| #strng \|                | `#strng` isn't a matcher                                     |
        | Then the table "users" contains the rows:\n\| name \|\n\| #regex ( \|              | `(` isn't a regular expression                               |
        | When I send POST "/echo" with JSON:\n'''\n'''                                    | the text below the step is empty, but it must be JSON        |
        | Then the response took less than 18446744073709549568s18446744073709549568s      | isn't a duration                                             |

  Rule: A member that is written twice is never compared

    Scenario Outline: It is in <where>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Written twice
            When I send POST "/problem" with JSON:
              '''
              <sent>
              '''
            Then <check>
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "<message>"

      Examples:
        | where            | sent                          | check                                                        | message                              |
        | the response     | {"a": [{"b": 1, "b": 1}]}     | the response JSON at "$.a" is "#array"                       | $.a[0].b is written twice            |
        | a response unread | {"a": 1, "b": {}, "b": {}}   | the response JSON contains:\n'''\n{"a": 1}\n'''            | $.b is written twice                 |
        | what is expected | {"a": 1}                      | the response JSON contains:\n'''\n{"a": 2, "a": 1}\n'''    | $.a is written twice                 |
        | a cell           | {"a": {"b": 1}}               | the response JSON at "$.a" is '{"b": 2, "b": 1}'             | $.b is written twice                 |

  Rule: A comparison of rows says how many are missing and how many are too many

    Scenario Outline: <expected> of ada and grace, <how>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given the table "users" has the rows:
              | username |
              | ada      |
              | grace    |
            Then the table "users" contains <how> rows:
              | username   |
              | <expected> |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "the table users: <message>"

      Examples:
        | expected | how         | message                                                       |
        | ada      | exactly the | 1 of 2 found rows unexpected                                  |
        | alan     | the         | 1 of 1 expected rows missing among 2 found                    |
        | alan     | exactly the | 1 of 1 expected rows missing, 2 of 2 found rows unexpected    |
