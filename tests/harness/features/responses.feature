Feature: Steps for responses
  A scenario can check every part of a response: status, headers, body, problem and time.

  Scenario: A whole response
    When I send GET "/hello"
    Then the response status is 200
    And the response is a success
    And the response body is '{"message":"Hello, world!"}'
    And the response body contains "world"
    And the response took less than 30s

  Scenario: The headers of a response
    When I send GET "/hello"
    Then the response header "content-type" contains "json"
    And the response header "Content-Type" matches "^application/json"
    And the response has no header "WWW-Authenticate"

  Scenario: A header that is a number
    When I send HEAD "/hello"
    Then the response header "content-length" is "27"
    And the response header "content-length" is "#> 26.5"
    And the response header "content-length" is "#int"

  Scenario: A whole header
    Given the request header "X-Request-Id" is "encore"
    When I send GET "/hello"
    Then the response header "x-request-id" is "encore"

  Scenario: A response without a body
    When I send HEAD "/hello"
    Then the response body is empty

  Scenario Outline: The classes of status: <class>
    When I send GET "/status/<status>"
    Then the response is a <class>
    And the response status is <status>

    Examples:
      | status | class        |
      | 204    | success      |
      | 302    | redirect     |
      | 404    | client error |
      | 503    | server error |

  Scenario: JSON as a whole, in part, and by path
    Given a registered user "ada"
    When I send GET "/users"
    Then the response JSON is:
      """
      {
        "data": [
          {"id": "#uuid", "created_at": "#datetime", "username": "ada", "name": "##string", "role": "user", "active": true}
        ],
        "meta": {"total": 1, "part": ""}
      }
      """
    And the response JSON contains:
      """
      {"meta": {"total": 1}}
      """
    And the response JSON at "$.data[0].active" is "true"
    And the response JSON at "$.meta" is '{"part": "", "total": 1}'
    And the response JSON has:
      | path         | value   |
      | $.meta.total | 1       |
      | $.data[0].id | #uuid   |
      | $.data[1]    | #absent |
    And the response JSON at "$.data" has 1 item
    And every item of the response JSON at "$.data" contains:
      """
      {"active": true}
      """
    And the response JSON at "$.data" contains in any order:
      """
      [{"active": true}]
      """

  Scenario: A problem, and the fields that it names
    When I send POST "/users" with JSON:
      """
      {"username": "a", "name": ""}
      """
    Then the response is the problem "validation"
    And the problem names the field "name"
    And the problem names the fields "name, username"

  Scenario Outline: A problem whose fields are <reported>
    When I send POST "/problem" with JSON:
      """
      {"type": "https://example.org/problems/validation", "status": 422, "errors": <errors>}
      """
    Then the response is the problem "validation"
    And the problem names the fields "name, email"

    Examples:
      | reported                  | errors                                                                        |
      | the names of members      | {"email": ["is taken"], "name": "is too long", "age": null}                   |
      | pointers, as in RFC 9457  | [{"detail": "no name", "pointer": "#/name"}, {"pointer": "#/email"}, {"x": 1}] |
