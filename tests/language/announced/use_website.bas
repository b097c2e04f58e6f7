USE WEBSITE "https://example.com" REFRESH "1d"
' expect announced: Line 1: USE WEBSITE
