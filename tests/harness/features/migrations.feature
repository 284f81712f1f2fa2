@postgres
Feature: Migrations that the suite applies
  A folder of migrations is applied file by file and statement by statement. An error names the file, the line and
  the statement.

  Rule: Usual migrations are understood, and what they leave on the server is removed with the run

    # Other scenarios would create roles at the same time.
    @serial
    Scenario: A role of the migrations is removed with the run, so that the next run can create it again
      Given the feature file "readers.feature":
        """
        Feature: Readers
          Scenario: Somebody reads
            Given the table "readings" has the rows:
              | book   |
              | Dances |
        """
      When I run the suite with "--database {{server}} --target none --migrations {{schemas}}/scripts {{readers}}"
      Then it exits with 0
      When I query:
        """
        select rolname from pg_roles where rolname = 'bdd_harness_trial_reader'
        """
      Then the query returned no rows
      When I run the suite with "--database {{server}} --target none --migrations {{schemas}}/scripts {{readers}}"
      Then it exits with 0

    @serial
    Scenario: An existing role stays, and a conflicting one is named
      Given the feature file "readers.feature":
        """
        Feature: Readers
          Scenario: Nobody reads
            Then the table "readings" is empty
        """
      And the migration "0001_role.up.sql":
        """
        do $$ begin create role bdd_trial_before; exception when duplicate_object then null; end $$;
        create table readings (book text);
        """
      And the SQL:
        """
        create role bdd_trial_before;
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{readers}}"
      Then it exits with 0
      When I query:
        """
        select rolname from pg_roles where rolname = 'bdd_trial_before'
        """
      Then the query returned the rows:
        | rolname          |
        | bdd_trial_before |
      Given the migration "0002_again.up.sql":
        """
        create role bdd_trial_after;
        create role bdd_trial_before;
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{readers}}"
      Then it exits with 1
      And the output contains "0002_again.up.sql:2: "
      And the output contains "roles belong to the whole server, and this run didn't create that one"
      When I query:
        """
        select rolname from pg_roles where rolname = 'bdd_trial_after'
        """
      Then the query returned no rows
      Given the SQL:
        """
        drop role bdd_trial_before;
        """

    Scenario: Line endings of a checkout on Windows make no difference
      Given the feature file "towns.feature":
        """
        Feature: Towns
          Scenario: They are there
            Then the table "towns" contains exactly the rows:
              | code | name      |
              | ams  | Amsterdam |
              | bxl  | Brussels  |
        """
      And the migration "0001_towns.up.sql" with lines that end as on Windows:
        """
        -- no-transaction
        create table towns (code text, name text);
        copy towns from stdin;
        ams	Amsterdam
        bxl	Brussels
        \.
        create index concurrently on towns (code);
        vacuum towns;
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{towns}}"
      Then it exits with 0

  Rule: An error names the file, the line and the statement of the user's text

    Background:
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Nothing happens
            When I query:
              '''
              select 1
              '''
        """
      And the migration "0001_first.up.sql":
        """
        create table tunes (name text primary key);
        insert into tunes values ('polka');
        """

    Scenario Outline: <what>
      Given the migration "0002_second.up.sql":
        """
        -- The second migration.
        create table steps (id int);

        <statement>
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{polka}}"
      Then it exits with 1
      And the output contains "0002_second.up.sql:<line>: <reason>"
      And the output does not contain "at line"

      Examples:
        | what                         | statement                                                                                    | line | reason                                                             |
        | The line in a statement      | select 1,\n  nowhere(2);                                                                     | 5    | the database answered: function nowhere(integer) does not exist    |
        | A row that exists already    | insert into tunes\nvalues ('polka');                                                         | 4    | the database answered: duplicate key value violates unique         |
        | Rows that don't fit          | copy steps from stdin;\npolka\n\\.                                                           | 5    | the database answered: invalid input syntax for type integer       |
        | Rows without an end marker   | copy steps from stdin;\n1                                                                    | 4    | the rows of this statement have no end                             |
        | A quote that is never closed | insert into tunes values ('waltz);                                                           | 4    | the `'` that opens here is never closed                            |
        | A command of psql            | \\connect other                                                                              | 4    | `\\connect other` is a command of psql that can't be followed here |
        | A deferred constraint        | create table a (n int unique deferrable initially deferred);\ninsert into a values (1), (1); | 5    | the database answered: duplicate key value                         |

    Scenario: The failed statement is shown
      Given the migration "0002_second.up.sql":
        """
        create table steps (
            id int,
            name txt
        );
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{polka}}"
      Then it exits with 1
      And the output contains "0002_second.up.sql:3: "
      And the output contains "the statement, from line 1:"
      And the output contains "    create table steps ("

    Scenario: Two files with the same number
      Given the migration "0001_other.up.sql":
        """
        select 1;
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{polka}}"
      Then it exits with 1
      And the output contains "have the same number"

    Scenario: A file name without a number
      Given the migration "second.sql":
        """
        select 1;
        """
      When I run the suite with "--database {{server}} --target none --migrations {{migrations}} {{polka}}"
      Then it exits with 1
      And the output contains "second.sql: the name of a migration begins with its number"
