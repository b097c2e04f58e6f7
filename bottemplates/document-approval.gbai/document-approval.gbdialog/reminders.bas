' Whoever is reminded hears of it: the engine publishes an event for each reminder, and this workflow says it aloud.
' Start it once and leave it running; SEND MAIL in the place of TALK makes mails of it.

ORCHESTRATE WORKFLOW "reminders"

DESCRIPTION "Tells the reviewers that are reminded"
PARAM number AS INTEGER LIKE 10 DESCRIPTION "How many reminders to tell"
PARAM patience AS INTEGER DEFAULT 604800 DESCRIPTION "How many seconds to wait for the next"

told = 0
WHILE told < number
  reminder = WAIT FOR EVENT "approval_reminder" TIMEOUT patience
  IF timed_out THEN EXIT WHILE
  TALK "To ${JOIN(reminder.approvers, \", \")}: ${reminder.message}"
  told = told + 1
WEND
RETURN told

END WORKFLOW
