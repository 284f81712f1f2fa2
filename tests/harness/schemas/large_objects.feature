Feature: Large objects
  bdd --target none --migrations schemas/large_objects schemas/large_objects.feature

  Every scenario has exactly the large objects of the migrations, with the same bytes.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name      | content                                                      |
      | 4711      | length 9 7e79441b624883ef4f3216c5b1ef2e3a as it was t SELECT |
      | 4712      | length 20010 e0b963627694d987173f57696a26e4d8 t              |
      | 4713      | length 0 d41d8cd98f00b204e9800998ecf8427e t                  |
      | 4714      | length 8 01393d7a6180bf63600dc7d9baf377f5 t                  |
      | all       | 4                                                            |
      | documents | 1 of the migrations 4714, 2 without content                  |

  Rule: New objects are removed

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
        | what                                             | table     | sql                                                                                          | content                                                 |
        | One is made                                      | all       | select lo_create(0)                                                                          | 5                                                       |
        | One with content is made                         | 4800      | select lo_from_bytea(4800, 'new')                                                            | length 3 22af645d1859cb5ca6da0c484f1f37ea t             |
        | Many are made                                    | all       | select lo_from_bytea(0, convert_to('number ' \|\| n, 'UTF8')) from generate_series(1, 100) n | 104                                                     |
        | One is made for a row                            | documents | insert into documents (title, content) values ('new', lo_from_bytea(4801, 'new'))            | 1 of the migrations 4714, 2 without content, 3 new 4801 |
        | One is made in a transaction that is rolled back | documents | begin; select lo_create(4802); rollback; update documents set title = 'changed' where id = 1 | 1 changed 4714, 2 without content                       |
        | One is made and unlinked                         | documents | select lo_create(4803); select lo_unlink(4803); delete from documents where id = 2           | 1 of the migrations 4714                                |

  Rule: Objects of the migrations are restored

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
        | what                                         | table     | sql                                                                                                    | content                                                         |
        | One is written over                          | 4711      | select lo_put(4711, 4, 'other')                                                                        | length 9 b7fc12518b701c80f5b75d6da2ede48f as it was t SELECT    |
        | One gets longer                              | 4711      | select lo_put(4711, 3000, 'longer')                                                                    | length 3006 338746c928daf348d697fb77b6d7c9ec as it was t SELECT |
        | One is written to where it had a hole        | 4712      | select lo_put(4712, 10000, 'no hole')                                                                  | length 20010 eabe4f3fa158ec5b08b7eec44959b2af t                 |
        | One is cut off                               | 4712      | begin; select lo_truncate(lo_open(4712, 131072), 100); commit                                          | length 100 a4330d99b062d323e0e5e53e33e883e8 t                   |
        | An object that was empty is filled           | 4713      | select lo_put(4713, 0, 'filled')                                                                       | length 6 9aa76d8a9f8e25e87dbcafc7aaf556fc t                     |
        | One is cut off to nothing                    | 4711      | begin; select lo_truncate(lo_open(4711, 131072), 0); commit                                            | length 0 d41d8cd98f00b204e9800998ecf8427e as it was t SELECT    |
        | One is written by a file's words             | 4711      | begin; select lowrite(lo_open(4711, 131072), 'THE'); commit                                            | length 9 593935a49ec43432c9f2852ee1489883 as it was t SELECT    |
        | One is unlinked                              | all       | select lo_unlink(4711)                                                                                 | 3                                                               |
        | One without content is unlinked              | all       | select lo_unlink(4713)                                                                                 | 3                                                               |
        | One is unlinked with its row                 | documents | select lo_unlink(content) from documents where content is not null; delete from documents where id = 1 | 2 without content                                               |
        | All are unlinked                             | all       | select lo_unlink(oid) from pg_largeobject_metadata                                                     | 0                                                               |
        | One is unlinked and another takes its number | 4711      | select lo_unlink(4711); select lo_from_bytea(4711, 'another')                                          | length 7 b32d73e56ec99bc5ec8f83871cde708a t                     |
        | A row refers to another                      | documents | update documents set content = 4711 where id = 1                                                       | 1 of the migrations 4711, 2 without content                     |

  Rule: Their comments and rights are restored too

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
        | what                  | table | sql                                            | content                                                    |
        | A comment changes     | 4711  | comment on large object 4711 is 'changed'      | length 9 7e79441b624883ef4f3216c5b1ef2e3a changed t SELECT |
        | A comment is added    | 4713  | comment on large object 4713 is 'new'          | length 0 d41d8cd98f00b204e9800998ecf8427e new t            |
        | A right is given      | 4712  | grant update on large object 4712 to public    | length 20010 e0b963627694d987173f57696a26e4d8 t UPDATE     |
        | A right is taken away | 4711  | revoke select on large object 4711 from public | length 9 7e79441b624883ef4f3216c5b1ef2e3a as it was t      |

    @superuser
    Scenario: An object gets another owner
      Given the SQL:
        """
        alter large object 4711 owner to pg_monitor;
        """
      When I query:
        """
        select lomowner::regrole as owner from pg_largeobject_metadata where oid = 4711
        """
      Then the query returned the rows:
        | owner      |
        | pg_monitor |

    @superuser
    Scenario: An object is written directly to the catalog
      Given the SQL:
        """
        update pg_largeobject set data = 'by hand' where loid = 4711;
        """
      When I query:
        """
        select convert_from(lo_get(4711), 'UTF8') as content
        """
      Then the query returned the rows:
        | content |
        | by hand |
