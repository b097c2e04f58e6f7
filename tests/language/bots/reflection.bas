BOT REFLECTION TRUE
x = BOT REFLECTION INSIGHTS
TALK x.enabled                               ' expect: true
TALK BOT REFLECTION ON "success_rate"        ' expect: 0.5
' answer BOT REFLECTION INSIGHTS: {"enabled": true}
' answer BOT REFLECTION ON: 0.5
' expect effect: memory.set
