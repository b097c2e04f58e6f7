' The warehouse has scanned a parcel: every workflow that waits for it goes on.

ORCHESTRATE WORKFLOW "warehouse"

DESCRIPTION "Tells that a returned parcel has arrived"
PARAM order_number AS INTEGER LIKE 1001 DESCRIPTION "The order that came back"

PUBLISH EVENT "parcel.received." + order_number WITH {"order": order_number, "at": NOW()}
TALK "The parcel of order " + order_number + " is here."
RETURN order_number

END WORKFLOW
