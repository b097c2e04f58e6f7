CREATE DRAFT "ana@example.com", "Offer", "text"   ' expect effect: message.left
TALK "on"                                    ' expect: on
