Feature: Migrations in common formats
  Output of pg_dump with rows after COPY, roles and settings that outlast a statement, files without a transaction,
  and semicolons that don't end a statement.

  Scenario Outline: Everything exists, and no session state outlasts its file: <round>
    Then the table "towns" contains exactly the rows:
      | code | name                  |
      | ams  | Amsterdam; "the city" |
      | bxl  | Brussels \\ Bruxelles |
      | nul  | #null                 |
    And the table "readings" is empty
    Given the table "readings" has the rows:
      | book   |
      | Dances |
    And the table '"odd;name"' has the rows:
      | much |
      | 1.50 |
    And the SQL:
      """
      update towns set name = 'Bruxelles' where code = 'bxl';
      """
    Then the table '"odd;name"' contains exactly the rows:
      | what      | much |
      | it's; odd | 1.5  |
    When I query:
      """
      select polka() as polka, waltz() as waltz, current_user = session_user as as_itself,
             current_setting('lock_timeout') as lock_timeout,
             (select count(*) from pg_index where indrelid = 'readings'::regclass and indisvalid) as indexes
      """
    Then the query returned the rows:
      | polka | waltz | as_itself | lock_timeout | indexes |
      | 3     | a; 'b | true      | 0            | 2       |

    Examples:
      | round |
      | 1     |
      | 2     |
