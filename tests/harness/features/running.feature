Feature: Running a part of the suite
  Scenarios are selected by place, by part, or because they failed. A run can also watch files and continue.

  Background:
    Given the feature file "tunes.feature":
      """
      Feature: Tunes
        Scenario: Waltz
          Given no bearer token
        Scenario: Tango
          Given no bearer token
        @serial
        Scenario: Polka
          Given no bearer token
        Scenario Outline: <tune>
          Given no bearer token
          Examples:
            | tune    |
            | Foxtrot |
            | Jive    |
      """

  Rule: Filters of the suite's code and of the command line add up

    # The code of this suite says `not @not_in_this_suite`.
    Scenario Outline: <options>
      Given the feature file "dances.feature":
        """
        Feature: Dances
          @slow
          Scenario: Waltz
            Given no bearer token
          @fast
          Scenario: Jive
            Given no bearer token
          @fast @not_in_this_suite
          Scenario: Quickstep
            Given no bearer token
        """
      When I run the suite with "--store sqlite --slots 1 <options>"
      Then it exits with <code>
      And the output contains "<message>"

      Examples:
        | options                                  | code | message                                               |
        | {{dances}}                               | 0    | 2 scenarios (2 passed)                                |
        | --tags @fast {{dances}}                  | 0    | 1 scenario (1 passed)                                 |
        | --name Quickstep {{dances}}              | 1    | the suite's code selects `not @not_in_this_suite`     |
        | {{dances}}:9                             | 1    | no scenario was chosen                                |

  Rule: A run can be divided between machines

    Scenario: Parts are printed, and are always the same
      When I run the suite with "--dry-run --shard 1/2 --verbose {{tunes}}"
      Then it exits with 0
      And the output contains "shard 1/2: "
      And the output contains " of 5 scenarios; no times of earlier runs are known; all shards of this plan say "

    Scenario: Durations of earlier runs determine the parts
      Given the file "target/bdd/timings.json" says:
        """
        {"tunes.feature:2": 4000, "tunes.feature:4": 10, "tunes.feature:7": 10, "tunes.feature:13": 10, "tunes.feature:14": 10}
        """
      And the environment variable "CARGO_MANIFEST_DIR" is "{{features}}"
      When I run the suite with "--list --shard 1/2 {{tunes}}"
      Then it exits with 0
      And the output contains "Tunes › Waltz: test"
      And the output contains "1 tests"
      Given the environment variable "CARGO_MANIFEST_DIR" is "{{features}}"
      When I run the suite with "--list --shard 2/2 {{tunes}}"
      Then the output contains "4 tests"
      And the output does not contain "Waltz"

    Scenario: Times of a folder that is named
      Given the file "merged/timings.json" says:
        """
        {"tunes.feature:2": 10, "tunes.feature:4": 10, "tunes.feature:7": 10, "tunes.feature:13": 4000, "tunes.feature:14": 10}
        """
      And the environment variable "CARGO_MANIFEST_DIR" is "{{features}}"
      When I run the suite with "--dry-run --shard 1/2 --times {{features}}/merged --verbose {{tunes}}"
      Then it exits with 0
      And the output contains "shard 1/2: 1 of 5 scenarios; times of 5 are known"
      When I run the suite with "--dry-run --shard 1/2 --times {{features}}/nowhere {{tunes}}"
      Then it exits with 2
      And the output contains "--times: there is no file"
      When I run the suite with "--dry-run --times {{features}}/merged {{tunes}}"
      Then it exits with 2
      And the output contains "--shard"

    Scenario: With more parts than scenarios, some parts are empty
      When I run the suite with "--store sqlite --shard 6/6 {{tunes}}"
      Then it exits with 0
      And the output contains "this shard has no scenario"

    Scenario Outline: <part> is no part
      When I run the suite with "--shard <part> {{tunes}}"
      Then it exits with 2
      And the output contains "`<part>` is no part"

      Examples:
        | part |
        | 0/2  |
        | 3/2  |
        | 1/0  |
        | 2    |

  Rule: The order can be changed

    Scenario: From the last scenario to the first
      Given the feature file "order.feature":
        """
        Feature: Order
          Scenario: The first passes
            Given no bearer token
          Scenario: The last fails
            Then the table "users" has 1 row
        """
      When I run the suite with "--store sqlite --slots 1 --fail-fast --shuffle=reverse {{order}}"
      Then it exits with 1
      And the output contains "1 scenario (1 failed)"
      And the output contains "1 scenario wasn't run"
      And the output contains "order reverse: --seed "

  Rule: What failed can be run again

    Scenario: The scenarios of the file run, and no others
      Given the file "rerun.txt" says:
        """
        {{tunes}}:2:14

        """
      When I run the suite with "--list --rerun {{features}}/rerun.txt"
      Then it exits with 0
      And the output contains "Tunes › Waltz: test"
      And the output contains "Tunes › Jive: test"
      And the output contains "2 tests"

    Scenario Outline: Other filters narrow it: <others>
      Given the feature file "waltzes.feature":
        """
        Feature: Waltzes
          @slow
          Scenario: Slow waltz
            Given no bearer token
          Scenario: Waltz of the flowers
            Given no bearer token
        """
      And the file "rerun.txt" says:
        """
        {{tunes}}:2:14
        {{waltzes}}:3
        """
      When I run the suite with "--list --rerun {{features}}/rerun.txt <others>"
      Then it exits with 0
      And the output contains "<chosen>: test"
      And the output contains "<count>, 0 benchmarks"

      Examples:
        | others                      | chosen               | count   |
        | {{tunes}}                   | Tunes › Jive         | 2 tests |
        | {{features}}                | Waltzes › Slow waltz | 3 tests |
        | {{tunes}}:2:4               | Tunes › Waltz        | 1 tests |
        | {{features}}/./tunes.feature:2 {{tunes}} | Tunes › Jive | 2 tests |
        | --input {{features}}/w*     | Waltzes › Slow waltz | 1 tests |
        | Jive                        | Tunes › Jive         | 1 tests |
        | --tags @slow                | Waltzes › Slow waltz | 1 tests |

    Scenario: Nothing of it is left
      Given the file "rerun.txt" says:
        """
        {{tunes}}:2
        """
      When I run the suite with "--store sqlite --rerun {{features}}/rerun.txt {{tunes}}:4"
      Then it exits with 1
      And the output contains "no scenario was chosen"

    Scenario: Nothing failed
      Given the file "rerun.txt" says:
        """
        """
      When I run the suite with "--store sqlite --rerun {{features}}/rerun.txt"
      Then it exits with 0
      And the output contains "nothing failed in the run that wrote the file: nothing to run"

    Scenario: A missing file
      When I run the suite with "--store sqlite --rerun nowhere.txt"
      Then it exits with 2
      And the output contains "--rerun nowhere.txt: there is no such file"

    Scenario: A line that is no scenario any more
      Given the file "rerun.txt" says:
        """
        {{tunes}}:99
        """
      When I run the suite with "--store sqlite --slots 1 --rerun {{features}}/rerun.txt"
      Then it exits with 1
      And the output contains "tunes.feature:99: no scenario is meant by this line"
      Given the file "rerun.txt" says:
        """
        {{features}}/gone.feature:3
        """
      When I run the suite with "--store sqlite --rerun {{features}}/rerun.txt"
      Then it exits with 2
      And the output contains "rerun.txt:1: "
      And the output contains "the file doesn't exist"

  Rule: A scenario that passes on a retry is flaky, and is listed

    Scenario: It fails once
      Given the feature file "flaky.feature":
        """
        Feature: Flaky
          @retry(3)
          Scenario: Sometimes
            Then the file "{{$uuid}}" is there the second time
        """
      When I run the suite with "--store sqlite --slots 1 {{flaky}}"
      Then it exits with 0
      And the output contains "Flaky: failed at first, and passed when run again:"
      And the output contains "Flaky › Sometimes"
      And the output contains "(2 attempts)"
      And the output contains "1 scenario flaky"

  Rule: An interrupted run prints the failures and the running scenario

    Scenario: Ctrl-C
      Given the file "long.feature" says:
        """
        Feature: Long
          Scenario: Fails
            Then the table "users" has 1 row
          Scenario: Goes on and on
            Given the file "{{features}}/begun" says:
              '''
              '''
            When I poll GET "/health" for up to 1m until the JSON contains:
              '''
              {"status": "ill"}
              '''
          Scenario: Never begins
            Given no bearer token
        """
      When I start the suite with "--store sqlite --slots 1 {{features}}/long.feature"
      Then the suite says "Long › Fails"
      And the suite writes the file "begun"
      When I interrupt the suite
      Then it exits with 130
      And the output contains "Failed:"
      And the output contains "long.feature:2"
      And the output contains "2 scenarios (1 failed, 1 interrupted)"
      And the output contains "1 scenario wasn't run"

  Rule: The suite can watch its files

    Scenario: A saved feature runs again, together with failed scenarios
      When I start the suite with "--store sqlite --slots 1 --watch {{tunes}}"
      Then the suite says "5 scenarios (5 passed)"
      And the suite says "Ctrl-C ends"
      Given the file "tunes.feature" says:
        """
        Feature: Tunes
          Scenario: Waltz
            Given no bearer token
        """
      Then the suite says "changed: "
      And the suite says "1 scenario (1 passed)"
      And the suite says "Ctrl-C ends"
      When I interrupt the suite
      Then it exits with 130

    Scenario: Nothing is watched if the command line is wrong
      When I run the suite with "--store sqlite --watch {{features}}/gone.feature"
      Then it exits with 2
      And the output contains "gone.feature"
      And the output does not contain "watching"

  Rule: The database of a scenario that failed can be kept

    Scenario: The database of a failed scenario exists after the run
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "ada"
            Then the table "users" is empty
          Scenario: Others find nothing of it
            Then the table "users" is empty
        """
      When I run the suite with "--store sqlite --slots 1 --keep-db {{party}}"
      Then it exits with 1
      And the output contains "the database is kept:"
      And the output contains "Kept databases:"
      And the output contains "sqlite3 '"
      And the output contains "The next run of this project removes them"
      And the output contains "2 scenarios (1 passed, 1 failed)"

    Scenario: Only a run of the same project removes it
      Given the temporary folder is "machine"
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "ada"
            Then the table "users" is empty
        """
      When I run the suite with "--store sqlite --slots 1 --keep-db {{party}}"
      Then it exits with 1
      Given the environment variable "TMPDIR" is "{{temporary folder}}"
      And the next run is of another project
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then the output contains "1 scenario (1 failed)"
      And the output does not contain "had left: {{temporary folder}}/"
      Given the environment variable "TMPDIR" is "{{temporary folder}}"
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then the output contains "had left: {{temporary folder}}/"
      And the temporary folder is empty

    Scenario: If the project is gone, any run removes it
      Given the temporary folder is "machine"
      And the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "ada"
            Then the table "users" is empty
        """
      And the next run is of another project
      When I run the suite with "--store sqlite --slots 1 --keep-db {{party}}"
      Then it exits with 1
      Given the other project is deleted
      And the environment variable "TMPDIR" is "{{temporary folder}}"
      When I run the suite with "--store sqlite --slots 1 {{party}}"
      Then the output contains "had left: {{temporary folder}}/"

    @postgres @serial
    Scenario: On a server that stays, only a run of the same project removes it
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "ada"
            Then the table "users" is empty
        """
      When I run the suite with "--database {{server}} --slots 1 --keep-db {{party}}"
      Then the output contains "Kept databases:"
      Given the next run is of another project
      When I run the suite with "--database {{server}} --slots 1 {{party}}"
      Then the output contains "1 scenario (1 failed)"
      And the output does not contain "swept what"
      When I run the suite with "--database {{server}} --slots 1 {{party}}"
      Then the output contains "swept what a killed run had left: database"

    # The server of this scenario outlives the run. A server that the suite starts does too.
    @postgres @serial
    Scenario: A psql command opens it, until the next run
      Given the feature file "party.feature":
        """
        Feature: Party
          Scenario: They come
            Given a registered user "ada"
            Then the table "users" is empty
        """
      When I run the suite with "--database local --slots 1 --keep-db {{party}}"
      Then it exits with 1
      When I run the line of the output that begins with "psql ", with "-Atc 'select username from users'" behind it
      Then it exits with 0
      And the output contains "ada"
      When I run the suite with "--database local --slots 1 {{party}}"
      Then the output contains "swept what a killed run had left"
