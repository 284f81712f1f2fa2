@browser
Feature: The dashboard in any browser
  It works without scripts, shows markup as text, says when it has lost its service, and doesn't disturb whoever types.

  Background:
    Given the service runs with:
      | key            | value                  |
      | WEBHOOK_SECRET | Token quick-quick-slow |
    And the table "tags" has the rows:
      | id                                   | name       |
      | 0197a0a0-0000-7000-8000-00000000000a | production |
      | 0197a0a0-0000-7000-8000-00000000000b | staging    |
    And the table "image_updates" has the rows:
      | id                                   | image       | hostname   | tag_id                               |
      | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | ballroom-1 | 0197a0a0-0000-7000-8000-00000000000a |
      | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | ballroom-2 | 0197a0a0-0000-7000-8000-00000000000a |
      | 0197a0a0-0000-7000-8000-000000000003 | nginx:1.27  | ballroom-1 | #null                                |
    And a moderator "grace"

  Rule: With scripts

    Background:
      Given I open "/login"
      And I fill "Username or email" with "grace"
      And I fill "Password" with "correct horse battery"
      And I click "Log in"
      And I see "3 new of 3"

    Scenario: A new report appears without a reload
      Given the request header "Authorization" is "Token quick-quick-slow"
      When I send POST "/api/v1/image-updates/webhook" with JSON:
        """json
        {"image": "caddy:2", "hostname": "studio", "status": "new"}
        """
      Then I see "caddy:2" in "Without a tag"
      And I see "The list has changed: 4 new of 4."
      And the page has no console errors

    Scenario: Typed text stays when the list changes
      Given a moderator "ada"
      And "ada" logs in
      When I fill "Search" with "half a wo"
      And I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
      Then I see "2 new of 3"
      And the field "Search" has the value "half a wo"

    Scenario: Names that are markup are shown as they are
      Given the table "image_updates" has the rows:
        | image                        |
        | <img src=x onerror=alert(1)> |
      When I reload the page
      Then I see "<img src=x onerror=alert(1)>"
      And the page has 0 "images"
      And the page has no console errors

    Scenario: A page without a network says so
      Given the browser is offline
      Then I see "Not connected"
      Given the browser is online again
      Then I don't see "Not connected"
      And I see "3 new of 3"

    Scenario: A page that has lost its connection says so
      When the service is asked to stop
      Then I see "Not connected"
      And I see "redis:7"

    Scenario: After log-out, going back shows nothing
      When I click "Sessions"
      And I click "Log out"
      Then I see "You are logged out."
      When I go back
      Then I see "Username or email"
      And I don't see "redis:7"

    Scenario: The configuration of Diun can be copied
      Given the SQL:
        """
        delete from image_updates
        """
      When I reload the page
      Then I see "/api/v1/image-updates/webhook" in "Diun's configuration"
      When I click "Copy the configuration"
      Then I don't see "Copy the configuration"
      And the page has no console errors

    Scenario: A secret is copied with a button
      Given an admin "boss"
      And I click "Log out"
      And I fill "Username or email" with "boss"
      And I fill "Password" with "correct horse battery"
      And I click "Log in"
      And I click "Clients"
      And I fill "Name of the new client" with "till"
      When I click "Make client"
      And I click "Copy the client secret"
      # What is shown instead depends on the browser's permission.
      Then I don't see "Copy the client secret"
      And the page has no console errors

    Scenario: An ended session leads to the log-in page
      Given the SQL:
        """
        delete from sessions
        """
      When I reload the page
      Then I see "Username or email"

  Rule: Without scripts

    Scenario: Everything except live changes works
      Given JavaScript is off
      And I open "/login"
      And I fill "Username or email" with "grace"
      And I fill "Password" with "correct horse battery"
      And I click "Log in"
      When I click "Acknowledge redis:7"
      Then I see "The update is acknowledged."
      When I click "Undo"
      Then I see "1 update is new again."
      When I click "Tags"
      And I fill "Name of the new tag" with "nightly"
      And I click "Make tag"
      Then I see "The tag is made."
      When I click "Updates"
      And I choose "nightly" in "Tag of redis:7"
      And I click "Set tag of redis:7"
      Then I see "The tag is set."
      When I click "Log out"
      Then I see "You are logged out."
