Feature: Start, at the edges
  The settings of the start, and what keeps the service from starting.

  Rule: Without a database the start fails

    Scenario: Every attempt is logged, and the last message says what to check
      Given the environment variable "DATABASE_URL" is "postgres://dancer:s3cret-steps@127.0.0.1:1/school"
      And the environment variable "DLC_DATABASE_START_ATTEMPTS" is "3"
      And the environment variable "DLC_DATABASE_START_WAIT" is "10ms"
      And the environment variable "DLC_DATABASE_ATTEMPT_TIMEOUT" is "500ms"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "Using PostgreSQL database postgres://dancer:***@127.0.0.1:1/school"
      And the output contains "check"
      And the output does not contain "s3cret-steps"

    Scenario: Without a command the service is served
      Given the environment variable "DATABASE_URL" is "sqlite:no/such/folder/school.db"
      And the environment variable "DLC_DATABASE_START_ATTEMPTS" is "1"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run ""
      Then it exits with 1
      And the output contains "no/such/folder"
      And the output contains "check that its folder exists"
      And the output does not contain "DB_HOST"

    Scenario: The log says which database is used
      Given the environment variable "DATABASE_URL" is "sqlite:no/such/folder/school.db"
      And the environment variable "DLC_DATABASE_START_ATTEMPTS" is "1"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "Using SQLite database at no/such/folder/school.db"

    Scenario Outline: An unusable address stops the start: <flags>
      When I run "serve <flags>"
      Then it exits with 1
      And the output contains "<told>"

      Examples:
        | flags                          | told        |
        | --host 203.0.113.7 --port 0    | 203.0.113.7 |
        | --port seventy                 | seventy     |
        | --port 65536                   | 65536       |
        | --set server.port=seventy      | seventy     |

    Scenario: A port on the command line overrides the environment
      Given the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve --host 127.0.0.1 --port seventy"
      Then it exits with 1
      And the output contains "command line"

  Rule: The first admin can be configured

    Scenario: The common names of the variables work too, and the password is stored as a hash
      When the service runs with:
        | key                      | value                |
        | BOOTSTRAP_ADMIN_USERNAME | headmistress         |
        | BOOTSTRAP_ADMIN_PASSWORD | battery staple tango |
      Then the table "users" contains exactly the rows:
        | username     | role  | password_hash        |
        | headmistress | admin | #contains $argon2id$ |
      And the log does not contain "battery staple tango"

    Scenario: If an admin exists, no other one is created
      Given an admin "root"
      When the service runs with:
        | key                      | value                |
        | BOOTSTRAP_ADMIN_USERNAME | headmistress         |
        | BOOTSTRAP_ADMIN_PASSWORD | battery staple tango |
      Then the table "users" contains exactly the rows:
        | username |
        | root     |
      And the log contains "bootstrap admin not created"

    Scenario: An existing user with that name stays a user and keeps the password
      Given a registered user "headmistress"
      When the service runs with:
        | key                      | value                |
        | BOOTSTRAP_ADMIN_USERNAME | headmistress         |
        | BOOTSTRAP_ADMIN_PASSWORD | battery staple tango |
      Then the table "users" contains exactly the rows:
        | username     | role |
        | headmistress | user |
      And the log contains "bootstrap admin not created: the user headmistress exists, and is no admin"
      And "headmistress" logs in

    Scenario: A changed password stays after a restart
      Given the service runs with:
        | key                      | value                |
        | BOOTSTRAP_ADMIN_USERNAME | headmistress         |
        | BOOTSTRAP_ADMIN_PASSWORD | battery staple tango |
      And "headmistress" logs in with password "battery staple tango"
      And I send PUT "/api/v1/users/me/password" with JSON:
        """
        {"current_password": "battery staple tango", "new_password": "left foot, right foot"}
        """
      When the service is restarted
      Then "headmistress" logs in with password "left foot, right foot"
      And the log contains "bootstrap admin exists: headmistress"

    Scenario: A password that has changed in the configuration is adopted, and ends all sessions
      Given the service runs with:
        | key                      | value                |
        | BOOTSTRAP_ADMIN_USERNAME | headmistress         |
        | BOOTSTRAP_ADMIN_PASSWORD | battery staple tango |
      And "headmistress" logs in with password "battery staple tango"
      When the service runs with:
        | key                      | value                 |
        | BOOTSTRAP_ADMIN_USERNAME | headmistress          |
        | BOOTSTRAP_ADMIN_PASSWORD | left foot, right foot |
      Then the table "sessions" is empty
      And "headmistress" logs in with password "left foot, right foot"
      And the log has a line that contains:
        """
        {"target": "audit", "act": "first admin's password replaced", "who": "headmistress", "from": "start"}
        """
      And the log does not contain "left foot, right foot"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "headmistress", "password": "battery staple tango"}
        """
      Then the response status is 401

    Scenario: An admin of one's own keeps the password until the configuration changes
      Given an admin "root"
      And the service runs with:
        | key                      | value                |
        | BOOTSTRAP_ADMIN_USERNAME | root                 |
        | BOOTSTRAP_ADMIN_PASSWORD | battery staple tango |
      And "root" logs in with password "correct horse battery"
      And the log contains "bootstrap admin exists: root; it keeps its password"
      When the service runs with:
        | key                      | value                 |
        | BOOTSTRAP_ADMIN_USERNAME | root                  |
        | BOOTSTRAP_ADMIN_PASSWORD | left foot, right foot |
      Then "root" logs in with password "left foot, right foot"

    Scenario: Without a configured password, one is generated and written to a private file
      Given "file" is the path of a new file
      When the service runs with:
        | key                                     | value        |
        | BOOTSTRAP_ADMIN_USERNAME                | headmistress |
        | bootstrap.generated_admin_password_file | {{file}}     |
      Then only its owner can read the file "{{file}}", and "password" is what it says
      And the log does not contain "{{password}}"
      And "headmistress" logs in with password "{{password}}"
      When the service is restarted
      Then "headmistress" logs in with password "{{password}}"

    Scenario: If the generated password can't be written, no admin is created
      Given the environment variable "BOOTSTRAP_ADMIN_USERNAME" is "headmistress"
      And the environment variable "DLC_BOOTSTRAP_GENERATED_ADMIN_PASSWORD_FILE" is "no/such/folder/password"
      And the environment variable "DLC_ENVIRONMENT" is "test"
      When I run "serve"
      Then it exits with 1
      And the output contains "bootstrap.generated_admin_password_file"
      And the table "users" is empty

    Scenario: Of replicas that start at the same moment, one creates the admin and writes the password
      Given "file" is the path of a new file
      When 6 replicas start at the same moment with:
        | key                                     | value        |
        | BOOTSTRAP_ADMIN_USERNAME                | headmistress |
        | bootstrap.generated_admin_password_file | {{file}}     |
      Then the table "users" has 1 row
      And only its owner can read the file "{{file}}", and "password" is what it says
      And "headmistress" logs in with password "{{password}}"

  Rule: Without a configured signing key, the database has one

    Background:
      Given the service runs with:
        | key              | value |
        | auth.signing_key |       |
      And a registered user "ada"

    Scenario: A token is valid after a restart
      Given "ada" logs in
      And the table "signing_keys" has 1 row
      When the service is restarted
      And I send GET "/api/v1/users/me"
      Then the response status is 200
      And the table "signing_keys" has 1 row

    Scenario: A token is valid on every replica until its session ends
      Given "ada" logs in
      Then another replica answers GET "/api/v1/users/me" with 200 to the bearer "{{ada.token}}"
      When I send POST "/api/v1/auth/logout"
      Then the response status is 204
      And another replica answers GET "/api/v1/users/me" with 401 to the bearer "{{ada.token}}"
      And the table "signing_keys" has 1 row

    Scenario: Many first log-ins at the same moment create one key
      When I send 8 concurrent POST requests to "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then 8 of the responses have status 200
      And the table "signing_keys" has 1 row

    Scenario: A key that another replica created is used at once
      Given "ada" logs in
      And I run "keys rotate"
      And it exits with 0
      When "ada" logs in
      And I send GET "/api/v1/users/me"
      Then the response status is 200
      And the table "signing_keys" has 2 rows

    Scenario: Tokens of a rotated key are valid until the key expires
      Given "ada" logs in
      And I run "keys rotate --grace 1h"
      When the service is restarted
      And I send GET "/api/v1/users/me"
      Then the response status is 200
      Given I run "keys rotate --grace 0"
      When the service is restarted
      And I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"

    Scenario: Tokens of a deleted key are refused
      Given "ada" logs in
      And I query:
        """
        select kid from signing_keys
        """
      And I save the query's "kid" as "kid"
      And I run "keys list"
      And the output contains "{{kid}}"
      And I run "keys remove {{kid}}"
      And it exits with 0
      When the service is restarted
      And I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"
      When I run "keys remove {{kid}}"
      Then it exits with 1

    Scenario: The command line shows no secret keys
      Given "ada" logs in
      And I query:
        """
        select secret from signing_keys
        """
      And I save the query's "secret" as "secret"
      When I run "keys list"
      Then it exits with 0
      And the output does not contain "{{secret}}"

    Scenario: Configured keys aren't rotated in the database
      Given the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      When I run "keys rotate"
      Then it exits with 1
      And the output contains "auth.signing_key"

  Rule: The command line helps

    Scenario Outline: The help lists every command and exit code: <text>
      When I run "--help"
      Then it exits with 0
      And the output contains "<text>"

      Examples:
        | text                                       |
        | serve                                      |
        | migrate                                    |
        | seed                                       |
        | copy                                       |
        | user                                       |
        | openapi                                    |
        | schema                                     |
        | config                                     |
        | --config                                   |
        | --set                                      |
        | --database                                 |
        | Exit codes: 0 done, 1 failed, 2 used wrongly |

    Scenario Outline: The help of <command> lists its options
      When I run "<command> --help"
      Then it exits with 0
      And the output contains "<text>"

      Examples:
        | command        | text            |
        | serve          | --port          |
        | serve          | --host          |
        | migrate        | up              |
        | migrate        | down            |
        | migrate        | version         |
        | migrate        | force           |
        | migrate        | create          |
        | migrate up     | --to            |
        | migrate up     | --dry-run       |
        | migrate down   | --steps         |
        | migrate down   | --to            |
        | migrate down   | --all           |
        | migrate down   | --dry-run       |
        | migrate create | --folder        |
        | seed           | --demo          |
        | seed           | --seed          |
        | copy           | --from          |
        | copy           | --to            |
        | user           | create          |
        | user create    | --admin         |
        | user create    | --password-file |
        | config         | --reference     |

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2

      Examples:
        | command                    |
        | serve now                  |
        | serve --port               |
        | --no-such-flag             |
        | --config                   |
        | --set                      |
        | migrate                    |
        | migrate up --steps 1       |
        | migrate up --all           |
        | migrate down --steps -1    |
        | migrate status --all       |
        | migrate version 3          |
        | migrate create lessons two |
        | openapi --all              |
        | schema users               |
        | config --verbose           |
        | user delete ada            |

  @postgres
  Rule: Defaults of a server, a database or a role don't change the rules

    Scenario Outline: With <level> as default isolation level and other unusual defaults, everything works
      Given the SQL:
        """
        do $$
        declare
            setting text;
        begin
            foreach setting in array array[
                'default_transaction_isolation = ''<level>''', 'default_transaction_read_only = on',
                'standard_conforming_strings = off', 'backslash_quote = off', 'bytea_output = escape',
                'datestyle = ''German, DMY''', 'intervalstyle = iso_8601', 'extra_float_digits = -15',
                'timezone = ''Asia/Kolkata''', 'search_path = pg_catalog', 'lock_timeout = 1',
                'statement_timeout = 1', 'idle_in_transaction_session_timeout = 1', 'row_security = off',
                'transform_null_equals = on', 'gin_fuzzy_search_limit = 1']
            loop
                execute format('alter database %I set %s', current_database(), setting);
            end loop;
        end
        $$
        """
      And the service is restarted
      And an admin "ada"
      And an admin "grace"
      And "ada" logs in
      And "grace" logs in
      And "a client for read write" is asking
      And a category "Latin"
      And a category "Salsa"
      And a product "Heels" in "Salsa"
      When I send at the same moment:
        | method | path                                | JSON                          | bearer           |
        | PATCH  | /api/v1/users/{{grace.id}}          | {"role": "user"}              | {{ada.token}}    |
        | PATCH  | /api/v1/users/{{ada.id}}            | {"role": "user"}              | {{grace.token}}  |
        | PATCH  | /api/v1/categories/{{Latin.id}}     | {"parent_id": "{{Salsa.id}}"} | {{asking.token}} |
        | PATCH  | /api/v1/categories/{{Salsa.id}}     | {"parent_id": "{{Latin.id}}"} | {{asking.token}} |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": -3}                 | {{asking.token}} |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": 7}                  | {{asking.token}} |
        | POST   | /api/v1/products/{{Heels.id}}/stock | {"delta": 20}                 | {{asking.token}} |
      Then 5 of the responses have status 200
      When I query:
        """
        select (select count(*) from users where role = 'admin')               as admins,
               (select count(*) from categories where parent_id is not null) as below,
               (select stock from products)                                  as stock
        """
      Then the query returned the rows:
        | admins | below | stock |
        | 1      | 1     | 34    |
      When I send GET "/api/v1/products?q=he%5Cels"
      Then the response JSON at "$.meta.total" is "0"
      When I send GET "/api/v1/products?q=EEL"
      Then the response JSON at "$.meta.total" is "1"

      Examples:
        | level           |
        | repeatable read |
        | serializable    |
