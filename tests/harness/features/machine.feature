Feature: The machine doesn't affect a run
  A developer's shell, disk and server change nothing. Here whole suites run under unusual
  conditions.

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

  # The suite starts a server and a service, and runs a program. Each of them would read these variables.
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

  Scenario: An SQLite file in a temporary folder with an odd name
    Given the temporary folder is "a%20b#c?d"
    When I run the suite with "--store sqlite --slots 1 {{polka}}"
    Then it exits with 0
    And the output contains "1 scenario (1 passed)"
    And the temporary folder is empty

  Scenario: The removal of a killed run's folder was interrupted
    Given the temporary folder is "tmp"
    And the temporary folder contains the half-removed folder of a killed run
    When I run the suite with "--store sqlite --slots 1 {{polka}}"
    Then it exits with 0
    And the output contains "swept what a killed run had left"
    And the temporary folder is empty

  # A database tool may hold a connection to template1. Objects in template1 get into databases that other tools
  # create.
  @postgres @superuser
  Scenario: template1 has a connection and a table
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
