x = 1
HUMAN APROVAL FROM "ana@example.com" TIMEOUT 60
' expect error: Line 2: HUMAN APROVAL FROM is not a keyword. Did you mean HUMAN APPROVAL FROM?
