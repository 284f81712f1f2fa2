Feature: Steps for the database
  A scenario can insert rows, read tables and run queries, in the same way on either kind of database.

  Scenario: Rows need only the columns that matter
    Given the table "users" has the rows:
      | username | name         |
      | ada      | Ada Lovelace |
      | grace    |              |
      | alan     | #null        |
    Then the table "users" has 3 rows
    And the table "users" contains the rows:
      | username | name         | id      | role | active | created_at |
      | alan     | #null        | #string | user | true   | #notnull   |
      | ada      | Ada Lovelace | #string | user | true   | #notnull   |
    And the table "users" contains exactly the rows:
      | username | name         |
      | grace    |              |
      | alan     | #null        |
      | ada      | Ada Lovelace |

  Scenario: A row's required parent row is inserted too
    Given the table "entries" has the rows:
      | message      |
      | Hello, Ada! |
    Then the table "entries" has 1 row
    And the table "users" has 1 row

  Scenario: Several statements are sent together
    Given the table "users" has the rows:
      | username |
      | ada      |
      | grace    |
    And the SQL:
      """
      update users set name = 'A; B' where username = 'ada';
      delete from users where username = 'grace';
      """
    Then the table "users" contains exactly the rows:
      | username | name |
      | ada      | A; B |

  Scenario: An SQL file runs with the scenario's variables
    Given the variable "second" is "grace"
    And the SQL file "tests/selftest/sql/users.sql"
    Then the table "users" contains exactly the rows:
      | username | name          |
      | ada      | Ada; Lovelace |
      | grace    | #null         |

  @postgres
  Scenario: An SQL file may be the output of pg_dump
    Given the SQL file "tests/selftest/sql/dump.sql"
    Then the table "users" contains exactly the rows:
      | username | name         |
      | ada      | Ada Lovelace |
      | grace    | #null        |
    And the table "entries" has 1 row

  @postgres
  Scenario: Session settings of an SQL file end with it, and earlier ones stay
    Given the SQL:
      """
      set search_path = public, pg_temp
      """
    And the SQL file "tests/selftest/sql/dump.sql"
    When I query:
      """
      select current_setting('search_path') as path, current_user = session_user as same
      """
    Then the query returned the rows:
      | path            | same |
      | public, pg_temp | true |

  Scenario: A failed SQL file names the place and changes nothing
    Given the feature file "wrong.feature":
      """
      Feature: Wrong
        Scenario: It fails
          Given the SQL file "tests/selftest/sql/wrong.sql"
        Scenario: It isn't there
          Given the SQL file "tests/selftest/sql/nowhere.sql"
      """
    When I run the suite with "--store sqlite --slots 1 {{wrong}}"
    Then it exits with 1
    And the output contains "tests/selftest/sql/wrong.sql:4: the database answered: no such function: no_such_function"
    And the output contains 'the SQL file "tests/selftest/sql/nowhere.sql"'
    And the output contains "there is no such file"

  @postgres
  Scenario: On PostgreSQL the wrong line is shown
    Given the feature file "wrong.feature":
      """
      Feature: Wrong
        Scenario: It fails
          Given the SQL file "tests/selftest/sql/wrong.sql"
      """
    When I run the suite with "--database {{server}} --slots 1 {{wrong}}"
    Then it exits with 1
    And the output contains "tests/selftest/sql/wrong.sql:4: the database answered: function no_such_function() does not exist"
    And the output contains "line 6:             ('1', no_such_function())"

  Scenario: The rows of a query are compared in order
    Given the table "users" has the rows:
      | username | name  | role  |
      | ada      | #null | admin |
      | grace    | Grace | user  |
    When I query:
      """
      select username, name, role
        from users
       order by username desc
      """
    Then the query returned the rows:
      | username | name  |
      | grace    | Grace |
      | ada      | #null |
    And I save the query's "username" as "first"
    And the table "users" contains the rows:
      | username  |
      | {{first}} |

  Scenario: A query may return no rows
    When I query:
      """
      select username from users where username = 'nobody'
      """
    Then the query returned no rows
    And the table "users" is empty

  Scenario: Booleans are true and false on both kinds of database
    Given the table "users" has the rows:
      | username | active |
      | ada      | true   |
      | grace    | false  |
    When I query:
      """
      select username, active from users order by username
      """
    Then the query returned the rows:
      | username | active |
      | ada      | true   |
      | grace    | false  |

  @postgres
  Scenario: A value of JSON's null is not NULL
    Given the SQL:
      """
      create table notes (id int primary key, note jsonb);
      insert into notes values (1, 'null'), (2, null);
      """
    Then the table "notes" contains exactly the rows:
      | id | note     |
      | 1  | null     |
      | 2  | #null    |
    And the table "notes" contains the rows:
      | id | note     |
      | 1  | #notnull |

  @postgres
  Scenario: A table may have a schema and an odd name
    Given the SQL:
      """
      create schema studio;
      create table studio."Odd Name" (price numeric not null, "Is Open" boolean not null);
      """
    And the table 'studio."Odd Name"' has the rows:
      | price | Is Open |
      | 1.50  | true    |
    Then the table 'studio."Odd Name"' contains exactly the rows:
      | price | Is Open |
      | 1.5   | true    |
