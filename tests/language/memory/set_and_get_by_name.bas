SET "city", "Porto"
SET "deal" = {stage: "won"}
TALK GET "city"                              ' expect: Porto
TALK GET "session.city"                      ' expect: Porto
TALK GET "deal.stage"                        ' expect: won
