Feature: The machine stays out
  What a developer has in the shell, on the disk and on the server changes nothing. Here whole suites run under
  conditions that nobody should meet.

  Background:
    Given the feature file "polka.feature":
      """
      Feature: Polka
        Scenario: Somebody registers
          Given a registered user "ada"
          Then the table "users" has 1 row
          When I send GET "/health"
          Then the response status is 200
          When I run "users"
          Then it exits with 0
          And the output contains "1 users"
      """

  # The suite starts a server and a service, and runs a program: each of them would read these variables.
  @postgres
  Scenario: Variables of PostgreSQL and Docker in the shell, and a temporary folder with a long and odd name
    Given the temporary folder is "a%20b#c?d,'e' and so on for more than seventy characters, because systems have them"
    And the environment variable "PGHOST" is "nowhere.example"
    And the environment variable "PGHOSTADDR" is "192.0.2.1"
    And the environment variable "PGPORT" is "1"
    And the environment variable "PGUSER" is "nobody_knows"
    And the environment variable "PGPASSWORD" is "wrong"
    And the environment variable "PGDATABASE" is "missing"
    And the environment variable "PGOPTIONS" is "-c search_path=nowhere -c default_transaction_read_only=on"
    And the environment variable "PGSSLMODE" is "verify-full"
    And the environment variable "PGSSLROOTCERT" is "/missing.pem"
    And the environment variable "PGAPPNAME" is "somebody"
    And the environment variable "PGDATA" is "/missing"
    And the environment variable "PGTZ" is "Asia/Tokyo"
    And the environment variable "TZ" is "Asia/Tokyo"
    And the environment variable "LC_ALL" is "tlh_KX"
    And the environment variable "DOCKER_HOST" is ""
    When I run the suite with "--database local --slots 1 {{polka}}"
    Then it exits with 0
    And the output contains "1 scenario (1 passed)"
    And the temporary folder is empty

  Scenario: A file of SQLite in a temporary folder with an odd name
    Given the temporary folder is "a%20b#c?d"
    When I run the suite with "--store sqlite --slots 1 {{polka}}"
    Then it exits with 0
    And the output contains "1 scenario (1 passed)"
    And the temporary folder is empty

  # Whoever looks at template1 with a tool holds a connection to it, and what somebody has put there gets into other
  # tools' databases.
  @postgres @superuser
  Scenario: Somebody is connected to template1, and has a table there
    Given the SQL:
      """
      create extension dblink;
      select dblink_connect('somebody', format('host=%s port=%s user=%s dbname=template1',
                                               split_part(current_setting('unix_socket_directories'), ',', 1),
                                               current_setting('port'), current_user));
      select dblink_exec('somebody', 'drop table if exists users; create table users (left_there int)');
      """
    When I run the suite with "--database {{server}} --slots 1 {{polka}}"
    Then it exits with 0
    And the output contains "1 scenario (1 passed)"
    Given the SQL:
      """
      select dblink_exec('somebody', 'drop table users');
      select dblink_disconnect('somebody');
      """
