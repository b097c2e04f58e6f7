DECIDE APPROVAL "a-1" AS "maybe"
' expect error: Line 1: DECIDE APPROVAL needs one of approve, reject, escalate, defer, requestinfo, comment, not "maybe".
