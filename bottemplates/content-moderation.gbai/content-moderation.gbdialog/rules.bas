' Decides what is clear: nothing wrong is kept, much wrong is removed, and what lies between is unclear. It knows from
' the bot that sanctions, which shares its memory, whose posts had to be removed before. The phrases it looks for are
' rows of content-moderation.gbdata/phrases.csv.

DESCRIPTION "Checks a post against the rules: keep, unclear or remove"
PARAM author AS STRING LIKE "rex" DESCRIPTION "Who wrote it"
PARAM text AS STRING LIKE "What a scam." DESCRIPTION "What it says"

points = 0
reasons = []
words = LCASE(text)

FOR EACH rule IN FIND "phrases"
  IF words CONTAINS rule.phrase THEN
    points = points + rule.points
    reasons.PUSH(rule.reason)
  END IF
NEXT

links = LEN(SPLIT(words, "://")) - 1
IF links > 2 THEN
  points = points + 3
  reasons.PUSH(links + " links")
END IF

IF is_shouting() THEN
  points = points + 1
  reasons.PUSH("shouting")
END IF

' A good post is good, whoever wrote it. But who has broken the rules before gets less benefit of the doubt.
IF points > 0 THEN
  BOT SYNC MEMORY FROM "sanction"
  strikes = VAL(GET BOT MEMORY "strikes of " + LCASE(author))
  IF strikes > 0 THEN
    points = points + 2 * strikes
    reasons.PUSH("removed before: " + strikes)
  END IF
END IF

IF points >= 3 THEN
  verdict = "remove"
ELSE IF points > 0 THEN
  verdict = "unclear"
ELSE
  verdict = "keep"
END IF

why = IIF(points = 0, "nothing is wrong", JOIN(reasons, ", "))
RETURN {"verdict": verdict, "points": points, "why": why}

' Most letters are capitals, and there are enough of them to tell.
FUNCTION is_shouting()
  capitals = 0
  letters = 0
  FOR place = 1 TO MIN(LEN(text), 500)
    letter = MID(text, place, 1)
    IF LCASE(letter) <> UCASE(letter) THEN
      letters = letters + 1
      IF letter = UCASE(letter) THEN capitals = capitals + 1
    END IF
  NEXT
  RETURN letters >= 12 AND capitals > letters * 0.7
END FUNCTION
