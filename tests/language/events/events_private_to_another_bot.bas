x = WAIT FOR EVENT "bot:sales.lead" TIMEOUT 60
' expect error: Line 1: Events "bot:sales..." are private to that bot: another one may not wait for them.
