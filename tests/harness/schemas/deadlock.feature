@superuser
Feature: A reset that runs into a deadlock
  bdd --target none --migrations schemas/deadlock schemas/deadlock.feature

  The reset is the deadlock's victim, tries again, and restores everything.

  Background:
    When I query:
      """
      select (select string_agg(id || ' ' || name, ', ' order by id) from earlier) as earlier,
             (select string_agg(id || ' ' || name, ', ' order by id) from bait)    as bait,
             (select string_agg(id || ' ' || name, ', ' order by id) from later)   as later,
             (select last_value || ' ' || is_called from fuse)                     as fuse
      """
    Then the query returned the rows:
      | earlier      | bait         | later        | fuse    |
      | 1 one, 2 two | 1 one, 2 two | 1 one, 2 two | 0 false |

  Rule: Another session holds the lock that the reset needs next, and waits for one that the reset holds

    # The fuse is lit last, so that the scenario itself doesn't use it up.
    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        select setval('fuse', 1);
        """
      When I query:
        """
        select last_value as fuse from fuse
        """
      Then the query returned the rows:
        | fuse |
        | 1    |

      Examples:
        | what                                    | sql                                                                                                      |
        | Every table lost a row                  | delete from earlier where id = 1; delete from bait where id = 1; delete from later where id = 1          |
        | Every table lost another row            | delete from earlier where id = 2; delete from bait where id = 2; delete from later where id = 2          |
        | The tables lost all rows                | delete from later; delete from bait; delete from earlier                                                 |
        | The rows of the tables were changed     | update earlier set name = 'changed'; update bait set name = 'changed'; update later set name = 'changed' |
        | The tables were truncated               | truncate earlier, bait, later                                                                            |
        | Only the bait was taken                 | delete from bait where id = 1                                                                            |
        | The bait was taken, and rows were added | delete from bait; insert into earlier values (3, 'three'); insert into later values (3, 'three')         |

  Rule: If the fuse isn't lit, there is no deadlock

    Scenario: Every table lost a row
      Given the SQL:
        """
        delete from earlier where id = 1;
        delete from bait where id = 1;
        delete from later where id = 1;
        """
      Then the table "bait" has 1 row
