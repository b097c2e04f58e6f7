' answer SOAP: {"Total": "12"}
o = SOAP "https://example.com/soap", "GetOrder", {id: 7}
TALK o.Total                                 ' expect: 12
