Feature: Words
  A scenario tagged @word in the folder `words` is a step that consists of other steps. Its name is the step's expression.
  The names in braces are values in its steps.

  Rule: A word is used like any other step

    Background:
      Given the feature file "words/users.feature":
        """
        @word
        Feature: Words about users

          @word
          Scenario: a guest {username}
            Registers a user. Afterwards `{{NAME_id}}` is the id.
            When I send POST "/users" with JSON:
              '''json
              {"username": "{{username}}"}
              '''
            Then the response status is 201
            And I save the response JSON at "$.id" as "{{username}}_id"

          Scenario: the guests {one} and {other}
            Given a guest "{{one}}"
            And a guest {{other}}

          Scenario: there are {count} guest(s)
            Then the table "users" has {{count}} rows

          Scenario: these guests:
            Given the table "users" has the rows:
              | {{table}} |

          Scenario: {who} answers {status} to:
            When I send POST "/echo/{{who}}" with body:
              '''
              {{text}}
              '''
            Then the response status is {{status}}
            And the response JSON at "$.body" is "{{text}}"

          Scenario: the number {n} is sent
            When I send POST "/echo" with JSON:
              '''
              {"n": {{n}}}
              '''
        """

    Scenario: A word gets its values quoted or without quotes, and uses other words
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a guest "Ada.Lovelace"
            And a guest grace
            And the guests 'Alan' and "Edsger"
            Then there are 4 guests
            When I send GET "/users/{{Alan_id}}"
            Then the response JSON at "$.username" is "Alan"
          Scenario: They are variables
            Given the variable "username" is "Barbara"
            And a guest {{username}}
            And the guests "{{username}}_2" and "{{username}}_3"
            Then there are "3" guests
            And the variable "username" is "{{username}}"
            When I send GET "/echo/{{username}}"
            Then the response JSON at "$.path" is "/echo/Barbara"
          Scenario: They come as a table
            Given these guests:
              | username |
              | ada      |
              | grace    |
            Then there are 2 guests
          Scenario: Something is said
            Then nobody answers 200 to:
              '''
              Hello,
              everybody
              '''
          Scenario Outline: A number stays a number, a quoted one is text
            When the number <written> is sent
            Then the response JSON at "$.json.n" is "<meant>"
            Examples:
              | written | meant |
              | 7.50    | 7.50  |
              | "7"     | #string |
              | seven   | seven |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 0
      And the output contains "7 scenarios (7 passed)"

    Scenario: A failure inside a word shows both places
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come twice
            Given a guest "ada"
            And the guests "grace" and "ada"
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains '✗ And the guests "grace" and "ada"'
      And the output contains "party.feature:4"
      And the output contains "in the word `the guests {one} and {other}`"
      And the output contains "words/users.feature:14:"
      And the output contains '✓ Given a guest "grace"'
      And the output contains "✗ And a guest ada"
      And the output contains "words/users.feature:16"
      And the output contains "in the word `a guest {username}`"
      And the output contains "✗ Then the response status is 201"
      And the output contains "words/users.feature:11"
      And the output contains "    the response isn't as expected: at status expected 201, found 409 Conflict"

    Scenario: Words take the table or docstring that they use
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: No table
            Given these guests:
          Scenario: A docstring for a table
            Given these guests:
              '''
              ada
              '''
          Scenario: A table where nothing belongs
            Given a guest "ada"
              | username |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "3 scenarios (3 failed)"
      And the output contains "this step needs a table below it"
      And the output contains "this step takes a table, but a docstring is written below it"
      And the output contains "this step takes neither a table nor a docstring"

    Scenario: Words are in the catalogue, with their usage
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a guest "ada"
        """
      When I run the suite with "--steps {{party}}"
      Then it exits with 0
      And the output contains "a guest {username}"
      And the output contains "Registers a user. Afterwards `\{{NAME_id}}` is"
      And the output contains 'Given a guest "ada"'
      And the output contains "words/users.feature:5, used 3 times"
      When I run the suite with "--steps --unused {{party}}"
      Then the output contains "the guests {one} and {other}"
      And the output does not contain "a guest {username}"
      When I run the suite with "--steps --format json {{party}}"
      Then the output contains '"kind":"word"'
      When I run the suite with "--steps --format markdown {{party}}"
      Then the output contains '| `a guest {username}` | Registers a user'
      And the output contains '<br>`Given a guest "ada"` |'

    Scenario: Words don't run as scenarios
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a guest "ada"
        """
      When I run the suite with "--list {{party}}"
      Then the output contains "1 tests"

    Scenario: A dry run checks words
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a guest "ada"
            And the guests "x" and "y"
            Then there are many guests
        """
      When I run the suite with "--dry-run {{party}}"
      Then it exits with 1
      And the output contains "in the word `there are {count} guest(s)`"
      And the output contains "no step has these words"

    Scenario: A dry run checks unused words
      Given the feature file "words/odd.feature":
        """
        @word
        Feature: Words
          Scenario: everybody dances {times} times
            When they dance {{times}} times
        """
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given no bearer token
        """
      When I run the suite with "--dry-run {{party}}"
      Then it exits with 1
      And the output contains "words/odd.feature:4: no step has these words: When they dance \{{times}} times"

  Rule: A mistake in a word is reported before anything runs

    Scenario Outline: <mistake>
      Given the feature file "words/odd.feature":
        """
        Feature: Words
          <tag>
          Scenario: <name>
            Given the variable "x" is "<value>"
            <step>
        """
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given no bearer token
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "words/odd.feature:<message>"

      Examples:
        | mistake                     | tag         | name                | value   | step                      | message                                                  |
        | A place is never closed     | @word       | a guest {name       | x       | And no bearer token       | 3: `{name` is never closed                               |
        | A place is unused           | @word       | a guest {name}      | x       | And no bearer token       | 3: the place {name} has no effect                        |
        | A place occurs twice        | @word       | {a} and {a}         | {{a}}   | And no bearer token       | 3: the place {a} is there twice                          |
        | A place has a reserved name | @word       | the rows {table}    | x       | And no bearer token       | 3: `{table}` can't be a place                            |
        | No tag                      |             | a guest             | x       | And no bearer token       | 3:3: the folder `words` contains only words              |
        | Another tag                 | @word @slow | a guest             | x       | And no bearer token       | 2:9: @slow has no effect here                            |
        | A word uses itself          | @word       | a guest             | x       | And a guest               | 3: words use one another in a circle: `a guest`          |
        | A step has the same words   | @word       | no bearer token     | x       | And no bearer token       | 3: the word `no bearer token` and the step `no bearer token` |
        | An outline                  | @word       | a guest             | x       | Examples:                 | 5:5: a word has no examples                              |
        | Both kinds are attached     | @word       | a guest             | {{text}} | Given the variable "y" is "{{table}}" | 3: a word takes a table or a docstring |
        | A table isn't the only cell | @word       | a guest             | x       | Given the variable "y" is "{{table}}" | 3: \{{table}} must be the only cell    |

    Scenario: A misspelled keyword directly below a word's name
      Given the feature file "words/odd.feature":
        """
        @word
        Feature: Words
          Scenario: a quiet guest
            Givn no bearer token
            And no bearer token
        """
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a quiet guest
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "words/odd.feature:4:5: `Givn no bearer token` is part of a description here"

    Scenario: Two words with the same expression, and words that use one another in a circle
      Given the feature file "words/a.feature":
        """
        @word
        Feature: Words
          Scenario: a guest {name}
            Given the variable "x" is "{{name}}"
          Scenario: a guest {username}
            Given the variable "x" is "{{username}}"
        """
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given no bearer token
        """
      When I run the suite with "--store sqlite {{party}}"
      Then it exits with 1
      And the output contains "a.feature:3: the word `a guest {name}` and the step `a guest {username}`"
      Given the feature file "words/a.feature":
        """
        @word
        Feature: Words
          Scenario: tick
            Given tock
          Scenario: tock
            Given tick
        """
      When I run the suite with "--store sqlite {{party}}"
      Then it exits with 1
      And the output contains "words use one another in a circle: `tick`"

    Scenario: A word outside of the folder, and a file of words used as a file of scenarios
      Given the feature file "party.feature":
        """
        Feature: Party
          @word
          Scenario: a guest
            Given no bearer token
        """
      When I run the suite with "--store sqlite {{party}}"
      Then it exits with 1
      And the output contains "party.feature:2:3: a scenario tagged @word is a step made of steps"
      Given the feature file "words/a.feature":
        """
        @word
        Feature: Words
          Scenario: tick
            Given no bearer token
        """
      When I run the suite with "--store sqlite {{words/a}}"
      Then it exits with 2
      And the output contains "a.feature holds words"
