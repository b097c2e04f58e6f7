PARALLEL
  BRANCH pay: ok = HUMAN APPROVAL FROM "ana" TIMEOUT 60
  BRANCH pack: box = BOT "pack" "x"
END PARALLEL
TALK ok.approved + " " + box                 ' expect: true b1
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "ana", "comment": ""}
' answer BOT: "b1"
