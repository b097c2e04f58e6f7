CARD "spring.png", "Spring sale" TO offer
' expect journal: CARD {"show": "card", "image": "spring.png", "text": "Spring sale", "style": null}
TALK "shown"                                 ' expect: shown
