USE WEBSITE "https://example.com" REFRESH "1d"   ' expect effect: kb.used
USE WEBSITE "example.com/help", "2 weeks"    ' expect effect: kb.used
CLEAR WEBSITES                               ' expect effect: kb.cleared
USE WEBSITE "https://example.com" REFRESH "soon"
' expect error: Line 4: REFRESH needs a time such as "12h", "1d", "1w", "1m" or "1y", not "soon".
