Feature: Copies, at the edges
  What can be copied, and what is refused.

  Background:
    Given "backup" is the path of a new file
    And "school" is the URL of the database

  Rule: A copy contains everything

    Scenario Outline: Every table is copied: <table>
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 0
      And the output contains "<table>: 0 of 0 rows"

      Examples:
        | table           |
        | users           |
        | sessions        |
        | password_resets |
        | oauth_clients   |
        | signing_keys    |
        | greet_history   |
        | categories      |
        | products        |
        | pizzas          |
        | databases       |
        | database_events |
        | image_updates   |
        | tags            |

    Scenario: The sequence numbers of events continue in a copy
      Given "a client for write" is asking
      And a database "ticket-shop"
      And a database "seat-plan"
      And I run "copy --from {{school}} --to sqlite:{{backup}}"
      And the SQL:
        """
        delete from database_events;
        delete from databases;
        delete from oauth_clients;
        """
      And I run "copy --from sqlite:{{backup}} --to {{school}}"
      And it exits with 0
      And "a client for read write" is asking
      And a database "old-plan"
      When I send GET "/api/v1/databases/events?after=2"
      Then the response JSON contains:
        """
        {"data": [{"id": 3, "to": "requested"}], "meta": {"total": 1}}
        """

    Scenario: A migrated but empty target is accepted
      Given I run "migrate up --database sqlite:{{backup}}"
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 0

  Rule: A copy is complete, or the target stays empty

    Scenario: An existing backup isn't overwritten
      Given a category "Shoes"
      And I run "copy --from {{school}} --to sqlite:{{backup}}"
      When I run "copy --from {{school}} --to sqlite:{{backup}}"
      Then it exits with 1
      And the output contains "categories"

  Rule: Wrong input is refused

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2

      Examples:
        | command                                                       |
        | copy --to sqlite:a.db                                         |
        | copy --from sqlite: --to sqlite:a.db                          |
        | copy --from sqlite:a.db --to mysql://localhost/a              |
        | copy --from sqlite:a.db --to sqlite:b.db --database sqlite:c.db |
        | copy --from sqlite:a.db --to sqlite:b.db --force              |
        | copy sqlite:a.db sqlite:b.db                                  |
        | copy --from postgres://ada@h/b --to postgres://ada@h/b        |

    Scenario: The target's password is not shown
      When I run "copy --from {{school}} --to postgres://dancer:s3cret-steps@127.0.0.1:1/school"
      Then it exits with 1
      And the output contains "127.0.0.1:1"
      And the output does not contain "s3cret-steps"
