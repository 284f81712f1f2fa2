Feature: Configuration, at the edges
  Every key at and beyond its limits.

  Rule: The configuration can be printed

    Scenario Outline: Defaults are printed too: <shown>
      Given the environment variable "DLC_ENVIRONMENT" is "development"
      When I run "config"
      Then it exits with 0
      And the output contains '<shown>'
      And the output contains "# default"

      Examples:
        | shown                            |
        | environment = "development"      |
        | host = "127.0.0.1"               |
        | port = 8080                      |
        | body_limit = 1048576             |
        | request_timeout = "30s"          |
        | max_in_flight =                  |
        | max_conns = 25                   |
        | min_conns = 5                    |
        | max_conn_lifetime = "1h"         |
        | max_conn_idle_time = "30m"       |
        | acquire_timeout = "3s"           |
        | start_attempts = 6               |
        | start_wait = "1s"                |
        | migrate_on_start = true          |
        | hash_memory_kib = 19456          |
        | hash_iterations = 2              |
        | attempts_per_account = 10        |
        | attempts_per_address = 100       |
        | token_lifetime = "1h"            |

    Scenario Outline: A value from the environment is printed with its source: <name>
      Given the environment variable "DATABASE_URL" is ""
      And the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 0
      And the output contains '<shown>'
      And the output contains "# environment <name>"

      Examples:
        | name                     | value                | shown                        |
        | DB_DRIVER                | sqlite               | driver = "sqlite"            |
        | DB_HOST                  | db.example           | host = "db.example"          |
        | DB_PORT                  | 5433                 | port = 5433                  |
        | DB_USER                  | dancer               | user = "dancer"              |
        | DB_NAME                  | school               | name = "school"              |
        | DB_SSLMODE               | require              | sslmode = "require"          |
        | DB_SSLROOTCERT           | certs/root.pem       | sslrootcert = "certs/root.pem" |
        | DB_PATH                  | school.db            | path = "school.db"           |
        | DB_MAX_CONNS             | 9                    | max_conns = 9                |
        | DB_MIN_CONNS             | 2                    | min_conns = 2                |
        | DB_MAX_CONN_LIFETIME     | 2h                   | max_conn_lifetime = "2h"     |
        | DB_MAX_CONN_IDLE_TIME    | 90s                  | max_conn_idle_time = "90s"   |
        | DATABASE_MIGRATION_URL   | sqlite:other.db      | migration_url = "sqlite:other.db" |
        | PORT                     | 9191                 | port = 9191                  |
        | RUST_LOG                 | warn,audit=info      | filter = "warn,audit=info"   |
        | DLC_LOG_FORMAT           | pretty               | format = "pretty"            |
        | DLC_SERVER_BODY_LIMIT    | 2048                 | body_limit = 2048            |
        | DLC_SERVER_REQUEST_TIMEOUT | 1m30s              | request_timeout = "1m30s"    |
        | DLC_DATABASE_MIGRATE_ON_START | false           | migrate_on_start = false     |

    Scenario Outline: The default database depends on the environment: <first> <second>
      Given the environment variable "DATABASE_URL" is ""
      And the environment variable "<first>" is "<one>"
      And the environment variable "<second>" is "<other>"
      When I run "config"
      Then it exits with 0
      And the output contains "<database>"

      Examples:
        | first        | one                       | second          | other                    | database                                                                        |
        | DB_DRIVER    | auto                      | DB_PATH         |                          | SQLite database at dance-lessons-coach.db                                       |
        | DB_DRIVER    | sqlite                    | DB_PATH         | here.db                  | SQLite database at here.db                                                      |
        | DB_DRIVER    | postgres                  | DB_HOST         |                          | PostgreSQL database postgres://postgres:***@localhost:5432/dance_lessons_coach  |
        | DB_DRIVER    | postgresql                | DB_NAME         | school                   | PostgreSQL database postgres://postgres:***@localhost:5432/school               |
        | DB_HOST      | db.example                | DB_PORT         | 99                       | PostgreSQL database postgres://postgres:***@db.example:99/dance_lessons_coach   |
        | DB_HOST      | db.example                | DB_USER         | dancer                   | PostgreSQL database postgres://dancer:***@db.example:5432/dance_lessons_coach   |
        | DB_DRIVER    | sqlite                    | DB_HOST         | db.example               | SQLite database at dance-lessons-coach.db                                       |
        | DATABASE_URL | sqlite:a.db               | DB_HOST         | db.example               | SQLite database at a.db                                                         |
        | DATABASE_URL | postgres://u:p@h/n        | DB_PATH         | here.db                  | PostgreSQL database postgres://u:***@h:5432/n                                   |
        | DATABASE_URL | postgresql://u:p@h:7/n    | DB_DRIVER       | postgres                 | PostgreSQL database postgres://u:***@h:7/n                                      |
        | DATABASE_URL | postgres://u:p@[2001:db8::7]:8/n | DB_SSLMODE | verify-full            | PostgreSQL database postgres://u:***@[2001:db8::7]:8/n                          |
        | DB_HOST      | 2001:db8::7               | DB_PORT         | 99                       | PostgreSQL database postgres://postgres:***@[2001:db8::7]:99/dance_lessons_coach |
        | DB_HOST      | [2001:db8::7]             | DB_PORT         | 99                       | PostgreSQL database postgres://postgres:***@[2001:db8::7]:99/dance_lessons_coach |
        | DATABASE_URL | sqlite:a.db               | DB_DRIVER       | sqlite                   | SQLite database at a.db                                                         |

    Scenario Outline: A secret is hidden, and it is visible that one is set: <name>
      Given the environment variable "BOOTSTRAP_CLIENT_ID" is "registrar"
      And the environment variable "<name>" is "left-foot-right-foot-close-left-foot-right"
      When I run "config"
      Then it exits with 0
      And the output does not contain "left-foot-right-foot"
      And the output contains '<key> = "***"'
      And the output contains "# environment <name>"

      Examples:
        | name                        | key           |
        | DLC_AUTH_SIGNING_KEY        | signing_key   |
        | DB_PASSWORD                 | password      |
        | DLC_DATABASE_PASSWORD       | password      |
        | BOOTSTRAP_CLIENT_SECRET     | client_secret |
        | DLC_BOOTSTRAP_CLIENT_SECRET | client_secret |
        | WEBHOOK_SECRET              | secret        |
        | DLC_WEBHOOK_SECRET          | secret        |

    Scenario Outline: A password anywhere in a URL is hidden: <name>
      Given the environment variable "DATABASE_URL" is "postgres://ada@h/b"
      And the environment variable "<name>" is "<url>"
      When I run "config"
      Then it exits with 0
      And the output does not contain "s3cret"

      Examples:
        | name                   | url                                            |
        | DATABASE_MIGRATION_URL | postgres://owner:s3cret-steps@db.example/school |
        | DLC_DATABASE_URL       | postgres://db.example/school?password=s3cret   |
        | DATABASE_URL           | postgres://dancer:s3@cret@db.example/school    |

    Scenario: In staging and production, the connection uses TLS by default
      Given the environment variable "DLC_ENVIRONMENT" is "production"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DATABASE_URL" is ""
      And the environment variable "DB_HOST" is "db.example"
      When I run "config"
      Then it exits with 0
      And the output contains '"verify-full"'
      And the output contains 'environment = "production"'

  Rule: The command line overrides the environment, which overrides the file, which overrides the defaults

    Scenario: A file can have sections
      Given "settings" is the path of a new file
      And the file "{{settings}}" says "server = { port = 8101, host = '127.0.0.9' }"
      When I run "config --config {{settings}}"
      Then it exits with 0
      And the output contains "port = 8101"
      And the output contains '127.0.0.9'

    Scenario: A file named on the command line overrides the one named by the environment
      Given "settings" is the path of a new file
      And the file "{{settings}}" says "server.port = 8101"
      And the environment variable "DLC_CONFIG" is "nowhere.toml"
      When I run "config --config {{settings}}"
      Then it exits with 0
      And the output contains "port = 8101"

    Scenario: The service's own variable overrides the common one
      Given the environment variable "PORT" is "8101"
      And the environment variable "DLC_SERVER_PORT" is "8102"
      When I run "config"
      Then the output contains "port = 8102"
      And the output does not contain "8101"

    Scenario: An empty variable counts as not set
      Given the environment variable "DLC_SERVER_PORT" is ""
      And the environment variable "DB_MAX_CONNS" is ""
      When I run "config"
      Then it exits with 0
      And the output contains "port = 8080"
      And the output contains "max_conns = 25"

    Scenario: The last of two settings on the command line wins
      When I run "config --set server.port=8101 --set server.port=8102"
      Then it exits with 0
      And the output contains "port = 8102"

    Scenario: A database on the command line overrides every other setting of it
      Given the environment variable "DATABASE_URL" is "postgres://ada@127.0.0.1:1/school"
      And the environment variable "DB_DRIVER" is "postgres"
      When I run "config --database sqlite:here.db"
      Then it exits with 0
      And the output contains "SQLite database at here.db"

  Rule: A wrong setting stops the start

    Scenario Outline: A wrong value is refused, and the message names key, value and allowed values: <name> <value>
      Given the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 1
      And the output contains "<key>"
      And the output contains '"<value>" isn'
      And the output contains "<allowed>"

      Examples:
        | name                             | value       | key                           | allowed                       |
        | DLC_ENVIRONMENT                  | PRODUCTION  | environment                   | development (dev), test       |
        | PORT                             | -1          | server.port                   | from 0 to 65535               |
        | PORT                             | 65536       | server.port                   | from 0 to 65535               |
        | PORT                             | 80.5        | server.port                   | from 0 to 65535               |
        | DLC_SERVER_BODY_LIMIT            | 0           | server.body_limit             | 1 or more                     |
        | DLC_SERVER_BODY_LIMIT            | 1MiB        | server.body_limit             | 1 or more                     |
        | DLC_SERVER_REQUEST_TIMEOUT       | 30          | server.request_timeout        | a duration such as            |
        | DLC_SERVER_MAX_IN_FLIGHT         | 0           | server.max_in_flight          | 1 or more                     |
        | DLC_SERVER_SHUTDOWN_TIMEOUT      | 1 s         | server.shutdown_timeout       | a duration such as            |
        | DB_DRIVER                        | mysql       | database.driver               | auto, postgres                |
        | DATABASE_URL                     | mysql://a/b | database.url                  | postgres://                   |
        | DATABASE_URL                     | sqlite:     | database.url                  | postgres://                   |
        | DATABASE_MIGRATION_URL           | school.db   | database.migration_url        | postgres://                   |
        | DB_PORT                          | five        | database.port                 | from 0 to 65535               |
        | DB_SSLMODE                       | Require     | database.sslmode              | verify-ca or verify-full      |
        | DB_MAX_CONNS                     | 0           | database.max_conns            | from 1                        |
        | DB_MIN_CONNS                     | -1          | database.min_conns            | from 0                        |
        | DB_MAX_CONN_LIFETIME             | 1x          | database.max_conn_lifetime    | a duration such as            |
        | DB_MAX_CONN_IDLE_TIME            | half        | database.max_conn_idle_time   | a duration such as            |
        | DLC_DATABASE_ACQUIRE_TIMEOUT     | 3           | database.acquire_timeout      | a duration such as            |
        | DLC_DATABASE_STATEMENT_TIMEOUT   | never       | database.statement_timeout    | a duration such as            |
        | DLC_DATABASE_LOCK_TIMEOUT        | never       | database.lock_timeout         | a duration such as            |
        | DLC_DATABASE_MIGRATE_ON_START    | yes         | database.migrate_on_start     | true or false                 |
        | DLC_DATABASE_START_ATTEMPTS      | 0           | database.start_attempts       | from 1                        |
        | DLC_DATABASE_START_WAIT          | 1           | database.start_wait           | a duration such as            |
        | DLC_DATABASE_ATTEMPT_TIMEOUT     | -5s         | database.attempt_timeout      | a duration such as            |
        | DLC_AUTH_TOKEN_LIFETIME          | 1y          | auth.token_lifetime           | a duration such as            |
        | DLC_AUTH_PASSWORD_RESET_LIFETIME | soon        | auth.password_reset_lifetime  | a duration such as            |
        | DLC_AUTH_HASH_MEMORY_KIB         | 0           | auth.hash_memory_kib          | from 1                        |
        | DLC_AUTH_HASH_ITERATIONS         | 0           | auth.hash_iterations          | from 1                        |
        | DLC_AUTH_HASH_CONCURRENCY        | all         | auth.hash_concurrency         | 0 or more                     |
        | DLC_AUTH_HASH_QUEUE              | -1          | auth.hash_queue               | 0 or more                     |
        | DLC_LIMITS_ATTEMPTS_PER_ACCOUNT  | -1          | limits.attempts_per_account   | 0 or more                     |
        | DLC_LIMITS_ATTEMPTS_PER_ADDRESS  | none        | limits.attempts_per_address   | 0 or more                     |
        | DLC_LOG_FORMAT                   | xml         | log.format                    | auto, pretty or json          |

    Scenario: A wrong URL is reported without its password
      Given the environment variable "DATABASE_URL" is "mysql://dancer:s3cret-steps@db.example/school"
      When I run "config"
      Then it exits with 1
      And the output contains "database.url"
      And the output does not contain "s3cret-steps"

    Scenario: The contents of a secret's file aren't shown, even if they aren't a URL
      Given "file" is the path of a new file
      And the file "{{file}}" says "s3cret-steps"
      And the environment variable "DATABASE_MIGRATION_URL_FILE" is "{{file}}"
      When I run "config"
      Then it exits with 1
      And the output contains "database.migration_url"
      And the output does not contain "s3cret-steps"

    Scenario Outline: A driver that contradicts the URL is refused: <driver>
      Given the environment variable "DB_DRIVER" is "<driver>"
      And the environment variable "DATABASE_URL" is "<url>"
      When I run "config"
      Then it exits with 1
      And the output contains "database.driver"
      And the output contains "disagree"
      And the output does not contain "s3cret-steps"

      Examples:
        | driver     | url                              |
        | sqlite     | postgres://ada:s3cret-steps@h/b  |
        | postgres   | sqlite:school.db                 |
        | postgresql | sqlite:school.db                 |

    Scenario Outline: An unknown name is refused, with a suggestion: <name>
      Given the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 1
      And the output contains "<name>"
      And the output contains "<guess>"

      Examples:
        | name           | value | guess                  |
        | DLC_PORT       | 8101  | DLC_SERVER_PORT        |
        | DLC_MAX_CONNS  | 7     | DLC_DATABASE_MAX_CONNS |

    Scenario: Variables without the service's prefix are ignored
      Given the environment variable "DANCE_FLOOR" is "polished"
      When I run "config"
      Then it exits with 0

    Scenario Outline: In staging and production, the database must be configured: <environment>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DATABASE_URL" is ""
      When I run "<command>"
      Then it exits with 1
      And the output contains "DATABASE_URL"

      Examples:
        | environment | command |
        | staging     | config  |
        | production  | config  |
        | prod        | serve   |

    Scenario Outline: In staging and production, every way to name the database is accepted: <name>
      Given the environment variable "DLC_ENVIRONMENT" is "staging"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DATABASE_URL" is ""
      And the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 0

      Examples:
        | name         | value               |
        | DATABASE_URL | sqlite:school.db    |
        | DATABASE_URL | postgres://ada@h/b  |
        | DB_HOST      | db.example          |
        | DB_DRIVER    | sqlite              |
        | DB_DRIVER    | postgres            |

    Scenario Outline: In staging and production, every signing key needs at least 32 bytes: <environment> <key>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "<key>"
      When I run "config"
      Then it exits with <code>
      And the output contains "signing_key"

      Examples:
        | environment | key                              | code |
        | staging     |                                  | 0    |
        | production  |                                  | 0    |
        | production  | left-foot-right-foot-close-left-,short | 1 |
        | production  | left-foot-right-foot-close-left  | 1    |
        | production  | left-foot-right-foot-close-left- | 0    |
        | staging     | left-foot-right-foot-close-left- | 0    |
        | development |                                  | 0    |
        | test        | short                            | 0    |

    Scenario Outline: In staging and production, weak password hashes are refused: <environment> <name>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 1
      And the output contains "<key>: <value> is too weak"

      Examples:
        | environment | name                     | value | key                  |
        | staging     | DLC_AUTH_HASH_MEMORY_KIB | 19455 | auth.hash_memory_kib |
        | staging     | DLC_AUTH_HASH_ITERATIONS | 1     | auth.hash_iterations |
        | production  | DLC_AUTH_HASH_MEMORY_KIB | 8     | auth.hash_memory_kib |

    Scenario: In development and test, weak password hashes are allowed
      Given the environment variable "DLC_ENVIRONMENT" is "development"
      And the environment variable "DLC_AUTH_HASH_MEMORY_KIB" is "64"
      And the environment variable "DLC_AUTH_HASH_ITERATIONS" is "1"
      When I run "config"
      Then it exits with 0

    Scenario: Every command checks the configuration
      Given the environment variable "DLC_DANCE_FLOOR" is "polished"
      When I run "migrate status"
      Then it exits with 1
      And the output contains "DLC_DANCE_FLOOR"
      Given the environment variable "DLC_DANCE_FLOOR" is "polished"
      When I run "seed"
      Then it exits with 1
      Given the environment variable "DLC_DANCE_FLOOR" is "polished"
      When I run "user create ada"
      Then it exits with 1
      And the table "users" is empty

  Rule: A secret may be in a file

    Scenario Outline: <name> names the file
      Given "file" is the path of a new file
      And the file "{{file}}" says "left-foot-right-foot-close-left-foot-right"
      And the environment variable "<name>" is "{{file}}"
      When I run "config"
      Then it exits with 0
      And the output contains "# environment <name>"
      And the output does not contain "left-foot"

      Examples:
        | name                             |
        | DB_PASSWORD_FILE                 |
        | DLC_DATABASE_PASSWORD_FILE       |
        | DLC_AUTH_SIGNING_KEY_FILE        |
        | WEBHOOK_SECRET_FILE              |

    Scenario Outline: The first admin's password and the first client's secret can be in files: <prefix>
      Given "admin" is the path of a new file
      And the file "{{admin}}" says "battery staple tango"
      And "client" is the path of a new file
      And the file "{{client}}" says "one-two-three-one-two-three"
      When the service runs with:
        | key                                    | value        |
        | BOOTSTRAP_ADMIN_USERNAME               | headmistress |
        | <prefix>BOOTSTRAP_ADMIN_PASSWORD_FILE  | {{admin}}    |
        | BOOTSTRAP_CLIENT_ID                    | registrar    |
        | <prefix>BOOTSTRAP_CLIENT_SECRET_FILE   | {{client}}   |
      And I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | registrar                   |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 200
      And "headmistress" logs in with password "battery staple tango"

      Examples:
        | prefix |
        |        |
        | DLC_   |

    Scenario: The database URL can be in a file, without its line break
      Given "file" is the path of a new file
      And the file "{{file}}" says "sqlite:school.db"
      And the environment variable "DATABASE_URL" is ""
      And the environment variable "DATABASE_URL_FILE" is "{{file}}"
      When I run "config"
      Then it exits with 0
      And the output contains 'url = "sqlite:school.db"'

    Scenario Outline: <name> and <file> together are refused
      Given the environment variable "<name>" is "waltz-three-four"
      And the environment variable "<file>" is "secret"
      When I run "config"
      Then it exits with 1
      And the output contains "<name> and <file> are both set"
      And the output does not contain "waltz"

      Examples: Each variable may have another name that means the same key
        | name                  | file                       |
        | DB_PASSWORD           | DLC_DATABASE_PASSWORD_FILE |
        | DLC_DATABASE_PASSWORD | DB_PASSWORD_FILE           |

    Scenario: A variable and its file variable together are refused
      Given the environment variable "WEBHOOK_SECRET" is "waltz-three-four"
      And the environment variable "WEBHOOK_SECRET_FILE" is "secret"
      When I run "config"
      Then it exits with 1
      And the output contains "WEBHOOK_SECRET and WEBHOOK_SECRET_FILE are both set"
      And the output does not contain "waltz"

    Scenario: A missing file is named
      Given the environment variable "DLC_AUTH_SIGNING_KEY_FILE" is "no/such/file"
      When I run "config"
      Then it exits with 1
      And the output contains "DLC_AUTH_SIGNING_KEY_FILE: the file no/such/file can't be read"

    Scenario: An empty file is refused, because a secret that is missing would have another meaning
      Given "file" is the path of a new file
      And the file "{{file}}" says ""
      And the environment variable "WEBHOOK_SECRET_FILE" is "{{file}}"
      When I run "config"
      Then it exits with 1
      And the output contains "WEBHOOK_SECRET_FILE: the file {{file}} is empty"

    Scenario: Only secrets can be in a file
      Given the environment variable "DLC_SERVER_PORT_FILE" is "port"
      When I run "config"
      Then it exits with 1
      And the output contains "DLC_SERVER_PORT_FILE: there is no such setting"

  Rule: Names of other systems are accepted

    Scenario Outline: <name> is read as <shown>
      Given the environment variable "<name>" is "<value>"
      When I run "config"
      Then it exits with 0
      And the output contains '<shown>'

      Examples:
        | name                           | value   | shown                      |
        | MAX_OPEN_CONNS                 | 7       | max_conns = 7              |
        | MAX_IDLE_CONNS                 | 2       | min_conns = 2              |
        | DLC_DATABASE_MAX_OPEN_CONNS    | 7       | max_conns = 7              |
        | DLC_DATABASE_MAX_IDLE_CONNS    | 2       | min_conns = 2              |
        | DLC_DATABASE_SSL_MODE          | require | sslmode = "require"        |
        | DLC_DATABASE_CONN_MAX_LIFETIME | 90m     | max_conn_lifetime = "90m"  |

    Scenario: DB_TYPE is read as the driver
      Given the environment variable "DATABASE_URL" is ""
      And the environment variable "DLC_DATABASE_TYPE" is "sqlite"
      When I run "config"
      Then it exits with 0
      And the output contains 'driver = "sqlite"'

    Scenario: The service's own name overrides the other system's
      Given the environment variable "MAX_OPEN_CONNS" is "7"
      And the environment variable "DB_MAX_CONNS" is "8"
      When I run "config"
      Then the output contains "max_conns = 8"

    Scenario Outline: An unknown name is refused, with the nearest known one: <name>
      Given the environment variable "<name>" is "1"
      When I run "config"
      Then it exits with 1
      And the output contains "did you mean <nearest>?"

      Examples:
        | name                     | nearest                    |
        | DLC_DATABSE_MAX_CONNS    | DLC_DATABASE_MAX_CONNS     |
        | DLC_SERVER_PROT          | DLC_SERVER_PORT            |
        | DLC_AUTH_SIGNINGKEY      | DLC_AUTH_SIGNING_KEY       |

    Scenario: An unknown key on the command line is refused, with the nearest known one
      When I run "config --set server.prot=1"
      Then it exits with 1
      And the output contains "did you mean server.port?"

  Rule: A file of variables is read in development only

    Scenario: In development it sets variables that aren't set yet
      When I run "config" where the file ".env" says "PORT=8081 # of the ballroom"
      Then it exits with 0
      And the output contains "port = 8081"
      Given the environment variable "PORT" is "8082"
      When I run "config" where the file ".env" says "PORT=8081"
      Then the output contains "port = 8082"

    Scenario: In other environments it isn't read
      Given the environment variable "DLC_ENVIRONMENT" is "test"
      When I run "config" where the file ".env" says "PORT=8081"
      Then the output contains "port = 8080"

    Scenario: It isn't read if the command line names another environment
      Given the environment variable "DLC_ENVIRONMENT" is ""
      When I run "config --set environment=test" where the file ".env" says "PORT=8081"
      Then the output contains "port = 8080"

    Scenario: A malformed line is reported with its number
      When I run "config" where the file ".env" says "8081"
      Then it exits with 1
      And the output contains ".env, line 1"

  Rule: Trusted proxies are listed by address

    Scenario Outline: A value that isn't an address or a network is refused: <value>
      Given the environment variable "DLC_SERVER_TRUSTED_PROXIES" is "<value>"
      When I run "config"
      Then it exits with 1
      And the output contains "server.trusted_proxies"

      Examples:
        | value       |
        | proxy       |
        | 10.0.0.0/33 |
