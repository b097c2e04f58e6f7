STEP 1: HUMAN APPROVAL FROM "ana", "bob", "cid" REQUIRE 2 TIMEOUT 60 REMIND EVERY 20
IF approved THEN TALK by    ' expect: ana, cid
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "ana, cid", "comment": ""}
' expect wait: HUMAN APPROVAL 60
' expect effect: approval.requested
' expect effect: approval.reminded
