USE WEBSITE "ftp://example.com"
' expect error: Line 1: USE WEBSITE needs an address such as https://example.com, not "ftp://example.com".
