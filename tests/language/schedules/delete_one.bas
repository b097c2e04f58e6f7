x = DELETE SCHEDULE "report"
TALK x.status                                ' expect: active
' answer DELETE SCHEDULE: {"status": "active"}
