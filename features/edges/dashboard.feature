Feature: The dashboard is hard to misuse
  Text and links from others can't act in a visitor's name.

  Rule: Text of others is shown as text

    Scenario: Markup in names is shown as text
      Given the table "tags" has the rows:
        | id                                   | name             |
        | 0197a0a0-0000-7000-8000-00000000000a | "><script>1</script> |
      And the table "image_updates" has the rows:
        | id                                   | image                        | hostname      | hub_link            | tag_id                               |
        | 0197a0a0-0000-7000-8000-000000000001 | <img src=x onerror=alert(1)> | "><b>bold</b> | javascript:alert(1) | 0197a0a0-0000-7000-8000-00000000000a |
      And a moderator "grace"
      And "grace" logs in on the page
      Then the response body contains "&lt;img src=x onerror=alert(1)&gt;"
      And the page does not contain "<img"
      And the page does not contain "<b>"
      And the page does not contain "<script>"
      When I look at "/updates/0197a0a0-0000-7000-8000-000000000001"
      Then the response body contains "javascript:alert(1)"
      And the page does not contain 'href="javascript:'
      And the page does not contain "<img"
      When I look at "/?q=%22%3E%3Cscript%3E1%3C%2Fscript%3E"
      Then the page does not contain "<script>"

    Scenario: Texts that a report leaves empty are left out
      Given the table "image_updates" has the rows:
        | id                                   | image   | hostname | hub_link | digest | platform | mime_type | provider | diun_version |
        | 0197a0a0-0000-7000-8000-0000000000e0 | empty:1 |          |          |        |          |           |          |              |
      And a registered user "ada"
      And "ada" logs in on the page
      When I look at "/"
      Then the response body contains '<td role="cell" data-label="Host">–</td>'
      When I look at "/updates/0197a0a0-0000-7000-8000-0000000000e0"
      Then the page does not contain "<dd></dd>"

    Scenario Outline: The content security policy allows only the page's own files: <path>
      When I look at "<path>"
      Then the response header "Content-Security-Policy" contains "default-src 'none'; script-src 'self'; style-src 'self'"
      And the response header "Content-Security-Policy" contains "frame-ancestors 'none'"
      And the response header "X-Content-Type-Options" is "nosniff"
      And the response header "Referrer-Policy" is "same-origin"
      And the response header "Cache-Control" is "no-store"

      Examples:
        | path   |
        | /      |
        | /login |
        | /users |

    Scenario: Browsers cache the page's files, whose names change with their contents
      When I look at "/login"
      And I save the part of the page that matches 'href="(/assets/page\.[0-9a-f]{16}\.css)"' as "style"
      And I look at "{{style}}"
      Then the response status is 200
      And the response header "Content-Type" is "text/css; charset=utf-8"
      And the response header "Cache-Control" is "public, max-age=31536000, immutable"
      When I look at "/assets/page.0000000000000000.css"
      Then the response status is 404

  Rule: Only forms of the page are accepted

    Background:
      Given the table "image_updates" has the rows:
        | id                                   | image       |
        | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 |
      And a moderator "grace"
      And "grace" logs in on the page

    Scenario Outline: A form that another site sends is refused: <header> is <value>
      Given the request header "<header>" is "<value>"
      When I submit "/updates/acknowledge" with:
        | name | value |
        | all  | true  |
      Then the response status is 403
      And the response body contains "the form is not from this page"
      And the table "image_updates" contains the rows:
        | image       | acknowledged_at |
        | postgres:16 | #null           |

      Examples:
        | header         | value                |
        | Origin         | https://evil.example |
        | Origin         | null                 |
        | Sec-Fetch-Site | cross-site           |
        | Sec-Fetch-Site | same-site            |

    Scenario Outline: A form without the token of the page is refused: <what>
      When I send POST "/updates/acknowledge" with form:
        | name       | value   |
        | all        | true    |
        | form_token | <token> |
      Then the response status is 403
      And the table "image_updates" contains the rows:
        | image       | acknowledged_at |
        | postgres:16 | #null           |

      Examples:
        | what       | token                                                            |
        | no token   |                                                                  |
        | a made one | 0000000000000000000000000000000000000000000000000000000000000000 |

    Scenario: The form token of another session is refused
      Given the variable "stolen" is "{{form_token}}"
      And a moderator "eve"
      And "eve" logs in on the page
      When I send POST "/updates/acknowledge" with form:
        | name       | value      |
        | all        | true       |
        | form_token | {{stolen}} |
      Then the response status is 403

    Scenario: A log-in form needs its token too
      Given no cookies
      When I send POST "/login" with form:
        | name     | value                 |
        | name     | grace                 |
        | password | correct horse battery |
      Then the response status is 403

    Scenario: JSON is refused
      When I send POST "/updates/acknowledge" with JSON:
        """json
        {"all": true}
        """
      Then the response status is 415
      And the response header "Content-Type" contains "text/html"

    Scenario: A form that isn't UTF-8 is refused
      Given the request header "Content-Type" is "application/x-www-form-urlencoded"
      When I send POST "/tags" with body:
        """
        form_token={{form_token}}&name=%FF
        """
      Then the response status is 400
      And the response body contains "isn't UTF-8"

    Scenario: Unknown fields are refused
      When I submit "/updates/acknowledge" with:
        | name   | value |
        | all    | true  |
        | colour | red   |
      Then the response status is 400
      And the response body contains "colour"

    Scenario: A form without an origin, or from the page itself, is accepted
      Given the request header "Sec-Fetch-Site" is "same-origin"
      When I submit "/updates/acknowledge" with:
        | name | value |
        | all  | true  |
      Then the response status is 303

  Rule: No link or form leads to another site

    Scenario Outline: The log-in redirects only to this site: <next>
      Given a registered user "ada"
      When I look at "/login"
      And I submit "/login" with:
        | name     | value                 |
        | name     | ada                   |
        | password | correct horse battery |
        | next     | <next>                |
      Then the response status is 303
      And the response header "Location" is "/"

      Examples:
        | next                 |
        | https://evil.example |
        | //evil.example       |
        | /\\evil.example      |
        | javascript:alert(1)  |
        | /login               |

    Scenario: A form redirects only to this site
      Given a moderator "grace"
      And "grace" logs in on the page
      When I submit "/tags" with:
        | name | value          |
        | name | production     |
        | back | //evil.example |
      Then the response header "Location" is "/tags"

    Scenario: A notice shows only texts of the service
      Given a registered user "ada"
      And "ada" logs in on the page
      And the request header "Cookie" is "notice=<b>Call 0123</b>"
      When I send GET "/login"
      Then the page does not contain "Call 0123"

  Rule: A cookie is accepted only by pages

    Scenario: The API ignores the cookie
      Given an admin "grace"
      And "grace" logs in on the page
      When I send GET "/api/v1/users/me"
      Then the response is the problem "unauthenticated"
      When I send GET "/api/v1/image-updates/stream"
      Then the response is the problem "unauthenticated"

    Scenario: A page ignores a bearer token
      Given an admin "grace"
      And "grace" logs in
      When I send GET "/"
      Then the response status is 303

    Scenario: A client's token is not accepted as a session cookie
      Given a client "till" with the scopes "read write admin"
      And "till" gets a token
      And the request header "Cookie" is "session={{till.token}}"
      And no bearer token
      When I send GET "/"
      Then the response status is 303

    Scenario: Attempts to log in are limited as in the API
      Given the service runs with:
        | key                         | value |
        | limits.attempts_per_account | 2     |
      And a registered user "ada"
      And I look at "/login"
      And I submit "/login" with:
        | name     | value |
        | name     | ada   |
        | password | wrong |
      And I submit "/login" with:
        | name     | value |
        | name     | ADA   |
        | password | wrong |
      When I submit "/login" with:
        | name     | value                 |
        | name     | ada                   |
        | password | correct horse battery |
      Then the response status is 429
      And the response body contains "Too many attempts."
      And the response header "Retry-After" matches "^[0-9]+$"

  Rule: Behind TLS, cookies are sent only over TLS

    Scenario Outline: A trusted proxy says that the client uses TLS: <header>
      Given the service runs with:
        | key                    | value     |
        | server.trusted_proxies | 127.0.0.1 |
      And a registered user "ada"
      And the request header "<header>" is "<value>"
      When I look at "/login"
      And I submit "/login" with:
        | name     | value                 |
        | name     | ada                   |
        | password | correct horse battery |
      Then the response header "Set-Cookie" matches "^__Host-session=[^;]+; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$"
      When I follow the redirect
      Then the response status is 200

      Examples:
        | header            | value                           |
        | X-Forwarded-Proto | https                           |
        | Forwarded         | for=203.0.113.9;proto=https     |

    Scenario: The header of an untrusted client is ignored
      Given the request header "X-Forwarded-Proto" is "https"
      When I look at "/login"
      Then the response header "Set-Cookie" matches "^guest=[^;]+; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax$"

    Scenario: The public URL can be configured
      Given the service runs with:
        | key               | value                      |
        | server.public_url | https://coach.example.org/ |
      And a registered user "ada"
      And the request header "Origin" is "https://coach.example.org"
      When "ada" logs in on the page
      Then the response status is 200
      And the response body contains "https://coach.example.org/api/v1/image-updates/webhook"

  Rule: Errors are pages for browsers and problems for programs

    Scenario: An unknown page is an error page
      Given the request header "Accept" is "text/html,application/xhtml+xml"
      When I send GET "/nowhere"
      Then the response status is 404
      And the response header "Content-Type" contains "text/html"
      When I send GET "/api/v1/nowhere"
      Then the response is the problem "not-found"

    Scenario: A program gets problem JSON
      When I send GET "/nowhere"
      Then the response is the problem "not-found"

    Scenario Outline: <path> is answered with an error page, status <status>
      Given a moderator "grace"
      And "grace" logs in on the page
      When I look at "<path>"
      Then the response status is <status>
      And the response header "Content-Type" contains "text/html"

      Examples:
        | path                                          | status |
        | /updates/0197a0a0-0000-7000-8000-000000000001 | 404    |
        | /updates/x                                    | 400    |
        | /?page=0                                      | 400    |
        | /?colour=red                                  | 400    |

    Scenario: A method that a page doesn't support is an error page
      When I send DELETE "/tags"
      Then the response status is 405
      And the response header "Allow" contains "POST"
      And the response header "Content-Type" contains "text/html"

    @postgres
    Scenario: An unreachable database is an error page
      Given a moderator "grace"
      And "grace" logs in on the page
      And the database refuses connections
      When I look at "/"
      Then the response status is 503
      And the response header "Content-Type" contains "text/html"
      And the response body contains "Temporarily unavailable"
