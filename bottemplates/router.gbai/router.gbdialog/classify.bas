' Says what a message is about, and how it knows: by a rule, because somebody taught it, or from a model.

DESCRIPTION "Finds the topic of a message"
PARAM message AS STRING LIKE "My invoice is wrong" DESCRIPTION "What somebody wrote"
PARAM routes AS ARRAY LIKE [{"word": "invoice", "topic": "billing"}] DESCRIPTION "Which words lead where"

said = LCASE(message)

' Rules: the topic with the most words in the message; two with as many are no answer.
points = {}
FOR EACH route IN routes
  IF said CONTAINS route.word THEN points[route.topic] = NVL(points[route.topic], 0) + 1
NEXT
best = 0
topic = ""
FOR EACH candidate IN ["billing", "technical", "sales"]
  count = NVL(points[candidate], 0)
  IF count > best THEN
    best = count
    topic = candidate
  ELSE IF count = best AND count > 0 THEN
    topic = ""
  END IF
NEXT
IF topic <> "" THEN RETURN {"topic": topic, "how": "rule", "words": ""}

' What people have taught: the router shares it, and we take it over.
words = TRIM(LEFT(said, 40))
BOT SYNC MEMORY FROM "router"
taught = GET BOT MEMORY "taught/" + words
IF taught <> "" THEN RETURN {"topic": taught, "how": "taught", "words": words}

' A model, where there is one: it may only choose, and an answer that is no topic counts as none.
TRY
  guess = LLM "One word, billing, technical or sales: what is this about? " + message WITH OPTIMIZE FOR "speed" WITH MAX_COST 0.01
  guess = LCASE(TRIM(guess))
  IF guess IN ["billing", "technical", "sales"] THEN RETURN {"topic": guess, "how": "model", "words": words}
CATCH
END TRY
RETURN {"topic": "", "how": "", "words": words}
