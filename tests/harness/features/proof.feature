@postgres
Feature: Proof of isolation
  After every reset the suite can compare everything in a slot's database with the template. The first difference ends
  the run and names the scenario that left it, so every mistake of a reset is noticed.

  # Each of these scenarios runs the suite on its own schema, in which other scenarios make changes. There are more
  # such schemas: scripts/prove-isolation runs them all, with every strategy.

  Rule: A correct reset leaves no difference

    Scenario Outline: <schema> is restored, whatever its scenarios do
      When I run the suite with "--database {{server}} --target none --slots 2 --migrations {{schemas}}/<schema> {{schemas}}/<schema>.feature --prove-isolation --tags 'not @superuser'"
      Then it exits with 0
      And the output contains "proofs:"

      Examples:
        | schema         |
        | keys           |
        | reference_rows |
        | triggers       |

    Scenario: What only looks like a change of the schema costs no clone
      When I run the suite with "--database {{server}} --target none --slots 2 --migrations {{schemas}}/harmless {{schemas}}/harmless.feature --prove-isolation --tags 'not @superuser'"
      Then it exits with 0
      And the output contains " in place, 0 cloned anew"

    Scenario Outline: The strategy <strategy> keeps the same promises
      When I run the suite with "--database {{server}} --target none --slots 2 --migrations {{schemas}}/hostile {{schemas}}/hostile.feature --prove-isolation --reset <strategy>"
      Then it exits with 0
      And the output contains "<resets>"
      And the output contains "proofs: 21 comparisons"

      Examples:
        | strategy | resets                     |
        | adaptive | 15 in place, 6 cloned anew   |
        | truncate | 15 in place, 6 cloned anew   |
        | template | 0 in place, 21 cloned anew   |

      # A table that grew needs a VACUUM. Then only a superuser can restore the planner's statistics.
      @superuser
      Examples:
        | strategy | resets                     |
        | delete   | 15 in place, 6 cloned anew   |

  Rule: Without a reset, the first scenario that leaves something is found

    Scenario: It is named, and no scenario runs after it
      Given the feature file "guests.feature":
        """
        Feature: Guests
          Scenario: Nobody comes
            Given the SQL:
              '''
              select 1;
              '''
          Scenario: Ada comes
            Given the SQL:
              '''
              insert into words values ('ada', 1);
              '''
          Scenario: Grace comes
            Given the SQL:
              '''
              insert into words values ('grace', 1);
              '''
        """
      When I run the suite with "--database {{server}} --target none --migrations {{schemas}}/hostile {{guests}} --slots 1 --reset none --prove-isolation"
      Then it exits with 1
      And the output contains "Guests › Ada comes"
      And the output contains "isolation is broken: table words: (ada,1) is there, and not in the template"
      And the output does not contain "couldn't be reset"
      And the output contains "2 scenarios (1 passed, 1 failed)"
      And the output contains "1 scenario wasn't run"
      And the output does not contain "Guests › Grace comes"

    Scenario: The same on SQLite
      Given the feature file "guests.feature":
        """
        Feature: Guests
          Scenario: Ada comes
            Given a registered user "ada"
        """
      When I run the suite with "--store sqlite --slots 1 {{guests}} --reset none --prove-isolation"
      Then it exits with 1
      And the output contains "isolation is broken: table"

  Rule: A reset that misses something is found, whatever it misses

    # The reset's records are in the database. A scenario that changes them makes the reset miss something.
    Scenario Outline: It misses <what>
      Given the feature file "forgetful.feature":
        """
        Feature: Forgetful
          Scenario: Somebody was here
            Given the SQL:
              '''
              <harm>;
              <falsified>;
              '''
        """
      When I run the suite with "--database {{server}} --target none --slots 1 --migrations {{schemas}}/hostile {{forgetful}} --prove-isolation"
      Then it exits with 1
      And the output contains "Forgetful › Somebody was here"
      And the output contains "isolation is broken: <difference>"

      Examples:
        | what              | harm                                         | falsified                                                                                                                                        | difference                                                     |
        | a table           | insert into words values ('ada', 1)          | delete from bdd_harness.dirty                                                                                                                    | table words: (ada,1) is there, and not in the template         |
        | a reference row   | delete from countries where code = 'fr'      | do $$ begin execute format('delete from bdd_harness.shadow_%s where code = $q$fr$q$', 'countries'::regclass::oid); end $$                          | table countries: (fr,France,                                   |
        | a changed row     | update countries set name = 'Nowhere'        | do $$ begin execute format('update bdd_harness.shadow_%s set name = $q$Nowhere$q$', 'countries'::regclass::oid); end $$                            | table countries: (fr,Nowhere,                                  |
        | statistics        | analyze words                                | delete from bdd_harness.planner_statistics                                                                                                                   | the statistics of words: 3 rows in 1 pages                     |
        | a sequence        | select nextval('lonely')                     | update bdd_harness.sequence set value = 10 where relation = 'lonely'::regclass                                                                   | the sequences: sequence public.lonely: (10,true) is there      |

      # A plain owner has no event triggers, and checks the catalogs instead.
      @superuser
      Examples:
        | what              | harm                                         | falsified                                                                                                                                        | difference                                                     |
        | a view            | insert into a default values; refresh materialized view counts | delete from bdd_harness.refreshed                                                                                              | materialized view counts: (1) is there, but the template has |
        | a changed column  | alter table words add column extra int       | delete from bdd_harness.catalog_change                                                                                                           | table words: (x,1,) is there, but the template has (x,1)      |
        | a large object    | select lo_from_bytea(4711, 'ada')            | update bdd_harness.noted set large_objects = concat_ws('/', (select count(*) \|\| ':' \|\| max(xmin::text::bigint) from pg_largeobject_metadata), (select count(*) \|\| ':' \|\| max(xmin::text::bigint) from pg_largeobject)) | the large objects: large object 4711 |
