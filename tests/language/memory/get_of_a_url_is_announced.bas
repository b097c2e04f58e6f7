x = GET "https://example.com/rates.json"
' expect error: Line 1: GET of a URL is understood but not yet carried out by this release. Leave the line out, or let a plugin or a bot do it.
