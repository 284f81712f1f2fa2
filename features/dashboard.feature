Feature: The dashboard
  The platform team sees on a page which images have updates, grouped by tag. Moderators acknowledge and tag them.
  Everything except live changes and dragging works without scripts, as in these scenarios.

  Background:
    Given the table "tags" has the rows:
      | id                                   | name       |
      | 0197a0a0-0000-7000-8000-00000000000a | production |
      | 0197a0a0-0000-7000-8000-00000000000b | staging    |
    And the table "image_updates" has the rows:
      | id                                   | image       | hostname   | status | tag_id                               | acknowledged_at             |
      | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | ballroom-1 | update | 0197a0a0-0000-7000-8000-00000000000a | #null                       |
      | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | ballroom-2 | new    | 0197a0a0-0000-7000-8000-00000000000a | #null                       |
      | 0197a0a0-0000-7000-8000-000000000003 | nginx:1.27  | ballroom-1 | update | #null                                | #null                       |
      | 0197a0a0-0000-7000-8000-000000000004 | caddy:2     | ballroom-2 | update | #null                                | 2026-01-31T18:30:00.000000Z |

  Rule: Every page needs a log-in

    @smoke
    Scenario: A visitor is asked to log in, and goes on to the page
      Given a registered user "ada"
      When I look at "/?state=all"
      Then the response status is 303
      And the response header "Location" is "/login?next=%2F%3Fstate%3Dall"
      When I follow the redirect
      Then the response status is 200
      And the response body contains "Username or email"
      When I submit "/login" with:
        | name     | value                 |
        | name     | ada                   |
        | password | correct horse battery |
        | next     | /?state=all           |
      Then the response status is 303
      And the response header "Location" is "/?state=all"
      And the response header "Set-Cookie" matches "^session=[^;]+; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax$"
      When I follow the redirect
      Then the response status is 200
      And the response body contains "postgres:16"

    Scenario: A user can log in with the email address
      Given a registered user "ada"
      And the SQL:
        """
        update users set email = 'ada@example.com' where username = 'ada'
        """
      When I look at "/login"
      And I submit "/login" with:
        | name     | value                 |
        | name     | ADA@example.com       |
        | password | correct horse battery |
      Then the response status is 303

    Scenario: After a wrong password an error is shown, and the name stays in the form
      Given a registered user "ada"
      When I look at "/login"
      And I submit "/login" with:
        | name     | value            |
        | name     | ada              |
        | password | wrong or mistyped |
      Then the response status is 401
      And the response body contains "The name or the password is wrong."
      And the response body contains 'value="ada"'
      And the response has no header "WWW-Authenticate"
      And the table "sessions" is empty

    Scenario: After log-out the pages ask for a log-in
      Given a registered user "ada"
      And "ada" logs in on the page
      When I submit "/logout"
      Then the response status is 303
      And the table "sessions" is empty
      When I follow the redirect
      Then the response body contains "You are logged out."
      When I look at "/"
      Then the response header "Location" is "/login"

  Rule: Updates are grouped by tag

    Scenario: Groups show how many updates are new
      Given a registered user "ada"
      And "ada" logs in on the page
      Then the response body contains "<strong>3 new</strong> of 4"
      And the response body contains "2 new of 2"
      And the response body contains "1 new of 2"
      And the response body contains "Without a tag"
      And the response body contains "New image"

    Scenario: Tags without new updates are listed too
      Given a registered user "ada"
      And "ada" logs in on the page
      Then the response body contains "Other tags"
      And the response body contains '<a href="/?state=all&amp;tag=staging&amp;page=1">staging</a> 0 updates'

    Scenario: Times are shown as ages, with the exact time in the title
      Given a registered user "ada"
      And the table "image_updates" has the rows:
        | image    | updated_at                  |
        | alpine:3 | 2026-05-24T18:30:00.123456Z |
      And "ada" logs in on the page
      Then the response body contains '<time datetime="2026-05-24T18:30:00.123456Z" title="24 May 2026, 18:30:00 UTC">'
      And the response body contains "days ago</time>"

    Scenario Outline: Searching for <what>
      Given a registered user "ada"
      And "ada" logs in on the page
      When I look at "/?<query>"
      Then the response status is 200
      And the response body contains "<shown>"
      And the page does not contain "<not shown>"

      Examples:
        | what               | query                                | shown             | not shown   |
        | a part of a name   | q=POST                               | postgres:16       | redis:7     |
        | a host             | hostname=ballroom-2                  | redis:7           | postgres:16 |
        | what is known      | state=acknowledged                   | caddy:2           | redis:7     |
        | one tag            | tag=production&page=1                | redis:7           | nginx:1.27  |
        | what has no tag    | untagged=true&page=1                 | nginx:1.27        | redis:7     |
        | nothing            | q=kubernetes                         | Nothing is found. | redis:7     |
        | an empty form      | q=&hostname=&state=new               | redis:7           | caddy:2     |

    Scenario: A large group is paginated
      Given the SQL:
        """
        insert into image_updates (image, tag_id)
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 120)
        select 'app:' || n, (select id from tags where name = 'staging') from numbers
        """
      And a registered user "ada"
      And "ada" logs in on the page
      Then the response body contains "Show all 120 of staging"
      When I look at "/?tag=staging&page=3"
      Then the response body contains "Page 3 of 3"
      And the response body contains "Previous page"

    Scenario: Without any update, the page says how to begin
      Given the SQL:
        """
        delete from image_updates
        """
      And a registered user "ada"
      And "ada" logs in on the page
      Then the response body contains "/api/v1/image-updates/webhook"
      And the response body contains "notif:"
      And the response body contains "The webhook is off."

    Scenario: The details show every field that Diun reports
      Given the service runs with:
        | key            | value |
        | WEBHOOK_SECRET | s     |
      And the request header "Authorization" is "s"
      And I send POST "/api/v1/image-updates/webhook" with JSON:
        """json
        {
          "image": "traefik:3", "hub_link": "https://hub.docker.com/_/traefik", "digest": "sha256:4711",
          "platform": "linux/amd64", "created": "2026-01-31T18:30:00Z", "metadata": {"ctn_names": "proxy", "size": 1.10}
        }
        """
      And I save the response JSON at "$.id" as "traefik"
      And no bearer token
      And a registered user "ada"
      And "ada" logs in on the page
      When I look at "/updates/{{traefik}}"
      Then the response body contains 'href="https://hub.docker.com/_/traefik"'
      And the response body contains "31 January 2026, 18:30:00 UTC"
      # Not only where a mouse points at it.
      And I save the part of the page that matches '>just now</time>, (<time datetime="[^"]+">)' as "exact time"
      And the response body contains "<dt>size</dt><dd>1.10</dd>"
      And the response body contains "<dt>ctn_names</dt><dd>proxy</dd>"

  Rule: Moderators acknowledge and tag

    Background:
      Given a moderator "grace"
      And "grace" logs in on the page

    Scenario: One update is acknowledged, and that is undone
      When I submit "/updates/0197a0a0-0000-7000-8000-000000000001/acknowledge" with:
        | name   | value    |
        | back   | /?q=post |
        | tag_id |          |
      Then the response status is 303
      And the response header "Location" is "/?q=post"
      And the table "image_updates" contains the rows:
        | image       | acknowledged_at |
        | postgres:16 | #notnull        |
      When I follow the redirect
      Then the response body contains "The update is acknowledged."
      And the response body contains "Undo"
      When I submit "/updates/0197a0a0-0000-7000-8000-000000000001/unacknowledge"
      Then the table "image_updates" contains the rows:
        | image       | acknowledged_at |
        | postgres:16 | #null           |

    Scenario Outline: <what> are acknowledged together, and that is undone
      When I submit "/updates/acknowledge" with:
        | name   | value   |
        | <name> | <value> |
      And I follow the redirect
      Then the response body contains "<count> updates are acknowledged."
      And I save the field "at" of the page as "at"
      When I submit "/updates/undo" with:
        | name | value  |
        | at   | {{at}} |
      And I follow the redirect
      Then the response body contains "<count> updates are new again."
      And the table "image_updates" contains exactly the rows:
        | image       | acknowledged_at |
        | postgres:16 | #null           |
        | redis:7     | #null           |
        | nginx:1.27  | #null           |
        | caddy:2     | #notnull        |

      Examples:
        | what         | name | value      | count |
        | All          | all  | true       | 3     |
        | Those of one | tag  | production | 2     |

    Scenario: A tag is created, set and deleted
      When I submit "/tags" with:
        | name | value   |
        | name | nightly |
      And I follow the redirect
      Then the response body contains "The tag is made."
      When I query:
        """
        select id from tags where name = 'nightly'
        """
      And I save the query's "id" as "nightly"
      When I submit "/updates/0197a0a0-0000-7000-8000-000000000003/tag" with:
        | name   | value       |
        | tag_id | {{nightly}} |
      Then the table "image_updates" contains the rows:
        | image      | tag_id      |
        | nginx:1.27 | {{nightly}} |
      When I submit "/updates/0197a0a0-0000-7000-8000-000000000003/tag" with:
        | name   | value |
        | tag_id |       |
      Then the table "image_updates" contains the rows:
        | image      | tag_id |
        | nginx:1.27 | #null  |

    Scenario: Deleting asks for confirmation
      When I look at "/updates/0197a0a0-0000-7000-8000-000000000003/delete"
      Then the response body contains "Delete nginx:1.27?"
      And the table "image_updates" has 4 rows
      When I submit "/updates/0197a0a0-0000-7000-8000-000000000003/delete"
      And I follow the redirect
      Then the response body contains "The update is deleted."
      And the table "image_updates" has 3 rows
      When I look at "/tags/0197a0a0-0000-7000-8000-00000000000a/delete"
      Then the response body contains "Delete the tag production?"
      When I submit "/tags/0197a0a0-0000-7000-8000-00000000000a/delete"
      Then the table "tags" has 1 row

    Scenario: Actions follow the same rules as the API
      When I submit "/tags" with:
        | name | value      |
        | name | production |
      Then the response status is 409
      And the response body contains "the name is taken"
      When I submit "/tags" with:
        | name | value |
        | name |       |
      Then the response status is 400
      And the response body contains "must not be blank"

  Rule: Without the scope write there are no buttons, and forms are refused

    Scenario: A user sees the updates without buttons
      Given a registered user "ada"
      And "ada" logs in on the page
      Then the page does not contain "formaction"
      And the page does not contain "/updates/acknowledge"
      And the page does not contain 'href="/users"'
      When I submit "/updates/acknowledge" with:
        | name | value |
        | all  | true  |
      Then the response status is 403
      And the response header "Content-Type" contains "text/html"
      When I look at "/users"
      Then the response status is 403
      When I look at "/clients"
      Then the response status is 403

  Rule: The page and the API share sessions

    Scenario: The page and the API list and end each other's sessions
      Given a registered user "ada"
      And "ada" logs in
      And I query:
        """
        select id from sessions
        """
      And I save the query's "id" as "of_api"
      And "ada" logs in on the page
      When I send GET "/api/v1/auth/sessions"
      Then the response JSON at "$.data" has 2 items
      When I look at "/sessions"
      Then the response body contains "(this one)"
      When I submit "/sessions/{{of_api}}/end"
      And I follow the redirect
      Then the response body contains "The session is ended."
      When I send GET "/api/v1/auth/sessions"
      Then the response is the problem "unauthenticated"

    Scenario Outline: A session shows the browser and the system: <name>
      Given a registered user "ada"
      And the request header "User-Agent" is "<user agent>"
      And "ada" logs in on the page
      When I look at "/sessions"
      Then the response body contains '<span class="wide" title="<user agent>"><name></span>'

      Examples:
        | name              | user agent                                                                                                                                            |
        | Firefox on Linux  | Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0                                                                                |
        | Chrome on Android | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36                                       |
        | Safari on iPhone  | Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1               |
        | Safari on macOS   | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15                                 |
        | Edge on Windows   | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0                         |
        | Chrome on ChromeOS | Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36                                       |
        | curl/8.17.0       | curl/8.17.0                                                                                                                                           |
        | Firefox           | Mozilla/5.0 (Haiku) Gecko/20100101 Firefox/145.0                                                                                                      |

    Scenario: All other sessions are ended together
      Given a registered user "ada"
      And "ada" logs in
      And "ada" logs in on the page
      When I look at "/sessions"
      Then the response body contains "End all other sessions"
      When I submit "/sessions/end-others"
      And I follow the redirect
      Then the response body contains "All other sessions are ended."
      And the page does not contain "End all other sessions"
      And the table "sessions" has 1 row
      When I send GET "/api/v1/auth/sessions"
      Then the response is the problem "unauthenticated"

    Scenario: A session that is ended through the API is ended on the page
      Given a registered user "ada"
      And "ada" logs in on the page
      And the SQL:
        """
        delete from sessions
        """
      When I look at "/"
      Then the response header "Location" is "/login"
      When I submit "/logout"
      Then the response header "Location" is "/login"

  Rule: Admins manage users and clients

    Background:
      Given a registered user "ada"
      And an admin "grace"
      And "grace" logs in on the page

    Scenario: A user's role is changed, and the user is deleted and restored
      When I look at "/users?q=ada"
      Then the response body contains "Role of ada"
      When I submit "/users/{{ada.id}}/role" with:
        | name | value     |
        | role | moderator |
      Then the table "users" contains the rows:
        | username | role      |
        | ada      | moderator |
      When I look at "/users/{{ada.id}}/delete"
      Then the response body contains "Delete the user ada?"
      When I submit "/users/{{ada.id}}/delete"
      Then the table "users" contains the rows:
        | username | deleted_at |
        | ada      | #notnull   |
      When I look at "/users?deleted=true"
      Then the response body contains "Restore"
      When I submit "/users/{{ada.id}}/restore"
      Then the table "users" contains the rows:
        | username | deleted_at |
        | ada      | #null      |

    Scenario: The last admin can't lose the role
      When I submit "/users/{{grace.id}}/role" with:
        | name | value |
        | role | user  |
      Then the response status is 409
      And the response body contains "this is the last admin"

    Scenario: The secret of a client is shown once
      When I submit "/clients" with:
        | name  | value |
        | name  | till  |
        | read  | true  |
        | write | true  |
      Then the response status is 201
      And the response body contains "The secret of till"
      And the response header "Cache-Control" is "no-store"
      And the table "oauth_clients" contains the rows:
        | name | scopes     |
        | till | read write |
      When I query:
        """
        select client_id from oauth_clients
        """
      And I save the query's "client_id" as "till"
      When I look at "/clients"
      Then the response body contains "{{till}}"
      And the page does not contain "Client secret"
      When I submit "/clients/{{till}}/secret" with:
        | name            | value |
        | overlap_seconds | 3600  |
      Then the response status is 200
      And the response body contains "The secret of till"
      And the table "oauth_clients" contains the rows:
        | name | previous_secret_hash |
        | till | #notnull             |
      When I look at "/clients/{{till}}/delete"
      Then the response body contains "Delete the client till?"
      When I submit "/clients/{{till}}/delete"
      Then the table "oauth_clients" is empty

    Scenario: A client needs a scope
      When I submit "/clients" with:
        | name | value |
        | name | till  |
      Then the response status is 400
      And the response body contains "scopes"
