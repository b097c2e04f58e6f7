SEND EMAIL "ana@example.com", "Welcome", "Hello Ana"
' expect announced: Line 1: SEND EMAIL
