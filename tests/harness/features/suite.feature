Feature: The suite itself
  The suite runs on its own small feature files. Its messages have to be right and complete.

  Rule: Anything that isn't a pass is a failure

    Scenario: An undefined step fails the run, and similar steps are named
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody plays
            When I send a GET to "/health"
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "no step has these words"
      And the output contains "near: I send {method} {string}"
      And the output contains "1 scenario (1 failed)"

    Scenario: Selecting nothing fails
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
        """
      When I run the suite with "--store sqlite --tags @tango {{polka}}"
      Then it exits with 1
      And the output contains "no scenario was chosen"

    Scenario: A file with a mistake fails
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
          Sceanrio: What is this
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "polka.feature:4:3: `Sceanrio: What is this` is no step, row, tag, comment or heading"
      When I run the suite with "--list {{polka}}"
      Then it exits with 1
      And the output contains "polka.feature:4:3: `Sceanrio: What is this` is no step"

    Scenario: An extra cell is a mistake, and its line is named
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario Outline: Somebody plays <tune>
            Given no bearer token

            Examples:
              | tune       | beats |
              # A bar of its own would be written \|
              | polka|waltz | 2    |
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "polka.feature:8:7: this row has 3 cells, its heading has 2"

    Scenario: A step accepts only its table or its docstring
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: No table
            Given the request headers:
          Scenario: A text instead of a table
            Given the request headers:
              '''
              | name | value |
              '''
          Scenario: No text
            Given the SQL:
          Scenario: A table instead of a text
            Given the SQL:
              | select 1 |
          Scenario: A table where nothing belongs
            Given no bearer token
              | token |
          Scenario: A text where nothing belongs
            When I send GET "/health"
              '''
              body
              '''
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "6 scenarios (6 failed)"
      And the output contains "this step needs a table below it"
      And the output contains "this step takes a table, but a docstring is written below it"
      And the output contains "this step needs a docstring below it"
      And the output contains "this step takes a docstring, but a table is written below it"
      And the output contains "this step takes neither a table nor a docstring"

    @postgres
    Scenario: A row that can't be inserted is named by table and column
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: A condition that nobody can guess
            Given the table "stamps" has the rows:
              | id |
              | 1  |
          Scenario: A condition that the feature breaks
            Given the table "loans" has the rows:
              | days |
              | 14   |
              | 99   |
          Scenario: A heading that is wrong
            Given the table "authors" has the rows:
              | nmae |
              | Ada  |
          Scenario: A table that isn't there
            Then the table "author" is empty
          Scenario: A member that is written twice
            When I query:
              '''
              select '{"a": 1, "a": 2}'::json as doubled
              '''
            Then the query returned the rows:
              | doubled          |
              | {"a": 1, "a": 2} |
        """
      When I run the suite with "--database {{server}} --target none --slots 1 --migrations {{schemas}}/fixtures {{polka}}"
      Then it exits with 1
      And the output contains "5 scenarios (5 failed)"
      And the output contains 'row 1: table "stamps", column code: no generated value meets the check; name a value for it'
      And the output contains "code_is_odd: "
      And the output contains 'row 2: table "loans": the database answered: new row for relation "loans" violates check constraint'
      And the output contains "the table authors has no column `nmae`; it has: name, id"
      And the output contains "there is no table author; the nearest are: authors"
      And the output contains "the member $.a is written twice"

    Scenario Outline: A condition on several columns that nobody can guess is shown: <options>
      Given the feature file "tides.feature":
        """
        Feature: Tides
          Scenario: High and low
            Given the SQL:
              '''
              create table tides (
                  low int not null, high int not null, place text,
                  constraint low_and_high check (low * 7 = high * 3 + 1000001 and low > high)
              )
              '''
            And the table "tides" has the rows:
              | place |
              | Brest |
        """
      When I run the suite with "<options> --target none --slots 1 {{tides}}"
      Then it exits with 1
      And the output contains 'row 1: table "tides", columns low, high: no generated values meet the check; name values for them'
      And the output contains "  low_and_high: ("

      Examples:
        | options        |
        | --store sqlite |

      @postgres
      Examples:
        | options               |
        | --database {{server}} |

    Scenario: A missing file is wrong usage
      When I run the suite with "--store sqlite nowhere/polka.feature"
      Then it exits with 2
      And the output contains "there is no file or folder nowhere/polka.feature"

    Scenario: A step that takes too long is stopped
      Given the feature file "slow.feature":
        """
        Feature: Slow
          Scenario: Somebody waits
            When I poll GET "/health" for up to 20s until the JSON contains:
              '''
              {"status": "ill"}
              '''
        """
      When I run the suite with "--store sqlite --slots 1 --step-timeout 200ms {{slow}}"
      Then it exits with 1
      And the output contains "took longer than 200ms"

    Scenario: If a service doesn't get ready, the run shows what it waited for and the end of its log
      Given the feature file "slow.feature":
        """
        Feature: Slow
          Scenario: A service looks for a database that is away
            Given the service runs with:
              | key          | value                              |
              | DATABASE_URL | postgres://nobody@127.0.0.1:1/away |
        """
      When I run the suite with "--store sqlite --start-timeout 800ms {{slow}}"
      Then it exits with 1
      And the output contains "the service didn't start within 800ms (--start-timeout); waited for: that it calls Start::listening"
      And the output contains "the end of its log:"
      And the output contains "connecting to the database"

    Scenario: If a run of the program takes too long, the limit is shown
      Given the feature file "slow.feature":
        """
        Feature: Slow
          Scenario: A server never ends
            When I run ""
        """
      When I run the suite with "--store sqlite --program-timeout 800ms {{slow}}"
      Then it exits with 1
      And the output contains "`` didn't end within 800ms (--program-timeout), and was stopped"

    # PostgreSQL's pool tries for some time to connect to a missing server.
    Scenario: If a service takes too long to start, the run continues
      Given the feature file "slow.feature":
        """
        Feature: Slow
          Scenario: A service looks for a database that is away
            Given the service runs with:
              | key          | value                              |
              | DATABASE_URL | postgres://nobody@127.0.0.1:1/away |
          Scenario: Somebody else finds nothing of it
            Then the table "users" is empty
        """
      When I run the suite with "--store sqlite --slots 1 --step-timeout 800ms {{slow}}"
      Then it exits with 1
      And the output contains "took longer than 800ms"
      And the output contains "2 scenarios (1 passed, 1 failed)"

  Rule: A failure shows everything at once

    Background:
      Given the feature file "two.feature":
        """
        Feature: Two mistakes
          Scenario: An answer is misjudged
            When I send GET "/hello/Ada"
            Then the response JSON is:
              '''
              {"message": "Hello, Grace!", "mood": "merry"}
              '''
        """

    Scenario: The place, every mistake, the exchange, the log, and how to run it again
      When I run the suite with "--store sqlite --slots 1 {{two}}"
      Then it exits with 1
      And the output contains "Two mistakes › An answer is misjudged"
      And the output contains "two.feature:4"
      And the output contains "at $.message"
      And the output contains "at $.mood"
      And the output contains 'found:    "Hello, Ada!"'
      And the output contains "→ 200 OK"
      And the output contains "curl --path-as-is"
      And the output contains "the service's log:"
      And the output contains "again: cargo test --test selftest -- --store sqlite --slots 1 --seed"

  Rule: The harness's SQL can be printed

    Scenario: The reset of a SQLite file is printed
      When I run the suite with "--store sqlite --print-reset"
      Then it exits with 0
      And the output contains "delete from"
      And the output does not contain "[Summary]"

    @postgres
    Scenario: The reset of a PostgreSQL database is printed
      When I run the suite with "--database {{server}} --print-reset"
      Then it exits with 0
      And the output contains "bdd_harness.reset"
      And the output contains "entries"
      And the output does not contain "[Summary]"

  Rule: What is left out is reported

    Background:
      Given the feature file "tunes.feature":
        """
        Feature: Tunes
          Scenario: Waltz
            Given no bearer token
          @wip
          Scenario: Tango
            Given no bearer token
          @postgres
          Scenario: Polka
            Given no bearer token
          Scenario Outline: <tune>
            Given no bearer token
            Examples:
              | tune    |
              | Foxtrot |
              # the last one
              | Jive    |
        """

    Scenario: Unfinished scenarios are left out and counted
      When I run the suite with "--store sqlite --target none --slots 1 {{tunes}}"
      Then it exits with 0
      And the output contains "3 scenarios (3 passed)"
      And the output contains "1 scenario left out: @wip"
      And the output contains "1 scenario left out: @postgres"

    # A list starts nothing, and contains what a run would run.
    Scenario Outline: <choice> selects <count>
      When I run the suite with "--store sqlite --list <choice>"
      Then it exits with 0
      And the output contains "<chosen>: test"
      And the output contains "<count>, 0 benchmarks"

      Examples:
        | choice                | chosen          | count   |
        | {{tunes}}:1           | Tunes › Waltz   | 3 tests |
        | {{tunes}}:2           | Tunes › Waltz   | 1 tests |
        | {{tunes}}:3           | Tunes › Waltz   | 1 tests |
        | {{tunes}}:10          | Tunes › Foxtrot | 2 tests |
        | {{tunes}}:12          | Tunes › Jive    | 2 tests |
        | {{tunes}}:14          | Tunes › Foxtrot | 1 tests |
        | {{tunes}}:16          | Tunes › Jive    | 1 tests |
        | {{tunes}}:2:14        | Tunes › Waltz   | 2 tests |
        | {{tunes}} --name Walt | Tunes › Waltz   | 1 tests |
        | {{tunes}} Foxtrot     | Tunes › Foxtrot | 1 tests |

    Scenario: The selected scenarios run, and order and generated values can be repeated
      When I run the suite with "--store sqlite --target none --slots 1 --verbose --shuffle=7 --seed 11 {{tunes}}:2:16"
      Then it exits with 0
      And the output contains "Tunes › Waltz"
      And the output contains "Tunes › Jive"
      And the output contains "2 scenarios (2 passed)"
      And the output contains "--shuffle=7"
      And the output contains "seed 11"

    Scenario Outline: <choice> selects nothing
      When I run the suite with "--store sqlite {{tunes}} <choice>"
      Then it exits with 0
      And the output contains "<said>"

      Examples:
        | choice     | said           |
        | --ignored  | 0 scenarios    |
        | Charleston | nothing to run |

    Scenario Outline: A line without a scenario is a mistake: <line>
      When I run the suite with "--store sqlite {{tunes}}:2:<line>"
      Then it exits with 1
      And the output contains "tunes.feature:<line>: no scenario is meant by this line"

      Examples:
        | line |
        | 0    |
        | 99   |

    Scenario: With -vv, passed scenarios are shown with their steps, and with -vvv with all below these
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody plays
            Given the request headers:
              | name     | value |
              | X-Player | ada   |
            And the SQL:
              '''
              select 1
              '''
        """
      When I run the suite with "--store sqlite --target none --slots 1 -vv {{polka}}"
      Then it exits with 0
      And the output contains "Polka › Somebody plays"
      And the output contains "Given the request headers:"
      And the output contains "| X-Player | ada   |"
      And the output does not contain "select 1"
      When I run the suite with "--store sqlite --target none --slots 1 -vvv {{polka}}"
      Then it exits with 0
      And the output contains "| X-Player | ada   |"
      And the output contains "select 1"

    Scenario: The line of a rule selects the whole rule, and the line of a tag its scenario
      Given the feature file "rules.feature":
        """
        Feature: Tunes
          Rule: Slow
            Scenario: Waltz
              Given no bearer token
            Scenario: Rumba
              Given no bearer token
          Rule: Quick
            @latin
            Scenario: Jive
              Given no bearer token
        """
      When I run the suite with "--store sqlite --list {{rules}}:2 {{rules}}:8"
      Then it exits with 0
      And the output contains "3 tests"
      When I run the suite with "--store sqlite --list {{rules}}:8"
      Then the output contains "Tunes › Jive: test"
      And the output contains "1 tests"

    Scenario: A dry run matches every step and runs none
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody fails
            When I send GET "/health"
            Then the response status is 418
        """
      When I run the suite with "--store sqlite --dry-run {{polka}}"
      Then it exits with 0
      And the output contains "2 steps (2 matched)"

  Rule: A failed scenario is retried as often as its nearest @retry allows, wherever the tag is

    Background:
      Given the feature file "tunes.feature":
        """
        @retry(3)
        Feature: Tunes
          @slow @retry(0)
          Scenario: Waltz
            Then the table "users" has 1 row
          @retry.after(1ms)
          Rule: Quick
            Scenario: Jive
              Then the table "users" has 1 row
            Scenario Outline: <tune>
              Then the table "users" has 1 row
              @retry(2).after(1ms)
              Examples:
                | tune  |
                | Polka |
        """
      And the feature file "plain.feature":
        """
        Feature: Plain tunes
          @slow
          Scenario: Waltz
            Then the table "users" has 1 row
          Scenario: Jive
            Then the table "users" has 1 row
        """

    Scenario Outline: <choice> makes <attempts>
      When I run the suite with "--store sqlite --target none --slots 1 <choice>"
      Then it exits with 1
      And the output contains "<attempts> tried again"

      Examples:
        | choice                                                  | attempts   |
        | {{tunes}}                                              | 3 attempts |
        | {{tunes}}:3:8 --retry 5                                | 1 attempt  |
        | {{tunes}}:10                                           | 2 attempts |
        | {{plain}} --retry 2                                     | 4 attempts |
        | {{plain}} --retry 2 --retry-after 1ms                   | 4 attempts |
        | {{plain}} --retry 3 --retry-tag-filter @slow            | 3 attempts |
        | {{plain}} {{tunes}} --retry 1 --retry-tag-filter @slow | 4 attempts |

    Scenario Outline: <option> without --retry is wrong usage
      When I run the suite with "--store sqlite {{plain}} <option>"
      Then it exits with 2
      And the output contains "--retry <N>"

      Examples:
        | option                   |
        | --retry-after 1s         |
        | --retry-tag-filter @slow |

    Scenario: An unknown tag with arguments is a mistake, with its place
      Given the feature file "odd.feature":
        """
        Feature: Tunes
          @slow @retyr(2)
          Scenario: Waltz
            Given no bearer token
          @retry(often)
          Scenario: Jive
            Given no bearer token
        """
      When I run the suite with "--store sqlite --target none --slots 1 {{odd}}"
      Then it exits with 1
      And the output contains "odd.feature:2:9: the tag `@retyr(2)` is unknown"
      And the output contains "odd.feature:5:3: `@retry(often)` can't be read: write @retry, @retry(2) or @retry(2).after(1s)"

  Rule: What a stopped step has started ends before the next scenario

    Scenario: Requests in progress write nothing later
      Given the feature file "late.feature":
        """
        Feature: Late
          Scenario Outline: Many register at once, <round>
            Then the table "users" is empty
            When I send 40 concurrent POST requests to "/users" with JSON:
              '''
              {"username": "{{$fake.username}}_{{$seq}}"}
              '''
            Examples:
              | round |
              | 1     |
              | 2     |
              | 3     |
              | 4     |
              | 5     |
              | 6     |
        """
      When I run the suite with "--store sqlite --slots 2 --step-timeout 15ms {{late}}"
      Then the output does not contain "the table users has"

  Rule: A database that isn't ours isn't changed

    @postgres
    Scenario: An existing database with our name isn't changed
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody registers
            Given a registered user "ada"
            Then the table "users" has 1 row
        """
      When I run the suite with "--database {{server}} --slots 1 {{polka}}"
      Then it exits with 0
      And the output contains "It stays untouched"
      And the table "users" is empty

    # Other scenarios would create roles at the same time.
    @postgres @serial
    Scenario: A finished run leaves nothing on a shared server
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody registers
            Given a registered user "ada"
        """
      When I query:
        """
        select (select count(*) from pg_database) as databases, (select count(*) from pg_roles) as roles
        """
      And I save the query's "roles" as "roles"
      And I save the query's "databases" as "databases"
      And I run the suite with "--database {{server}} --slots 1 {{polka}}"
      Then it exits with 0
      When I query:
        """
        select (select count(*) from pg_database) as databases, (select count(*) from pg_roles) as roles
        """
      Then the query returned the rows:
        | databases     | roles     |
        | {{databases}} | {{roles}} |
