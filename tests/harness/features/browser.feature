Feature: Scenarios that need a browser
  Not every machine has a browser. Scenarios about a page run in one, or are reported as left out.

  Background:
    Given the feature file "waltz.feature":
      """
      @browser
      Feature: Waltz
        Scenario: Somebody looks
          When I open "/pages"
          Then I see "Welcome"
      """

  Rule: Without a browser

    Scenario: Tagged scenarios are left out and counted
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody asks
            When I send GET "/health"
        """
      When I run the suite with "--store sqlite --slots 1 --browser none {{waltz}} {{polka}}"
      Then it exits with 0
      And the output contains "1 scenario (1 passed)"
      And the output contains "1 scenario left out: @browser"

    Scenario: A run without other scenarios doesn't pass
      When I run the suite with "--store sqlite --slots 1 --browser none {{waltz}}"
      Then it exits with 1
      And the output contains "no scenario was chosen"
      And the output contains "1 left out by @browser"

    Scenario: In CI, scenarios are only left out on request
      Given the environment variable "CI" is "true"
      And the environment variable "PATH" is "/nowhere"
      When I run the suite with "--store sqlite --slots 1 {{waltz}}"
      Then it exits with 1
      And the output contains "no browser can be had for 1 scenario(s) tagged @browser"
      And the output contains "leave these scenarios out with --browser none"

    Scenario: A browser that is named must exist
      Given the environment variable "CHROMIUM" is "/nowhere/chromium"
      When I run the suite with "--store sqlite --slots 1 {{waltz}}"
      Then it exits with 2
      And the output contains "CHROMIUM: there is no browser /nowhere/chromium"

    @browser
    Scenario: A program that isn't a browser
      Given the environment variable "CHROMIUM" is "/bin/false"
      When I run the suite with "--store sqlite --slots 1 {{waltz}}"
      Then it exits with 1
      And the output contains "the browser /bin/false didn't start"

    Scenario: A browser option without a scenario about a page
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody asks
            When I send GET "/health"
        """
      When I run the suite with "--store sqlite --browser-patience 1s {{polka}}"
      Then it exits with 2
      And the output contains "--browser-patience has no effect here: no chosen scenario is tagged @browser"

  Rule: Steps about a page require a tag

    Scenario: A missing tag is reported before anything runs
      Given the feature file "polka.feature":
        """
        Feature: Polka
          Scenario: Somebody looks
            When I open "/pages"
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "polka.feature:3: `I open \"/pages\"` needs @browser"

  @browser
  Rule: A failure shows what exists instead

    Scenario: What a step expects, and what exists
      Given the feature file "polka.feature":
        """
        @browser
        Feature: Polka
          Scenario Outline: Somebody looks
            Given I open "/pages/<page>"
            Then <step>

            Examples:
              | page         | step                                 |
              | form         | I click "Singn"                      |
              | list         | I click "Old guests"                 |
              | list         | I click "Remove"                     |
              | list         | I see "old Guests"                   |
              | list         | I don't see "ada"                    |
              | list         | I see "x" in "Nobody"                |
              | list         | the page has 2 "wombats"             |
              | list         | the page has 2 "rows"                |
              | list         | the page's title is "Guest"          |
              | form         | the field "Name" has the value "ada" |
              | form         | I choose "Pink" in "Colour"          |
              | form         | I choose "Blue" in "Colour"          |
              | form         | I fill "Colour" with "Red"           |
              | form         | I fill "Portrait" with "me.png"      |
              | form         | I fill "Fixed" with "sand"           |
              | form         | I fill "Age" with "old"              |
              | form         | I fill "Day" with "24.5.2031"        |
              | form         | I click "Erase"                      |
              | form         | I uncheck "Black"                    |
              | form         | I press "Hyper+X"                    |
              | form         | "Sign" has the focus                 |
              | late?forever | I click "Far away"                   |
              | list         | I open "http://127.0.0.1:1/"         |
              | dialogs      | the browser's dialog said "Boo"      |
        """
      When I run the suite with "--store sqlite --slots 4 --browser-patience 1s {{polka}}"
      Then it exits with 1
      And the output contains "24 scenarios (24 failed)"
      And the output contains 'near: button "Sign"'
      And the output contains 'of this name: heading "Old guests"'
      And the output contains '2 elements are a link, button or menu item "Remove"'
      And the output contains 'in <tr> "ada London Remove Friend"'
      And the output contains 'show "old Guests", but "Old guests"'
      And the output contains 'the page still shows "ada"'
      And the output contains 'no region, row or dialog "Nobody" is on the page'
      And the output contains '"wombats" is nothing that can be counted; there are'
      And the output contains 'the page has 5 rows, not 2'
      And the output contains 'title is "Guests", not "Guest"'
      And the output contains 'textbox "Name" has the value "somebody", not "ada"'
      And the output contains 'has no option "Pink"; it has "Red", "Green", "Blue"'
      And the output contains 'the option "Blue" of combobox "Colour" is disabled'
      And the output contains 'is a list: write `I choose "Red" in "Colour"`'
      And the output contains 'button "Portrait"'
      And the output contains 'be used: it is read-only'
      And the output contains 'takes numbers, not "old"'
      And the output contains 'Write a date as 2031-05-24'
      And the output contains 'be used: it is disabled'
      And the output contains 'be unchecked: choose another one of its group'
      And the output contains 'is no modifier: Control, Shift, Alt and Meta are'
      And the output contains 'nothing has the focus, not "Sign"'
      And the output contains 'be used: <div id="curtain" class="soft"> covers it'
      And the output contains 'of the service at http://127.0.0.1'
      And the output contains 'the page opened no dialog of the browser'
      And the output contains "pictures/polka-9.png"
      And the output contains "/pages/list → 200"

    Scenario: Faults that keep people out
      Given the feature file "polka.feature":
        """
        @browser
        Feature: Polka
          Scenario Outline: Somebody looks
            Given I open "/pages/<page>"
            Then the page has no accessibility faults

            Examples:
              | page     |
              | faults   |
              | keyboard |
        """
      When I run the suite with "--store sqlite --browser-patience 1s {{polka}}"
      Then it exits with 1
      And the output contains "the page has 20 accessibility fault(s)"
      And the output contains "the language of the page isn't declared"
      And the output contains "the page has no title"
      And the output contains "the page has 0 main landmarks, not 1"
      And the output contains "the window 1280"
      And the output contains "the page can't be enlarged"
      And the output contains 'the heading "Faults" has level 3 after level 0'
      And the output contains "the page has no heading of level 1"
      And the output contains "a table has no header cells: <table"
      And the output contains "a tabindex above 0 changes the order of the keyboard: <p"
      And the output contains "image without a name: <img"
      And the output contains "button without a name: <button"
      And the output contains "textbox without a name: <input"
      And the output contains "frame without a name: <iframe"
      And the output contains 'the text "Almost" has a contrast of 4.48, not 4.5 (rgb(119 119 119) on rgb(255 255 255))'
      And the output contains 'the text "Faded" has a contrast of'
      And the output contains 'the text "faint" has a contrast of 1.61, not 4.5'
      And the output contains 'the text "Inside" has a contrast of'
      And the output contains "the edge of a field has a contrast of 1.36, not 3"
      And the output contains "a target has 12 × 12 pixels, and another one is less than 24 away"
      And the output contains 'nobody can see that this has the focus: <button class="plain">'
      And the output contains "the outline of the focus has a contrast of 1.16, not 3"
      And the output contains "the focus is on something that can't be seen: <button"
      And the output contains "the Tab key doesn't reach this: <div"
      And the output contains "the focus is on something that is hidden from screen readers: <a"
      And the output contains "this moves although the user prefers reduced motion: <p"

    Scenario: A button behind an open dialog
      Given the feature file "polka.feature":
        """
        @browser
        Feature: Polka
          Scenario: Somebody looks
            Given I open "/pages/dialogs"
            When I click "Open the drawer"
            And I click "Ask me"
        """
      When I run the suite with "--store sqlite --slots 1 --browser-patience 1s {{polka}}"
      Then it exits with 1
      And the output contains 'no link, button or menu item "Ask me" is on the page'
      And the output contains "behind the open dialog: <button"

    Scenario Outline: The console has errors: <message>
      Given the feature file "polka.feature":
        """
        @browser
        Feature: Polka
          Scenario: Somebody looks
            Given I open "/pages/errors"
            When I click "Warn"
            Then the page has no console errors
            When I click "<button>"
            Then I see "Errors"
            And the page has no console errors
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "5 passed, 1 failed"
      And the output contains "the console has 1 error(s)"
      And the output contains "<message>"
      And the output contains "warning: careful"

      Examples:
        | button           | message             |
        | Complain         | the ink is dry      |
        | Fall over        | Error: no paper     |
        | Ask for nothing  | /nowhere            |
        | Wait for nothing | /pages/late-nothing |

    Scenario: An answer that no dialog has used
      Given the feature file "polka.feature":
        """
        @browser
        Feature: Polka
          Scenario: Nobody asks
            Given I open "/pages"
            And I accept the next dialog of the browser
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "the scenario has answers for 1 more dialog(s) of the browser, but no page opened one"

    Scenario: Steps about a page need an open page
      Given the feature file "polka.feature":
        """
        @browser
        Feature: Polka
          Scenario: Somebody looks
            Then I see "Welcome"
          Scenario: Nobody serves it
            When I open "/pages"
            And the service is asked to stop
            And it exits with 0
            And I open "/pages"
        """
      When I run the suite with "--store sqlite --slots 1 {{polka}}"
      Then it exits with 1
      And the output contains "no page is open: write `When I open"
      And the output contains "can't be opened: net::ERR_CONNECTION_REFUSED"
      When I run the suite with "--store sqlite --slots 1 --target none {{waltz}}"
      Then it exits with 1
      And the output contains "the suite runs with --target none"
