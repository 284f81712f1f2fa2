Feature: Copies
  A whole database is copied into an empty one, of the same engine or of the other.
  A copy is complete and compared with its source, or the target stays empty.

  Background:
    Given "backup" is the path of a new file
    And "school" is the URL of the database

  Rule: A copy contains everything

    Scenario: Rows copied to an SQLite file can be copied back
      Given the table "users" has the rows:
        | id                                   | username | name         | email           | role  | deleted_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | ada      | Ada "L"      | ada@example.org | admin | #null                       |
        | 0197a0a0-0000-7000-8000-000000000002 | grace    | Grace Ärmel  | #null           | user  | 2026-01-31T18:30:00.123456Z |
      And the table "greet_history" has the rows:
        | id | user_id                              | message     | context                          |
        | 7  | 0197a0a0-0000-7000-8000-000000000001 | Hello, Ada! | {"b": 1.5, "a": ["x", null, {}]} |
      And the table "categories" has the rows:
        | id                                   | name  | parent_id                            |
        | 0197a0a0-0000-7000-8000-000000000009 | Shoes | #null                                |
        | 0197a0a0-0000-7000-8000-000000000003 | Latin | 0197a0a0-0000-7000-8000-000000000009 |
        | 0197a0a0-0000-7000-8000-000000000001 | Heels | 0197a0a0-0000-7000-8000-000000000003 |
      And the table "products" has the rows:
        | name     | price_cents | stock | category_id                          | sku   |
        | Sandals  | 9999999999  | 3     | 0197a0a0-0000-7000-8000-000000000001 | S-1   |
        | Slippers | 0           | 0     | 0197a0a0-0000-7000-8000-000000000009 | #null |
      And the table "pizzas" has the rows:
        | name  | price_cents | ingredients         |
        | Funghi | 950        | ["tomato", "funghi"] |
      And the table "image_updates" has the rows:
        | image        | created                     | metadata |
        | postgres:15  | 2026-01-31T18:30:00.000001Z | #null    |
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 0
      And the output contains "users: 2 of 2 rows"
      And the output contains "counts and digests agree"
      Given the SQL:
        """
        delete from products;
        delete from categories;
        delete from greet_history;
        delete from image_updates;
        delete from pizzas;
        delete from users;
        """
      When I run "copy --from sqlite:{{backup}} --to {{school}}"
      Then it exits with 0
      And the table "users" contains exactly the rows:
        | id                                   | username | name         | email           | role  | deleted_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | ada      | Ada "L"      | ada@example.org | admin | #null                       |
        | 0197a0a0-0000-7000-8000-000000000002 | grace    | Grace Ärmel  | #null           | user  | 2026-01-31T18:30:00.123456Z |
      And the table "greet_history" contains exactly the rows:
        | id | message     | context                          |
        | 7  | Hello, Ada! | {"b": 1.5, "a": ["x", null, {}]} |
      And the table "categories" has 3 rows
      And the table "products" contains exactly the rows:
        | name     | price_cents | stock | sku   |
        | Sandals  | 9999999999  | 3     | S-1   |
        | Slippers | 0           | 0     | #null |
      And the table "image_updates" contains exactly the rows:
        | image        | created                     | metadata |
        | postgres:15  | 2026-01-31T18:30:00.000001Z | #null    |

    Scenario: The service runs on a copy
      Given a registered user "ada"
      And I run "copy --from {{school}} --to sqlite:{{backup}}"
      And the SQL:
        """
        delete from users
        """
      When I run "copy --from sqlite:{{backup}} --to {{school}}"
      Then it exits with 0
      When "ada" logs in
      And I send GET "/api/v1/greet"
      Then the response JSON at "$.message" is "#string"

    Scenario: More rows than fit in one statement are copied
      Given the SQL:
        """
        insert into tags (name)
        with recursive n (n) as (select 1 union all select n + 1 from n where n < 1203)
        select 'tag ' || n from n;
        """
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 0
      And the output contains "tags: 1203 of 1203 rows"

    Scenario: Sequence numbers continue in a copy
      Given the table "users" has the rows:
        | id                                   | username |
        | 0197a0a0-0000-7000-8000-000000000001 | ada      |
      And the table "greet_history" has the rows:
        | id | user_id                              | message     |
        | 41 | 0197a0a0-0000-7000-8000-000000000001 | Hello, Ada! |
      And I run "copy --from {{school}} --to sqlite:{{backup}}"
      And the SQL:
        """
        delete from users
        """
      And I run "copy --from sqlite:{{backup}} --to {{school}}"
      And the SQL:
        """
        insert into greet_history (user_id, message) values ('0197a0a0-0000-7000-8000-000000000001', 'Hello again!')
        """
      Then the table "greet_history" contains exactly the rows:
        | id | message      |
        | 41 | Hello, Ada!  |
        | 42 | Hello again! |

    @postgres
    Scenario: A PostgreSQL database is copied to another PostgreSQL database
      Given "second" is the URL of a second database "name"
      And the table "users" has the rows:
        | username |
        | ada      |
      When I run "copy --from {{school}} --to {{second}}"
      Then it exits with 0
      Given the SQL:
        """
        delete from users
        """
      When I run "copy --from {{second}} --to {{school}}"
      Then it exits with 0
      And the table "users" contains exactly the rows:
        | username |
        | ada      |
      And the SQL:
        """
        drop database {{name}}
        """

  Rule: A copy is complete, or the target stays empty

    Scenario: A target with rows is refused and stays unchanged
      Given I run "copy --from {{school}} --to sqlite:{{backup}}"
      And the table "users" has the rows:
        | username |
        | ada      |
      When I run "copy --from sqlite:{{backup}} --to {{school}}"
      Then it exits with 1
      And the output contains "isn't empty"
      And the output contains "users"
      And the table "users" contains exactly the rows:
        | username |
        | ada      |

    Scenario: A failed copy leaves the target empty
      Given the table "users" has the rows:
        | username |
        | ada      |
      And the table "categories" has the rows:
        | id                                   | name  |
        | 0197a0a0-0000-7000-8000-000000000001 | Shoes |
        | 0197a0a0-0000-7000-8000-000000000002 | Latin |
      And the SQL:
        """
        update categories set parent_id = '0197a0a0-0000-7000-8000-000000000002' where name = 'Shoes';
        update categories set parent_id = '0197a0a0-0000-7000-8000-000000000001' where name = 'Latin';
        """
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 1
      And the output contains "categories"
      And the output contains "users: 1 of 1 rows"
      Given the SQL:
        """
        update categories set parent_id = null
        """
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 0

    Scenario: An interrupted copy leaves the target empty
      Given the SQL:
        """
        insert into tags (name)
        with recursive n (n) as (select 1 union all select n + 1 from n where n < 40000)
        select 'tag ' || n from n
        """
      And the table "users" has the rows:
        | username |
        | ada      |
      When I run "copy --from {{school}} --to sqlite:{{backup}}" and interrupt it at "database_events: 0 of 0 rows"
      Then it exits with 1
      And the output contains "users: 1 of 1 rows"
      And the output contains "interrupted; the target is empty"
      Given the SQL:
        """
        delete from tags
        """
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 0
      And the output contains "users: 1 of 1 rows"

    Scenario: A source of an older version is refused
      Given I run "migrate down --steps 2"
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 1
      And the output contains "migrate up"

  Rule: Wrong input is refused

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2

      Examples:
        | command                                          |
        | copy                                             |
        | copy --from sqlite:a.db                          |
        | copy --from sqlite:a.db --to a.db                |
        | copy --from sqlite:a.db --to sqlite:a.db         |
        | copy --from mysql://localhost/a --to sqlite:a.db |
        | copy --from postgres:// --to sqlite:a.db         |
        | copy --from sqlite:a.db --to sqlite:             |

    Scenario: A malformed URL is refused, and no password is shown
      When I run "copy --from postgres://dancer:s3cret-steps@127.0.0.1:floor/school --to sqlite:{{backup}}"
      Then it exits with 2
      And the output contains "--from"
      And the output does not contain "s3cret-steps"

    Scenario: A missing file is refused as source
      When I run "copy --from sqlite:nowhere.db --to {{school}}"
      Then it exits with 1
      And the output contains "nowhere.db"

    Scenario: No password is shown
      When I run "copy --from postgres://dancer:s3cret-steps@127.0.0.1:1/school --to sqlite:{{backup}}"
      Then it exits with 1
      And the output contains "127.0.0.1:1"
      And the output does not contain "s3cret-steps"
