SET HEADER "X Note:", "a"
' expect error: Line 1: "X Note:" is no name of a header.
