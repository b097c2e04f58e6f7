CREATE SITE "spring", "landing", "A page"   ' expect effect: message.left
TALK "on"                                    ' expect: on
