' A message comes in and must reach the bot that can answer it.

ORCHESTRATE WORKFLOW "router"

DESCRIPTION "Leads a message to the bot that can answer it"
PARAM message AS STRING LIKE "My invoice is wrong" DESCRIPTION "What somebody wrote"

routes = FIND "routes"

' 1. Rules first: they are quick, cost nothing, and are the same every time.
STEP 1: BOT "classify" "What is this about?"
topic = step1.topic
how = step1.how

' 2. Nobody knows? Then the person says it, and the next message like this one goes the right way by itself.
IF topic = "" THEN
  TALK "Whom shall I ask?"
  HEAR topic AS "billing", "technical", "sales"
  how = "asked"
  key = "taught/" + step1.words
  SET BOT MEMORY key, topic
  BOT SHARE MEMORY key WITH "classify"
END IF

' 3. Hand it over. Another bot is another CASE.
SELECT CASE topic
  CASE "billing"
    STEP 2: BOT "billing" message
  CASE "technical"
    STEP 2: BOT "technical" message
  CASE ELSE
    STEP 2: BOT "sales" message
END SELECT

TALK topic + ": " + step2
PUBLISH EVENT "message.routed" WITH {"topic": topic, "how": how}
RETURN {"topic": topic, "how": how, "answer": step2}

END WORKFLOW
