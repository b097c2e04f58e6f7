order = {id: 7}
WEBHOOK POST "https://example.com/hook" WITH order
' expect announced: Line 2: WEBHOOK POST
