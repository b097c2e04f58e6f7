"""The inbox as HTML: plain forms, no script. Every text of a program or a person is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from uuid import UUID

from workflow.details import Approval

STYLE = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
article h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
.message { white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
textarea { width: 100%; box-sizing: border-box; font: inherit; }
button { font: inherit; padding: .4rem 1rem; margin: .5rem .5rem 0 0; cursor: pointer; }
.told { border-left: .3rem solid #48a; padding: .3rem .8rem; }
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><link rel="stylesheet" href="/inbox/style.css"></head>'
        f"<body><h1>{title}</h1>{body}</body></html>"
    )


def locked(why: str = "") -> str:
    """The page of whoever has not been let in."""
    told = f'<p class="told">{escape(why)}</p>' if why else ""
    return _page("Inbox", f"{told}<p>Run <code>botmcp status</code> and open the link that it prints.</p>")


def listed(pending: Sequence[Approval], tokens: Mapping[UUID, str], told: str) -> str:
    """The pending approvals, each with its form."""
    said = f'<p class="told" role="status">{escape(told)}</p>' if told else ""
    cards = "".join(_card(approval, tokens[approval.id]) for approval in pending)
    return _page("Inbox", said + (cards or "<p>Nothing waits for a decision.</p>"))


def told_only(words: str) -> str:
    """A page that says one thing."""
    return _page("Approval", f'<p class="told" role="status">{escape(words)}</p>')


def single(approval: Approval, person: str, key: str) -> str:
    """The page of a link: one request, to be decided as this person."""
    hidden = f'<input type="hidden" name="key" value="{escape(key)}">'
    return _page("Approval", f"<p>You decide as {escape(person)}.</p>{_article(approval, '/inbox/link', hidden)}")


def done(approval: Approval, decision: str) -> str:
    """What is said once somebody has decided."""
    said = {"approve": "Approved", "reject": "Rejected", "escalate": "Handed on", "defer": "Deferred"}
    missing = approval.required - len(approval.decisions)
    more = f" {missing} more must approve." if decision == "approve" and approval.status == "pending" else ""
    return f"{said.get(decision, 'Noted')}: {approval.workflow_name}. {approval.message[:300]}{more}"


def _card(approval: Approval, token: str) -> str:
    hidden = (
        f'<input type="hidden" name="approval" value="{approval.id}">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
    )
    return _article(approval, "/inbox/decide", hidden)


def _article(approval: Approval, action: str, hidden: str) -> str:
    facts = [("asked for", ", ".join(approval.approvers) or "whoever runs this"), ("execution", str(approval.root))]
    if approval.required > 1:
        said = ", ".join(str(made["by"]) for made in approval.decisions) or "nobody yet"
        facts.append(("approved by", f"{said} ({approval.required} are needed)"))
    facts.append(("since", f"{approval.created_at:%Y-%m-%d %H:%M %Z}"))
    if approval.deadline:
        facts.append(("until", f"{approval.deadline:%Y-%m-%d %H:%M %Z}"))
    if approval.reminders:
        facts.append(("reminded", f"{approval.reminders} times"))
    facts += [(str(act["by"]), str(act["details"])) for act in approval.history if act["action"] == "comment_added"]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    others = [("escalate", "Hand on"), ("requestinfo", "Ask a question"), ("comment", "Only comment")]
    if approval.deadline:
        others.insert(1, ("defer", "Defer"))
    buttons = "".join(
        f'<button name="decision" value="{value}">{label}</button>'
        for value, label in [("approve", "Approve"), ("reject", "Reject"), *others]
    )
    return (
        f'<article><h2>{escape(approval.workflow_name)}</h2><p class="message">{escape(approval.message)}</p>'
        f'<dl>{rows}</dl><form method="post" action="{action}">{hidden}'
        '<label>Comment<textarea name="comment" rows="2" maxlength="2000"></textarea></label>'
        f"{buttons}</form></article>"
    )
