HUMAN APPROVAL FROM "ana" REQUIRE 2
' expect error: Line 1: REQUIRE 2 can never be met: only 1 people are asked.
