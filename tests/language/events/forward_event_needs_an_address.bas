FORWARD EVENT "order.*" TO "ftp://example.com"
' expect error: Line 1: A webhook needs an address such as https://example.com/hook, not "ftp://example.com".
