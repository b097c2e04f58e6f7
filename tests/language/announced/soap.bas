url = "url"
SOAP url, "GetOrder"
' expect announced: Line 2: SOAP
