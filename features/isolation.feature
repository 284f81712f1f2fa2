Feature: Isolation
  Every scenario begins with empty tables, counters at their start and a service without state,
  whatever earlier scenarios did, and in whatever order they run.

  Rule: No scenario sees what another one writes

    Scenario Outline: A scenario finds no rows of others: round <round>
      Given the table "users" is empty
      And the table "sessions" is empty
      And the table "password_resets" is empty
      And the table "greet_history" is empty
      And a registered user "ada"
      And "ada" logs in
      When I send GET "/api/v1/greet"
      Then the table "users" has 1 row
      And the table "sessions" has 1 row
      And the table "greet_history" contains exactly the rows:
        | id | user_id    |
        | 1  | {{ada.id}} |

      Examples:
        | round |
        | 1     |
        | 2     |
        | 3     |
        | 4     |

    Scenario Outline: Sequences restart at one: round <round>
      Given the table "greet_history" has the rows:
        | message |
        | Hello   |
        | Hello   |
        | Hello   |
      When I query:
        """
        select max(id) as last from greet_history
        """
      Then the query returned the rows:
        | last |
        | 3    |

      Examples:
        | round |
        | 1     |
        | 2     |

    Scenario Outline: Deleted and changed rows are restored: round <round>
      Given the table "users" has the rows:
        | username |
        | ada      |
        | grace    |
      When the SQL:
        """
        delete from users where username = 'ada';
        update users set username = 'hopper', role = 'admin'
        """
      Then the table "users" contains exactly the rows:
        | username | role  |
        | hopper   | admin |

      Examples:
        | round |
        | 1     |
        | 2     |

    Scenario Outline: The record of migrations stays: round <round>
      When I query:
        """
        select count(*) as steps from _sqlx_migrations where version in (1, 2, 3, 4)
        """
      Then the query returned the rows:
        | steps |
        | 4     |

      Examples:
        | round |
        | 1     |
        | 2     |

    Scenario Outline: A table that a scenario creates is dropped after it: round <round>
      When the SQL:
        """
        create table leftovers (crumbs integer);
        insert into leftovers (crumbs) values (7)
        """
      Then the table "leftovers" has 1 row

      Examples:
        | round |
        | 1     |
        | 2     |

    Scenario Outline: A temporary table is dropped as well: round <round>
      Given the SQL:
        """
        create temporary table steps (number integer);
        insert into steps (number) values (<round>)
        """
      When I query:
        """
        select number from steps
        """
      Then the query returned the rows:
        | number  |
        | <round> |

      Examples:
        | round |
        | 1     |
        | 2     |

  Rule: No scenario sees what another one sets up

    Scenario: A scenario sets a header, a token and a short token lifetime
      Given the service runs with:
        | key                 | value |
        | auth.token_lifetime | 90s   |
      And the request header "X-Request-Id" is "arranged"
      And a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response JSON at "$.expires_in" is "90"
      And the response header "X-Request-Id" is "arranged"

    Scenario: Another scenario has the default token lifetime
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response JSON at "$.expires_in" is "#> 90"

    Scenario: Another scenario is not logged in
      When I send GET "/api/v1/users/me"
      Then the response status is 401

    @serial
    Scenario: A @serial scenario runs alone
      Given the table "users" is empty
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the table "users" has 1 row

  Rule: On PostgreSQL, a scenario's connections leave nothing

    @postgres
    Scenario Outline: A lock that a scenario took is released: round <round>
      When I query:
        """
        select pg_try_advisory_lock(4242) as taken
        """
      Then the query returned the rows:
        | taken |
        | true  |

      Examples:
        | round |
        | 1     |
        | 2     |

    @postgres
    Scenario Outline: A setting that a scenario changed is reset: round <round>
      When I query:
        """
        select current_setting('application_name') <> 'left over' as fresh
        """
      Then the query returned the rows:
        | fresh |
        | true  |
      Given the SQL:
        """
        set application_name = 'left over'
        """

      Examples:
        | round |
        | 1     |
        | 2     |

  Rule: What a step sets up does not depend on who is logged in

    Scenario: Users and clients are created even if the scenario's own credentials would be refused
      Given the request header "Authorization" is "Bearer of nothing"
      And a registered user "ada"
      And an admin "root"
      And a client "till" with the scopes "read"
      And "till" gets a token
      And "root" logs in
      And the bearer token is "of nothing"
      And "root" has logged out
      When I send GET "/api/v1/users/me"
      Then the response status is 401
