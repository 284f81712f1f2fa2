@browser
Feature: The dashboard can be used by everybody
  Every page has the names, contrasts and sizes that the Web Content Accessibility Guidelines 2.2 ask for (level AA), in
  light and dark colours, on a phone and on a desktop. The Tab key reaches everything.

  Background:
    Given the table "tags" has the rows:
      | id                                   | name       |
      | 0197a0a0-0000-7000-8000-00000000000a | production |
    And the table "image_updates" has the rows:
      | id                                   | image       | hostname   | status | tag_id                               | acknowledged_at |
      | 0197a0a0-0000-7000-8000-000000000001 | postgres:16 | ballroom-1 | update | 0197a0a0-0000-7000-8000-00000000000a | #null           |
      | 0197a0a0-0000-7000-8000-000000000002 | redis:7     | ballroom-2 | new    | #null                                | {{$now-57s}}    |
    And a registered user "bob"
    And an admin "grace"

  Scenario Outline: All pages, <width> pixels wide, in <scheme> colours
    Given the window is <width> by 800
    And the colour scheme is "<scheme>"
    When I open "/login"
    And I fill "Username or email" with "grace"
    And I fill "Password" with "wrong password"
    And I click "Log in"
    Then I see "The name or the password is wrong."
    And the page has no accessibility faults
    When I fill "Password" with "correct horse battery"
    And I click "Log in"
    And I open "/?state=all"
    Then I see "redis:7"
    And the page has no accessibility faults
    When I click "Acknowledge postgres:16"
    Then I see "Undo"
    And the page has no accessibility faults
    When I click "postgres:16"
    Then I see "First reported"
    And the page has no accessibility faults
    When I click "Delete"
    Then I see "Delete postgres:16?"
    And the page has no accessibility faults
    When I open "/tags"
    Then the page has no accessibility faults
    When I open "/sessions"
    Then the page has no accessibility faults
    When I open "/users"
    Then the page has no accessibility faults
    When I open "/clients"
    Then the page has no accessibility faults
    When I fill "Name of the new client" with "till"
    And I click "Make client"
    Then I see "Copy it now"
    And the page has no accessibility faults
    When I open "/?page=0"
    Then I see "Some fields are invalid"
    And the page has no accessibility faults
    Given the SQL:
      """
      delete from image_updates
      """
    When I open "/"
    Then I see "Diun's configuration"
    And the page has no accessibility faults

    Examples:
      | width | scheme |
      | 320   | light  |
      | 390   | dark   |
      | 1440  | light  |
