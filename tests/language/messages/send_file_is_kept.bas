SEND FILE "report.pdf", "The report"   ' expect effect: message.left
TALK "on"                                    ' expect: on
