Feature: The words for responses
  A scenario can look at every part of an answer: status, headers, body, problem and time.

  Scenario: An answer as a whole
    When I send GET "/api/v1/greet"
    Then the response status is 200
    And the response is a success
    And the response body is '{"message":"Hello, world!"}'
    And the response body contains "world"
    And the response took less than 5s

  Scenario: The headers of an answer
    When I send GET "/api/v1/greet"
    Then the response header "content-type" contains "json"
    And the response header "Content-Type" matches "^application/json"
    And the response has no header "WWW-Authenticate"

  Scenario: A header as a whole
    Given the request header "X-Request-Id" is "encore"
    When I send GET "/api/v1/greet"
    Then the response header "x-request-id" is "encore"

  Scenario: An answer without a body
    When I send HEAD "/api/v1/greet"
    Then the response body is empty

  Scenario Outline: The classes of status: <class>
    When I send GET "<path>"
    Then the response is a <class>

    Examples:
      | path             | class        |
      | /api/v1/greet    | success      |
      | /api/v1/ballroom | client error |

  Scenario: A server that stops answers readiness with a server error
    Given the service runs with:
      | key                   | value |
      | server.shutdown_pause | 3s    |
    When the service is asked to stop
    And I send GET "/api/ready"
    Then the response is a server error

  Scenario: JSON as a whole, in part, and by path
    Given a registered user "ada"
    And "ada" logs in
    When I send GET "/api/v1/auth/sessions"
    Then the response JSON is:
      """
      {
        "data": [{"id": "#uuid", "created_at": "#datetime", "expires_at": "#datetime", "user_agent": "##string", "current": true}],
        "meta": {"total": 1, "page": 1, "limit": 20}
      }
      """
    And the response JSON contains:
      """
      {"meta": {"total": 1}}
      """
    And the response JSON at "$.data[0].current" is "true"
    And the response JSON at "$.meta" is '{"limit": 20, "page": 1, "total": 1}'
    And the response JSON has:
      | path              | value |
      | $.meta.limit      | 20    |
      | $.data[0].id      | #uuid |
      | $.data[1]         | #absent |
    And the response JSON at "$.data" has 1 item
    And every item of the response JSON at "$.data" contains:
      """
      {"current": true}
      """
    And the response JSON at "$.data" contains in any order:
      """
      [{"current": true}]
      """

  Scenario: A problem and the fields that it names
    When I send POST "/api/v1/users" with JSON:
      """
      {"username": "a", "password": "short"}
      """
    Then the response is the problem "validation"
    And the problem names the field "password"
    And the problem names the fields "password, username"
