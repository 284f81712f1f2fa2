@superuser
Feature: The schema's own rules
  Publications, event triggers and default privileges of the schema don't apply to the harness's objects, and don't
  record them.

  Scenario Outline: The harness's objects aren't recorded: <round>
    When I query:
      """
      select (select count(*) from ddl_log where what like '%bdd_harness%' or tag = 'GRANT')                as recorded,
             (select count(*) from pg_publication_tables where schemaname = 'bdd_harness')                  as published,
             (select count(*)
                from pg_class c
                join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'bdd_harness'
               cross join aclexplode(c.relacl) a
               where a.grantee <> c.relowner)                                                               as granted,
             (select count(*)
                from pg_proc p
                join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'bdd_harness'
               cross join aclexplode(p.proacl) a
               where a.grantee <> p.proowner)                                                               as callable
      """
    Then the query returned the rows:
      | recorded | published | granted | callable |
      | 0        | 0         | 0       | 0        |
    And the table "guests" is empty
    And the table "log" has 1 row
    And the table "parts" is empty
    Given the SQL:
      """
      insert into guests (name) values ('Ada');
      update guests set name = 'Ada Lovelace';
      insert into log values ('Ada came');
      insert into parts values ('a');
      """
    Then the table "log" has 2 rows

    Examples:
      | round |
      | 1     |
      | 2     |

  Scenario Outline: The rules apply to scenarios: <round>
    When I query:
      """
      select evtname, evtenabled
        from pg_event_trigger
       where evtname not like 'bdd_harness%'
       order by evtname
      """
    Then the query returned the rows:
      | evtname  | evtenabled |
      | frozen   | A          |
      | recorded | O          |
    Given the SQL:
      """
      create index guests_name on guests (name);
      """
    Then the table "ddl_log" contains the rows:
      | tag          | what               |
      | CREATE INDEX | public.guests_name |

    Examples:
      | round |
      | 1     |
      | 2     |
