TALK (LIST LIMITS)[0].running                ' expect: 3
' answer LIST LIMITS: [{"bot": null, "max_running": 10, "running": 3}]
