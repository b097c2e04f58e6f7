' How a package answers when none of its dialogs is called by name: as a model agent.
'
' The model takes its turn; the tools it asks for run, each an execution of its own; the model reads what they answered,
' and so on until it only talks. Every turn and every tool is a call in the journal of this execution, so a crash repeats
' none that was committed. What a model still reads of a long conversation: keywords/library/history.py.

DESCRIPTION "Answers a message with a language model and the dialogs of its package as tools"
PARAM message AS STRING DESCRIPTION "What the bot is asked"
PARAM system AS STRING DESCRIPTION "The system prompt"
PARAM tools AS ARRAY DESCRIPTION "The dialogs that the model may run"
PARAM room AS INTEGER DESCRIPTION "How many characters of the conversation the model reads"
PARAM turns AS INTEGER DESCRIPTION "How many turns it may take"
PARAM earlier AS ARRAY DESCRIPTION "What was said before in this conversation" OPTIONAL

history = NVL(earlier, [])
history.PUSH({"role": "user", "content": message})

FOR turn = 1 TO turns
  reply = MODEL TURN history WITH SYSTEM system WITH TOOLS tools WITHIN room
  IF UBOUND(reply.tool_calls) = 0 THEN
    NOTE TURN message, reply.text
    RETURN reply.text
  END IF
  history.PUSH({"role": "assistant", "content": reply.text, "tool_calls": reply.tool_calls})
  FOR EACH request IN reply.tool_calls
    output = RUN TOOL request.name WITH request.arguments
    history.PUSH({"role": "tool", "tool_call_id": request.id, "content": output})
  NEXT
NEXT

THROW "The model asked for tools in each of its " + turns + " turns and never answered. Make the question smaller."
