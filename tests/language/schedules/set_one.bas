kept = SET SCHEDULE "0 9 * * 1-5" ZONE "Europe/Berlin" MISSED "skip"
TALK kept.name                               ' expect: report
' answer SET SCHEDULE: {"name": "report"}
