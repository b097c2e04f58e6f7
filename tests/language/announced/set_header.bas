SET HEADER "Accept" = "application/json"
' expect announced: Line 1: SET HEADER
