SET HEADER "X-Note" = "a\nb"
' expect error: Line 1: The header X-Note takes one line of at most 8,000 characters.
