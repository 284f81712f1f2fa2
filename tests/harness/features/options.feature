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
        | --target https://example.org    | requests are sent without TLS                  |
        | --target http://                | this URL names no host                         |
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

  Rule: An option that would have no effect is refused with the reason

    Scenario Outline: <options>
      When I run the suite with "<options>"
      Then it exits with 2
      And the output contains "<message>"

      Examples:
        | options                                              | message                                                             |
        | --target http://127.0.0.1:1 --database local         | --database has no effect here: the database behind http://127.0.0.1:1 |
        | --target http://127.0.0.1:1 --plain-owner            | --plain-owner has no effect here                                    |
        | --target http://127.0.0.1:1 --store sqlite           | --store has no effect here                                          |
        | --target http://127.0.0.1:1 --migrations tests       | --migrations has no effect here                                     |
        | --target http://127.0.0.1:1 --reset delete           | --reset has no effect here                                          |
        | --target http://127.0.0.1:1 --prove-isolation        | --prove-isolation has no effect here                                |
        | --target http://127.0.0.1:1 --print-reset            | --print-reset has no effect here                                    |
        | --target http://127.0.0.1:1 --slots 2                | --slots has no effect here: scenarios run one at a time             |
        | --store sqlite --database local                      | --database has no effect here: SQLite is a file                     |
        | --store sqlite --plain-owner                         | --plain-owner has no effect here                                    |
        | --store sqlite --reset truncate                      | --reset truncate has no effect here: SQLite has no TRUNCATE         |
        | --target http://127.0.0.1:1 --start-timeout 1m       | --start-timeout has no effect here: the service at http://127.0.0.1:1 is running already |
        | --target none --start-timeout 1m                     | --start-timeout has no effect here: no service is started           |
        | --list --prove-isolation                             | --prove-isolation has no effect here: --list runs no scenario       |
        | --list --format terse --slots 2                      | --slots has no effect here: --list runs no scenario                 |
        | --list --seed 7                                      | --seed has no effect here: --list runs no scenario                  |
        | --list --dry-run                                     | --dry-run has no effect here: --list runs no scenario               |
        | --list --watch                                       | --watch has no effect here: --list runs no scenario                 |
        | --steps --reset delete                               | --reset has no effect here: --steps runs no scenario                |
        | --steps --browser none                               | --browser has no effect here: --steps runs no scenario              |
        | --steps --list                                       | --steps has no effect here: --list runs no scenario                 |
        | --dry-run --retry 2                                  | --retry has no effect here: --dry-run runs no scenario              |
        | --dry-run --database local                           | --database has no effect here: --dry-run runs no scenario           |
        | --dry-run --keep-db                                  | --keep-db has no effect here: --dry-run runs no scenario            |
        | --dry-run --target none                              | --target has no effect here: --dry-run runs no scenario             |
        | --print-reset features/log.feature                   | a path or word has no effect here: --print-reset runs no scenario   |
        | --merge folder --tags @smoke                         | --tags has no effect here: --merge only merges reports              |
        | --exact                                              | --exact has no effect here                                          |
        | -vvvv                                                | 4 is not in 0..=3                                                   |
        | --tags smoke                                         | character 1: a tag begins with @: write @smoke                      |
        | --tags '@a @b'                                       | character 4: `and` or `or` is missing before this                   |
        | --tags '@a and (@b'                                  | character 8: this `(` is never closed                               |

    Scenario: Options of test runners are accepted wherever they are passed
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody rests
            Given no bearer token
        """
      When I run the suite with "--list --format terse --nocapture --include-ignored --test-threads 2 --color never {{polka}}"
      Then it exits with 0
      When I run the suite with "--dry-run --show-output --quiet -Z unstable-options {{polka}}"
      Then it exits with 0

    Scenario: A dry run stops at the first mistake, and takes an order
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody plays
            Given somebody who plays
          Scenario: Somebody dances
            Given somebody who dances
        """
      When I run the suite with "--dry-run --fail-fast --shuffle=reverse --verbose {{polka}}"
      Then it exits with 1
      And the output contains "1 scenario (1 failed)"
      And the output contains "Somebody dances"
      And the output contains "1 scenario wasn't run"

    Scenario: A variable with a wrong name
      Given the environment variable "BDD_DATABASE_ULR" is "postgres://postgres@localhost/postgres"
      When I run the suite with "--store sqlite features/requests.feature"
      Then it exits with 2
      And the output contains "BDD_DATABASE_ULR has no effect here: there are BDD_DATABASE_PROVIDER, BDD_DATABASE_URL"

  Rule: Reports that can't be written fail the run

    Scenario: The folder of the reports is a file
      When I run the suite with "--store sqlite --report-dir {{tunes}} {{tunes}}"
      Then it exits with 1
      And the output contains "no reports can be written to "
