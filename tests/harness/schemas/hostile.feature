Feature: A schema that is hard to reset
  bdd --target none --migrations schemas/hostile schemas/hostile.feature

  Every scenario starts in the state after the migrations, whatever the previous scenario did.

  Background:
    Then the table "countries" contains exactly the rows:
      | code | name    | facts    | place |
      | fr   | France  | {"a":1}  | (1,2) |
      | de   | Germany | {"b": 2} | (3,4) |
    And the table "words" contains exactly the rows:
      | word | n |
      | x    | 1 |
      | x    | 1 |
      | y    | 2 |
    And the table "\"Odd Schema\".\"Odd \"\"Table\"" contains exactly the rows:
      | id | Odd Column | twice    | parent |
      | 1  | seed       | seedseed | #null  |
    When I query:
      """
      select (select count(*) from a) + (select count(*) from b) + (select count(*) from events)
             + (select count(*) from animals) + (select count(*) from scratch) + (select count(*) from undeletable)
             + (select count(*) from watched) + (select count(*) from audit) + (select count(*) from typed) as rows,
             (select n from counts) as counted,
             (select array[last_value::text, is_called::text] from lonely)    as lonely,
             (select array[last_value::text, is_called::text] from never)     as never,
             (select array[last_value::text, is_called::text] from a_id_seq)  as a,
             (select array[last_value::text, is_called::text] from b_id_seq)  as b
      """
    Then the query returned the rows:
      | rows | counted | lonely   | never     | a         | b           |
      | 0    | 0       | {7,true} | {1,false} | {1,false} | {100,false} |

  Rule: Written rows are removed

    Scenario: A cycle of foreign keys
      Given the SQL:
        """
        insert into a (id) values (1);
        insert into b (a_id) values (1);
        update a set b_id = 100;
        """
      Then the table "b" has 1 row

    Scenario: Partitions and child tables
      Given the SQL:
        """
        insert into events (at, what) values ('2026-05-05', 'ball'), ('2020-01-01', 'rehearsal');
        insert into events_2026 (at, what) values ('2026-06-06', 'exam');
        insert into dogs (name, breed) values ('Rex', 'poodle');
        """
      Then the table "events" has 3 rows
      And the table "animals" has 1 row

    Scenario: Rows that a trigger or a rule protects
      Given the SQL:
        """
        insert into undeletable values (1);
        insert into watched values (1);
        insert into scratch values (1);
        """
      Then the table "audit" has 1 row

    Scenario: Rows of which the feature names only some columns
      Given the table "typed" has the rows:
        | few |
        | 5   |
        | 7   |
      Then the table "typed" contains the rows:
        | few | mood  | price |
        | 5   | merry | #> 3  |
        | 7   | merry | #> 3  |
      And the table "a" has 2 rows

    Scenario: Many rows
      Given the SQL:
        """
        insert into a select generate_series(1, 20000);
        """
      Then the table "a" has 20000 rows

    Scenario: A table is truncated
      Given the SQL:
        """
        truncate words, countries;
        """
      Then the table "countries" is empty

  Rule: Rows of the migrations are restored

    Scenario: They are changed, deleted and added to
      Given the SQL:
        """
        update countries set name = 'Nowhere', facts = '{"z":0}' where code = 'fr';
        delete from countries where code = 'de';
        insert into countries values ('xx', 'Elsewhere', null, null);
        update "Odd Schema"."Odd ""Table" set "Odd Column" = 'changed', parent = id;
        """
      Then the table "countries" has 2 rows

    Scenario: They have no key
      Given the SQL:
        """
        delete from words where n = 1;
        insert into words values ('z', 9);
        """
      Then the table "words" has 2 rows

    Scenario: Only formatting was changed
      Given the SQL:
        """
        update countries set facts = '{ "a": 1 }' where code = 'fr';
        """
      Then the table "countries" has 2 rows

  Rule: Sequences are restored

    Scenario: Sequences are used, and set without being used
      When I query:
        """
        select nextval('lonely') as lonely, setval('never', 9, false) as never
        """
      Then the query returned the rows:
        | lonely | never |
        | 10     | 9     |

    Scenario: A row is inserted and rolled back
      Given the SQL:
        """
        begin;
        insert into a default values;
        rollback;
        """
      Then the table "a" is empty

  Rule: Views show the restored rows

    Scenario: A materialized view was refreshed after the changes
      Given the SQL:
        """
        insert into a default values;
        refresh materialized view counts;
        """
      When I query:
        """
        select n from counts
        """
      Then the query returned the rows:
        | n |
        | 1 |

  Rule: A changed schema is noticed

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        <look>
        """
      Then the query returned the rows:
        | found |
        | true  |

      Examples:
        | what                   | sql                                                     | look                                                                          |
        | A column is added      | alter table a add column extra int                      | select count(*) = 1 as found from pg_attribute where attname = 'extra'        |
        | A table is dropped     | drop table typed                                        | select to_regclass('typed') is null as found                                  |
        | A trigger is dropped   | drop trigger forbids on undeletable                     | select count(*) = 0 as found from pg_trigger where tgname = 'forbids'         |
        | Another default        | alter table words alter column n set default 5          | select count(*) > 0 as found from pg_attrdef where adrelid = 'words'::regclass |
        | An enum value is added | alter type mood add value 'shy'                         | select count(*) = 3 as found from pg_enum where enumtypid = 'mood'::regtype   |

    Scenario: A setting of the database
      Given the SQL:
        """
        do $$ begin execute format('alter database %I set timezone = %L', current_database(), 'Asia/Tokyo'); end $$;
        """
      When I query:
        """
        select count(*) as found
          from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
         where d.datname = current_database()
        """
      Then the query returned the rows:
        | found |
        | 1     |

  Rule: Nothing stays open

    Scenario: A transaction stays open
      Given the SQL:
        """
        begin;
        insert into a default values;
        """
      Then the table "a" has 1 row

  Rule: Every type can be compared

    Scenario: An array is an array
      Given the table "typed" has the rows:
        | tags                 |
        | {waltz,"slow waltz"} |
        | {}                   |
      Then the table "typed" contains exactly the rows:
        | tags                   |
        | #[2]                   |
        | #array                 |
      And the table "typed" contains the rows:
        | tags                  |
        | #contains slow waltz  |
        | {}                    |

    Scenario: A row that was inserted at the second attempt has the number of the first one
      Given the table "letters" has the rows:
        | text  |
        | one   |
        | two   |
        | three |
        | four  |
      Then the table "letters" contains exactly the rows:
        | id | text  |
        | 1  | one   |
        | 2  | two   |
        | 3  | three |
        | 4  | four  |
