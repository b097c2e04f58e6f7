DECIDE APPROVAL "a-1" AS "maybe"
' expect error: Line 1: DECIDE APPROVAL needs "approve" or "reject", not "maybe".
