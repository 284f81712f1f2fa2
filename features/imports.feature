Feature: Imports
  Data of the programs that this service replaces can be taken over. Their SQLite files are only read. An import is all
  or nothing, and says what it has done with each row.

  Background:
    Given "file" is the path of a new file

  Rule: Image updates come from DiunDashboard

    Background:
      Given the SQL in the SQLite file "{{file}}":
        """
        create table updates (
            image text primary key, diun_version text not null, hostname text not null, status text not null,
            provider text not null, hub_link text not null, mime_type text not null, digest text not null,
            created text not null, platform text not null, ctn_name text not null, ctn_state text not null,
            received_at text not null, acknowledged_at text
        );
        create table tags (id integer primary key autoincrement, name text not null unique);
        create table tag_assignments (image text primary key, tag_id integer not null references tags (id));
        insert into tags values (3, 'home'), (5, 'work');
        insert into tag_assignments values ('docker.io/library/nextcloud:29', 3);
        insert into updates values
          ('docker.io/library/nextcloud:29', '4.29.0', 'attic', 'update', 'docker', '', '', 'sha256:abc',
           '2026-01-30T10:00:00Z', 'linux/amd64', 'cloud', 'running', '2026-01-31T18:30:00Z', '2026-02-01T08:00:00Z'),
          ('docker.io/library/redis:7', '4.29.0', 'attic', 'new', 'docker', '', '', '', '', '', '', '',
           '2026-01-31 19:30:00', null);
        """

    Scenario: Updates, tags and acknowledgements are imported
      When I run "import diun {{file}}"
      Then it exits with 0
      And the output contains "update docker.io/library/nextcloud:29: imported"
      And the output contains "imported 2 of 2 image updates, and 2 tags"
      And the table "tags" has 2 rows
      And the table "image_updates" contains exactly the rows:
        | image                          | hostname | status | hub_link | digest     | acknowledged_at             | created_at                  |
        | docker.io/library/nextcloud:29 | attic    | update | #null    | sha256:abc | 2026-02-01T08:00:00.000000Z | 2026-01-31T18:30:00.000000Z |
        | docker.io/library/redis:7      | attic    | new    | #null    | #null      | #null                       | 2026-01-31T19:30:00.000000Z |

    Scenario: The API shows the imported updates
      Given I run "import diun {{file}}"
      And "admin" is asking
      When I send GET "/api/v1/image-updates?tag=home"
      Then the response JSON at "$.data" has 1 item
      And the response JSON contains:
        """
        {"data": [{"image": "docker.io/library/nextcloud:29", "tag": {"name": "home"},
                   "metadata": {"ctn_names": "cloud", "ctn_state": "running"}}]}
        """

    Scenario: Metadata of a newer DiunDashboard comes over digit for digit
      Given the SQL in the SQLite file "{{file}}":
        """
        alter table updates add column metadata text not null default '';
        update updates set metadata = '{"size": 12345678901234567890.10, "load": 1e400, "labels": {"a": 1.50}}'
         where image like '%nextcloud%'
        """
      And I run "import diun {{file}}"
      And "admin" is asking
      When I send GET "/api/v1/image-updates?tag=home"
      Then the response body contains '"size":12345678901234567890.10'
      And the response body contains '"load":1e400'
      And the response body contains '"a":1.50'
      And the response body contains '"ctn_names":"cloud"'

    Scenario: A member that stands twice in the metadata stops the import
      Given the SQL in the SQLite file "{{file}}":
        """
        alter table updates add column metadata text not null default '';
        update updates set metadata = '{"ctn_names": "storm"}' where image like '%nextcloud%'
        """
      When I run "import diun {{file}}"
      Then it exits with 1
      And the output contains "metadata.ctn_names is given more than once"
      And the table "image_updates" is empty

    Scenario: Newer reports in this service are kept
      Given the table "image_updates" has the rows:
        | image                     | hostname |
        | docker.io/library/redis:7 | cellar   |
      And the table "tags" has the rows:
        | name |
        | home |
      When I run "import diun {{file}}"
      Then it exits with 0
      And the output contains "update docker.io/library/redis:7: left as it is"
      And the output contains "imported 1 of 2 image updates"
      And the table "tags" has 2 rows
      And the table "image_updates" contains the rows:
        | image                     | hostname |
        | docker.io/library/redis:7 | cellar   |

    Scenario: A second import changes nothing
      Given I run "import diun {{file}}"
      When I run "import diun {{file}}"
      Then it exits with 0
      And the output contains "imported 0 of 2 image updates"
      And the table "image_updates" has 2 rows

    Scenario: A wrong row stops the whole import
      Given the SQL in the SQLite file "{{file}}":
        """
        update updates set created = 'yesterday' where image like '%redis%';
        insert into updates (image, diun_version, hostname, status, provider, hub_link, mime_type, digest, created,
                             platform, ctn_name, ctn_state, received_at)
        values (' ', '', '', '', '', '', '', '', '', '', '', '', 'soon');
        """
      When I run "import diun {{file}}"
      Then it exits with 1
      And the output contains "update 2 docker.io/library/redis:7: can't be imported: created must be a time"
      And the output contains "received_at must be a time"
      And the output contains "2 rows can't be imported; nothing was imported"
      And the table "image_updates" is empty
      And the table "tags" is empty

  Rule: Pizzas come from gin-pizza-api

    Background:
      Given the SQL in the SQLite file "{{file}}":
        """
        create table users (id integer primary key, email text not null unique, name text, role text default 'admin',
                            created_at datetime, updated_at datetime);
        create table pizzas (id integer primary key, name text not null, description text, ingredients text, price real,
                             created_by integer not null, created_at datetime, updated_at datetime, deleted_at datetime);
        insert into users (id, email) values (1, 'Ada@x.org'), (2, 'bob@x.org');
        insert into pizzas values
          (1, 'Margherita', '', '["tomato","mozzarella"]', 8.99, 1, '2026-01-31 18:30:00.5+00:00',
           '2026-02-01 18:30:00+00:00', null),
          (2, 'Margherita', 'the first try', '["tomato"]', 7, 1, '2026-01-30 18:30:00+00:00',
           '2026-01-30 18:30:00+00:00', '2026-01-31 18:00:00+00:00');
        """
      And the table "users" has the rows:
        | username | email     |
        | ada      | ada@x.org |

    Scenario: Pizzas are imported with their creators
      When I run "import pizza {{file}}"
      Then it exits with 0
      And the output contains "pizza 1 Margherita: imported"
      And the output contains "pizza 2 Margherita: imported, deleted"
      And the output contains "imported 2 pizzas"
      And the table "pizzas" contains exactly the rows:
        | name       | price_cents | description   | created_at                  | deleted_at                  |
        | Margherita | 899         | #null         | 2026-01-31T18:30:00.500000Z | #null                       |
        | Margherita | 700         | the first try | 2026-01-30T18:30:00.000000Z | 2026-01-31T18:00:00.000000Z |
      When I send GET "/api/v1/pizzas"
      Then the response JSON contains:
        """
        {"data": [{"name": "Margherita", "price": "8.99", "ingredients": ["tomato", "mozzarella"]}]}
        """

    Scenario: Pizzas of unknown users get the given owner
      Given the SQL in the SQLite file "{{file}}":
        """
        update pizzas set created_by = 2 where id = 1;
        """
      When I run "import pizza {{file}}"
      Then it exits with 1
      And the output contains "pizza 1 Margherita: can't be imported: its creator bob@x.org has no account here"
      And the output contains "--created-by"
      And the table "pizzas" is empty
      When I run "import pizza {{file}} --created-by ada"
      Then it exits with 0
      And the table "pizzas" has 2 rows
      When I run "import pizza {{file}} --created-by nobody"
      Then it exits with 1
      And the output contains "there is no user nobody"

    Scenario Outline: An invalid row is named: <why>
      Given the SQL in the SQLite file "{{file}}":
        """
        update pizzas set <change> where id = 1;
        """
      When I run "import pizza {{file}}"
      Then it exits with 1
      And the output contains "can't be imported: <why>"
      And the table "pizzas" is empty

      Examples:
        | change                     | why                                                     |
        | price = 8.999              | price must be a decimal                                 |
        | price = null               | price is required                                       |
        | ingredients = 'tomato'     | ingredients must be a JSON array                        |
        | ingredients = '[]'         | ingredients                                             |
        | name = ''                  | name is required                                        |
        | created_at = 'long ago'    | created_at must be a time                               |
        | created_by = 9             | the file doesn't say who its creator is                 |

    Scenario: A name in use is refused
      Given I run "import pizza {{file}}"
      When I run "import pizza {{file}}"
      Then it exits with 1
      And the output contains "a pizza here has the same name"
      And the table "pizzas" has 2 rows

  Rule: A file of something else is refused

    Scenario Outline: A wrong file is refused: import <program> <path>, <why>
      Given the SQL in the SQLite file "{{file}}":
        """
        create table updates (image text);
        """
      And the file "{{file}}.txt" says "no database, but a text that is long enough to be one"
      When I run "import <program> <path>"
      Then it exits with <code>
      And the output contains "<why>"

      Examples:
        | program | path          | code | why                                      |
        | diun    | {{file}}      | 1    | it has no table tags, no table tag_assignments |
        | pizza   | {{file}}      | 1    | it has no table pizzas, no table users   |
        | diun    | {{file}}.txt  | 1    | file is not a database                   |
        | diun    | {{file}}.none | 1    | No such file                             |
        | bread   | {{file}}      | 2    | unrecognized subcommand                  |
        | diun    |               | 2    | <FILE>                                   |
