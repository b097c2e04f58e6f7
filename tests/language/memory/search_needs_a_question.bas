x = SEARCH MEMORY "  "
' expect error: Line 1: SEARCH MEMORY needs a question that is not empty.
