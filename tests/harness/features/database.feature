Feature: The words for the database
  A scenario can fill tables, look into them and ask questions, on either kind of database in the same way.

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

  Scenario: A row that another one needs is made too
    Given the table "entries" has the rows:
      | message      |
      | Hello, Ada! |
    Then the table "entries" has 1 row
    And the table "users" has 1 row

  Scenario: Several statements are sent as one
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

  Scenario: A question is answered in order
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

  Scenario: A question may have no answer
    When I query:
      """
      select username from users where username = 'nobody'
      """
    Then the query returned no rows
    And the table "users" is empty

  Scenario: Truths are true and false on both kinds of database
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
  Scenario: A table may stand in a schema and have an odd name
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
