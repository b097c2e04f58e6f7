' One turn of a conversation with a package: the bot whose trigger is in the message answers it, else the package itself.

DESCRIPTION "Answers a message of a conversation"
PARAM message AS STRING DESCRIPTION "What was said"
PARAM package AS STRING DESCRIPTION "Whom it was said to"

answering = package
bots = LIST BOTS
FOR EACH bot IN bots
  FOR EACH trigger IN SPLIT(bot.triggers, ",")
    IF TRIM(trigger) <> "" AND INSTR(LCASE(message), LCASE(TRIM(trigger))) > 0 AND answering = package THEN
      answering = bot.name
    END IF
  NEXT
NEXT

IF answering <> package THEN
  ON ERROR GOTO itself
  answer = BOT answering message
  TALK answer
  RETURN answer
END IF

itself:
ON ERROR GOTO 0
answer = BOT package message
TALK answer
RETURN answer
