' answer SOAP: {"status": 200, "data": {"Total": "12"}}
o = SOAP "https://example.com/soap", "GetOrder", {id: 7}
TALK o.data.Total                            ' expect: 12
