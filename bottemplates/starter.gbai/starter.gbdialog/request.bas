' Somebody asks for something. One bot says what it costs, a person says yes or no, another bot answers.

ORCHESTRATE WORKFLOW "starter"

DESCRIPTION "Takes a request from the question to the answer"
PARAM name AS STRING LIKE "Ana" DESCRIPTION "Who asks"
PARAM wish AS STRING LIKE "A day off" DESCRIPTION "What for"
PARAM approver AS EMAIL DEFAULT "lead@example.com" DESCRIPTION "Who decides"

' BOT "estimate" runs estimate.bas, the file beside this one. What it returns is in step1.
STEP 1: BOT "estimate" "What does this cost?"

' Cheap wishes are granted; for the others a person decides. The wait may last for days and costs nothing.
granted = TRUE
IF step1.cost > 100 THEN
  STEP 2: HUMAN APPROVAL FROM approver
    MESSAGE "${name} asks: ${wish}. It costs ${step1.cost}."
    TIMEOUT 86400
    ON TIMEOUT: REJECT "Nobody answered in time."
  granted = step2.approved
END IF

STEP 3: BOT "answer" "Tell them"
TALK step3
RETURN {"granted": granted, "cost": step1.cost, "answer": step3}

END WORKFLOW
