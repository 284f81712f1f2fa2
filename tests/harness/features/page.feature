@browser
Feature: A page in a real browser
  Steps open pages of the service in Chromium. They find elements as a screen reader does: by the names of links,
  buttons, fields and regions.

  Rule: Pages are opened, by address and by link

    Scenario: Title, texts and addresses
      When I open "/pages"
      Then the page's title is "Guestbook"
      And the page's address is "/pages"
      And I see "This book has 3 guests."
      And I see "Please sign"
      And I see "PLEASE SIGN"
      And I see "A red book"
      And I don't see "The secret door"
      And I don't see "The invisible door"
      And I don't see "Write in ink."
      And the page has no console errors

    Scenario: What the browser puts into a field isn't counted
      When I open "/pages/form"
      Then the page has 4 "buttons"
      And the page has 1 "spinbutton"

    Scenario: A link is followed, and then back
      When I open "/pages"
      And I click "Sign the book"
      Then the page's title is "Sign the book"
      When I go back
      Then the page's title is "Guestbook"
      When I click "Old guests"
      Then I see "Old guests"
      And the page has 1 "heading"
      When I reload the page
      Then the page's address is "/pages/slow"

    Scenario: A form is sent before the next step
      Given I open "/pages/form"
      When I click "Sign"
      And I reload the page
      Then the page's title is "Signed"

    Scenario: A link opens a new tab
      When I open "/pages"
      And I click "Guests in a new tab"
      Then the page's title is "Guests"

    Scenario: A folded part is unfolded
      When I open "/pages"
      And I click "Rules"
      Then I see "Write in ink."

  Rule: Forms are filled by their labels

    Scenario: All kinds of fields
      Given I open "/pages/form"
      When I fill "Name" with "{{$fake.name}}"
      And I fill "Name" with "ada \"the first\" <b>"
      And I fill "Words" with "hello"
      And I fill "Age" with "36"
      And I fill "Day" with "2031-05-24"
      And I fill "Note" with "in pencil"
      And I choose "Green" in "Colour"
      And I choose "Sepia" in "Ink"
      And I choose "Waltz" in "Tune"
      And I check "Send me news"
      Then the field "Name" has the value "ada \"the first\" <b>"
      And the field "Age" has the value "36"
      And the field "Day" has the value "2031-05-24"
      And the field "Note" has the value "in pencil"
      And the field "Colour" has the value "Green"
      And the field "Colour" has the value "g"
      And the field "Ink" has the value "Sepia"
      And the field "Tune" has the value "Waltz"
      And "Send me news" is checked
      When I click "Sign"
      Then I see "Thank you"
      And I see "ada \"the first\" <b>" in "name"
      And I see "2031-05-24" in "day"
      And I see "on" in "news"
      And I see "g" in "colour"
      And I see "sepia" in "ink"

    Scenario: A checkbox is unchecked, and an empty text clears a field
      Given I open "/pages/form"
      When I check "Send me news"
      And I check "Send me news"
      And I uncheck "Send me news"
      And I fill "Name" with ""
      Then "Send me news" is not checked
      And the field "Name" has the value ""
      And "Erase" is disabled
      And "Sign" is enabled

    Scenario: Only the keyboard is used
      Given I open "/pages/form"
      When I press "Tab"
      Then "Name" has the focus
      When I press "Control+A"
      And I type "grace"
      Then the field "Name" has the value "grace"
      When I press "Tab"
      Then "Words" has the focus
      When I press "Shift+Tab"
      And I press "End"
      And I press "Backspace"
      Then the field "Name" has the value "grac"
      And I see "Backspace"
      When I press "Enter"
      Then I see "grac" in "name"

    Scenario: A file is uploaded
      Given I open "/pages/form"
      When I attach the file "Cargo.toml" to "Portrait"
      Then the field "Portrait" has the value "Cargo.toml"

  Rule: Elements are distinguished by their place

    Scenario: The same button in each row
      Given I open "/pages/list"
      Then the page has 5 "rows"
      And the page has 3 "buttons"
      And I see "London" in "ada"
      And I don't see "London" in "grace"
      When I check "Friend" in "grace"
      And I click "Remove" in "ada"
      Then I don't see "ada"
      And I see "New York" in "grace"
      And the page has 4 "rows"

    Scenario: Regions by their name or their heading
      Given I open "/pages/list"
      Then I see "barbara" in "Old guests"
      And I see "margaret" in "New guests"
      And I don't see "margaret" in "Old guests"
      And I see "katherine" in "New guests"
      And I see "grace" in "All guests"
      And the page has 2 "list items"
      And the page has 2 "tables"
      And I see "<img src=x onerror=alert(1)> \"quoted\""

    Scenario: An element is dragged to another place
      Given I open "/pages/board"
      When I drag "Sweep the floor" to "Done"
      Then I see "Sweep the floor" in "Done"
      And I don't see "Sweep the floor" in "To do"
      When I drag "Ball" to "Goal"
      Then I see "Ball at 4"

  Rule: What is in a frame is on the page

    Background:
      Given I open "/pages/frames"

    Scenario: Texts and places
      Then I see "You are here" in "Map"
      And I see "Pay by card"
      And I don't see "Pay by card" in "Map"
      And the page has 2 "buttons"

    Scenario: A form in a frame below the window
      When I click "Name" in "Payment"
      And I type "ada"
      And I choose "Gold" in "Kind"
      Then the field "Name" has the value "ada"
      And "Kind" has the focus
      When I click "Pay"
      Then I see "ada" in "Payment"
      And the page's title is "Frames"

    Scenario: A frame in a frame, and a frame of another site
      When I click "Zoom"
      Then I see "zoomed" in "Map"
      Given I open "/pages/frames?foreign"
      When I fill "Name" in "Payment" with "grace"
      And I click "Pay" in "Payment"
      Then I see "grace" in "Payment"

    Scenario: A link in a frame leads the whole page on
      When I click "The list"
      Then the page's title is "Guests"

  Rule: Names as people see them

    Background:
      Given I open "/pages/names"

    Scenario: Parts of the page without a role
      Then I see "Alpha" in "Card A"
      And I don't see "Beta" in "Card A"
      And I see "180 cm" in "Height"
      And I don't see "75 kg" in "Height"
      When I click "Open" in "Card B"
      Then I see "opened B"

    Scenario: The options of a closed list that aren't chosen are not seen
      Then I see "2 guests" in "Silver"

    Scenario: A part whose name says more
      When I choose "Security" in "Sections"
      Then I see "Password is old" in "Security"

    Scenario: Invisible letters in a name, and what the style writes
      When I click "Softhyphen"
      Then I see "clicked Softhyphen"
      And I see "Price: 12"

    Scenario: Buttons that stay pressed, and buttons with a list
      When I check "Bold"
      Then "Bold" is checked
      When I uncheck "Bold"
      Then "Bold" is not checked
      When I choose "Half fare" in "Discount"
      Then I see "Discount is Half fare"
      When I choose "1B" in "Seats"
      Then the field "Seats" has the value "1B"

  Rule: A step waits until it is possible

    Scenario: Elements that are late, disabled, covered, moving, or far below
      Given I open "/pages/late"
      When I click "Enter"
      Then I see "clicked Enter"
      When I click "Catch me"
      Then I see "clicked Catch me"
      When I click "Far away"
      Then I see "clicked Far away"
      And I see "Here I am"
      And I don't see "nothing yet"

  Rule: Dialogs

    Scenario: A dialog of the page
      Given I open "/pages/dialogs"
      When I click "Open the drawer"
      Then I see "Three pens" in "Drawer"
      And the page has 1 "dialog"
      When I press "Escape"
      Then I don't see "Three pens"

    Scenario: Dialogs of the browser get the defined answers
      Given I open "/pages/dialogs"
      When I click "Ask me"
      Then I see "no"
      Given I accept the next dialog of the browser
      When I click "Ask me"
      Then I see "yes"
      And the browser's dialog said "Really?"
      Given I answer the next dialog of the browser with "ada"
      When I click "Ask my name"
      Then I see "You are ada"
      When I click "Warn me"
      Then the browser's dialog said "Mind the gap"

  Rule: Pages are checked for faults that keep people out

    Scenario Outline: A page for everybody, in <scheme> colours, <width> pixels wide
      Given the window is <width> by 800
      And the colour scheme is "<scheme>"
      When I open "/pages/accessible"
      Then the page has no accessibility faults
      And the page has 1 "main"
      And the page has 1 "banner"
      And the page has 1 "img"

      Examples:
        | width | scheme |
        | 320   | light  |
        | 1280  | dark   |

  Rule: The window and the user's preferences

    Scenario: A phone in dark mode
      Given the window is 390 by 844
      And the colour scheme is "dark"
      When I open "/pages"
      Then I see "390 pixels wide"
      And I see "at night"

    Scenario: The next scenario has the default window
      When I open "/pages"
      Then I see "1280 pixels wide"
      And I see "by day"

    Scenario: A page without scripts
      Given JavaScript is off
      When I open "/pages"
      Then I see "There are no scripts here."
      When I click "Sign the book"
      And I fill "Name" with "ada"
      And I choose "Green" in "Colour"
      And I click "Sign"
      Then I see "ada" in "name"

  Rule: Nothing of an earlier scenario is left

    Scenario Outline: A browser without history, the <time> time
      Given I open "/pages/memory"
      Then I see "I have never seen you"
      When I click "Remember me"
      And I reload the page
      Then I see "I know you"

      Examples:
        | time   |
        | first  |
        | second |
        | third  |
