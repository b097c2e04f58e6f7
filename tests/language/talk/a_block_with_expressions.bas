name = "Ana"
n = 2
BEGIN TALK
Dear ${name},
you have ${n + 1} messages.
END TALK
' expect: Dear Ana,\nyou have 3 messages.
