ADD SUGGESTION "billing" AS "My bill"        ' expect journal: ADD SUGGESTION {"show": "suggestion", "label": "My bill", "says": "My bill", "context": "billing"}
ADD SUGGESTION TEXT "yes" AS "Yes, please"   ' expect journal: ADD SUGGESTION TEXT {"show": "suggestion", "label": "Yes, please", "says": "yes"}
ADD SUGGESTION TOOL "enrol" AS "Enrol me"    ' expect journal: ADD SUGGESTION TOOL {"show": "suggestion", "label": "Enrol me", "says": "Enrol me", "tool": "enrol"}
CLEAR SUGGESTIONS                            ' expect journal: CLEAR SUGGESTIONS {"show": "clear", "what": "suggestions"}
ADD SWITCHER "tables" AS "Show tables"       ' expect journal: ADD SWITCHER {"show": "switcher", "name": "tables", "label": "Show tables"}
CLEAR SWITCHERS                              ' expect journal: CLEAR SWITCHERS {"show": "clear", "what": "switchers"}
SET MAX LINES 20                             ' expect journal: SET MAX LINES {"show": "setting", "name": "max lines", "value": 20}
SET ANSWER MODE "sql"                        ' expect journal: SET ANSWER MODE {"show": "setting", "name": "answer mode", "value": "sql"}
SET PAGE MODE "auto"                         ' expect journal: SET PAGE MODE {"show": "setting", "name": "page mode", "value": "auto"}
PLAY "tour.mp4"                              ' expect journal: PLAY {"show": "media", "file": "tour.mp4", "options": null}
STOP                                         ' expect journal: STOP {"show": "clear", "what": "media"}
PAUSE                                        ' expect journal: PAUSE {"show": "setting", "name": "playing", "value": false}
RESUME                                       ' expect journal: RESUME {"show": "setting", "name": "playing", "value": true}
