Feature: What a failure shows
  Someone whose scenario fails finds the reason in the terminal. These are common kinds of failure.

  Rule: Ten kinds of failure

    Scenario: Another status
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Nobody is here
            When I send GET "/users/7"
            Then the response status is 200
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "✗ Then the response status is 200   "
      And the output contains "party.feature:4"
      And the output contains "(the_response_status_is, "
      And the output contains "expected: 200"
      And the output contains "found:    404 Not Found"
      And the output contains "/problems/not-found"
      And the output contains "curl --path-as-is"
      And the output contains "again: "

    Scenario: The lines of a long value stand below each other
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: A page
            When I send GET "/pages"
            Then the response status is 201
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "          found:    200 OK: <!doctype html>"
      And the output contains '                    <html lang="en">'

    Scenario: The curl line stays one line, so it can be copied
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: A body of two lines
            When I send POST "/echo" with body:
              '''
              it's one
              and \two
              '''
            Then the response status is 201
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "--data-raw $'it\'s one\nand \\two'"

    Scenario: The end of the run repeats every reason in one line
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Nobody is here
            When I send GET "/users/7"
            Then the response status is 200
          Scenario: They dance
            When everybody dances
          Scenario: They are counted
            When I run "--version"
            Then the output contains "fourteen guests"
          Scenario: It breaks
            When I send GET "/exit"
        """
      When I run the suite with "--store sqlite --target binary --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "    the response isn't as expected: at status expected 200, found 404 Not Found"
      And the output contains "    no step has these words"
      And the output contains "doesn't contain \"fourteen guests\"; it is: "
      And the output contains "/exit: the service closed the connection without an answer"

    Scenario: One wrong field deep inside, and all other wrong fields
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Prices
            When I send GET "/letters"
            Then the response JSON contains:
              '''
              {"deep": {"rows": [{"price": 1.50, "tags": ["a", "c"]}, {"price": 3, "tags": []}]},
               "sentence": "The quick red fox jumped over the lazy dog"}
              '''
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "at $.deep.rows[0].tags[1]"
      And the output contains "at $.deep.rows[1].price"
      And the output does not contain "at $.deep.rows[0].price"
      And the output contains 'diff:     "The quick [-red-]{+brown+} fox [-jumped-]{+jumps+} over the lazy dog"'

    Scenario: Texts that look the same
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Letters
            When I send GET "/letters"
            Then the response JSON contains:
              '''
              {"name": "café noir", "blank": "a b", "tab": "a b"}
              '''
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "[-e<U+0301>-]{+é<U+00E9>+}"
      And the output contains 'diff:     "a[-·-]{+<U+00A0>+}b"'
      And the output contains 'diff:     "a[-·-]{+\t+}b"'

    Scenario: A missing row, and the existing rows
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "ada"
            Then the table "users" contains the rows:
              | username |
              | grace    |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "grace"
      And the output contains "the rows that this scenario wrote:"
      And the output contains "users:"
      And the output contains '"username": "ada"'

    Scenario: Another order
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "grace"
            And a registered user "ada"
            When I query:
              '''
              select username from users order by username
              '''
            Then the query returned the rows:
              | username |
              | grace    |
              | ada      |
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "these rows are there, but in another order"

    Scenario: Items of a JSON array in another order
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            When I send POST "/echo" with JSON:
              '''
              [{"name": "grace"}, {"name": "ada"}]
              '''
            Then the response JSON at "$.json" is '[{"name": "ada"}, {"name": "grace"}]'
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "the same items in another order"

    Scenario: A timeout
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: It never comes
            When I poll GET "/health" for up to 300ms until the JSON contains:
              '''
              {"status": "ill"}
              '''
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "300ms"
      And the output contains "at $.status"
      And the output contains "the last of "

    Scenario: A panic in the service
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: It breaks
            When I send GET "/panic"
            Then the response status is 200
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
       And the output contains "the service panicked at "
      And the output contains "no user at 0 of 0"
      And the output contains "selftest/service.rs:"

    Scenario: A service that died
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: It ends
            When I send GET "/exit"
            Then the response status is 200
          Scenario: The next one has another
            When I send GET "/health"
            Then the response status is 200
        """
      When I run the suite with "--store sqlite --target binary --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "the service has ended by itself: exit status: 3"
      And the output contains "the configuration is gone"
      And the output contains "2 scenarios (1 passed, 1 failed)"

    @postgres
    Scenario: A database that refuses connections
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: Nobody answers
            Given the database refuses connections
            When I send GET "/users"
            Then the response status is 200
        """
      When I run the suite with "--database {{server}} --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "found:    503 Service Unavailable"
      And the output contains "the database failed"
      And the output contains "is not currently accepting connections"

    Scenario: A server that doesn't answer
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given no bearer token
        """
      When I run the suite with "--database postgres://nobody@127.0.0.1:1/none {{party}}"
      Then it exits with 1
      And the output contains "127.0.0.1:1"
      And the output contains "Connection refused"

    @postgres
    Scenario: A server that refuses the connection
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given no bearer token
        """
      And the database refuses connections
      When I run the suite with "--database {{server}} {{party}}"
      Then it exits with 1
      And the output contains "refuses the connection: database"
      And the output contains "is not currently accepting connections"
      And the output does not contain "doesn't answer"

    Scenario: An undefined step
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They dance
            When everybody dances the "polka" 3 times
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "no step has these words"
      And the output contains '#[when(expr = "everybody dances the {string} {int} times")]'
      And the output contains "async fn everybody_dances_the_times(world: &mut World, text1: String, number2: i64)"
      And the output contains "@word"
      And the output contains "Scenario: everybody dances the {text1} {number2} times"

    Scenario Outline: All undefined steps of a scenario, <when>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They dance
            Given no bearer token
            When everybody dances the "polka" 3 times
            Then the response status is 200
            And nobody is tired
            And everybody dances the "waltz" 2 times
        """
      When I run the suite with "--store sqlite <options> {{party}}"
      Then it exits with 1
      And the output contains "✗ When everybody dances"
      And the output contains "✗ And nobody is tired   "
      And the output contains "party.feature:6"
      And the output contains '#[then(expr = "nobody is tired")]'
      And the output contains "Scenario: nobody is tired"
      And the output contains 'dances the "waltz" 2 times   '
      And the output contains "as above"
      And the output contains "<steps>"

      Examples:
        | when         | options   | steps                                      |
        | in a run     | --slots 1 | 5 steps (1 passed, 1 failed, 3 skipped)    |
        | in a dry run | --dry-run | 5 steps (2 matched, 3 failed)              |

    Scenario: Undefined steps after a failed one
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They dance
            Then the table "users" has 1 row
            And nobody is tired
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "✗ Then the table "
      And the output contains "✗ And nobody is tired   "
      And the output contains '#[then(expr = "nobody is tired")]'

    Scenario: Bad Gherkin
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given no bearer token
            Wehn I send GET "/health"
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "party.feature:4:5: `Wehn I send GET"
      And the output contains "a step starts with"

    Scenario Outline: A misspelled keyword directly below a heading
      Given the feature file "party.feature":
        """
        <language>
        <Feature>: Party
          <heading>
            No word of this is a step.
            <step>
          <Scenario>: They come
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "party.feature:5:5: `<step>` is part of a description here, not a step: write `<meant>`"

      Examples:
        | language       | Feature        | heading     | Scenario | step                 | meant    |
        | # language: en | Feature        | Background: | Scenario | Givn no bearer token | Given    |
        | # language: en | Feature        | Scenario: x | Scenario | adn no bearer token  | And      |
        | # language: en | Feature        | Scenario: x | Scenario | given no bearer token | Given   |
        | # language: de | Funktionalität | Szenario: x | Szenario | Anenommen no bearer token | Angenommen |

    Scenario: A scenario without steps is named, because it can't fail
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            The guests are given no bearer token.
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 0
      And the output contains "note: 1 scenario has no steps and so can't fail: {{party}}:2"

  Rule: The rows that a scenario wrote are shown, before and after

    @postgres
    Scenario: Added rows, found by the marks of their writes
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come and go
            Given the SQL:
              '''
              insert into users (id, username) values ('7b9f3a52-0a3e-4d7e-9a53-8f6bb0c3f001', 'ada');
              update users set username = 'countess' where username = 'ada';
              '''
            And no bearer token
            Then the table "users" is empty
        """
      When I run the suite with "--slots 1 --target none {{party}} --database {{server}}"
      Then it exits with 1
      And the output contains "the rows that this scenario wrote:"
      And the output contains "+ "
      And the output contains "countess"

    @postgres
    Scenario: A table with a column that is called like a shorthand of SQL
      Given the migration "0001_tunes.up.sql":
        """
        create table tunes (t text, o text);
        """
      And the migration "0001_tunes.down.sql":
        """
        drop table tunes;
        """
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They play
            Given the table "tunes" has the rows:
              | t     | o    |
              | waltz | slow |
            Then the table "tunes" is empty
        """
      When I run the suite with "--slots 1 --target none --migrations {{migrations}} --database {{server}} {{party}}"
      Then it exits with 1
      And the output contains '+ {"t":"waltz","o":"slow"}'

    @postgres
    Scenario: Changed or removed rows of the migrations, with their earlier values
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come and go
            Given the SQL:
              '''
              update keyed set name = 'first' where id = 1;
              delete from paired where b = 'y';
              insert into keyed values (9, 'nine', null);
              '''
            Then the table "keyed" is empty
        """
      When I run the suite with "--slots 1 --target none --migrations {{schemas}}/reference_rows --database {{server}} {{party}}"
      Then it exits with 1
      And the output contains '~ {"id": 1}: name "one" → "first"'
      And the output contains '- {"a":1,"b":"y","note":null}'
      And the output contains '+ {"id":9,"name":"nine","note":null}'

  Rule: Secrets aren't shown

    Scenario: The query of a URL has a token
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: With a token
            Given the variable "key" is "s3cret+%2F"
            And I send GET "/hello?lang=de&new_password=s3cret&"
            When I send GET "/echo/a?token={{key}}&page=2&x=%20&empty_token=&%74oken=s3cret"
            Then the response status is 201
        """
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then it exits with 1
      And the output contains "/echo/a?token=***&page=2&x=%20&empty_token=&%74oken=***"
      And the output contains "earlier: GET /hello?lang=de&new_password=***& → "
      And the report "junit.xml" contains "/echo/a?token=***&amp;page=2&amp;x=%20&amp;empty_token=&amp;%74oken=***"

  Rule: An undefined step is close to an existing one

    Scenario Outline: <mistake>
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            <step>
        """
      When I run the suite with "--dry-run {{party}}"
      Then it exits with 1
      And the output contains 'nearly: <meant>'

      Examples:
        | mistake                | step                                        | meant                                     |
        | quotes in quotes       | Then the response body is "a "b" c"         | the response body is "a \\"b\\" c"        |
        | has and have           | Then the table "users" have 2 rows          | the table "users" has 2 rows              |
        | no colon               | Then the response JSON is                   | the response JSON is:                     |
        | an extra colon         | Then the response body is empty:            | the response body is empty   (without     |
        | a quoted number        | Then the response status is "200"           | the response status is 200                |
        | an unquoted path       | When I send GET /health                     | I send GET "/health"                      |
        | a method in lower case | When I send get "/health"                   | I send GET "/health"                      |
        | a capital letter       | Then The response body is empty.            | the response body is empty                |

    Scenario: A missing or unexpected table is found without a run
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: No table
            Given the request headers:
          Scenario: A table where nothing belongs
            Given no bearer token
              | token |
          Scenario: A table instead of a docstring
            When I send POST "/users" with JSON:
              | username |
          Scenario: A table instead of SQL
            Given the SQL:
              | select 1 |
          Scenario: A table instead of the other service's JSON
            Given the service "mail" answers POST "/send" with 201 and JSON:
              | id |
          Scenario: A docstring instead of a table
            Given the request headers:
              '''
              accept: text/plain
              '''
        """
      When I run the suite with "--dry-run {{party}}"
      Then it exits with 1
      And the output contains "this step takes a docstring, but a table is written below it"
      And the output contains "this step takes a table, but a docstring is written below it"
      And the output contains "this step needs a table or a docstring below it"
      And the output contains "this step takes neither a table nor a docstring"
      And the output contains "6 scenarios (6 failed)"
