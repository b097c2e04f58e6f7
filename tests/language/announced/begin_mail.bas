BEGIN MAIL "ana@example.com"
Subject: Hello
Dear Ana
END MAIL
' expect announced: Line 1: SEND MAIL
