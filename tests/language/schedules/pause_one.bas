x = PAUSE SCHEDULE "report"
TALK x.status                                ' expect: paused
' answer PAUSE SCHEDULE: {"status": "paused"}
