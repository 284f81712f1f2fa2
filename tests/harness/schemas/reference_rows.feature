Feature: Every scenario has the rows of the migrations
  bdd --target none --migrations schemas/reference_rows schemas/reference_rows.feature

  Whatever a scenario does to them, the next one finds them unchanged, byte for byte.

  Background:
    When I query:
      """
      select name, content from contents()
      """
    Then the query returned the rows:
      | name             | content                                                                                                                                                                                 |
      | by_caseless      | (Ada,1) (Grace,2)                                                                                                                                                                       |
      | by_float         | (-0) (-Infinity) (NaN)                                                                                                                                                                  |
      | by_letters       | ("ab   ") ("c    ")                                                                                                                                                                     |
      | by_number        | (1.50) (2) (NaN)                                                                                                                                                                        |
      | by_span          | ("1 day") ("1 mon")                                                                                                                                                                     |
      | by_spot          | ("(main,)",{}) ("(main,1)","{a,NULL}")                                                                                                                                                  |
      | computed         | (1,100,119.00) (2,,)                                                                                                                                                                    |
      | computed_keyless | (1,2) (1,2) (2,4)                                                                                                                                                                       |
      | forgiven         | (1,-1,99) (2,2,2)                                                                                                                                                                       |
      | keyed            | (1,one,) (2,two,"") (3,,three)                                                                                                                                                          |
      | keyless          | (,) (,) (x,1) (x,1) (y,)                                                                                                                                                                |
      | long_texts       | 3 rows: 15023fe959fc972776334e2ae0584330                                                                                                                                                |
      | many             | 5000 rows: 33bcaeacd5c733845d82dc192b82d8ba                                                                                                                                             |
      | numbered         | (1,one) (3,three)                                                                                                                                                                       |
      | numbered_keyless | (one,10) (one,5)                                                                                                                                                                        |
      | only_unique      | (,two) (,two) (a,one)                                                                                                                                                                   |
      | paired           | (1,x,first) (1,y,) (2,x,third)                                                                                                                                                          |
      | periods          | (1,"[2026-01-01,2026-02-01)") (2,"[2026-02-01,2026-03-01)")                                                                                                                             |
      | ranks            | (first,1) (second,2) (third,3)                                                                                                                                                          |
      | reshaped         | (1,one,10!,"as before",) (2,,,"as before",) (3,three,30!,after,3)                                                                                                                       |
      | shaped           | (1,merry,5,"ab  ",1.50,-0,"1 day","{a,NULL,""b c""}","[0:1]={1,2}","{""n"": 1.50}","\\\\x00ff","(main,1)","[2026-01-01,2026-02-01)") (2,,,,NaN,NaN,,{},{},null,"\\\\x","(main,)",empty) |
      | unequal          | (1,"{""a"":1}","<a b=""1""/>","(1,2)") (2,,,)                                                                                                                                           |
      | unequal_keyless  | ("{""a"":1}",<a/>,"(1,2)") ("{""a"":1}",<a/>,"(1,2)") (,,)                                                                                                                              |

  Rule: Rows are changed

    Scenario Outline: A scenario changes <what>
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
        | what                                 | table            | sql                                                                                                                                    | content                                                                          |
        | a row by its key                     | keyed            | update keyed set note = 'changed' where id = 1                                                                                         | (1,one,changed) (2,two,"") (3,,three)                                            |
        | a row to NULL                        | keyed            | update keyed set name = null, note = null                                                                                              | (1,,) (2,,) (3,,)                                                                |
        | NULL to an empty text                | keyed            | update keyed set note = '' where id = 1                                                                                                | (1,one,"") (2,two,"") (3,,three)                                                 |
        | a row by a key of two columns        | paired           | update paired set note = 'changed' where b = 'x'                                                                                       | (1,x,changed) (1,y,) (2,x,changed)                                               |
        | one of two rows that are equal       | keyless          | update keyless set n = 9 where ctid = (select min(ctid) from keyless where word = 'x')                                                 | (,) (,) (x,1) (x,9) (y,)                                                         |
        | rows full of NULLs                   | keyless          | update keyless set n = 0 where word is null                                                                                            | (,0) (,0) (x,1) (x,1) (y,)                                                       |
        | one row by a key that may be NULL    | only_unique      | update only_unique set note = 'changed' where code is null                                                                             | (,changed) (,changed) (a,one)                                                    |
        | JSON, XML and a point                | unequal          | update unequal set j = '[]', x = '<c/>', p = '(0,0)'                                                                                   | (1,[],<c/>,"(0,0)") (2,[],<c/>,"(0,0)")                                          |
        | JSON, XML and a point without a key  | unequal_keyless  | update unequal_keyless set j = '[]' where ctid = (select min(ctid) from unequal_keyless)                                               | ("{""a"":1}",<a/>,"(1,2)") (,,) ([],<a/>,"(1,2)")                                |
        | what a column is computed from       | computed         | update computed set net = coalesce(net, 0) + 1                                                                                         | (1,101,120.19) (2,1,1.19)                                                        |
        | the same without a key               | computed_keyless | update computed_keyless set net = 5 where net = 1                                                                                      | (2,4) (5,10) (5,10)                                                              |
        | rows that could not be written today | forgiven         | update forgiven set n = 7, keyed_id = 1                                                                                                | (1,7,1) (2,7,1)                                                                  |
        | rows whose shape was changed         | reshaped         | update reshaped set kept = 'changed', last = 0                                                                                         | (1,changed,10!,"as before",0) (2,changed,,"as before",0) (3,changed,30!,after,0) |
        | rows that exclude each other         | periods          | update periods set period = '[2030-01-01,2030-01-02)' where id = 1; update periods set period = '[2026-01-05,2026-02-05)' where id = 2 | (1,"[2030-01-01,2030-01-02)") (2,"[2026-01-05,2026-02-05)")                      |
        | long texts                           | long_texts       | update long_texts set packed = upper(packed), plain = reverse(plain)                                                                   | 3 rows: da08b502edfdceed2f7737297baf716e                                         |
        | only what stands beside long texts   | long_texts       | update long_texts set note = 'changed'                                                                                                 | 3 rows: 917781dbf66ee901f834faf2becabcad                                         |
        | one sign in a long text              | long_texts       | update long_texts set plain = overlay(plain placing '!' from 7000 for 1) where id = 2                                                  | 3 rows: 1c42055b4256712b062574a3149fbad4                                         |
        | all of many rows                     | many             | update many set n = n + 1                                                                                                              | 5000 rows: d6dfa1d546694722bf87454502edfcf8                                      |
        | one of many rows                     | many             | update many set name = 'changed' where id = 4999                                                                                       | 5000 rows: 722c80555077b9ac0e809c0d0ab37ade                                      |

  Rule: Equal values may have other bytes

    # The server compares these values as equal, but their bytes differ.
    Scenario Outline: A scenario changes <what>
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
        | what                                      | table           | sql                                                                                           | content                                                                                                                                                                                  |
        | blanks in JSON                            | unequal         | update unequal set j = '{ "a": 1 }' where id = 1                                              | (1,"{ ""a"": 1 }","<a b=""1""/>","(1,2)") (2,,,)                                                                                                                                         |
        | blanks in JSON without a key              | unequal_keyless | update unequal_keyless set j = '{ "a": 1 }' where j is not null                               | ("{ ""a"": 1 }",<a/>,"(1,2)") ("{ ""a"": 1 }",<a/>,"(1,2)") (,,)                                                                                                                         |
        | blanks in a document                      | unequal         | update unequal set x = '<a  b="1" />' where id = 1                                            | (1,"{""a"":1}","<a  b=""1"" />","(1,2)") (2,,,)                                                                                                                                          |
        | digits of a number                        | shaped          | update shaped set price = 1.5 where id = 1                                                    | (1,merry,5,"ab  ",1.5,-0,"1 day","{a,NULL,""b c""}","[0:1]={1,2}","{""n"": 1.50}","\\\\x00ff","(main,1)","[2026-01-01,2026-02-01)") (2,,,,NaN,NaN,,{},{},null,"\\\\x","(main,)",empty)   |
        | digits of a number in JSON                | shaped          | update shaped set data = '{"n": 1.5}' where id = 1                                            | (1,merry,5,"ab  ",1.50,-0,"1 day","{a,NULL,""b c""}","[0:1]={1,2}","{""n"": 1.5}","\\\\x00ff","(main,1)","[2026-01-01,2026-02-01)") (2,,,,NaN,NaN,,{},{},null,"\\\\x","(main,)",empty)   |
        | the sign of nothing                       | shaped          | update shaped set ratio = 0 where id = 1                                                      | (1,merry,5,"ab  ",1.50,0,"1 day","{a,NULL,""b c""}","[0:1]={1,2}","{""n"": 1.50}","\\\\x00ff","(main,1)","[2026-01-01,2026-02-01)") (2,,,,NaN,NaN,,{},{},null,"\\\\x","(main,)",empty)   |
        | a day into hours                          | shaped          | update shaped set span = '24 hours' where id = 1                                              | (1,merry,5,"ab  ",1.50,-0,24:00:00,"{a,NULL,""b c""}","[0:1]={1,2}","{""n"": 1.50}","\\\\x00ff","(main,1)","[2026-01-01,2026-02-01)") (2,,,,NaN,NaN,,{},{},null,"\\\\x","(main,)",empty) |
        | case where case is no matter              | by_caseless     | update by_caseless set name = 'ADA' where name = 'ada'                                        | (ADA,1) (Grace,2)                                                                                                                                                                        |
        | digits of a key                           | by_number       | update by_number set n = 1.5000 where n = 1.5                                                 | (1.5000) (2) (NaN)                                                                                                                                                                       |
        | the sign of a key                         | by_float        | update by_float set n = 0 where n = 0                                                         | (-Infinity) (0) (NaN)                                                                                                                                                                    |
        | a key of a day into hours                 | by_span         | update by_span set span = case span when '1 day' then '24 hours'::interval else '30 days' end | ("30 days") (24:00:00)                                                                                                                                                                   |
        | a row away, and writes it again as it was | paired          | delete from paired where a = 2; insert into paired values (2, 'x', 'third')                   | (1,x,first) (1,y,) (2,x,third)                                                                                                                                                           |

  Rule: Rows are deleted, added, truncated

    Scenario Outline: In a scenario <what>
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
        | what                                                | table            | sql                                                                                                                                                                                                                                                                           | content                                     |
        | a row is deleted                                    | numbered         | delete from numbered where id = 3                                                                                                                                                                                                                                             | (1,one)                                     |
        | one of two rows that are equal is deleted           | keyless          | delete from keyless where ctid = (select min(ctid) from keyless where word = 'x')                                                                                                                                                                                             | (,) (,) (x,1) (y,)                          |
        | all rows are deleted                                | unequal_keyless  | delete from unequal_keyless                                                                                                                                                                                                                                                   | #null                                       |
        | rows that exclude each other are deleted            | periods          | delete from periods                                                                                                                                                                                                                                                           | #null                                       |
        | rows that could not be written today are deleted    | forgiven         | delete from forgiven                                                                                                                                                                                                                                                          | #null                                       |
        | rows whose shape was changed are deleted            | reshaped         | delete from reshaped                                                                                                                                                                                                                                                          | #null                                       |
        | rows with odd values are deleted                    | shaped           | delete from shaped                                                                                                                                                                                                                                                            | #null                                       |
        | rows with odd keys are deleted                      | by_spot          | delete from by_spot; delete from by_float; delete from by_letters                                                                                                                                                                                                             | #null                                       |
        | a row is added                                      | keyed            | insert into keyed values (9, 'nine', null)                                                                                                                                                                                                                                    | (1,one,) (2,two,"") (3,,three) (9,nine,)    |
        | rows that are equal are added                       | keyless          | insert into keyless values ('x', 1), (null, null)                                                                                                                                                                                                                             | (,) (,) (,) (x,1) (x,1) (x,1) (y,)          |
        | rows are added with their numbers                   | numbered         | insert into numbered (name) values ('more'); insert into numbered overriding system value values (2, 'by hand')                                                                                                                                                               | (1,one) (2,"by hand") (3,three) (4,more)    |
        | rows are added with numbers that are no key         | numbered_keyless | insert into numbered_keyless (name) values ('more'); delete from numbered_keyless where n = 5                                                                                                                                                                                 | (more,15) (one,10)                          |
        | computed rows are added                             | computed         | insert into computed values (3, 3); delete from computed where id = 1                                                                                                                                                                                                         | (2,,) (3,3,3.57)                            |
        | computed rows are deleted                           | computed_keyless | delete from computed_keyless where net = 1                                                                                                                                                                                                                                    | (2,4)                                       |
        | all rows are truncated                              | shaped           | truncate shaped                                                                                                                                                                                                                                                               | #null                                       |
        | a table is truncated with its sequence              | numbered         | truncate numbered restart identity                                                                                                                                                                                                                                            | #null                                       |
        | a table is truncated and filled otherwise           | paired           | truncate paired; insert into paired values (1, 'x', 'other'), (9, 'z', null)                                                                                                                                                                                                  | (1,x,other) (9,z,)                          |
        | a table is truncated with those that refer to it    | keyed            | truncate keyed cascade                                                                                                                                                                                                                                                        | #null                                       |
        | everything is truncated                             | forgiven         | truncate keyed, paired, keyless, only_unique, by_caseless, by_number, by_float, by_span, by_letters, by_spot, unequal, unequal_keyless, computed, computed_keyless, numbered, numbered_keyless, shaped, forgiven, reshaped, periods, ranks, long_texts, many restart identity | #null                                       |
        | all of many rows are deleted                        | many             | delete from many                                                                                                                                                                                                                                                              | #null                                       |
        | half of many rows are deleted and as many are added | many             | delete from many where n < 4; insert into many select id + 5000, name, n from many                                                                                                                                                                                            | 4284 rows: bbd9e69ee4b6e8af051d9f068085f1e1 |
        | long texts are deleted                              | long_texts       | delete from long_texts where id > 1                                                                                                                                                                                                                                           | 1 rows: 91d353c97fef48a88248c9f083383f5e    |

  Rule: Keys are changed

    Scenario Outline: In a scenario <what>
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
        | what                                    | table       | sql                                                                                                                                 | content                                      |
        | a row gets another key                  | keyed       | update keyed set id = 10 where id = 1                                                                                               | (10,one,) (2,two,"") (3,,three)              |
        | all rows get other keys                 | paired      | update paired set a = a + 10, b = b \|\| '!'                                                                                        | (11,x!,first) (11,y!,) (12,x!,third)         |
        | keys are swapped                        | paired      | update paired set b = 'z' where a = 1 and b = 'x'; update paired set b = 'x' where a = 1 and b = 'y'; update paired set b = 'y' where b = 'z'                    | (1,x,) (1,y,first) (2,x,third)               |
        | keys of many rows move on by one        | many        | update many set id = -id; update many set id = 1 - id                                                                               | 5000 rows: cdaa63b8819800b3991f00a8813a6c99  |
        | a key is given to another row           | by_caseless | delete from by_caseless where n = 1; insert into by_caseless values ('ADA', 3)                                                      | (ADA,3) (Grace,2)                            |
        | a number that nobody may give is given  | numbered    | delete from numbered; insert into numbered overriding system value values (1, 'three'), (3, 'one')                                  | (1,three) (3,one)                            |
        | unique values are swapped               | keyed       | update keyed set name = null where id = 1; update keyed set name = 'one' where id = 2; update keyed set name = 'two' where id = 1   | (1,two,) (2,one,"") (3,,three)               |
        | unique values are moved around          | ranks       | update ranks set rank = rank % 3 + 1                                                                                                | (first,2) (second,3) (third,1)               |
        | a unique value is taken by a new row    | keyed       | update keyed set name = 'uno' where id = 1; insert into keyed values (4, 'one', 'taken')                                            | (1,uno,) (2,two,"") (3,,three) (4,one,taken) |
        | unique values are swapped without a key | only_unique | update only_unique set code = case when code is null then 'b' end where note <> 'two' or ctid = (select max(ctid) from only_unique) | (,one) (,two) (b,two)                        |
