url = "url"
query = "query"
GRAPHQL url, query
' expect announced: Line 3: GRAPHQL
