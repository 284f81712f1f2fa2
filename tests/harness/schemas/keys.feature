Feature: Rows that refer to each other
  bdd --target none --migrations schemas/keys schemas/keys.feature

  A scenario may write to them in any way; the next one finds them as the migrations left them.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name             | content                                         |
      | abroad.embassies | (1,fr,1) (2,de,2) (3,,)                         |
      | balls            | none                                            |
      | bosses           | (Ada,Ada) (Grace,Ada) (Mary,Grace)              |
      | cities           | (1,DEU,Berlin) (2,FRA,Paris) (3,FRA,Lyon)       |
      | classes          | (1,2)                                           |
      | countries        | (de,DEU,Germany) (fr,FRA,France) (it,ITA,Italy) |
      | eggs             | (10,2) (20,1)                                   |
      | folders          | (1,root,) (2,home,1) (3,own,3) (4,deep,2)       |
      | halls            | (1,main,) (2,mirror,)                           |
      | hens             | (1,10) (2,20)                                   |
      | links            | (1,2,2) (2,3,3) (3,1,1)                         |
      | order_lines      | (1,1,1,) (1,1,2,1) (1,2,1,1)                    |
      | orders           | (1,1,one) (1,2,two) (2,1,)                      |
      | owners           | (1,shelter) (2,Ada) (3,Grace)                   |
      | paper            | none                                            |
      | pets             | (1,2,3,Rex) (2,3,3,Minka) (3,1,,Polly)          |
      | refunds          | (1,1,2) (2,,)                                   |
      | scissors         | none                                            |
      | stone            | none                                            |
      | teachers         | (1,1) (2,1)                                     |
      | visitors         | none                                            |
      | visits           | none                                            |

  Rule: Rows that refer to each other are written

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
        | what                                        | table       | sql                                                                                                                                            | content                                                                                                       |
        | A cycle of three is closed                  | stone       | insert into stone values (1, null); insert into scissors values (1, 1); insert into paper values (1, 1); update stone set paper = 1            | (1,1)                                                                                                         |
        | A cycle of three is filled at once          | paper       | with s as (insert into stone values (1, 1), (2, 2)), t as (insert into scissors values (1, 2), (2, 1)) insert into paper values (1, 1), (2, 2) | (1,1) (2,2)                                                                                                   |
        | Visits that is unlogged                     | visits      | insert into visitors (country) values ('fr'), ('de'), ('fr'); insert into visits (visitor_id) select id from visitors                          | (1,1) (2,2) (3,3)                                                                                             |
        | A row of the migrations refers to a new one | halls       | insert into balls (hall_id) values (1), (2); update halls set last_ball = 3 - id                                                               | (1,main,2) (2,mirror,1)                                                                                       |
        | More rows that refer to their own table     | folders     | insert into folders select n, 'folder ' \|\| n, n - 1 from generate_series(5, 8) n                                                             | (1,root,) (2,home,1) (3,own,3) (4,deep,2) (5,"folder 5",4) (6,"folder 6",5) (7,"folder 7",6) (8,"folder 8",7) |
        | A longer ring                               | links       | begin; insert into links values (4, 4, 4); commit                                                                                              | (1,2,2) (2,3,3) (3,1,1) (4,4,4)                                                                               |
        | More boxes and lines                        | order_lines | insert into orders values (3, 3, 'three'); insert into order_lines values (3, 3, 1, 1), (2, 1, 1, null); insert into refunds values (3, 3, 3)  | (1,1,1,) (1,1,2,1) (1,2,1,1) (2,1,1,) (3,3,1,1)                                                               |

  Rule: Rows of the migrations are deleted

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
        | what                                             | table            | sql                                                                                                                            | content                              |
        | Nobody held the row                              | countries        | delete from countries where code = 'it'                                                                                        | (de,DEU,Germany) (fr,FRA,France)     |
        | All that hold it go first                        | countries        | delete from abroad.embassies; delete from cities; delete from countries                                                        | none                                 |
        | What holds it goes with it                       | abroad.embassies | delete from abroad.embassies where city_id = 2; delete from cities where iso3 = 'FRA'; delete from countries where code = 'fr' | (3,,)                                |
        | Rows that hold each other go together            | eggs             | with h as (delete from hens) delete from eggs                                                                                  | none                                 |
        | Rows that hold each other are replaced           | hens             | with h as (delete from hens) delete from eggs; with h as (insert into hens values (7, 70)) insert into eggs values (70, 7)     | (7,70)                               |
        | Rows that hold each other go one after the other | classes          | begin; set constraints all deferred; delete from teachers; delete from classes; commit                                         | none                                 |
        | Rows go with the row that they refer to          | teachers         | begin; set constraints all deferred; delete from classes; commit                                                               | none                                 |
        | A boss goes with all below                       | bosses           | delete from bosses where name = 'Grace'                                                                                        | (Ada,Ada)                            |
        | The highest boss goes                            | bosses           | delete from bosses where boss = name                                                                                           | none                                 |
        | Folders go from below                            | folders          | delete from folders where id = 4; delete from folders where id = 2; delete from folders where parent = id                      | (1,root,)                            |
        | A ring goes as a whole                           | links            | delete from links                                                                                                              | none                                 |
        | Pets get another owner                           | pets             | delete from owners where id = 3                                                                                                | (1,2,,Rex) (2,1,,Minka) (3,1,,Polly) |
        | An order goes with its lines                     | order_lines      | delete from orders where number = 1                                                                                            | (1,2,1,1)                            |
        | A line goes, and the next knows none before      | order_lines      | delete from order_lines where line = 1 and number = 1                                                                          | (1,1,2,) (1,2,1,1)                   |
        | A hall goes                                      | halls            | delete from halls where id = 2                                                                                                 | (1,main,)                            |

  Rule: Keys of the migrations' rows change

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
        | what                                               | table            | sql                                                                                                                                                                                                  | content                                                               |
        | Those that refer follow                            | abroad.embassies | update countries set code = 'xx' where code = 'fr'                                                                                                                                                   | (1,xx,1) (2,de,2) (3,,)                                               |
        | Those that refer to a column that is no key follow | cities           | update countries set iso3 = case iso3 when 'FRA' then 'XXX' else iso3 \|\| '' end                                                                                                                    | (1,DEU,Berlin) (2,XXX,Paris) (3,XXX,Lyon)                             |
        | Two swap their keys                                | countries        | update countries set code = 'xx', iso3 = 'XXX' where code = 'fr'; update countries set code = 'fr', iso3 = 'FRA' where code = 'de'; update countries set code = 'de', iso3 = 'DEU' where code = 'xx' | (de,DEU,France) (fr,FRA,Germany) (it,ITA,Italy)                       |
        | Another takes the key                              | countries        | update countries set iso3 = 'XXX', code = 'xx' where code = 'fr'; insert into countries values ('fr', 'FRA', 'New France')                                                                           | (de,DEU,Germany) (fr,FRA,"New France") (it,ITA,Italy) (xx,XXX,France) |
        | The row refers to itself                           | bosses           | update bosses set name = 'Augusta' where name = 'Ada'                                                                                                                                                | (Augusta,Augusta) (Grace,Augusta) (Mary,Grace)                        |
        | All rows turn around                               | bosses           | update bosses set boss = case name when 'Ada' then 'Mary' else name end                                                                                                                              | (Ada,Mary) (Grace,Grace) (Mary,Mary)                                  |
        | Rows that hold each other get new keys together    | eggs             | with h as (update hens set id = id + 5, egg_id = egg_id + 1) update eggs set id = id + 1, hen_id = hen_id + 5                                                                                        | (11,7) (21,6)                                                         |
        | Rows that hold each other change sides             | hens             | with h as (delete from hens) delete from eggs; with h as (insert into hens values (1, 20), (2, 10)) insert into eggs values (10, 1), (20, 2)                                                         | (1,20) (2,10)                                                         |
        | Keys that may wait                                 | teachers         | begin; set constraints all deferred; update teachers set id = id + 10; update classes set id = 5, teacher_id = 11; update teachers set class_id = 5; commit                                          | (11,5) (12,5)                                                         |
        | Those that refer are cut off                       | pets             | update owners set id = id + 10 where id > 1                                                                                                                                                          | (1,,13,Rex) (2,,13,Minka) (3,1,,Polly)                                |
        | Keys of two columns move on                        | order_lines      | begin; update orders set shop = shop + 7 where number = 1; commit                                                                                                                                    | (1,2,1,1) (8,1,1,) (8,1,2,1)                                          |
        | A ring turns the other way                         | links            | begin; delete from links; insert into links values (1, 3, 3), (2, 1, 1), (3, 2, 2); commit                                                                                                           | (1,3,3) (2,1,1) (3,2,2)                                               |
        | A row refers to another                            | folders          | update folders set parent = case id when 1 then 4 else 1 end                                                                                                                                         | (1,root,4) (2,home,1) (3,own,1) (4,deep,1)                            |

  Rule: Tables are truncated

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
        | what                        | table            | sql                                                                                                                                                                                                                      | content              |
        | With all that refer to them | abroad.embassies | truncate countries cascade                                                                                                                                                                                               | none                 |
        | Each with its other half    | hens             | truncate hens, eggs                                                                                                                                                                                                      | none                 |
        | And filled otherwise        | folders          | truncate folders, bosses; insert into folders values (2, 'new', null), (1, 'newer', 2)                                                                                                                                   | (1,newer,2) (2,new,) |
        | All at once                 | order_lines      | truncate countries, cities, abroad.embassies, hens, eggs, teachers, classes, stone, scissors, paper, folders, bosses, links, owners, pets, orders, order_lines, refunds, visitors, visits, halls, balls restart identity | none                 |

  Rule: Everything at once

    Scenario: Every table is written to
      Given the SQL:
        """
        insert into stone values (1, null);
        insert into scissors values (1, 1);
        insert into paper values (1, 1);
        update stone set paper = 1;
        update halls set name = upper(name);
        insert into balls (hall_id) values (1);
        update halls set last_ball = 1;
        insert into visitors (country) values ('it');
        insert into visits (visitor_id) values (1);
        update countries set code = upper(code), iso3 = lower(iso3) where code <> 'it';
        with h as (delete from hens) delete from eggs;
        with h as (insert into hens values (1, 20), (2, 10)) insert into eggs values (10, 1), (20, 2);
        delete from bosses;
        delete from links;
        delete from owners where id = 3;
        delete from orders where number = 1;
        update folders set parent = 4 where parent is null;
        """
      Then the table "bosses" is empty
      And the table "balls" has 1 row

    Scenario: Rows refer to the previous row of their table, in a long chain
      Given the SQL:
        """
        insert into folders select n, 'folder ' || n, n - 1 from generate_series(5, 3000) n;
        update folders set parent = 3000 where id = 1;
        """
      Then the table "folders" has 3000 rows

    @superuser
    Scenario: Rows refer to nothing
      Given the SQL:
        """
        set session_replication_role = replica;
        delete from countries;
        delete from hens where id = 1;
        delete from folders where id = 2;
        insert into visits (visitor_id) values (99);
        insert into order_lines values (9, 9, 9, 8);
        """
      Then the table "countries" is empty
      And the table "abroad.embassies" has 3 rows
