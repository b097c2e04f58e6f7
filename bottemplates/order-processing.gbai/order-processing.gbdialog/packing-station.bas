' Somebody has packed an order: the workflow that waits for it goes on.

ORCHESTRATE WORKFLOW "packing-station"

DESCRIPTION "Tells that an order is packed"
PARAM order_number AS INTEGER LIKE 5001 DESCRIPTION "The order that is packed"

PUBLISH EVENT "order.packed." + order_number WITH {"order": order_number, "at": NOW()}
TALK "Order " + order_number + " is packed."
RETURN order_number

END WORKFLOW
