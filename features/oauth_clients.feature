Feature: OAuth clients
  Programs have credentials of their own: an id and a secret, with which they get a token for a limited time.
  Admins create clients, set their scopes, and can delete them at any time.

  Rule: Admins create, list and delete clients

    Background:
      Given an admin "root"
      And "root" logs in

    @smoke
    Scenario: A new client's secret is shown once
      When I send POST "/api/v1/oauth/clients" with JSON:
        """
        {"name": "cash register", "scopes": ["write", "read"]}
        """
      Then the response status is 201
      And the response JSON is:
        """
        {
          "id": "#uuid", "client_id": "#string as client", "client_secret": "#regex ^[0-9a-f]{64}$ as secret",
          "name": "cash register", "scopes": ["read", "write"], "created_at": "#datetime"
        }
        """
      And the response header "Cache-Control" contains "no-store"
      When I send GET "/api/v1/oauth/clients"
      Then the response status is 200
      And the response JSON is:
        """
        {
          "data": [{
            "id": "{{client}}", "client_id": "{{client}}", "name": "cash register", "scopes": ["read", "write"],
            "created_at": "#datetime"
          }],
          "meta": {"total": 1, "page": 1, "limit": 20}
        }
        """
      And the table "oauth_clients" contains exactly the rows:
        | client_id  | client_secret_hash    | scopes     |
        | {{client}} | #regex ^[0-9a-f]{64}$ | read write |
      When I query:
        """
        select client_id from oauth_clients where client_secret_hash like '%{{secret}}%'
        """
      Then the query returned no rows

    Scenario: A new client gets a token with its secret
      Given I send POST "/api/v1/oauth/clients" with JSON:
        """
        {"name": "cash register", "scopes": ["read"]}
        """
      And I save the response JSON at "$.client_id" as "client"
      And I save the response JSON at "$.client_secret" as "secret"
      And nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | {{client}}         |
        | client_secret | {{secret}}         |
      Then the response status is 200

    Scenario Outline: A client is refused, and the invalid fields are named: <flaw>
      When I send POST "/api/v1/oauth/clients" with JSON:
        """
        <client>
        """
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"
      And the table "oauth_clients" is empty

      Examples:
        | flaw                   | fields       | client                                                     |
        | nothing said           | name, scopes | {}                                                         |
        | a blank name           | name         | {"name": " ", "scopes": ["read"]}                          |
        | no scope               | scopes       | {"name": "till", "scopes": []}                             |
        | scopes as a text       | scopes       | {"name": "till", "scopes": "read"}                         |
        | a scope nobody knows   | scopes[1]    | {"name": "till", "scopes": ["read", "dance"]}              |
        | a scope that is none   | scopes[0]    | {"name": "till", "scopes": [1]}                            |
        | null                   | name, scopes | {"name": null, "scopes": null}                             |
        | a secret of one's own  | client_secret | {"name": "till", "scopes": ["read"], "client_secret": "x"} |

    Scenario Outline: The list of clients is sorted and paginated: <query>
      Given the table "oauth_clients" has the rows:
        | client_id | name  | created_at                  |
        | a         | Berta | 2026-01-01T10:00:00.000000Z |
        | b         | Anton | 2026-01-03T10:00:00.000000Z |
        | c         | Cäsar | 2026-01-02T10:00:00.000000Z |
      When I send GET "/api/v1/oauth/clients?<query>"
      Then the response JSON at "$.data[0].name" is "<first>"
      And the response JSON at "$.meta.total" is "3"

      Examples:
        | query                | first |
        |                      | Anton |
        | sort=created_at      | Berta |
        | sort=name&page=2&limit=1 | Berta |
        | sort=-name           | Cäsar |

    Scenario Outline: Invalid parameters of the list are refused and named: <query>
      When I send GET "/api/v1/oauth/clients?<query>"
      Then the response is the problem "validation"
      And the problem names the fields "<fields>"

      Examples:
        | query                      | fields             |
        | page=0&limit=101           | page, limit        |
        | sort=price                 | sort               |
        | colour=red                 | colour             |

    Scenario: A deleted client's tokens stop working at once
      Given a client "till" with the scopes "read"
      And "till" gets a token
      And "root" logs in
      When I send DELETE "/api/v1/oauth/clients/till"
      Then the response status is 204
      And the table "oauth_clients" is empty
      Given the bearer token is "{{till.token}}"
      When I send GET "/api/v1/auth/validate"
      Then the response status is 401

    Scenario: A deleted client gets no token
      Given a client "till" with the scopes "read"
      And I send DELETE "/api/v1/oauth/clients/till"
      And nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 401

    Scenario: An unknown client can't be deleted
      When I send DELETE "/api/v1/oauth/clients/nobody"
      Then the response is the problem "not-found"

    Scenario Outline: Only admins manage clients: <who>, <method> <path>
      Given "<who>" is asking
      When I send <method> "/api/v1/oauth/clients<path>"
      Then the response status is <status>

      Examples:
        | who                              | method | path  | status |
        | nobody                           | GET    |       | 401    |
        | nobody                           | POST   |       | 401    |
        | nobody                           | DELETE | /till | 401    |
        | a user                           | GET    |       | 403    |
        | a moderator                      | POST   |       | 403    |
        | a moderator                      | DELETE | /till | 403    |
        | a client for read write provision | GET   |       | 403    |
        | a client for read write provision | POST  |       | 403    |
        | a client for read write provision | DELETE | /till | 403   |
        | a client for admin               | GET    |       | 200    |
        | a client for admin               | DELETE | /till | 404    |

  Rule: A client gets a token for its credentials

    Background:
      Given a client "till" with the scopes "read write"

    @smoke
    Scenario: The credentials can be in the form
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 200
      And the response JSON is:
        """
        {"access_token": "#string", "token_type": "Bearer", "expires_in": 3600, "scope": "read write"}
        """
      And the response header "Cache-Control" is "no-store"
      And the response header "Pragma" is "no-cache"
      And the response header "Content-Type" contains "application/json"

    Scenario: The credentials can be sent by HTTP Basic
      Given the Basic credentials are "till" and "one-two-three-one-two-three"
      When I send POST "/api/v1/oauth/token" with form:
        | name       | value              |
        | grant_type | client_credentials |
      Then the response status is 200
      And the response JSON at "$.scope" is "read write"

    Scenario: With HTTP Basic the credentials are encoded as in a form
      Given the Basic credentials are "%74il%6C" and "one%2Dtwo-three-one-two-three"
      When I send POST "/api/v1/oauth/token" with form:
        | name       | value              |
        | grant_type | client_credentials |
      Then the response status is 200

    Scenario Outline: A client can request fewer scopes than it has: <asked>
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
        | scope         | <asked>                     |
      Then the response status is 200
      And the response JSON at "$.scope" is "<given>"

      Examples:
        | asked      | given      |
        | read       | read       |
        | write      | write      |
        | write read | read write |
        |            | read write |

    Scenario: A request that names two clients is refused
      Given the request header "Authorization" is "Basic dGlsbDpvbmUtdHdvLXRocmVlLW9uZS10d28tdGhyZWU="
      When I send POST "/api/v1/oauth/token" with form:
        | name       | value              |
        | grant_type | client_credentials |
        | client_id  | cash-register      |
      Then the response status is 400
      And the response JSON contains:
        """
        {"error": "invalid_request"}
        """

    Scenario: A name with a null character is an unknown client
      Given the request header "Content-Type" is "application/x-www-form-urlencoded"
      When I send POST "/api/v1/oauth/token" with body:
        """
        grant_type=client_credentials&client_id=till%00&client_secret=one-two-three-one-two-three
        """
      Then the response status is 401
      And the response JSON contains:
        """
        {"error": "invalid_client"}
        """

    Scenario Outline: A scope that the client doesn't have is refused, not left out: <asked>
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
        | scope         | <asked>                     |
      Then the response status is 400
      And the response JSON contains:
        """
        {"error": "invalid_scope"}
        """
      And the response header "Cache-Control" is "no-store"

      Examples:
        | asked       |
        | admin       |
        | read admin  |
        | dance       |
        | READ        |
        | read  write |
        | read,write  |

    Scenario: Unknown parameters are ignored
      When I send POST "/api/v1/oauth/token?colour=red" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
        | resource      | https://example.org         |
      Then the response status is 200

    Scenario Outline: A request that isn't in order is told so: <flaw>
      Given the request header "Content-Type" is "<type>"
      When I send POST "/api/v1/oauth/token" with body:
        """
        <form>
        """
      Then the response status is 400
      And the response JSON contains:
        """
        {"error": "<error>", "error_description": "#string"}
        """
      And the response header "Cache-Control" is "no-store"

      Examples:
        | flaw                   | error                  | type                              | form                                                                                                   |
        | no grant type          | invalid_request        | application/x-www-form-urlencoded | client_id=till&client_secret=one-two-three-one-two-three                                                |
        | an empty grant type    | invalid_request        | application/x-www-form-urlencoded | grant_type=&client_id=till&client_secret=one-two-three-one-two-three                                     |
        | another grant type     | unsupported_grant_type | application/x-www-form-urlencoded | grant_type=password&client_id=till&client_secret=one-two-three-one-two-three                             |
        | a parameter twice      | invalid_request        | application/x-www-form-urlencoded | grant_type=client_credentials&grant_type=client_credentials&client_id=till&client_secret=one-two-three-one-two-three |
        | a scope twice          | invalid_request        | application/x-www-form-urlencoded | grant_type=client_credentials&scope=read&scope=read&client_id=till&client_secret=one-two-three-one-two-three |
        | JSON instead of a form | invalid_request        | application/json                  | {"grant_type": "client_credentials", "client_id": "till", "client_secret": "one-two-three-one-two-three"} |

    Scenario: Credentials in the query are refused
      When I send POST "/api/v1/oauth/token?client_id=till&client_secret=one-two-three-one-two-three" with form:
        | name       | value              |
        | grant_type | client_credentials |
      Then the response status is 400
      And the response JSON at "$.error" is "invalid_request"

    Scenario: Credentials in two ways are refused, even the right ones
      Given the Basic credentials are "till" and "one-two-three-one-two-three"
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 400
      And the response JSON at "$.error" is "invalid_request"

    Scenario Outline: Wrong credentials in the form are refused: <flaw>
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | <client>           |
        | client_secret | <secret>           |
      Then the response status is 401
      And the response JSON contains:
        """
        {"error": "invalid_client"}
        """
      And the response header "WWW-Authenticate" contains "Basic"
      And the response header "Cache-Control" is "no-store"

      Examples:
        | flaw            | client | secret                      |
        | a wrong secret  | till   | one-two-three               |
        | no secret       | till   |                             |
        | an unknown name | bar    | one-two-three-one-two-three |
        | no name         |        | one-two-three-one-two-three |
        | nothing at all  |        |                             |

    Scenario Outline: A wrong header is refused: <header>
      Given the request header "Authorization" is "<header>"
      When I send POST "/api/v1/oauth/token" with form:
        | name       | value              |
        | grant_type | client_credentials |
      Then the response status is 401
      And the response JSON at "$.error" is "invalid_client"
      And the response header "WWW-Authenticate" contains "Basic"

      Examples:
        | header                   |
        | Basic dGlsbDp3cm9uZw==   |
        | Basic !!!                |
        | Basic dGlsbA==           |
        | Bearer abc               |

    Scenario: The path answers nothing but POST
      When I send GET "/api/v1/oauth/token"
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" contains "POST"

  Rule: A token is valid for its scopes until it expires

    Scenario: A client's token can be validated
      Given a client "till" with the scopes "read write"
      And "till" gets a token for "read"
      When I send GET "/api/v1/auth/validate"
      Then the response status is 200
      And the response JSON is:
        """
        {
          "subject": "{{till.id}}", "kind": "client", "username": null, "role": null, "scopes": ["read"],
          "expires_at": "#datetime"
        }
        """

    Scenario: A token with fewer scopes has fewer rights
      Given a client "manager" with the scopes "read admin"
      And "manager" gets a token for "read"
      When I send GET "/api/v1/users"
      Then the response is the problem "forbidden"
      And the response header "WWW-Authenticate" contains 'error="insufficient_scope"'
      And the response header "WWW-Authenticate" contains 'scope="admin"'

    Scenario: A token with the scope gives access
      Given a client "manager" with the scopes "read admin"
      And "manager" gets a token for "admin"
      When I send GET "/api/v1/users"
      Then the response status is 200

    Scenario: A wrong token is reported in WWW-Authenticate
      Given the bearer token is "not.a.token"
      When I send GET "/api/v1/users"
      Then the response status is 401
      And the response header "WWW-Authenticate" contains 'error="invalid_token"'

    Scenario: Without a token, WWW-Authenticate has no error
      When I send GET "/api/v1/users"
      Then the response status is 401
      And the response header "WWW-Authenticate" is 'Bearer realm="dance-lessons-coach"'

    Scenario: A client's token expires
      Given the service runs with:
        | key                 | value |
        | auth.token_lifetime | 2s    |
      And a client "till" with the scopes "read"
      And "till" gets a token
      When I poll GET "/api/v1/auth/validate" for up to 6s until the JSON contains:
        """
        {"status": 401}
        """
      Then the response is the problem "unauthenticated"

  Rule: A client has no profile, no session and no greetings

    Background:
      Given a client "till" with the scopes "read"
      And "till" gets a token

    Scenario Outline: Endpoints of a user are not found: <method> <path>
      When I send <method> "<path>" with JSON:
        """
        <body>
        """
      Then the response is the problem "not-found"

      Examples:
        | method | path                                                       | body                                                                                  |
        | GET    | /api/v1/users/me                                           | {}                                                                                    |
        | PATCH  | /api/v1/users/me                                           | {"name": "Till"}                                                                      |
        | PUT    | /api/v1/users/me/password                                  | {"current_password": "one-two-three-one", "new_password": "correct horse battery"}    |
        | POST   | /api/v1/auth/logout                                        | {}                                                                                    |
        | DELETE | /api/v1/auth/sessions/0197a0a0-0000-7000-8000-000000000001 | {}                                                                                    |

    Scenario Outline: Lists of a user are empty: <path>
      When I send GET "<path>"
      Then the response JSON is:
        """
        {"data": [], "meta": {"total": 0, "page": 1, "limit": 20}}
        """

      Examples:
        | path                  |
        | /api/v1/auth/sessions |
        | /api/v1/greetings     |

    Scenario: A client gets the general greeting, without a history
      When I send GET "/api/v1/greet"
      Then the response JSON at "$.message" is "Hello, world!"
      And the table "greet_history" is empty

  Rule: The first client can be configured

    Scenario: The configured client exists after the start, with all scopes
      When the service runs with:
        | key                     | value                  |
        | BOOTSTRAP_CLIENT_ID     | registrar              |
        | BOOTSTRAP_CLIENT_SECRET | chosen by people, once |
      Then the table "oauth_clients" contains exactly the rows:
        | client_id | client_secret_hash | scopes                     |
        | registrar | #regex ^[$]argon2id | read write provision admin |
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                  |
        | grant_type    | client_credentials     |
        | client_id     | registrar              |
        | client_secret | chosen by people, once |
      Then the response status is 200
      And the response JSON at "$.scope" is "read write provision admin"

    Scenario: A wrong secret of the configured client is refused
      Given the service runs with:
        | key                     | value                  |
        | BOOTSTRAP_CLIENT_ID     | registrar              |
        | BOOTSTRAP_CLIENT_SECRET | chosen by people, once |
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                   |
        | grant_type    | client_credentials      |
        | client_id     | registrar               |
        | client_secret | chosen by people, twice |
      Then the response status is 401

    Scenario: A second start creates no second client
      Given the service runs with:
        | key                     | value                  |
        | BOOTSTRAP_CLIENT_ID     | registrar              |
        | BOOTSTRAP_CLIENT_SECRET | chosen by people, once |
      When the service is restarted
      Then the table "oauth_clients" has 1 row

    Scenario: A deleted first client is created again at the next start
      Given the service runs with:
        | key                     | value                  |
        | BOOTSTRAP_CLIENT_ID     | registrar              |
        | BOOTSTRAP_CLIENT_SECRET | chosen by people, once |
      And the SQL:
        """
        delete from oauth_clients
        """
      When the service is restarted
      Then the table "oauth_clients" has 1 row

    Scenario: Without a configured secret, one is generated and written to a private file
      Given "file" is the path of a new file
      When the service runs with:
        | key                          | value     |
        | BOOTSTRAP_CLIENT_ID          | registrar |
        | bootstrap.generated_client_secret_file | {{file}}  |
      Then only its owner can read the file "{{file}}", and "secret" is what it says
      And the table "oauth_clients" contains exactly the rows:
        | client_id | client_secret_hash    | scopes                     |
        | registrar | #regex ^[0-9a-f]{64}$ | read write provision admin |
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | registrar          |
        | client_secret | {{secret}}         |
      Then the response status is 200

    Scenario: A generated secret stays after a restart
      Given "file" is the path of a new file
      And the service runs with:
        | key                          | value     |
        | BOOTSTRAP_CLIENT_ID          | registrar |
        | bootstrap.generated_client_secret_file | {{file}}  |
      And only its owner can read the file "{{file}}", and "secret" is what it says
      When the service is restarted
      And I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | registrar          |
        | client_secret | {{secret}}         |
      Then the response status is 200

    Scenario: Of replicas that start at the same moment, one creates the client and writes its secret
      Given "file" is the path of a new file
      When 6 replicas start at the same moment with:
        | key                          | value     |
        | BOOTSTRAP_CLIENT_ID          | registrar |
        | bootstrap.generated_client_secret_file | {{file}}  |
      Then the table "oauth_clients" has 1 row
      And only its owner can read the file "{{file}}", and "secret" is what it says
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | registrar          |
        | client_secret | {{secret}}         |
      Then the response status is 200

    Scenario: If the secret can't be written, no client is created
      Given the environment variable "BOOTSTRAP_CLIENT_ID" is "registrar"
      And the environment variable "DLC_BOOTSTRAP_GENERATED_CLIENT_SECRET_FILE" is "no/such/folder/secret"
      And the environment variable "DLC_ENVIRONMENT" is "test"
      When I run "serve"
      Then it exits with 1
      And the table "oauth_clients" is empty

    Scenario Outline: An invalid client stops the start: <name> <value>
      Given the environment variable "BOOTSTRAP_CLIENT_ID" is "till"
      And the environment variable "<name>" is "<value>"
      When I run "serve"
      Then it exits with 1
      And the output contains "<key>"

      Examples:
        | name                         | value                  | key                          |
        | BOOTSTRAP_CLIENT_ID          | a:b                    | client_id                    |
        | BOOTSTRAP_CLIENT_SECRET      | Straße                 | client_secret                |
        | DLC_BOOTSTRAP_GENERATED_CLIENT_SECRET_FILE | no/such/folder/secret | bootstrap.generated_client_secret_file |

    Scenario: A secret without a name stops the start
      Given the environment variable "BOOTSTRAP_CLIENT_SECRET" is "chosen by people, once"
      When I run "serve"
      Then it exits with 1
      And the output contains "bootstrap.client_id"
      And the output does not contain "chosen by people"

  Rule: Only development has a client with a public secret

    Scenario: An empty database gets the client of development
      When the service runs with:
        | key         | value       |
        | environment | development |
      And I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | dev-client         |
        | client_secret | dev-secret-123     |
      Then the response status is 200
      And the response JSON at "$.scope" is "read write provision admin"

    Scenario: Development has data to show
      Given the service runs with:
        | key         | value       |
        | environment | development |
      When I send GET "/api/v1/categories"
      Then the response JSON at "$.meta.total" is "5"
      When I send GET "/api/v1/products"
      Then the response JSON at "$.meta.total" is "#> 0"
      When I send GET "/api/v1/pizzas"
      Then the response JSON at "$.meta.total" is "#> 0"

    Scenario: A second start in development changes nothing
      Given the service runs with:
        | key         | value       |
        | environment | development |
      And the SQL:
        """
        delete from pizzas
        """
      When the service is restarted
      Then the table "pizzas" is empty
      And the table "categories" has 5 rows
      And the table "oauth_clients" has 1 row

    Scenario: Replicas that start at the same moment fill an empty database once
      When 4 replicas start at the same moment with:
        | key             | value       |
        | DLC_ENVIRONMENT | development |
      Then the table "oauth_clients" has 1 row
      And the table "categories" has 5 rows

    Scenario: A database with users isn't filled
      Given a registered user "ada"
      When the service runs with:
        | key         | value       |
        | environment | development |
      Then the table "oauth_clients" is empty
      And the table "categories" is empty

    Scenario: In test an empty database stays empty
      When the service is restarted
      Then the table "oauth_clients" is empty
      And the table "categories" is empty

    Scenario: In test the client of development doesn't exist
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | dev-client         |
        | client_secret | dev-secret-123     |
      Then the response status is 401

    Scenario Outline: In staging and production, the client of development can't be configured: <environment>
      Given the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "BOOTSTRAP_CLIENT_ID" is "dev-client"
      When I run "config"
      Then it exits with 1
      And the output contains "dev-client"

      Examples:
        | environment |
        | staging     |
        | production  |

    Scenario Outline: In staging and production, a database with the client of development is refused: <environment>
      Given a client "dev-client" with the scopes "read"
      And the environment variable "DLC_ENVIRONMENT" is "<environment>"
      And the environment variable "DLC_AUTH_SIGNING_KEY" is "left-foot-right-foot-close-left-foot-right"
      And the environment variable "DLC_SERVER_PORT" is "0"
      When I run "serve"
      Then it exits with 1
      And the output contains "dev-client"

      Examples:
        | environment |
        | staging     |
        | production  |
