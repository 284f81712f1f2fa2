Feature: Steps for requests
  A scenario can send any request, with any headers, tokens, parameters and bodies.

  Rule: Headers and tokens stay until they are changed

    Scenario: One header is sent
      Given the request header "X-Request-Id" is "one"
      When I send GET "/hello"
      Then the response header "X-Request-Id" is "one"

    Scenario: Several headers are sent, and a later value replaces an earlier one
      Given the request headers:
        | name         | value            |
        | X-Request-Id | two              |
        | Accept       | application/json |
      And the request header "X-Request-Id" is "three"
      When I send GET "/echo"
      And I send GET "/echo"
      Then the response JSON has:
        | path                    | value            |
        | $.headers.x-request-id  | three            |
        | $.headers.accept        | application/json |

    Scenario: A token is sent until it is removed
      Given the bearer token is "not.a.token"
      When I send GET "/echo"
      Then the response JSON at "$.headers.authorization" is "Bearer not.a.token"
      Given no bearer token
      When I send GET "/echo"
      Then the response JSON at "$.headers.authorization" is "#absent"

  Rule: A request may have any method and any body

    Scenario Outline: The method is sent as written: <method>
      When I send <method> "/echo"
      Then the response JSON at "$.method" is "<method>"

      Examples:
        | method  |
        | GET     |
        | PATCH   |
        | PUT     |
        | POST    |
        | DELETE  |
        | OPTIONS |

    Scenario: HEAD is a method too, and its response has no body
      When I send HEAD "/echo"
      Then the response status is 200
      And the log has a line that contains:
        """json
        {"span": {"method": "HEAD", "path": "/echo"}}
        """

    Scenario: A method that a path doesn't support
      When I send PUT "/users"
      Then the response status is 405
      And the response header "Allow" contains "GET"

    Scenario: JSON is sent as JSON
      When I send POST "/echo" with JSON:
        """json
        {
          "username": "ada",

          "years": [1815, 1852]
        }
        """
      Then the response JSON contains:
        """
        {"headers": {"content-type": "application/json"}, "json": {"username": "ada", "years": [1815, 1852]}}
        """

    Scenario: A form is sent as a form
      When I send POST "/echo" with form:
        | name     | value                 |
        | username | ada & grace           |
        | words    | correct horse battery |
      Then the response JSON contains:
        """
        {
          "headers": {"content-type": "application/x-www-form-urlencoded"},
          "body": "username=ada%20%26%20grace&words=correct%20horse%20battery"
        }
        """

    Scenario: Parameters are encoded
      When I send GET "/echo" with query:
        | name | value       |
        | q    | a&b=c d+ö%? |
        | page | 1           |
      Then the response JSON at "$.query" is '[["q", "a&b=c d+ö%?"], ["page", "1"]]'

    Scenario: A path is sent as written
      When I send GET "/echo/%41da%2FGrace"
      Then the response JSON at "$.path" is "/echo/%41da%2FGrace"

    Scenario: A body is sent unchanged
      Given the request header "Content-Type" is "application/json"
      When I send POST "/echo" with body:
        """
        {"username":  "ada" }
        """
      Then the response JSON contains:
        """
        {"headers": {"content-type": "application/json"}, "body": "{\"username\":  \"ada\" }"}
        """

  Rule: Requests can be concurrent

    Scenario: Every request is answered
      When I send 5 concurrent GET requests to "/hello"
      Then 5 of the responses have status 200
      And 0 of the responses have status 500

    Scenario: Generated values differ from one request to the next
      When I send 4 concurrent POST requests to "/users" with JSON:
        """
        {"username": "guest_{{$seq}}"}
        """
      Then 4 of the responses have status 201

    Scenario: A request is repeated until its answer is as expected
      When I poll GET "/ready" for up to 1m30s until the JSON contains:
        """
        {"ready": true}
        """
      Then the response status is 200
