Feature: Wrong options
  A wrong value is refused before anything starts, with what would be right.

  Background:
    Given the feature file "tunes.feature":
      """
      Feature: Tunes
        Scenario: Waltz
          Given no bearer token
      """

  Rule: A wrong value is wrong usage

    Scenario Outline: <options>
      When I run the suite with "--store sqlite <options> {{tunes}}"
      Then it exits with 2
      And the output contains "<because>"

      Examples:
        | options                         | because                                        |
        | --retry -1                      | -1 is not in 0..=65535                         |
        | --step-timeout 0s               | a limit must be longer than zero               |
        | --start-timeout 0ms             | a limit must be longer than zero               |
        | --browser-patience 0s           | a limit must be longer than zero               |
        | --step-timeout 5                | `5` isn't a duration: write it like 250ms      |
        | --step-timeout ''               | `` isn't a duration: write it like 250ms       |
        | --slots 0                       | 0 is not in 1..=256                            |
        | --shuffle=often                 | write a seed, which is a whole number, or      |
        | --tags '@a and'                 | a tag is missing at the end                    |
        | --name '('                      | unclosed group                                 |
        | --input 'nothing*'              | --input nothing* matches no feature file       |
        | --target none --migrations gone | --migrations: gone isn't a folder              |
        | --browser /gone                 | --browser: there is no browser /gone           |
        | --format json                   | text, json or markdown with --steps            |
        | gone.feature                    | there is no file or folder gone.feature        |

    Scenario: A folder without reports can't be merged
      Given the file "empty/nothing" says:
        """
        """
      When I run the suite with "--merge {{features}}/empty"
      Then it exits with 2
      And the output contains "there is no messages.ndjson in "

  Rule: Cucumber's own options work as there

    Scenario Outline: <options>
      When I run the suite with "--store sqlite <options> {{tunes}}"
      Then it exits with 0
      And the output contains "1 scenario (1 passed)"

      Examples:
        | options                                               |
        | --retry 1 --retry-after '1m 30s'                      |
        | --retry 1 --retry-after 12min5s --retry-tag-filter @a |
        | --retry 1 --retry-after '500 msec'                    |
        | --retry 1 --retry-after 1.5seconds                    |
        | --concurrency 1 --fail-fast -v                        |
        | -c 2 --ff -vvv --color always                         |
        | --tags 'not @slow' --name Wal                         |
        | -t 'not (@slow or @wip)' --scenario-name '^Waltz$'    |

  Rule: Reports that can't be written fail the run

    Scenario: The folder of the reports is a file
      When I run the suite with "--store sqlite --report-dir {{tunes}} {{tunes}}"
      Then it exits with 1
      And the output contains "no reports can be written to "
