@browser
Feature: The dashboard in a browser
  The platform team keeps the page open. It shows changes by others a moment later, and the keyboard is enough for
  everything.

  Background:
    Given the table "tags" has the rows:
      | id                                   | name       |
      | 0197a0a0-0000-7000-8000-00000000000a | production |
      | 0197a0a0-0000-7000-8000-00000000000b | staging    |
    And the table "image_updates" has the rows:
      | id                                   | image       | hostname   | status | tag_id                               | acknowledged_at |
      | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | ballroom-1 | update | 0197a0a0-0000-7000-8000-00000000000a | #null           |
      | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | ballroom-2 | new    | 0197a0a0-0000-7000-8000-00000000000a | #null           |
      | 0197a0a0-0000-7000-8000-000000000003 | nginx:1.27  | ballroom-1 | update | #null                                | #null           |
    And a moderator "grace"
    And I open "/"
    And I fill "Username or email" with "grace"
    And I fill "Password" with "correct horse battery"
    And I click "Log in"

  Rule: New updates are shown and acknowledged

    @smoke
    Scenario: Updates are grouped by their tag
      Then I see "3 new of 3"
      And I see "postgres:16" in "production"
      And I see "redis:7" in "production"
      And I see "2 new of 2" in "production"
      And I see "nginx:1.27" in "Without a tag"
      And the page has no console errors

    Scenario: One update is acknowledged, and that is undone
      When I click "Acknowledge postgres:16"
      Then I see "2 new of 3"
      And I don't see "postgres:16" in "production"
      When I click "Undo"
      Then I see "3 new of 3"
      And I see "postgres:16" in "production"

    Scenario: All updates of a tag are acknowledged, then all updates
      When I click "Acknowledge all of production"
      Then I see "1 new of 3"
      When I click "Acknowledge all 1"
      Then I see "Nothing is new."

    Scenario: An update gets a tag from the list
      When I choose "staging" in "Tag of nginx:1.27"
      And I click "Set tag of nginx:1.27"
      Then I see "nginx:1.27" in "staging"

    Scenario: An update is dragged to a tag
      When I drag "nginx:1.27" to "production"
      Then I see "nginx:1.27" in "production"
      And I see "3 new of 3" in "production"
      # A tag without new updates.
      When I drag "nginx:1.27" to "staging"
      Then I see "nginx:1.27" in "staging"
      And I see "1 new of 1" in "staging"

    Scenario: Images are found by part of their name
      When I fill "Search" with "gin"
      And I press "Enter"
      Then I see "nginx:1.27"
      And I don't see "redis:7"
      When I click "Clear the filter"
      Then I see "redis:7"

    Scenario: A deletion asks for confirmation, and leads back to the same list
      When I open "/?q=7"
      And I click "Delete nginx:1.27"
      And I click "Delete"
      Then the page's address is "/?q=7"
      And I don't see "nginx:1.27"
      And I see "1 new of 1"

  Rule: An open page shows changes

    Scenario: An update that somebody else acknowledges changes on the page
      Given I see "redis:7" in "production"
      And a moderator "ada"
      When "ada" logs in
      And I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
      Then the response status is 200
      And I see "2 new of 3"
      And I don't see "redis:7" in "production"

    Scenario: The focus stays where it is
      Given a moderator "ada"
      And "ada" logs in
      When I fill "Search" with ""
      And I press "Tab"
      And I press "Tab"
      And I press "Tab"
      And I press "Tab"
      Then "Acknowledge all of production" has the focus
      When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
      Then I see "2 new of 3"
      And "Acknowledge all of production" has the focus
      When I press "Tab"
      And I press "Tab"
      Then "Acknowledge postgres:16" has the focus
      When I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000001/acknowledge"
      Then I see "1 new of 3"
      # The row is gone, and with it its group.
      And I don't see "postgres:16"
      When I press "Tab"
      Then "Acknowledge all 1" has the focus

    Scenario: What changed while the page was offline is shown afterwards
      Given the browser is offline
      And a moderator "ada"
      When "ada" logs in
      And I send POST "/api/v1/image-updates/0197a0a0-0000-7000-8000-000000000002/acknowledge"
      Then I see "Not connected"
      And I see "3 new of 3"
      Given the browser is online again
      Then I see "2 new of 3"
      And I don't see "Not connected"

    Scenario: Ages are refreshed
      Given the table "image_updates" has the rows:
        | image    | updated_at   |
        | alpine:3 | {{$now-57s}} |
      When I reload the page
      Then I see "1 minute ago" in "alpine:3"
      And the page has no console errors

  Rule: The page is accessible

    Scenario: The page can be used with the keyboard alone
      When I press "Tab"
      Then "Skip to the content" has the focus
      When I press "Enter"
      And I press "Tab"
      Then "Acknowledge all 3" has the focus
      When I press "Enter"
      Then I see "Nothing is new."

    Scenario: After a form the focus returns to the list
      When I click "Acknowledge postgres:16"
      Then I see "2 new of 3"
      And "Acknowledge redis:7" has the focus
      When I press "Enter"
      Then I see "1 new of 3"
      # Nothing is left of this list.
      When I press "Tab"
      Then "Undo" has the focus

    Scenario: The focus follows a row that moves to another group
      When I choose "staging" in "Tag of nginx:1.27"
      And I click "Set tag of nginx:1.27"
      Then I see "nginx:1.27" in "staging"
      And "Set tag of nginx:1.27" has the focus

    Scenario: The page works without scripts
      Given JavaScript is off
      When I reload the page
      And I click "Acknowledge redis:7"
      Then I see "2 new of 3"
      When I press "Tab"
      Then "Undo" has the focus

    Scenario Outline: The page is readable in a window <width> pixels wide, <scheme>
      Given the window is <width> by 844
      And the colour scheme is "<scheme>"
      When I reload the page
      Then I see "postgres:16" in "production"
      When I click "Acknowledge postgres:16"
      Then I see "2 new of 3"
      And the page has no console errors

      Examples:
        | width | scheme |
        | 390   | light  |
        | 1440  | dark   |
