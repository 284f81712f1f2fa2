Feature: Who may do what
  A user's role and a client's scopes decide what is allowed; the same table holds for both.
  Whoever isn't known is asked to say who it is, and whoever may not is told what it would need.

  Rule: Some doors are open to everybody

    Scenario Outline: Looking needs nothing: <path>
      When I send GET "<path>"
      Then the response status is 200

      Examples:
        | path               |
        | /api/v1/greet      |
        | /api/v1/greet/Ada  |
        | /api/v1/categories |
        | /api/v1/products   |
        | /api/v1/pizzas     |
        | /api/health        |
        | /health            |
        | /api/ready         |
        | /api/health/db     |
        | /api/metrics/db    |
        | /api/version       |
        | /api/openapi.json  |
        | /docs              |
        | /metrics           |

    Scenario Outline: Looking at one thing needs nothing: <path>
      When I send GET "/api/v1/<path>/0197a0a0-0000-7000-8000-000000000001"
      Then the response is the problem "not-found"

      Examples:
        | path       |
        | categories |
        | products   |
        | pizzas     |

    Scenario Outline: Even there a wrong token is refused: <path>
      Given the bearer token is "not.a.token"
      When I send GET "/api/v1/<path>"
      Then the response is the problem "unauthenticated"
      And the response header "WWW-Authenticate" contains 'error="invalid_token"'

      Examples:
        | path       |
        | greet      |
        | categories |
        | products   |
        | pizzas     |

    Scenario: Registering needs nothing
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201

    Scenario: Logging in needs nothing
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 200

    Scenario: Getting a token needs the client's own secret, and nothing else
      Given a client "till" with the scopes "read"
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 200

  Rule: Any user makes pizzas, and clients that may write

    Scenario Outline: A pizza is made: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/pizzas" with JSON:
        """
        {"name": "Funghi", "price": "9.50", "ingredients": ["mushrooms"]}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 201    |
        | a moderator             | 201    |
        | an admin                | 201    |
        | a client for read       | 403    |
        | a client for write      | 201    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: Whose scopes don't suffice may not even touch its own pizza: <method>
      Given a client "cook" with the scopes "read write"
      And "cook" gets a token for "write"
      And a pizza "Margherita"
      And "cook" gets a token for "read"
      When I send <method> "/api/v1/pizzas/{{Margherita.id}}" with JSON:
        """
        {"name": "Margherita", "price": "1", "ingredients": ["tomato"]}
        """
      Then the response is the problem "forbidden"
      And the response header "WWW-Authenticate" contains 'scope="write"'

      Examples:
        | method |
        | PUT    |
        | DELETE |

    Scenario Outline: Without a log-in a pizza stays as it is: <method>
      When I send <method> "/api/v1/pizzas/0197a0a0-0000-7000-8000-000000000001"
      Then the response is the problem "unauthenticated"

      Examples:
        | method |
        | PUT    |
        | DELETE |

  Rule: Looking at oneself and at the platform needs "read"

    A client has no profile: with the scope it is told that there is none, and without it that it may not look.

    Scenario Outline: One's own profile: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/users/me"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 404    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: One's own sessions: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/auth/sessions"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 200    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: One's own greetings: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/greetings"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 200    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: The databases: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/databases"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 200    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: The image updates: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/image-updates"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 200    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: The tags: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/tags"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 200    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: Whoever has all but "read" is refused before anything else is looked at: <method> <path>
      Given "a client for write provision admin" is asking
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "forbidden"
      And the response header "WWW-Authenticate" contains 'error="insufficient_scope"'
      And the response header "WWW-Authenticate" contains 'scope="read"'

      Examples:
        | method | path                                                         |
        | PATCH  | users/me                                                     |
        | PUT    | users/me/password                                            |
        | DELETE | auth/sessions/0197a0a0-0000-7000-8000-000000000001           |
        | GET    | databases/0197a0a0-0000-7000-8000-000000000001               |
        | GET    | databases/0197a0a0-0000-7000-8000-000000000001/events        |
        | GET    | databases/events                                             |
        | GET    | image-updates/0197a0a0-0000-7000-8000-000000000001           |

    Scenario Outline: A stranger is refused before anything else is looked at: <method> <path>
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unauthenticated"

      Examples:
        | method | path                                                         |
        | PATCH  | users/me                                                     |
        | PUT    | users/me/password                                            |
        | DELETE | auth/sessions/0197a0a0-0000-7000-8000-000000000001           |
        | GET    | databases/0197a0a0-0000-7000-8000-000000000001               |
        | GET    | databases/0197a0a0-0000-7000-8000-000000000001/events        |
        | GET    | databases/events                                             |
        | GET    | image-updates/0197a0a0-0000-7000-8000-000000000001           |

  Rule: Changing shop and platform needs "write"

    Scenario Outline: A category is made: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/categories" with JSON:
        """
        {"name": "Shoes"}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 201    |
        | an admin                | 201    |
        | a client for read       | 403    |
        | a client for write      | 201    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: A product is made: <who>
      Given a category "Shoes"
      Given "<who>" is asking
      When I send POST "/api/v1/products" with JSON:
        """
        {"name": "Heels", "price": "89.90", "stock": 1, "category_id": "{{Shoes.id}}"}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 201    |
        | an admin                | 201    |
        | a client for read       | 403    |
        | a client for write      | 201    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: A database is asked for: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/databases" with JSON:
        """
        {"name": "seat-plan", "owner_team": "box office", "purpose": "Who sits where"}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 201    |
        | an admin                | 201    |
        | a client for read       | 403    |
        | a client for write      | 201    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: Image updates are taken note of: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/image-updates/acknowledge" with JSON:
        """
        {"all": true}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 403    |
        | a client for write      | 200    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: A tag is made: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/tags" with JSON:
        """
        {"name": "production"}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 201    |
        | an admin                | 201    |
        | a client for read       | 403    |
        | a client for write      | 201    |
        | a client for provision  | 403    |
        | a client for admin      | 403    |

    Scenario Outline: Whoever has all but "write" is refused before anything else is looked at: <method> <path>
      Given "a client for read provision admin" is asking
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "forbidden"
      And the response header "WWW-Authenticate" contains 'error="insufficient_scope"'
      And the response header "WWW-Authenticate" contains 'scope="write"'

      Examples:
        | method | path                                                         |
        | PATCH  | categories/0197a0a0-0000-7000-8000-000000000001              |
        | DELETE | categories/0197a0a0-0000-7000-8000-000000000001              |
        | POST   | products/batch                                               |
        | PATCH  | products/0197a0a0-0000-7000-8000-000000000001                |
        | DELETE | products/0197a0a0-0000-7000-8000-000000000001                |
        | POST   | products/0197a0a0-0000-7000-8000-000000000001/restore        |
        | POST   | products/0197a0a0-0000-7000-8000-000000000001/stock          |
        | PATCH  | databases/0197a0a0-0000-7000-8000-000000000001               |
        | DELETE | databases/0197a0a0-0000-7000-8000-000000000001               |
        | DELETE | image-updates/0197a0a0-0000-7000-8000-000000000001           |
        | POST   | image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge |
        | PUT    | image-updates/0197a0a0-0000-7000-8000-000000000001/tag       |
        | DELETE | image-updates/0197a0a0-0000-7000-8000-000000000001/tag       |
        | DELETE | tags/0197a0a0-0000-7000-8000-000000000001                    |

    Scenario Outline: A stranger is refused before anything else is looked at: <method> <path>
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unauthenticated"

      Examples:
        | method | path                                                         |
        | PATCH  | categories/0197a0a0-0000-7000-8000-000000000001              |
        | DELETE | categories/0197a0a0-0000-7000-8000-000000000001              |
        | POST   | products/batch                                               |
        | PATCH  | products/0197a0a0-0000-7000-8000-000000000001                |
        | DELETE | products/0197a0a0-0000-7000-8000-000000000001                |
        | POST   | products/0197a0a0-0000-7000-8000-000000000001/restore        |
        | POST   | products/0197a0a0-0000-7000-8000-000000000001/stock          |
        | PATCH  | databases/0197a0a0-0000-7000-8000-000000000001               |
        | DELETE | databases/0197a0a0-0000-7000-8000-000000000001               |
        | DELETE | image-updates/0197a0a0-0000-7000-8000-000000000001           |
        | POST   | image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge |
        | PUT    | image-updates/0197a0a0-0000-7000-8000-000000000001/tag       |
        | DELETE | image-updates/0197a0a0-0000-7000-8000-000000000001/tag       |
        | DELETE | tags/0197a0a0-0000-7000-8000-000000000001                    |

  Rule: Saying how far a database is needs "provision"

    Scenario Outline: A database is being made: <who>
      Given the table "databases" has the rows:
        | id                                   | name      |
        | 0197a0a0-0000-7000-8000-000000000001 | seat-plan |
      Given "<who>" is asking
      When I send POST "/api/v1/databases/0197a0a0-0000-7000-8000-000000000001/status" with JSON:
        """
        {"status": "provisioning"}
        """
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 403    |
        | an admin                | 200    |
        | a client for read       | 403    |
        | a client for write      | 403    |
        | a client for provision  | 200    |
        | a client for admin      | 403    |

    Scenario Outline: Whoever has all but "provision" is refused before anything else is looked at: <method> <path>
      Given "a client for read write admin" is asking
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "forbidden"
      And the response header "WWW-Authenticate" contains 'error="insufficient_scope"'
      And the response header "WWW-Authenticate" contains 'scope="provision"'

      Examples:
        | method | path                                                         |
        | POST   | databases/0197a0a0-0000-7000-8000-000000000001/status        |

    Scenario Outline: A stranger is refused before anything else is looked at: <method> <path>
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unauthenticated"

      Examples:
        | method | path                                                         |
        | POST   | databases/0197a0a0-0000-7000-8000-000000000001/status        |

  Rule: Users, clients and everybody's things need "admin"

    Scenario Outline: The users: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/users"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 403    |
        | an admin                | 200    |
        | a client for read       | 403    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 200    |

    Scenario Outline: The clients: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/oauth/clients"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 403    |
        | an admin                | 200    |
        | a client for read       | 403    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 200    |

    Scenario Outline: Somebody's greetings: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/greetings?user_id=0197a0a0-0000-7000-8000-000000000001"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 403    |
        | an admin                | 200    |
        | a client for read       | 403    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 200    |

    Scenario Outline: Somebody else's pizza: <who>
      Given the table "pizzas" has the rows:
        | id                                   | name   | ingredients | created_by                           |
        | 0197a0a0-0000-7000-8000-000000000001 | Funghi | ["x"]       | 0197a0a0-0000-7000-8000-00000000000f |
      Given "<who>" is asking
      When I send DELETE "/api/v1/pizzas/0197a0a0-0000-7000-8000-000000000001"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 403    |
        | a moderator             | 403    |
        | an admin                | 204    |
        | a client for read       | 403    |
        | a client for write      | 403    |
        | a client for provision  | 403    |
        | a client for admin      | 204    |

    Scenario Outline: Whoever has all but "admin" is refused before anything else is looked at: <method> <path>
      Given "a client for read write provision" is asking
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "forbidden"
      And the response header "WWW-Authenticate" contains 'error="insufficient_scope"'
      And the response header "WWW-Authenticate" contains 'scope="admin"'

      Examples:
        | method | path                                                         |
        | GET    | users/0197a0a0-0000-7000-8000-000000000001                   |
        | PATCH  | users/0197a0a0-0000-7000-8000-000000000001                   |
        | DELETE | users/0197a0a0-0000-7000-8000-000000000001                   |
        | POST   | users/0197a0a0-0000-7000-8000-000000000001/restore           |
        | POST   | users/0197a0a0-0000-7000-8000-000000000001/password-reset    |
        | POST   | oauth/clients                                                |
        | DELETE | oauth/clients/till                                           |

    Scenario Outline: A stranger is refused before anything else is looked at: <method> <path>
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unauthenticated"

      Examples:
        | method | path                                                         |
        | GET    | users/0197a0a0-0000-7000-8000-000000000001                   |
        | PATCH  | users/0197a0a0-0000-7000-8000-000000000001                   |
        | DELETE | users/0197a0a0-0000-7000-8000-000000000001                   |
        | POST   | users/0197a0a0-0000-7000-8000-000000000001/restore           |
        | POST   | users/0197a0a0-0000-7000-8000-000000000001/password-reset    |
        | POST   | oauth/clients                                                |
        | DELETE | oauth/clients/till                                           |

  Rule: Every token can be asked what it is good for

    Scenario Outline: What the bearer is good for: <who>
      Given "<who>" is asking
      When I send GET "/api/v1/auth/validate"
      Then the response status is <status>

      Examples:
        | who                     | status |
        | nobody                  | 401    |
        | a user                  | 200    |
        | a moderator             | 200    |
        | an admin                | 200    |
        | a client for read       | 200    |
        | a client for write      | 200    |
        | a client for provision  | 200    |
        | a client for admin      | 200    |
