Feature: Materialized views
  bdd --target none --migrations schemas/views schemas/views.feature

  In every scenario they show what they showed after the migrations, whatever was refreshed.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name               | content                        |
      | by_country         | (de,Germany,0) (fr,France,0)   |
      | countries          | (de,Germany) (fr,France)       |
      | fixed              | (42)                           |
      | guest_count        | (0)                            |
      | guests             | none                           |
      | made_first         | (100)                          |
      | made_last          | (0)                            |
      | most               | (0)                            |
      | price_list         | (drink,3) (ticket,10)          |
      | price_sum          | (13)                           |
      | prices             | (coat,1) (drink,3) (ticket,12) |
      | reports."Odd View" | none                           |
      | reports.daily      | none                           |
      | visits_2026        | none                           |
      | visits_rest        | none                           |
      | without_any_data   | no data                        |
      | without_data       | no data                        |
      | without_key        | no data                        |
    When I query:
      """
      select count(*) as as_at_first from made_at join made_at_first using (moment, guests)
      """
    Then the query returned the rows:
      | as_at_first |
      | 1           |

  Rule: A materialized view was refreshed

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                               | table              | sql                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 | content                       |
        | Over new rows                                      | guest_count        | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view guest_count                                                                                                                                                                                                                                                                                                                                                                                                                                                     | (3)                           |
        | Over new rows that are gone again                  | guest_count        | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view guest_count; delete from guests                                                                                                                                                                                                                                                                                                                                                                                                                                 | (3)                           |
        | Over changed rows of the migrations                | by_country         | update countries set name = 'Gaul' where code = 'fr'; delete from countries where code = 'de'; refresh materialized view by_country                                                                                                                                                                                                                                                                                                                                                                                                                                                 | (fr,Gaul,0)                   |
        | Without keeping anybody waiting                    | by_country         | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view concurrently by_country                                                                                                                                                                                                                                                                                                                                                                                                                                         | (de,Germany,1) (fr,France,2)  |
        | One over another                                   | most               | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view by_country; refresh materialized view most                                                                                                                                                                                                                                                                                                                                                                                                                      | (2)                           |
        | Only the one below                                 | by_country         | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view by_country                                                                                                                                                                                                                                                                                                                                                                                                                                                      | (de,Germany,1) (fr,France,2)  |
        | In another schema, over partitions                 | reports.daily      | insert into visits (day) values ('2026-01-01'), ('2026-01-01'), ('2020-02-02'); refresh materialized view reports.daily                                                                                                                                                                                                                                                                                                                                                                                                                                                             | (2020-02-02,1) (2026-01-01,2) |
        | In another schema, with a name to be quoted        | reports."Odd View" | insert into visits (day) values ('2026-01-01'); refresh materialized view reports.daily; refresh materialized view reports."Odd View"                                                                                                                                                                                                                                                                                                                                                                                                                                               | (2026-01-01,1)                |
        | Made in another order than they look at each other | made_first         | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view made_last; refresh materialized view made_first                                                                                                                                                                                                                                                                                                                                                                                                                 | (103)                         |
        | Only the one above                                 | made_first         | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view made_last; refresh materialized view made_first; delete from guests; refresh materialized view made_last                                                                                                                                                                                                                                                                                                                                                        | (103)                         |
        | In a transaction with what it looks at             | guest_count        | begin; insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view guest_count; commit                                                                                                                                                                                                                                                                                                                                                                                                                                      | (3)                           |
        | All of those that can be put right                 | made_first         | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); insert into visits (day) values ('2026-01-01'); refresh materialized view guest_count; refresh materialized view by_country; refresh materialized view most; refresh materialized view made_last; refresh materialized view made_first; refresh materialized view reports.daily; refresh materialized view reports."Odd View"; refresh materialized view fixed; refresh materialized view without_data; refresh materialized view without_any_data; refresh materialized view without_key | (103)                         |

  Rule: A view had no data, or lost it

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                        | table            | sql                                                                                                                                                                          | content              |
        | It gets data                                | without_data     | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view without_data                                             | (Ada) (Grace) (Mary) |
        | It gets data over no rows                   | without_data     | refresh materialized view without_data                                                                                                                                       | none                 |
        | One over another gets data                  | without_any_data | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view without_data; refresh materialized view without_any_data | (3)                  |
        | One with an index gets data                 | without_key      | refresh materialized view without_key; refresh materialized view concurrently without_key                                                                                    | (de,1) (fr,1)        |
        | It loses its data                           | guest_count      | refresh materialized view guest_count with no data                                                                                                                           | no data              |
        | It loses its data, and its rows change      | by_country       | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); refresh materialized view by_country with no data                                  | no data              |
        | It loses its data, and one over it does not | by_country       | refresh materialized view by_country with no data                                                                                                                            | no data              |
        | It looks at nothing and loses its data      | fixed            | refresh materialized view fixed with no data                                                                                                                                 | no data              |
        | It gets data and loses it                   | without_key      | refresh materialized view without_key; refresh materialized view without_key with no data                                                                                    | no data              |

  Rule: Rows change, and the view isn't refreshed

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                | table     | sql                                                                                        | content                             |
        | New rows                            | guests    | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr');  | (1,Ada,fr) (2,Grace,de) (3,Mary,fr) |
        | Rows of the migrations              | countries | update countries set name = 'Gaul' where code = 'fr'                                       | (de,Germany) (fr,Gaul)              |
        | Rows that the view has not seen yet | prices    | delete from prices where item = 'coat'                                                     | (drink,3) (ticket,12)               |

  Rule: Rows are written through a view

    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                          | table     | sql                                                                                                                                                | content                             |
        | As if it were a table         | guests    | insert into french (name, country) values ('Ada', 'fr'); update french set name = 'Augusta'                                                        | (1,Augusta,fr)                      |
        | Deleted as if it were a table | guests    | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); delete from french where name = 'Ada'                    | (2,Grace,de) (3,Mary,fr)            |
        | By a trigger, to two tables   | countries | insert into guests_with_country (name, country) values ('Ada', 'Italy'), ('Grace', 'France')                                                       | (de,Germany) (fr,France) (it,Italy) |
        | By a trigger that deletes     | guests    | insert into guests (name, country) values ('Ada', 'fr'), ('Grace', 'de'), ('Mary', 'fr'); delete from guests_with_country where country = 'France' | (2,Grace,de)                        |
        | By a rule                     | guests    | insert into reports.names values ('Ada')                                                                                                           | (1,Ada,)                            |

  Rule: A view that a refresh can't restore

    @stale
    Scenario Outline: <what>
      Given the SQL:
        """
        <sql>;
        """
      When I query:
        """
        select content from contents() where name = '<table>'
        """
      Then the query returned the rows:
        | content   |
        | <content> |

      Examples:
        | what                                      | table      | sql                                                                       | content                        |
        | It catches up with its table              | price_list | refresh materialized view price_list                                      | (coat,1) (drink,3) (ticket,12) |
        | It is read by another that is refreshed   | price_sum  | refresh materialized view price_list; refresh materialized view price_sum | (16)                           |
        | It loses its data                         | price_list | refresh materialized view price_list with no data                         | no data                        |
        | An object that looks at it loses its data | price_sum  | refresh materialized view price_sum with no data                          | no data                        |

    @stale
    Scenario: It shows the time of its creation
      Given the SQL:
        """
        refresh materialized view made_at;
        """
      When I query:
        """
        select count(*) as as_at_first from made_at join made_at_first using (moment)
        """
      Then the query returned the rows:
        | as_at_first |
        | 0           |
