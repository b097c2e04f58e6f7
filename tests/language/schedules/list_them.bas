FOR EACH one IN LIST SCHEDULES
  TALK one.name
NEXT
' answer LIST SCHEDULES: [{"name": "a"}, {"name": "b"}]
' expect: a
' expect: b
