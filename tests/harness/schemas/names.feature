Feature: Names that need quoting, and names that the harness might use itself
  bdd --target none --migrations schemas/names schemas/names.feature

  Tables are reset, whatever the names of the tables and their columns are.

  Background:
    When I query:
      """
      (select 'now' as is, * from contents() except select 'now', * from contents_at_first)
      union all
      (select 'gone', * from contents_at_first except select 'gone', * from contents())
      """
    Then the query returned no rows
    And the table "north.things" contains exactly the rows:
      | id | name  |
      | 1  | north |
    And the table "south.things" contains exactly the rows:
      | id | name  | north_id |
      | 1  | south | 1        |
    And the table "\"with space\"" contains exactly the rows:
      | a column | b "column" | c'olumn |
      | 1        | one        | one!    |
      | 2        | #null      | #null   |
    And the table "\"quote\"\"d\"" contains exactly the rows:
      | id | name |
      | 1  | one  |
    When I query:
      """
      select nextval('"Odd Sequence''s ""name"" 100%"') as number, (select "how many" from "Odd View's ""name"" 100%") as "how many"
      """
    Then the query returned the rows:
      | number | how many |
      | 5      | 1        |

  Rule: All tables at once

    Scenario Outline: <what>
      Given the SQL:
        """
        call write_everywhere('<how>');
        """
      When I query:
        """
        select count(*) > 20 as changed from (table contents_at_first except select * from contents()) c
        """
      Then the query returned the rows:
        | changed |
        | true    |

      Examples:
        | what                      | how      |
        | Each gets a row           | insert   |
        | Each loses its rows       | delete   |
        | Each is truncated         | truncate |
        | Each sequence moves       | count    |
        | Each gets a row once more | insert   |

    Scenario: The view is refreshed
      Given the SQL:
        """
        insert into "quote""d" (name) values ('two');
        refresh materialized view "Odd View's ""name"" 100%";
        """
      When I query:
        """
        select "how many" from "Odd View's ""name"" 100%"
        """
      Then the query returned the rows:
        | how many |
        | 2        |

  Rule: Each table by itself

    Scenario Outline: The table <table> gets another row
      Given the SQL:
        """
        insert into <table> (<column>) values ('<value>');
        """
      When I query:
        """
        select count(*) as rows from <table>
        """
      Then the query returned the rows:
        | rows |
        | 2    |

      Examples:
        | table                                                                             | column                                   | value |
        | things                                                                            | name                                     | new   |
        | north.things                                                                      | name                                     | new   |
        | south.things                                                                      | name                                     | new   |
        | pg_class_of_things                                                                | name                                     | new   |
        | pgarage.cars                                                                      | name                                     | new   |
        | "pg-x".cars                                                                       | name                                     | new   |
        | "Bdd_Harness".dirty                                                               | name                                     | new   |
        | "quote""d"                                                                        | name                                     | new   |
        | "it's"                                                                            | name                                     | new   |
        | "100% %I %s %L"                                                                   | "%s"                                     | 5     |
        | "$body$"                                                                          | "$body$"                                 | new   |
        | "$$"                                                                              | name                                     | new   |
        | "back\\slash\\"                                                                   | name                                     | \\    |
        | "Üñí ∆ 💃"                                                                         | name                                     | 💃     |
        | "UPPER"                                                                           | "NAME"                                   | new   |
        | upper                                                                             | name                                     | new   |
        | "select"                                                                          | "null"                                   | new   |
        | "user"                                                                            | name                                     | new   |
        | "a.b"                                                                             | "c.d"                                    | new   |
        | "--"                                                                              | "/*"                                     | new   |
        | "sixty-three letters is all that PostgreSQL keeps of a long name"                 | name                                     | new   |
        | "It's 100% ""odd"", isn't it? \\ $body$"."It's 100% ""odd"", isn't it? \\ $body$" | "It's 100% ""odd"", isn't it? \\ $body$" | new   |
        | "日本 ünïcode"."日本 ünïcode"                                                         | "日本 ünïcode"                             | new   |
        | dirty                                                                             | relation                                 | 7     |
        | plan                                                                              | relation                                 | 7     |
        | marker                                                                            | secret                                   | new   |
        | shadow                                                                            | s                                        | 7     |
        | s                                                                                 | t                                        | 7     |
        | t                                                                                 | s                                        | 7     |
        | relation                                                                          | relation                                 | 7     |
        | things_column                                                                     | things_column                            | 7     |
        | reset                                                                             | name                                     | new   |

    Scenario: A table whose name looks like a placeholder
      Given the SQL:
        """
        insert into "\{{name}}" ("\{{name}}") values ('two');
        update "\{{name}}" set "\{{name}}" = upper("\{{name}}");
        """
      When I query:
        """
        select count(*) as rows from "\{{name}}"
        """
      Then the query returned the rows:
        | rows |
        | 2    |
