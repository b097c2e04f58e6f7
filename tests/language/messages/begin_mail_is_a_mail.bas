name = "Ana"
BEGIN MAIL "ana@example.com"
Subject: Welcome
Hello ${name}
END MAIL
' expect effect: message.left
TALK "on"                                    ' expect: on
