Feature: OAuth clients, at the edges
  The limits of a client and a token request, and what is refused.

  Rule: Admins create, list and delete clients

    Background:
      Given an admin "root"
      And "root" logs in

    Scenario Outline: A client at the limits is created: <edge>
      Given the variable "ten" is "äöüßéèñçåø"
      And the variable "hundred" is "{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}{{ten}}"
      When I send POST "/api/v1/oauth/clients" with JSON:
        """
        <client>
        """
      Then the response status is 201
      And the response JSON at "$.scopes" is '<scopes>'

      Examples:
        | edge                              | client                                                                  | scopes                                  |
        | a name of 100 letters, more bytes | {"name": "{{hundred}}", "scopes": ["read"]}                             | ["read"]                                |
        | a name of one letter              | {"name": "t", "scopes": ["admin"]}                                      | ["admin"]                               |
        | all scopes, in any order          | {"name": "till", "scopes": ["admin", "provision", "write", "read"]}     | ["read", "write", "provision", "admin"] |
        | a scope twice                     | {"name": "till", "scopes": ["read", "read"]}                            | ["read"]                                |

    Scenario Outline: A client is refused, and only the invalid field is named: <flaw>
      Given the text "long" of 101 characters
      When I send POST "/api/v1/oauth/clients" with JSON:
        """
        <client>
        """
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item
      And the table "oauth_clients" is empty

      Examples:
        | flaw                        | field      | client                                                                          |
        | no name                     | name       | {"scopes": ["read"]}                                                            |
        | a name of 101 characters    | name       | {"name": "{{long}}", "scopes": ["read"]}                                        |
        | a name with a NUL character | name       | {"name": "ti\\u0000ll", "scopes": ["read"]}                                     |
        | a name as a number          | name       | {"name": 7, "scopes": ["read"]}                                                 |
        | no scopes                   | scopes     | {"name": "till"}                                                                |
        | scopes of null              | scopes     | {"name": "till", "scopes": null}                                                |
        | more scopes than there are  | scopes     | {"name": "till", "scopes": ["read", "read", "read", "read", "read"]}            |
        | a scope in capitals         | scopes[0]  | {"name": "till", "scopes": ["READ"]}                                            |
        | two scopes in one           | scopes[0]  | {"name": "till", "scopes": ["read write"]}                                      |
        | an empty scope              | scopes[1]  | {"name": "till", "scopes": ["read", ""]}                                        |
        | a scope of null             | scopes[0]  | {"name": "till", "scopes": [null]}                                              |
        | a client id of one's own    | client_id  | {"name": "till", "scopes": ["read"], "client_id": "till"}                       |
        | a field nobody knows        | colour     | {"name": "till", "scopes": ["read"], "colour": "red"}                           |
        | no object                   | body       | ["till"]                                                                        |

    Scenario: Clients with the same name are independent
      Given I send POST "/api/v1/oauth/clients" with JSON:
        """
        {"name": "till", "scopes": ["read"]}
        """
      And I save the response JSON at "$.client_id" as "first"
      And I save the response JSON at "$.client_secret" as "secret"
      And I send POST "/api/v1/oauth/clients" with JSON:
        """
        {"name": "till", "scopes": ["read"]}
        """
      And I save the response JSON at "$.client_id" as "second"
      And nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | {{second}}         |
        | client_secret | {{secret}}         |
      Then the response status is 401
      And the table "oauth_clients" has 2 rows

    Scenario: The response to a new client has no Location
      When I send POST "/api/v1/oauth/clients" with JSON:
        """
        {"name": "till", "scopes": ["read"]}
        """
      Then the response has no header "Location"

    Scenario Outline: A single client can't be read or changed: <method>
      When I send <method> "/api/v1/oauth/clients/till"
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" is "DELETE"

      Examples:
        | method |
        | GET    |
        | PATCH  |
        | PUT    |

    Scenario Outline: A client is deleted by its exact id: <path>
      Given a client "till" with the scopes "read"
      When I send DELETE "/api/v1/oauth/clients/<path>"
      Then the response is the problem "not-found"
      And the table "oauth_clients" has 1 row

      Examples:
        | path        |
        | TILL        |
        | til         |
        | {{till.id}} |
        | %25         |

    Scenario: A client is deleted only once
      Given a client "till" with the scopes "read"
      And I send DELETE "/api/v1/oauth/clients/till"
      When I send DELETE "/api/v1/oauth/clients/till"
      Then the response is the problem "not-found"

    Scenario: A name with a null character is refused
      When I send DELETE "/api/v1/oauth/clients/till%00"
      Then the response is the problem "validation"
      And the problem names the field "client_id"

    Scenario Outline: An unknown parameter is refused: <method> <path>
      Given a client "till" with the scopes "read"
      When I send <method> "/api/v1/oauth/clients<path>?colour=red" with JSON:
        """
        {"name": "bar", "scopes": ["read"]}
        """
      Then the response is the problem "validation"
      And the problem names the field "colour"
      And the table "oauth_clients" has 1 row

      Examples:
        | method | path  |
        | POST   |       |
        | DELETE | /till |

    Scenario Outline: The list is sorted as requested: <query>
      Given the table "oauth_clients" has the rows:
        | id                                   | client_id | name  | created_at                  |
        | 0197a0a0-0000-7000-8000-000000000001 | a         | Zebra | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000002 | b         | apple | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000003 | c         | Äpfel | 2026-01-01T10:00:00.000000Z |
        | 0197a0a0-0000-7000-8000-000000000004 | d         | apple | 2026-01-01T10:00:00.000000Z |
      When I send GET "/api/v1/oauth/clients?<query>"
      Then the response JSON contains:
        """
        {"data": <clients>, "meta": {"total": 4}}
        """

      Examples:
        | query            | clients                                                                          |
        |                  | [{"client_id": "d"}, {"client_id": "c"}, {"client_id": "b"}, {"client_id": "a"}] |
        | sort=created_at  | [{"client_id": "a"}, {"client_id": "b"}, {"client_id": "c"}, {"client_id": "d"}] |
        | sort=name        | [{"client_id": "a"}, {"client_id": "b"}, {"client_id": "d"}, {"client_id": "c"}] |
        | sort=-name       | [{"client_id": "c"}, {"client_id": "d"}, {"client_id": "b"}, {"client_id": "a"}] |
        | limit=100&page=2 | []                                                                               |

    Scenario Outline: An invalid parameter is refused, and only it is named: <query>
      When I send GET "/api/v1/oauth/clients?<query>"
      Then the response is the problem "validation"
      And the problem names the field "<field>"
      And the response JSON at "$.errors" has 1 item

      Examples:
        | query                    | field |
        | page=                    | page  |
        | page=-1                  | page  |
        | page=9223372036854775808 | page  |
        | limit=                   | limit |
        | limit=0                  | limit |
        | limit=many               | limit |
        | sort=                    | sort  |
        | sort=client_id           | sort  |
        | page=1&page=2            | page  |
        | name=till                | name  |

  Rule: A client gets a token for its credentials

    Background:
      Given a client "till" with the scopes "read write"

    Scenario Outline: The form's media type may have a charset: <type>
      Given the request header "Content-Type" is "<type>"
      When I send POST "/api/v1/oauth/token" with body:
        """
        grant_type=client_credentials&client_id=till&client_secret=one-two-three-one-two-three
        """
      Then the response status is <status>

      Examples:
        | type                                             | status |
        | application/x-www-form-urlencoded                | 200    |
        | application/x-www-form-urlencoded; charset=utf-8 | 200    |
        | Application/X-WWW-Form-Urlencoded                | 200    |
        | text/plain                                       | 400    |
        | multipart/form-data                              | 400    |

    Scenario: The scheme Basic is case-insensitive, and the form may name the same client
      Given the request header "Authorization" is "bASIC dGlsbDpvbmUtdHdvLXRocmVlLW9uZS10d28tdGhyZWU="
      When I send POST "/api/v1/oauth/token" with form:
        | name       | value              |
        | grant_type | client_credentials |
        | client_id  | till               |
      Then the response status is 200

    Scenario: Values of the form are decoded
      Given the request header "Content-Type" is "application/x-www-form-urlencoded"
      When I send POST "/api/v1/oauth/token" with body:
        """
        grant%5Ftype=client%5Fcredentials&scope=write+read&client_id=%74ill&client_secret=one%2Dtwo-three-one-two-three
        """
      Then the response status is 200
      And the response JSON at "$.scope" is "read write"

    Scenario Outline: A malformed request is refused: <flaw>
      Given the request header "Content-Type" is "application/x-www-form-urlencoded"
      When I send POST "/api/v1/oauth/token" with body:
        """
        <form>
        """
      Then the response status is <status>
      And the response JSON is:
        """
        {"error": "<error>", "error_description": "#string"}
        """
      And the response header "Content-Type" contains "application/json"
      And the response header "Cache-Control" is "no-store"
      And the response header "Pragma" is "no-cache"

      Examples:
        | flaw                            | status | error                  | form                                                                                                                            |
        | a client id twice               | 400    | invalid_request        | grant_type=client_credentials&client_id=till&client_id=till&client_secret=one-two-three-one-two-three                           |
        | a secret twice                  | 400    | invalid_request        | grant_type=client_credentials&client_id=till&client_secret=one-two-three-one-two-three&client_secret=one-two-three-one-two-three |
        | a secret without a name         | 401    | invalid_client         | grant_type=client_credentials&client_secret=one-two-three-one-two-three                                                         |
        | a name without a secret         | 401    | invalid_client         | grant_type=client_credentials&client_id=till                                                                                    |
        | a grant in capitals             | 400    | unsupported_grant_type | grant_type=CLIENT_CREDENTIALS&client_id=till&client_secret=one-two-three-one-two-three                                          |
        | a grant that others give        | 400    | unsupported_grant_type | grant_type=authorization_code&code=7&client_id=till&client_secret=one-two-three-one-two-three                                   |
        | the right scope, a wrong secret | 401    | invalid_client         | grant_type=client_credentials&scope=read&client_id=till&client_secret=x                                                         |
        | a wrong scope, a wrong secret   | 401    | invalid_client         | grant_type=client_credentials&scope=dance&client_id=till&client_secret=x                                                        |
        | the client's own id in the row  | 401    | invalid_client         | grant_type=client_credentials&client_id={{till.id}}&client_secret=one-two-three-one-two-three                                   |
        | a name in another case          | 401    | invalid_client         | grant_type=client_credentials&client_id=TILL&client_secret=one-two-three-one-two-three                                          |

    Scenario Outline: Credentials in two ways are refused: <client_id>
      Given the Basic credentials are "till" and "one-two-three-one-two-three"
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | <client_id>        |
        | client_secret | <secret>           |
      Then the response status is 400
      And the response JSON at "$.error" is "invalid_request"

      Examples:
        | client_id | secret |
        |           | wrong  |
        | till      | wrong  |
        | bar       |        |

    Scenario Outline: A secret in the query is refused, whatever the form contains: <query>
      When I send POST "/api/v1/oauth/token?<query>" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 400
      And the response JSON at "$.error" is "invalid_request"

      Examples:
        | query               |
        | client_id=till      |
        | client_secret=x     |
        | client%5Fsecret=x   |

    Scenario Outline: Only POST is supported: <method>
      When I send <method> "/api/v1/oauth/token"
      Then the response is the problem "method-not-allowed"
      And the response header "Allow" is "POST"

      Examples:
        | method |
        | GET    |
        | PUT    |
        | DELETE |

  Rule: A token is valid for its scopes until it expires

    Scenario Outline: The response lists the token's scopes: <scopes>
      Given a client "till" with the scopes "<scopes>"
      And "till" gets a token
      When I send GET "/api/v1/auth/validate"
      Then the response JSON contains:
        """
        {"subject": "{{till.id}}", "kind": "client", "username": null, "role": null, "scopes": <list>}
        """

      Examples:
        | scopes                     | list                                    |
        | read                       | ["read"]                                |
        | write                      | ["write"]                               |
        | provision                  | ["provision"]                           |
        | admin                      | ["admin"]                               |
        | read write provision admin | ["read", "write", "provision", "admin"] |

    Scenario: All tokens of a client are valid at the same time
      Given a client "till" with the scopes "read"
      And "till" gets a token
      And the variable "first" is "{{till.token}}"
      And "till" gets a token
      When I send GET "/api/v1/auth/validate"
      Then the response status is 200
      Given the bearer token is "{{first}}"
      When I send GET "/api/v1/auth/validate"
      Then the response status is 200

    Scenario: A new client with the same name doesn't make old tokens valid again
      Given a client "till" with the scopes "read"
      And "till" gets a token
      And the variable "old" is "{{till.token}}"
      And the SQL:
        """
        delete from oauth_clients
        """
      And a client "till" with the scopes "read"
      And the bearer token is "{{old}}"
      When I send GET "/api/v1/auth/validate"
      Then the response is the problem "unauthenticated"

  Rule: The time of a refusal doesn't show whether a client exists

    Scenario Outline: A wrong secret takes as long as a hash: <client>
      Given the service runs with:
        | key                    | value |
        | auth.hash_iterations   | 20000 |
        | server.request_timeout | 100ms |
      And the table "oauth_clients" has the rows:
        | client_id                            | client_secret_hash                                               |
        | kitchen                              | 0000000000000000000000000000000000000000000000000000000000000000 |
        | 0197a0a0-0000-7000-8000-000000000001 | 0000000000000000000000000000000000000000000000000000000000000000 |
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | <client>           |
        | client_secret | one-two-three      |
      Then the response is the problem "timeout"

      Examples:
        | client                               |
        | kitchen                              |
        | bar                                  |
        | 0197a0a0-0000-7000-8000-000000000001 |
        | 0197a0a0-0000-7000-8000-000000000002 |

  Rule: The first client can be configured

    Scenario: An existing client stays unchanged, and a warning is logged
      Given a client "registrar" with the scopes "read"
      When the service runs with:
        | key                     | value                       |
        | BOOTSTRAP_CLIENT_ID     | registrar                   |
        | BOOTSTRAP_CLIENT_SECRET | one-two-three-one-two-three |
      Then the table "oauth_clients" contains exactly the rows:
        | id               | client_id | scopes |
        | {{registrar.id}} | registrar | read   |
      And the log contains "bootstrap client exists"

    Scenario: A changed secret in the configuration is adopted, and the client keeps its id and scopes
      Given a client "registrar" with the scopes "read"
      When the service runs with:
        | key                     | value                  |
        | BOOTSTRAP_CLIENT_ID     | registrar              |
        | BOOTSTRAP_CLIENT_SECRET | chosen by people, once |
      Then the table "oauth_clients" contains exactly the rows:
        | id               | client_id | scopes |
        | {{registrar.id}} | registrar | read   |
      And the log has a line that contains:
        """
        {"target": "audit", "act": "client secret replaced", "who": "registrar", "from": "start"}
        """
      And the log does not contain "chosen by people, once"
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                  |
        | grant_type    | client_credentials     |
        | client_id     | registrar              |
        | client_secret | chosen by people, once |
      Then the response JSON at "$.scope" is "read"
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | registrar                   |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 401

    Scenario: A generated secret has 256 random bits
      Given "file" is the path of a new file
      When the service runs with:
        | key                          | value     |
        | BOOTSTRAP_CLIENT_ID          | registrar |
        | bootstrap.generated_client_secret_file | {{file}}  |
      Then only its owner can read the file "{{file}}", and "secret" is what it says
      And the log does not contain "{{secret}}"
      When I query:
        """
        select count(*) as long_enough from oauth_clients where '{{secret}}' like '________________________________________________________________'
        """
      Then the query returned the rows:
        | long_enough |
        | 1           |

  Rule: A client's secret can be replaced

    Background:
      Given a client "till" with the scopes "read write"
      And "a client for admin" is asking

    Scenario: The new secret works, the old one doesn't, and the client stays the same
      When I send POST "/api/v1/oauth/clients/till/secret" with JSON:
        """
        {}
        """
      Then the response status is 200
      And the response header "Cache-Control" is "no-store"
      And the response JSON is:
        """
        {"client_id": "till", "client_secret": "#regex ^[0-9a-f]{64}$ as secret"}
        """
      And the table "oauth_clients" contains the rows:
        | id          | client_id | scopes     |
        | {{till.id}} | till      | read write |
      Given nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | till               |
        | client_secret | {{secret}}         |
      Then the response status is 200
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 401

    Scenario: The old secret works until the overlap ends
      Given I send POST "/api/v1/oauth/clients/till/secret" with JSON:
        """
        {"overlap_seconds": 3600}
        """
      And I save the response JSON at "$.client_secret" as "secret"
      And nobody is logged in
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 200
      Given the SQL:
        """
        update oauth_clients set previous_secret_expires_at = created_at where client_id = 'till'
        """
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value                       |
        | grant_type    | client_credentials          |
        | client_id     | till                        |
        | client_secret | one-two-three-one-two-three |
      Then the response status is 401
      When I send POST "/api/v1/oauth/token" with form:
        | name          | value              |
        | grant_type    | client_credentials |
        | client_id     | till               |
        | client_secret | {{secret}}         |
      Then the response status is 200

    Scenario: Without a body there is no overlap
      When I send POST "/api/v1/oauth/clients/till/secret"
      Then the response status is 200
      And the table "oauth_clients" contains the rows:
        | client_id | previous_secret_expires_at |
        | till      | #null                      |

    Scenario: A body of null is no body
      When I send POST "/api/v1/oauth/clients/till/secret" with JSON:
        """
        null
        """
      Then the response status is 200

    Scenario Outline: An invalid overlap is refused: <overlap>
      When I send POST "/api/v1/oauth/clients/till/secret" with JSON:
        """
        {"overlap_seconds": <overlap>}
        """
      Then the response is the problem "validation"
      And the problem names the field "overlap_seconds"

      Examples:
        | overlap |
        | -1      |
        | 604801  |
        | 1.5     |
        | "60"    |

    Scenario: The secret of an unknown client can't be replaced
      When I send POST "/api/v1/oauth/clients/bar/secret"
      Then the response is the problem "not-found"

    Scenario Outline: Only admins can replace secrets: <who>
      Given "<who>" is asking
      When I send POST "/api/v1/oauth/clients/till/secret"
      Then the response status is <status>

      Examples:
        | who                               | status |
        | nobody                            | 401    |
        | a moderator                       | 403    |
        | a client for read write provision | 403    |

    Scenario: The audit log has an entry, without the secret
      When I send POST "/api/v1/oauth/clients/till/secret"
      And I save the response JSON at "$.client_secret" as "secret"
      Then the log has a line that contains:
        """
        {"target": "audit", "act": "client secret replaced", "client_id": "till", "from": "127.0.0.1"}
        """
      And the log does not contain "{{secret}}"

  Rule: The command line manages clients too

    Scenario: A client is created, listed and deleted
      When I run "client create 'cash register' --scopes read,write"
      Then it exits with 0
      And the output contains "client_secret: "
      And the table "oauth_clients" contains exactly the rows:
        | name          | scopes     |
        | cash register | read write |
      When I run "client list"
      Then the output contains "read write  cash register"
      Given I query:
        """
        select client_id from oauth_clients
        """
      And I save the query's "client_id" as "client_id"
      When I run "client delete {{client_id}}"
      Then it exits with 0
      And the table "oauth_clients" is empty
      When I run "client delete {{client_id}}"
      Then it exits with 1

    Scenario Outline: Wrong usage is refused: <command>
      When I run "<command>"
      Then it exits with 2
      And the table "oauth_clients" is empty

      Examples:
        | command                                |
        | client create bar                      |
        | client create bar --scopes dance       |
        | client create bar --scopes ''          |
        | client create ' ' --scopes read        |

  Rule: Only development has a client with a public secret

    Scenario: If other machines can connect, development must be set explicitly
      When the service runs with:
        | key         | value   |
        | environment |         |
        | server.host | 0.0.0.0 |
      Then the table "oauth_clients" is empty
      When the service runs with:
        | key         | value       |
        | environment | development |
        | server.host | 0.0.0.0     |
      Then the table "oauth_clients" has 1 row

    Scenario: On a local address, development is the default
      When the service runs with:
        | key         | value |
        | environment |       |
      Then the table "oauth_clients" has 1 row

    Scenario: The command line can delete the client that production refuses
      Given a client "dev-client" with the scopes "read"
      And the environment variable "DLC_ENVIRONMENT" is "production"
      And the environment variable "DB_SSLMODE" is "disable"
      When I run "client delete dev-client"
      Then it exits with 0
      And the table "oauth_clients" is empty

    Scenario Outline: In staging and production, an empty database gets no client: <environment>
      When the service runs with:
        | key                  | value                                            |
        | environment          | <environment>                                    |
        | auth.signing_key     | left-foot-right-foot-close-left-foot-right-close |
        | auth.hash_memory_kib | 19456                                            |
        | auth.hash_iterations | 2                                                |
        | database.sslmode     | prefer                                           |
      Then the table "oauth_clients" is empty
      And the table "categories" is empty
      And the table "products" is empty
      And the table "pizzas" is empty

      Examples:
        | environment |
        | staging     |
        | production  |

    Scenario: Development has the default categories
      When the service runs with:
        | key         | value       |
        | environment | development |
      Then the table "categories" contains exactly the rows:
        | name          | parent_id |
        | Lesson passes | #null     |
        | Tickets       | #null     |
        | Shoes         | #null     |
        | Clothing      | #null     |
        | Accessories   | #null     |

    Scenario: A database with a category isn't filled
      Given a category "Balls"
      When the service runs with:
        | key         | value       |
        | environment | development |
      Then the table "oauth_clients" is empty
      And the table "categories" has 1 row
      And the table "pizzas" is empty
