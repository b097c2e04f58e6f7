x = DECIDE APPROVAL "a-1" AS "approve" COMMENT "below the limit"
TALK x.status                                ' expect: approved
' answer DECIDE APPROVAL: {"status": "approved"}
