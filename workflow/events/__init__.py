"""Events: the log, those who wait for them, handlers and webhooks, the ways in and out.

    publisher    writes events of callers outside of programs, many in one commit
    waits        wakes executions that wait; `choosing` tells what a wait that chooses chose
    reader       a durable place in the log: each event is dealt with once, in the transaction that moves the place
    dispatch     one process at a time: from the log to handlers, webhooks, the host; timed events; quotas
    handlers     the executions that ON EVENT starts: begun in order, tried again, given up
    webhooks     sends what is to be sent, signed
    listener     those in this process who wait for an event without an execution
    host_bus     the host's own channel
    desk         what faces and programs may ask: look, replay, subscribe

The log is read in the order (transaction, sequence), and only below the oldest transaction still open: a row that
commits later can never stand before one that was read (`docs/decisions/0008`).
"""

from __future__ import annotations

from workflow.events.waits import Delivery

__all__ = ["Delivery"]
