RSS "https://example.com/feed"
' expect announced: Line 1: RSS
