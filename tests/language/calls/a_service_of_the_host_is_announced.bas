x = CALL "/ai/summary", "text"
' expect error: Line 1: CALL of a service of the host is understood but not yet carried out by this release. Leave the line out, or let a plugin or a bot do it.
