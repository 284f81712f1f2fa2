Feature: Rows need only the columns that matter
  bdd --target none --migrations schemas/fixtures schemas/fixtures.feature

  Rule: Parent rows

    Scenario: Rows of the migrations are used as parents; otherwise new parents are inserted
      Given the table "books" has the rows:
        | title   |
        | Notes   |
        | Letters |
      Then the table "genres" has 3 rows
      And the table "authors" has 2 rows
      And the table "books" contains exactly the rows:
        | title   | genre |
        | Notes   | essay |
        | Letters | essay |

    Scenario: A named parent isn't replaced
      Given the table "authors" has the rows:
        | id | name |
        | 7  | Ada  |
      And the table "books" has the rows:
        | title | author | genre |
        | Notes | 7      | poems |
      Then the table "authors" has 1 row
      And the table "books" contains exactly the rows:
        | title | author | genre |
        | Notes | 7      | poems |

    Scenario: A foreign key that must be unique uses the next parent
      Given the table "shelves" has the rows:
        | place |
        | a     |
        | b     |
        | c     |
      Then the table "shelves" contains exactly the rows:
        | genre | place |
        | essay | a     |
        | novel | b     |
        | poems | c     |

    Scenario: A parent of the migrations that the scenario has deleted isn't used
      Given the SQL:
        """
        delete from genres where code = 'essay'
        """
      And the table "books" has the rows:
        | title |
        | Notes |
      Then the table "books" contains the rows:
        | title | genre |
        | Notes | novel |

  Rule: Check constraints

    Scenario: Lists, bounds and lengths are met
      Given the table "loans" has the rows:
        | id |
        | 1  |
        | 2  |
      Then the table "loans" has 2 rows
      And the table "books" has 2 rows

    Scenario: A condition on several columns is met by the columns that the feature doesn't name
      Given the table "loans" has the rows:
        | id | paid |
        | 1  | cash |
      Then the table "loans" contains exactly the rows:
        | id | paid | paid_at  |
        | 1  | cash | #notnull |

    @postgres
    Scenario Outline: Sequences are put back before other values are tried: <column>
      Given the SQL:
        """
        create table editions (id bigserial primary key, place text not null, <column>);
        create table prints (id bigint generated always as identity primary key, edition bigint not null references editions);
        insert into editions (place, code) values ('Rome', '<code>');
        """
      When the table "prints" has the rows:
        | id |
        | 1  |
        | 2  |
      Then the table "editions" contains exactly the rows:
        | id | code              |
        | 1  | <code>            |
        | 2  | #regex <pattern>  |
        | 3  | #regex <pattern>  |

      Examples:
        | column                                                        | code          | pattern    |
        | code char(13) not null unique check (code ~ '^[0-9]{13}$')    | 9780000000001 | ^\d{13}$   |
        | code varchar(3) not null check (code = upper(code))           | ABC           | ^[A-Z0-9]+$ |

  Rule: The scenario's own changes of a table count

    @postgres
    Scenario Outline: <what>
      Given the table "authors" has the rows:
        | name |
        | Ada  |
      And the SQL:
        """
        <sql>
        """
      When the table "authors" has the rows:
        | name  |
        | Grace |
      Then the table "authors" has 2 rows

      Examples:
        | what                           | sql                                                                                      |
        | A column that has to be filled | alter table authors add column born date; update authors set born = now(); alter table authors alter column born set not null |
        | A column is dropped            | alter table authors drop column id cascade                                                       |
        | A column of another type       | alter table books drop column author; alter table authors alter column id type uuid using gen_random_uuid()                    |
        | A condition is added           | alter table authors add constraint low check (id < 100) not valid                        |
        | Another name for a column      | alter table authors rename column id to number                                           |
        | In an open transaction         | begin; alter table authors add column born date; update authors set born = now(); alter table authors alter column born set not null |

    @postgres
    Scenario: A column that the scenario adds can be named
      Given the table "authors" has the rows:
        | name |
        | Ada  |
      And the SQL:
        """
        alter table authors add column born date
        """
      When the table "authors" has the rows:
        | name  | born       |
        | Grace | 1906-12-09 |
      Then the table "authors" contains the rows:
        | name  | born       |
        | Grace | 1906-12-09 |

    @postgres
    Scenario: A temporary table hides another one
      Given the table "authors" has the rows:
        | name |
        | Ada  |
      And the SQL:
        """
        create temporary table authors (name text not null, age int not null)
        """
      When the table "authors" has the rows:
        | name  |
        | Grace |
      Then the table "authors" contains exactly the rows:
        | name  | age     |
        | Grace | #number |
      And the table "public.authors" contains exactly the rows:
        | name |
        | Ada  |

    @postgres
    Scenario: The search path is used
      Given the SQL:
        """
        create schema elsewhere;
        create table elsewhere.authors (name text not null, age int not null);
        set search_path = elsewhere;
        """
      When the table "authors" has the rows:
        | name  |
        | Grace |
      Then the table "elsewhere.authors" has 1 row
      And the table "public.authors" is empty

    @postgres
    Scenario: A refused row leaves an open transaction unchanged
      Given the SQL:
        """
        begin;
        insert into authors values (1, 'Ada');
        """
      And the table "loans" has the rows:
        | reader       |
        | Grace Hopper |
      When the SQL:
        """
        commit
        """
      Then the table "authors" has 2 rows

  Rule: Values keep their text

    Scenario: A number of any length and scale
      Given the table "numbers" has the rows:
        | exact | json                                     |
        | 1.50  | {"a": 9007199254740993, "b": [1.10]} |
      Then the table "numbers" contains exactly the rows:
        | exact | json                                  |
        | 1.5   | {"b": [1.1], "a": 9007199254740993.0} |

    @postgres
    Scenario: JSON in a cell may have matchers
      Given the table "numbers" has the rows:
        | exact | json                              |
        | 1     | {"id": 7, "when": "today", "b": 1} |
      Then the table "numbers" contains exactly the rows:
        | exact | json                                          |
        | 1     | {"id": "#int as id", "when": "#string", "b": 1} |
      When I query:
        """
        select json from numbers where json ->> 'id' = '{{id}}'
        """
      Then the query returned the rows:
        | json                                     |
        | {"id": {{id}}, "when": "#regex ^to", "b": 1} |

    @postgres
    Scenario: Saved and captured values are the text that the server writes
      When I query:
        """
        select 0.30000000000000000001               as exact,
               12345678901234567890123456           as long,
               timestamptz '2026-11-25 20:00:00.5Z' as at,
               timestamp '2026-11-25 20:00'         as local,
               array[1.10, null]                    as list,
               array['a b', 'c']                    as words
        """
      Then the query returned the rows:
        | exact                                 | long                         | at                | local               | list | words           |
        | #< 0.30000000000000000002             | #> 12345678901234567890123455 | #datetime as at  | #regex ^2026-11-25 20:00:00$ | #[2] | #array as words |
      And I save the query's "exact" as "exact"
      And I save the query's "long" as "long"
      And I save the query's "local" as "local"
      And I save the query's "list" as "list"
      When I query:
        """
        select '{{exact}}' as exact, '{{long}}' as long, '{{local}}' as local, '{{list}}' as list, '{{words}}' as words,
               '{{at}}' = (timestamptz '2026-11-25 20:00:00.5Z')::text as same
        """
      Then the query returned the rows:
        | exact                  | long                       | local               | list        | words       | same |
        | 0.30000000000000000001 | 12345678901234567890123456 | 2026-11-25 20:00:00 | {1.10,NULL} | {"a b",c}   | true |
