Feature: Who may do what
  A user's role and a client's scopes decide what is allowed. The same table is valid for both.
  A request without credentials gets 401. A request that lacks a scope gets 403, with the scope that is needed.

  Rule: Some endpoints are open to everybody

    Scenario Outline: Lists are public: <path>
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

    Scenario Outline: Single resources are public: <path>
      When I send GET "/api/v1/<path>/0197a0a0-0000-7000-8000-000000000001"
      Then the response is the problem "not-found"

      Examples:
        | path       |
        | categories |
        | products   |
        | pizzas     |

    Scenario Outline: A wrong token is refused on public endpoints too: <path>
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

    Scenario: Registration is public
      When I send POST "/api/v1/users" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 201

    Scenario: Log-in is public
      Given a registered user "ada"
      When I send POST "/api/v1/auth/login" with JSON:
        """
        {"username": "ada", "password": "correct horse battery"}
        """
      Then the response status is 200

    Scenario: A client's token needs only the client's secret
      Given a client "till" with the scopes "read"
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 200

  Rule: Every user may create pizzas, and clients with write may too

    Scenario Outline: Creating a pizza: <who>
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

    Scenario Outline: Without the scope, even one's own pizza can't be changed: <method>
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

    Scenario Outline: Without a log-in, a pizza can't be changed: <method>
      When I send <method> "/api/v1/pizzas/0197a0a0-0000-7000-8000-000000000001"
      Then the response is the problem "unauthenticated"

      Examples:
        | method |
        | PUT    |
        | DELETE |

  Rule: Reading your own account and the platform needs "read"

    A client has no profile: with the scope it gets 404, without it 403.

    Scenario Outline: Reading one's own profile: <who>
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

    Scenario Outline: Reading one's own sessions: <who>
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

    Scenario Outline: Reading one's own greetings: <who>
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

    Scenario Outline: Reading the databases: <who>
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

    Scenario Outline: Reading the image updates: <who>
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

    Scenario Outline: Reading the tags: <who>
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

    Scenario Outline: All scopes except "read" are refused before the request is checked: <method> <path>
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

    Scenario Outline: Without credentials, a request is refused before it is checked: <method> <path>
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

    Scenario Outline: Creating a category: <who>
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

    Scenario Outline: Creating a product: <who>
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

    Scenario Outline: Requesting a database: <who>
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

    Scenario Outline: Acknowledging image updates: <who>
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

    Scenario Outline: Creating a tag: <who>
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

    Scenario Outline: All scopes except "write" are refused before the request is checked: <method> <path>
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

    Scenario Outline: Without credentials, a request is refused before it is checked: <method> <path>
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

  Rule: Changing a database's status needs "provision"

    Scenario Outline: Provisioning a database: <who>
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

    Scenario Outline: All scopes except "provision" are refused before the request is checked: <method> <path>
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

    Scenario Outline: Without credentials, a request is refused before it is checked: <method> <path>
      When I send <method> "/api/v1/<path>" with body:
        """
        no JSON at all
        """
      Then the response is the problem "unauthenticated"

      Examples:
        | method | path                                                         |
        | POST   | databases/0197a0a0-0000-7000-8000-000000000001/status        |

  Rule: Managing users, clients and what others own needs "admin"

    Scenario Outline: Listing the users: <who>
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

    Scenario Outline: Listing the clients: <who>
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

    Scenario Outline: Reading other users' greetings: <who>
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

    Scenario Outline: Changing somebody else's pizza: <who>
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

    Scenario Outline: All scopes except "admin" are refused before the request is checked: <method> <path>
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

    Scenario Outline: Without credentials, a request is refused before it is checked: <method> <path>
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

  Rule: Every token can be validated

    Scenario Outline: Validation shows the scopes: <who>
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
