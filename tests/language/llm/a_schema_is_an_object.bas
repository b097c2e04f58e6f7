x = LLM "p" WITH SCHEMA "text"
' expect error: Line 1: WITH SCHEMA needs an object, such as {type: "object", properties: {name: {type: "string"}}}, not "text".
