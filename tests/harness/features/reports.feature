Feature: Reports
  A run writes files for people, build servers and other Cucumber tools, while it runs.

  Background:
    Given the feature file "tunes.feature":
      """
      @music
      Feature: Tunes <b>& "dances"
        Text below a heading.

        Background:
          Given no bearer token

        # A remark.
        Scenario: Waltz
          When I send GET "/health"
          Then the response status is 200

        Rule: Nobody sits

          Scenario Outline: Jive in <status>
            When I send GET "/health"
            Then the response status is <status>
            And the response header "content-type" contains "text"

            Examples:
              | status |
              | 204    |
              | 404    |

        @retry(1)
        Scenario: Tango
          When I send POST "/users" with JSON:
            '''json
            {"username": "ada"}
            '''
          Then the response JSON is:
            '''json
            {"username": "grace"}
            '''

        Scenario: Polka
          When somebody plays "the accordion"
      """

  Rule: Every run writes all of them

    Scenario: Failed scenarios can be run again
      When I run the suite with "--store sqlite {{tunes}}"
      Then it exits with 1
      And the output contains "reports: {{reports}}"
      And the report "rerun.txt" is:
        """
        {{tunes}}:22:23:26:36
        """
      And the report "timings.json" contains '{{tunes}}:22": '

    Scenario: Messages follow the protocol
      When I run the suite with "--store sqlite {{tunes}}"
      Then it exits with 1
      And the ids of "messages.ndjson" are consistent
      And 1 message of "messages.ndjson" is a "meta"
      And 1 message of "messages.ndjson" is a "source"
      And 1 message of "messages.ndjson" is a "gherkinDocument"
      And 5 messages of "messages.ndjson" are a "pickle"
      And 5 messages of "messages.ndjson" are a "testCase"
      And 6 messages of "messages.ndjson" are a "testCaseStarted"
      And 6 messages of "messages.ndjson" are a "testCaseFinished"
      And 1 message of "messages.ndjson" is a "suggestion"
      And 1 message of "messages.ndjson" is a "testRunFinished"
      And the report "messages.ndjson" contains "# A remark."
      And the report "messages.ndjson" contains "UNDEFINED"
      And the report "messages.ndjson" contains '"willBeRetried":true'

    Scenario: A build server gets JUnit's format, with the explanation of a failure
      When I run the suite with "--store sqlite {{tunes}}"
      Then it exits with 1
      And the report "junit.xml" contains 'name="Tunes &lt;b&gt;&amp; &quot;dances&quot;" tests="5" failures="4" errors="0"'
      And the report "junit.xml" contains '<failure type="undefined" message="no step has these words">'
      And the report "junit.xml" contains "<rerunFailure"
      And the report "junit.xml" contains "POST http://127.0.0.1"

    Scenario: A page shows everything, and no text is interpreted as HTML
      When I run the suite with "--store sqlite {{tunes}}"
      Then it exits with 1
      And the report "report.html" contains "Tunes \u003cb>&"
      And the report "report.html" does not contain "Tunes <b>"
      And the report "report.html" contains "report.end("

    Scenario: A file with a mistake is in the reports
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
          Sceanrio: What is this
        """
      When I run the suite with "--store sqlite {{polka}} {{tunes}}:10"
      Then it exits with 1
      And 1 message of "messages.ndjson" is a "parseError"
      And the report "junit.xml" contains "polka.feature:4:3:"

    Scenario: A step that skips the rest of its scenario isn't a failure
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given the floor is wet
            When I send GET "/health"
            Then the response status is 404
        """
      When I run the suite with "--store sqlite {{polka}}"
      Then it exits with 0
      And the output contains "1 scenario (1 skipped)"
      And the report "junit.xml" contains '<skipped message="the floor is wet"/>'

    Scenario: A step that isn't written yet fails
      Given the feature file "polka.feature":
        """
        Feature: Polka
          @retry(3)
          Scenario: Somebody dances
            Given a band is found
        """
      When I run the suite with "--store sqlite {{polka}}"
      Then it exits with 1
      And the output contains "1 scenario (1 failed)"
      And the output does not contain "tried again"
      And the report "messages.ndjson" contains "PENDING"

    Scenario Outline: <what> runs nothing and writes nothing
      When I run the suite with "<what> {{tunes}}"
      Then there is no report "messages.ndjson"

      Examples:
        | what      |
        | --list    |
        | --steps   |
        | --dry-run |

    Scenario: A folder that can't be written is an error
      When I run the suite with "--store sqlite --report-dir /dev/null/reports {{tunes}}"
      Then it exits with 1
      And the output contains "no reports can be written to /dev/null/reports"

  Rule: A run that didn't get to its scenarios leaves no report of an earlier run

    Background:
      Given the feature file "waltz.feature":
        """
        Feature: Waltz
          Scenario: Somebody rests
            Given no bearer token
        """
      And the migration "1_broken.sql":
        """
        create nonsense;
        """
      And I run the suite with "--store sqlite {{waltz}}"

    Scenario: Its only file has a mistake
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: They dance
            Given no bearer token
          Sceanrio: What is this
        """
      When I run the suite with "--store sqlite {{polka}}"
      Then it exits with 1
      And the report "junit.xml" contains 'tests="1" failures="1"'
      And the report "junit.xml" does not contain "Somebody rests"
      And the report "report.html" contains "polka.feature:4:3:"
      And 1 message of "messages.ndjson" is a "parseError"
      And the report "messages.ndjson" contains '"success":false'
      And the report "rerun.txt" is:
        """
        {{polka}}
        """
      When I run the suite with "--store sqlite --rerun {{reports}}/rerun.txt"
      Then it exits with 1
      And the output contains "polka.feature:4:3:"
      Given the file "polka.feature" says:
        """
        Feature: Polka
          Scenario: Mended
            Given no bearer token
        """
      When I run the suite with "--store sqlite --rerun {{reports}}/rerun.txt"
      Then it exits with 0
      And the output contains "1 scenario (1 passed)"

    Scenario Outline: <What>
      When I run the suite with "--store sqlite <options>"
      Then it exits with <code>
      And the report "junit.xml" contains 'tests="1" failures="1"'
      And the report "junit.xml" contains "<reason>"
      And the report "report.html" contains "<reason>"
      And the report "report.html" does not contain "Somebody rests"
      And 1 message of "messages.ndjson" is a "testRunFinished"
      And the report "messages.ndjson" contains '"success":false'
      And there is no report "rerun.txt"

      Examples:
        | What                         | options                             | code | reason                 |
        | The schema can't be created  | --migrations {{migrations}} {{waltz}} | 1    | 1_broken               |
        | No scenario is chosen        | --tags @nobody {{waltz}}            | 1    | no scenario was chosen |
        | The command line is wrong    | {{features}}/gone.feature           | 2    | gone.feature           |

    Scenario: The project's file has a mistake
      Given the project's file "bdd.toml":
        """
        [service]
        runn = "x"
        """
      When I run bdd with "--config {{project}}/bdd.toml --report-dir {{reports}}"
      Then it exits with 2
      And the report "junit.xml" contains "bdd.toml:2:1: `runn` is no key here"
      And the report "junit.xml" does not contain "Somebody rests"

    Scenario: A list of failures is kept for another try
      Given the file "rerun.txt" says:
        """
        {{waltz}}:2
        """
      When I run the suite with "--store sqlite --migrations {{features}}/gone --rerun {{features}}/rerun.txt --report-dir {{features}}"
      Then it exits with 2
      And the report "{{features}}/junit.xml" contains "gone"
      And the report "{{features}}/rerun.txt" is:
        """
        {{waltz}}:2
        """

    Scenario: A merge tells which part ran no scenario
      When I run the suite with "--store sqlite --report-dir {{reports}}/1 {{waltz}}"
      And I run the suite with "--store sqlite --tags @nobody --report-dir {{reports}}/2 {{waltz}}"
      And I run the suite with "--merge {{reports}}/1 {{reports}}/2 --report-dir {{reports}}/all"
      Then it exits with 1
      And the output contains "{{reports}}/2: no scenario ran: no scenario was chosen"
      And the report "all/junit.xml" contains 'tests="2" failures="1"'

  Rule: A scenario's time doesn't include the start of its slot

    @postgres
    Scenario: The service starts slowly
      Given the project's file "bdd.toml":
        """
        [service]
        run   = "touch '{root}/started'; exec <<guestbook>>"
        ready = { line = "listening on http://(\\S+)" }
        """
      And the project's file "features/health.feature":
        """
        Feature: Health
          Scenario: It answers
            When I send GET "/health"
        """
      When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1 --report-dir {{reports}}"
      Then it exits with 0
      And the first scenario of "messages.ndjson" began after "{{project}}/started" was written

  Rule: An incomplete run leaves the reports of what it has done

    Scenario: A run is killed
      Given the feature file "long.feature":
        """
        Feature: Long
          Scenario: Short
            When I send GET "/health"
          Scenario: Long
            When the suite waits for 5m
        """
      When I run the suite with "--store sqlite --slots 2 {{long}}" and send KILL once "junit.xml" has "Short"
      Then 1 message of "messages.ndjson" is a "testCaseFinished"
      And the ids of "messages.ndjson" are consistent
      And the report "junit.xml" contains "</testsuites>"
      And the report "report.html" contains "Short"
      # An empty list would mean that nothing failed.
      And there is no report "rerun.txt"

    Scenario: A run is interrupted
      Given the feature file "long.feature":
        """
        Feature: Long
          Scenario: Wrong
            When I send GET "/health"
            Then the response status is 404
          Scenario: Long
            When the suite waits for 5m
        """
      When I run the suite with "--store sqlite --slots 2 {{long}}" and send INT once "messages.ndjson" has "FAILED"
      Then the output contains "Long › Wrong"
      And the output contains "✗ Long (0 passed, 1 failed, 1 interrupted)"
      And the output contains "2 scenarios (1 failed, 1 interrupted)"
      And the report "rerun.txt" is:
        """
        {{long}}:2
        """
      And the report "junit.xml" contains '<skipped message="interrupted"/>'
      And the report "messages.ndjson" contains '"success":false'

  Rule: Reports of shards are merged

    Scenario: Two runs are merged
      When I run the suite with "--store sqlite --report-dir {{reports}}/1 {{tunes}}:10"
      Then it exits with 0
      When I run the suite with "--store sqlite --report-dir {{reports}}/2 {{tunes}}:15 {{tunes}}:26"
      Then it exits with 1
      When I run the suite with "--merge {{reports}}/1 {{reports}}/2 --report-dir {{reports}}/all"
      Then it exits with 1
      And the output contains "2 runs"
      And the output contains "4 scenarios (1 passed, 3 failed)"
      And the ids of "all/messages.ndjson" are consistent
      And 1 message of "all/messages.ndjson" is a "testRunStarted"
      And 1 message of "all/messages.ndjson" is a "source"
      And 4 messages of "all/messages.ndjson" are a "pickle"
      And 5 messages of "all/messages.ndjson" are a "testCaseStarted"
      And the report "all/rerun.txt" is:
        """
        {{tunes}}:22:23:26
        """
      And the report "all/junit.xml" contains 'tests="4" failures="3"'
      And the report "all/junit.xml" contains 'name="Jive in 204 [status=204]"'
      And the report "all/report.html" contains "Nobody sits"

    Scenario: Runs that passed are merged
      When I run the suite with "--store sqlite --report-dir {{reports}}/1 {{tunes}}:10"
      When I run the suite with "--merge {{reports}}/1 --report-dir {{reports}}/all"
      Then it exits with 0
      And the output contains "1 scenario (1 passed)"

    Scenario Outline: <what> is wrong usage
      When I run the suite with "--store sqlite --report-dir {{reports}}/1 {{tunes}}:10"
      And I run the suite with "<options>"
      Then it exits with 2
      And the output contains "<message>"

      Examples:
        | what                     | options                                           | message                      |
        | A folder without reports | --merge {{reports}}                               | there is no messages.ndjson  |
        | The folder of the merge  | --merge {{reports}}/1 --report-dir {{reports}}/1  | would overwrite the reports  |
        | The same run twice       | --merge {{reports}}/1 {{reports}}/1               | reports of the same run      |
        | An option of a run       | --merge {{reports}}/1 --slots 2                   | --slots has no effect here   |

    Scenario: A merge with a killed run has no empty list of failures
      When I run the suite with "--store sqlite --report-dir {{reports}}/1 {{tunes}}:10"
      Given the feature file "long.feature":
        """
        Feature: Long
          Scenario: Long
            When the suite waits for 5m
        """
      When I run the suite with "--store sqlite --report-dir {{reports}}/2 {{long}}" and send KILL once "2/messages.ndjson" has "testRunStarted"
      And I run the suite with "--merge {{reports}}/1 {{reports}}/2 --report-dir {{reports}}/all"
      Then it exits with 1
      And the output contains "{{reports}}/2 was killed"
      And there is no report "all/rerun.txt"

  Rule: GitHub Actions has its own output

    Scenario: Annotations are on failed lines, and the job has a summary
      Given the environment variable "GITHUB_ACTIONS" is "true"
      And the environment variable "GITHUB_STEP_SUMMARY" is "{{reports}}.md"
      And the environment variable "GITHUB_SERVER_URL" is "https://git.example"
      And the environment variable "GITHUB_REPOSITORY" is "dances/tango"
      And the environment variable "GITHUB_RUN_ID" is "7"
      And the environment variable "GITHUB_SHA" is "c0ffee"
      When I run the suite with "--store sqlite {{tunes}}"
      Then it exits with 1
      And the output contains '::error file={{tunes}},line=17,title=Tunes <b>& "dances" › Jive in 204 [status=204]::the response'
      And the output contains "::group::"
      And the output contains "::endgroup::"
      And the report "../reports.md" contains "### Scenarios: 1 passed, 4 failed"
      And the report "messages.ndjson" contains "https://git.example/dances/tango/actions/runs/7"

    Scenario: What a service answers is no command to GitHub
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: A body
            When I send POST "/echo" with body:
              '''
              ::error::all is lost
              '''
            Then the response status is 404
        """
      And the environment variable "GITHUB_ACTIONS" is "true"
      When I run the suite with "--store sqlite {{polka}}"
      Then it exits with 1
      And the output contains "::stop-commands::"
