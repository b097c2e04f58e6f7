PUBLISH WORKFLOW "refund"
' expect error: Line 1: There is no designer here whose workflows could be published.
