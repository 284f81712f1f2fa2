@postgres
Feature: A migrated schema is kept on a server that stays
  With `keep_schema`, a run keeps a migrated database on an external server. A later run with the same schema starts from
  it. Without the key, no database stays behind.

  Background:
    Given the project's file "migrations/0001_books.sql":
      """
      create table books (id bigint generated always as identity primary key, title text not null);
      insert into books (title) values ('The first');
      """
    And the project's file "features/books.feature":
      """
      Feature: Books
        Scenario Outline: One is there, <time>
          Given the SQL:
            '''
            insert into books (title) values ('Another')
            '''
          Then the table "books" has 2 rows

          Examples:
            | time  |
            | once  |
            | again |
      """

  Scenario Outline: An unchanged schema isn't migrated twice: <schema>
    Given the project's file "keeps.toml":
      """
      database = { name = "kept_<name>_test", keep_schema = true }
      schema   = <schema>
      """
    And the project's file "forgets.toml":
      """
      database = "kept_<name>_test"
      schema   = { files = "migrations" }
      """
    When I run bdd with "--config {{project}}/keeps.toml --database {{server}} --slots 1 --prove-isolation"
    Then it exits with 0
    And the output does not contain "not migrated again"
    When I run bdd with "--config {{project}}/keeps.toml --database {{server}} --slots 1 --prove-isolation"
    Then it exits with 0
    And the output contains "schema: unchanged since an earlier run, which kept it: not migrated again"
    And the output contains "2 scenarios (2 passed)"
    Given the project's file "migrations/0002_more.sql":
      """
      alter table books add column author text;
      """
    When I run bdd with "--config {{project}}/keeps.toml --database {{server}} --slots 1"
    Then it exits with 0
    And the output contains "dropped the kept schema kept_<name>_test_kept_"
    And the output does not contain "not migrated again"
    When I run bdd with "--config {{project}}/forgets.toml --database {{server}} --slots 1"
    Then it exits with 0
    And the output contains "dropped the kept schema kept_<name>_test_kept_"
    When I query:
      """
      select datname from pg_database where datname like 'kept\_<name>\_test%'
      """
    Then the query returned no rows

    Examples:
      | name  | schema                                                                                              |
      | files | { files = "migrations" }                                                                            |
      | run   | { run = "cat migrations/*.sql \| psql --quiet --set ON_ERROR_STOP=1", from = ["migrations"] }       |

  Scenario: A schema whose migrations create roles isn't kept
    Given the project's file "bdd.toml":
      """
      database = { name = "kept_roles_test", keep_schema = true }
      schema   = { files = "migrations" }
      """
    And the project's file "migrations/0002_more.sql":
      """
      create role kept_schema_reader;
      grant select on books to kept_schema_reader;
      """
    When I run bdd with "--config {{project}}/bdd.toml --database {{server}} --slots 1"
    Then it exits with 0
    And the output contains "schema: not kept, because its migrations create roles"
    When I query:
      """
      select datname from pg_database where datname like 'kept\_roles\_test%'
      """
    Then the query returned no rows
