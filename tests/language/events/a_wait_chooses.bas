id = 7
x = WAIT FOR EVENT "order.*" KEY "a" WHERE data.id = id SINCE "2026-01-01" CONSUME TIMEOUT 60
TALK x.total                                 ' expect: 12
' answer WAIT FOR EVENT: {"id": 7, "total": 12}
' expect effect: event.chosen
' expect wait: WAIT FOR EVENT 60
