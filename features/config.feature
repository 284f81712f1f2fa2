Feature: Configuration
  What the service is told by a file, the environment or the command line must make sense, or it doesn't start.
  It can show what it understood, and never shows a secret.

  Rule: The configuration can be looked at

    Scenario: The configuration tells every value
      When I run "config"
      Then it exits with 0
      And the output contains "max_conns"
      And the output contains "token_lifetime"

    Scenario Outline: A value from the environment is shown: <name>
      Given the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 0
      And the output contains "<shown>"

      Examples:
        | name                       | value       | shown         |
        | PORT                       | 9191        | 9191          |
        | DLC_SERVER_PORT            | 9292        | 9292          |
        | DLC_SERVER_HOST            | 127.0.0.9   | 127.0.0.9     |
        | DB_MAX_CONNS               | 17          | 17            |
        | DLC_DATABASE_MAX_CONNS     | 19          | 19            |
        | DB_MAX_CONN_LIFETIME       | 47m         | 47m           |
        | DLC_SERVER_SHUTDOWN_PAUSE  | 77s         | 77s           |
        | DATABASE_URL               | sqlite:a.db | sqlite:a.db   |
        | DLC_ENVIRONMENT            | dev         | development   |

    Scenario: A database's password is not shown
      Given the environment variable "DATABASE_URL" is "postgres://dancer:s3cret-steps@db.example:5432/school"
      When I run "config"
      Then it exits with 0
      And the output contains "db.example"
      And the output does not contain "s3cret-steps"

    Scenario Outline: A secret is not shown: <name>
      Given the environment variable "<name>" is "left-foot-right-foot-close-left-foot-right"
      When I run "config"
      Then it exits with 0
      And the output does not contain "left-foot-right-foot"

      Examples:
        | name                 |
        | DLC_AUTH_SIGNING_KEY |
        | DB_PASSWORD          |

    Scenario Outline: The first admin's password is not shown: <name>
      Given the environment variable "BOOTSTRAP_ADMIN_USERNAME" is "root"
      And the environment variable "<name>" is "left-foot-right-foot-close-left-foot-right"
      When I run "config"
      Then it exits with 0
      And the output contains "root"
      And the output does not contain "left-foot-right-foot"

      Examples:
        | name                         |
        | BOOTSTRAP_ADMIN_PASSWORD     |
        | DLC_BOOTSTRAP_ADMIN_PASSWORD |

    Scenario: A first admin without a name is refused
      Given the environment variable "BOOTSTRAP_ADMIN_PASSWORD" is "left-foot-right-foot"
      When I run "config"
      Then it exits with 1
      And the output contains "bootstrap.admin_username is missing"

  Rule: What makes no sense stops the start

    Scenario Outline: A wrong value is refused, and the key and the value are told: <name>
      Given the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 1
      And the output contains "<key>"
      And the output contains "<value>"

      Examples:
        | name                      | value    | key               |
        | PORT                      | seventy  | port              |
        | DLC_SERVER_PORT           | 70000    | port              |
        | DB_MAX_CONNS              | plenty   | max_conns         |
        | DB_MAX_CONN_LIFETIME      | soon     | max_conn_lifetime |
        | DB_DRIVER                 | oracle   | driver            |
        | DB_SSLMODE                | perhaps  | sslmode           |
        | DLC_ENVIRONMENT           | holiday  | environment       |
        | DLC_AUTH_TOKEN_LIFETIME   | 5        | token_lifetime    |
        | DLC_SERVER_SHUTDOWN_PAUSE | -1s      | shutdown_pause    |

    Scenario: What is allowed is told too
      Given the environment variable "DLC_ENVIRONMENT" is "holiday"
      When I run "config"
      Then it exits with 1
      And the output contains "development"
      And the output contains "production"

    Scenario Outline: A name nobody knows is refused: <name>
      Given the environment variable "<name>" is "polished"
      When I run "config"
      Then it exits with 1
      And the output contains "<name>"

      Examples:
        | name                    |
        | DLC_DANCE_FLOOR         |
        | DLC_SERVER_COLOUR       |
        | DLC_DATABASE_MAX_CONNZ  |

    Scenario: All that is wrong is told at once
      Given the environment variable "DLC_ENVIRONMENT" is "holiday"
      And the environment variable "DB_MAX_CONNS" is "plenty"
      And the environment variable "DLC_DANCE_FLOOR" is "polished"
      When I run "config"
      Then it exits with 1
      And the output contains "holiday"
      And the output contains "plenty"
      And the output contains "DLC_DANCE_FLOOR"

    Scenario: A wrong value stops the service too
      Given the environment variable "DLC_SERVER_PORT" is "seventy"
      When I run "serve"
      Then it exits with 1
      And the output contains "seventy"

    Scenario: A configuration file that isn't there is refused
      When I run "config --config nowhere.toml"
      Then it exits with 1
      And the output contains "nowhere.toml"

    Scenario: A configuration file named by the environment must be there too
      Given the environment variable "DLC_CONFIG" is "nowhere.toml"
      When I run "config"
      Then it exits with 1
      And the output contains "nowhere.toml"

    Scenario Outline: Where it is serious, a short signing key is refused: <environment>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "2short4u"
      When I run "serve"
      Then it exits with 1
      And the output contains "signing_key"
      And the output does not contain "2short4u"

      Examples:
        | environment |
        | staging     |
        | production  |
        | prod        |

  Rule: What was not said follows what was

    Scenario: A small pool needs no word about its minimum
      Given the environment variable "DB_MAX_CONNS" is "3"
      When I run "config"
      Then it exits with 0
      And the output contains "max_conns = 3"

    Scenario: A filter for the log that can't be read is refused, as everything else is
      Given the environment variable "RUST_LOG" is "info,=loud"
      When I run "config"
      Then it exits with 1
      And the output contains "log.filter"

    Scenario: In production a path alone is no database
      Given the environment variable "DLC_ENVIRONMENT" is "production"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DATABASE_URL" is ""
      And the environment variable "DB_PATH" is "school.db"
      When I run "config"
      Then it exits with 1
