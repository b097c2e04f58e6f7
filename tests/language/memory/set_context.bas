SET CONTEXT "Be brief"
SET CONTEXT "tone" AS "Be friendly"
all = LIST BOT MEMORY "context/"
TALK LEN(all)                                ' expect: 2
TALK (JSON PARSE all[1].value).v             ' expect: Be friendly
