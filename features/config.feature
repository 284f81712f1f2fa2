Feature: Configuration
  Settings come from a file, the environment or the command line. A wrong setting stops the start.
  The service can print its settings, and never prints a secret.

  Rule: The configuration can be printed

    Scenario: Every value is printed
      When I run "config"
      Then it exits with 0
      And the output contains "max_conns"
      And the output contains "token_lifetime"

    Scenario Outline: A value from the environment is printed: <name>
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

    Scenario: A database's password is hidden
      Given the environment variable "DATABASE_URL" is "postgres://dancer:s3cret-steps@db.example:5432/school"
      When I run "config"
      Then it exits with 0
      And the output contains "db.example"
      And the output does not contain "s3cret-steps"

    Scenario Outline: A secret is hidden: <name>
      Given the environment variable "<name>" is "left-foot-right-foot-close-left-foot-right"
      When I run "config"
      Then it exits with 0
      And the output does not contain "left-foot-right-foot"

      Examples:
        | name                 |
        | DLC_AUTH_SIGNING_KEY |
        | DB_PASSWORD          |

    Scenario Outline: The first admin's password is hidden: <name>
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

    Scenario: The reference of all settings can be printed without a valid configuration
      When I run "config --reference"
      Then it exits with 0
      And the output contains "DLC_SERVER_PORT"
      And the output contains "BOOTSTRAP_ADMIN_PASSWORD"

    Scenario Outline: A PostgreSQL server can be given by host, port, user and so on: <sslmode>
      Given the environment variable "DATABASE_URL" is ""
      And the environment variable "DB_HOST" is "ballroom.example.org"
      And the environment variable "DB_PASSWORD" is "waltz-three-four"
      And the environment variable "DB_SSLMODE" is "<sslmode>"
      When I run "config"
      Then it exits with 0
      And the output contains "ballroom.example.org"
      And the output contains '"<sslmode>"'
      And the output does not contain "waltz-three-four"

      Examples:
        | sslmode     |
        | disable     |
        | allow       |
        | prefer      |
        | require     |
        | verify-ca   |
        | verify-full |

  Rule: The command line overrides the environment, which overrides the file, which overrides the defaults

    Scenario: A file overrides the defaults
      Given "settings" is the path of a new file
      And the file "{{settings}}" says "server.port = 8101"
      When I run "config --config {{settings}}"
      Then it exits with 0
      And the output contains "port = 8101"
      And the output contains "file"

    Scenario: The environment overrides the file
      Given "settings" is the path of a new file
      And the file "{{settings}}" says "server.port = 8101"
      And the environment variable "DLC_CONFIG" is "{{settings}}"
      And the environment variable "DLC_SERVER_PORT" is "8102"
      When I run "config"
      Then the output contains "port = 8102"
      And the output does not contain "8101"

    Scenario: The command line overrides both
      Given "settings" is the path of a new file
      And the file "{{settings}}" says "server.port = 8101"
      And the environment variable "DLC_SERVER_PORT" is "8102"
      When I run "config --config {{settings}} --set server.port=8103"
      Then the output contains "port = 8103"
      And the output contains "command line"
      And the output does not contain "8101"
      And the output does not contain "8102"

  Rule: A wrong setting stops the start

    Scenario Outline: A malformed file is refused, and its contents aren't shown: <flaw>
      Given "settings" is the path of a new file
      And the file "{{settings}}" says "<line>"
      When I run "config --config {{settings}}"
      Then it exits with 1
      And the output contains "<told>"
      And the output does not contain "waltz-three-four"

      Examples:
        | flaw                     | line                                | told                   |
        | no TOML                  | auth.signing_key = waltz-three-four | line 1                 |
        | a key nobody knows       | server.prot = 8101                  | server.prot            |
        | a section nobody knows   | ballroom.floor = 1                  | ballroom.floor         |
        | a number that is a text  | server.port = 'seventy'             | server.port            |

    Scenario Outline: A wrong setting on the command line is refused: <flag>
      When I run "config --set <flag>"
      Then it exits with <code>
      And the output contains "<told>"

      Examples:
        | flag                | code | told                  |
        | server.prot=8101    | 1    | server.prot           |
        | server.port=seventy | 1    | seventy               |
        | server.port         | 2    | must be KEY=VALUE     |

    Scenario Outline: Settings that contradict each other are refused: <flaw>
      Given the environment variable "<first>" is "<one>"
      And the environment variable "<second>" is "<other>"
      When I run "config"
      Then it exits with 1
      And the output contains '<told>'

      Examples:
        | flaw                                  | first                    | one                  | second                     | other         | told                                |
        | a pool with more at rest than at all  | DB_MIN_CONNS             | 9                    | DB_MAX_CONNS               | 3             | database.min_conns                  |
        | an admin whose name can't be one      | BOOTSTRAP_ADMIN_USERNAME | a                    | BOOTSTRAP_ADMIN_PASSWORD   | left-right-77 | bootstrap.admin_username: "a" must  |
        | an admin whose password is well known | BOOTSTRAP_ADMIN_USERNAME | ada                  | BOOTSTRAP_ADMIN_PASSWORD   | password      | bootstrap.admin_password            |
        | two kinds of database                 | DATABASE_URL             | postgres://ada@h/b   | DATABASE_MIGRATION_URL     | sqlite:a.db   | database.migration_url              |
        | too little memory for a hash          | DLC_AUTH_HASH_MEMORY_KIB | 7                    | DLC_SERVER_PORT            | 0             | auth.hash_memory_kib                |
        | PgBouncer without a way around it     | DATABASE_URL             | postgres://ada@h/b   | DLC_DATABASE_PGBOUNCER     | true          | database.migration_url is missing   |
        | PgBouncer before SQLite               | DATABASE_URL             | sqlite:a.db          | DLC_DATABASE_PGBOUNCER     | true          | has no effect on SQLite             |
        | a replica of SQLite                   | DATABASE_URL             | sqlite:a.db          | DATABASE_READ_URL          | sqlite:b.db   | only PostgreSQL has replicas        |

    Scenario: PgBouncer needs no way around it where nothing is migrated at the start
      Given the environment variable "DATABASE_URL" is "postgres://ada@h/b"
      And the environment variable "DLC_DATABASE_PGBOUNCER" is "true"
      And the environment variable "DLC_DATABASE_MIGRATE_ON_START" is "false"
      When I run "config"
      Then it exits with 0

    Scenario: In production, weak password hashes are refused
      Given the environment variable "DLC_ENVIRONMENT" is "production"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DLC_AUTH_HASH_MEMORY_KIB" is "64"
      And the environment variable "DLC_AUTH_HASH_ITERATIONS" is "1"
      When I run "config"
      Then it exits with 1
      And the output contains "auth.hash_memory_kib: 64 is too weak"
      And the output contains "auth.hash_iterations: 1 is too weak"

    Scenario Outline: A wrong value is refused, and the message names key and value: <name>
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

    Scenario: The message names the allowed values
      Given the environment variable "DLC_ENVIRONMENT" is "holiday"
      When I run "config"
      Then it exits with 1
      And the output contains "development"
      And the output contains "production"

    Scenario Outline: An unknown name is refused: <name>
      Given the environment variable "<name>" is "polished"
      When I run "config"
      Then it exits with 1
      And the output contains "<name>"

      Examples:
        | name                    |
        | DLC_DANCE_FLOOR         |
        | DLC_SERVER_COLOUR       |
        | DLC_DATABASE_MAX_CONNZ  |

    Scenario: All mistakes are reported at once
      Given the environment variable "DLC_ENVIRONMENT" is "holiday"
      And the environment variable "DB_MAX_CONNS" is "plenty"
      And the environment variable "DLC_DANCE_FLOOR" is "polished"
      When I run "config"
      Then it exits with 1
      And the output contains "holiday"
      And the output contains "plenty"
      And the output contains "DLC_DANCE_FLOOR"

    Scenario: A wrong value stops the service's start
      Given the environment variable "DLC_SERVER_PORT" is "seventy"
      When I run "serve"
      Then it exits with 1
      And the output contains "seventy"

    Scenario: A missing configuration file is refused
      When I run "config --config nowhere.toml"
      Then it exits with 1
      And the output contains "nowhere.toml"

    Scenario: A missing configuration file that the environment names is refused
      Given the environment variable "DLC_CONFIG" is "nowhere.toml"
      When I run "config"
      Then it exits with 1
      And the output contains "nowhere.toml"

    Scenario Outline: In staging and production, a short signing key is refused: <environment>
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

  Rule: A missing setting follows from the others

    Scenario: A small maximum of the pool lowers the default minimum
      Given the environment variable "DB_MAX_CONNS" is "3"
      When I run "config"
      Then it exits with 0
      And the output contains "max_conns = 3"

    Scenario: A malformed log filter is refused
      Given the environment variable "RUST_LOG" is "info,=loud"
      When I run "config"
      Then it exits with 1
      And the output contains "log.filter"

    Scenario: In production, a database path without a driver is refused
      Given the environment variable "DLC_ENVIRONMENT" is "production"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DATABASE_URL" is ""
      And the environment variable "DB_PATH" is "school.db"
      When I run "config"
      Then it exits with 1

  Rule: Each environment has an example configuration

    Scenario Outline: The example for <environment> can be loaded
      Given the environment variable "DATABASE_URL" is ""
      And the environment variable "DATABASE_MIGRATION_URL" is ""
      And the environment variable "DLC_SERVER_HOST" is ""
      And the environment variable "DLC_SERVER_PORT" is ""
      And "example" is the path of "deploy/config/<environment>.toml" in the project
      When I run "config --config {{example}}"
      Then it exits with 0
      And the output contains 'environment = "<environment>"'
      And the output contains "<database>"

      Examples:
        | environment | database                                                                           |
        | development | SQLite database at dance-lessons-coach.db                                          |
        | staging     | PostgreSQL database postgres://dance_service:***@db.staging.example:5432/dance_lessons_coach |
        | production  | PostgreSQL database postgres://dance_service:***@db.example:5432/dance_lessons_coach |
