' answer GET TIPS: {"success": true, "items": ["Call back"]}
' answer POLISH MESSAGE: {"polished": "Good morning", "changes": ["a greeting"]}
' answer GET SMART REPLIES: {"items": ["Yes", "No"]}
tips = GET TIPS "chat-1", "Where is it?"
TALK tips.items[0]                           ' expect: Call back
p = POLISH MESSAGE "chat-1", "mornin"
TALK p.polished                              ' expect: Good morning
r = GET SMART REPLIES "chat-1", "hm"
TALK UBOUND(r.items)                         ' expect: 2
