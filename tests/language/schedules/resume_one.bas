x = RESUME SCHEDULE "report"
TALK x.status                                ' expect: active
' answer RESUME SCHEDULE: {"status": "active"}
