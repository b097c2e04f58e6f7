' A document goes round until it is released or sent back.
'
' Its author is told what is missing before anybody spends time on it. Then two people look at it at the same time: the
' expert of its kind and the author's manager. Whoever is silent is reminded, and at last somebody else is asked.

ORCHESTRATE WORKFLOW "document-approval"

DESCRIPTION "Takes a document from its author to its release"
PARAM number AS STRING LIKE "C-2026-17" DESCRIPTION "The number of the document"
PARAM title AS STRING LIKE "Lease of the second floor" DESCRIPTION "What it is called"
PARAM kind AS STRING LIKE "contract" DESCRIPTION "contract, invoice or policy"
PARAM text AS STRING LIKE "We lease ... Signed: Ana" DESCRIPTION "What it says"
PARAM author AS EMAIL LIKE "ana@example.com" DESCRIPTION "Who wrote it"
PARAM manager AS EMAIL DEFAULT "manager@example.com" DESCRIPTION "The author's manager"
PARAM patience AS INTEGER DEFAULT 172800 DESCRIPTION "How many seconds a reviewer may take"

' 1. Is it complete? What is missing goes back at once.
STEP 1: BOT "check document" "Is anything missing?"
IF step1.missing <> "" THEN RETURN ended("returned", author, "Missing: " + step1.missing)

reviewer = FIND "reviewers" WHERE kind = kind FIRST
IF reviewer = NULL THEN RETURN ended("returned", author, "Nobody reviews documents of the kind " + kind + ".")

' 2. Two reviewers at the same time. Each is reminded four times before somebody else is asked.
every = MAX(10, INT(patience / 5))
STEP 2: PARALLEL
  BRANCH expert:
    HUMAN APPROVAL FROM reviewer.expert
      MESSAGE "Is ${number}, ${title}, right in itself?"
      TIMEOUT patience
      REMIND EVERY every
      ON TIMEOUT: ESCALATE TO reviewer.deputy
      ON TIMEOUT: REJECT "neither the expert nor the deputy answered"
  BRANCH manager:
    HUMAN APPROVAL FROM manager
      MESSAGE "May ${number}, ${title}, leave the house?"
      TIMEOUT patience
      REMIND EVERY every
      ON TIMEOUT: REJECT "the manager did not answer"
END PARALLEL
expert = branch_expert.result
boss = branch_manager.result

' 3. Both must agree. A document of a contract needs a second signature of the house.
IF NOT expert.approved THEN RETURN ended("rejected", expert.by, expert.comment)
IF NOT boss.approved THEN RETURN ended("rejected", boss.by, boss.comment)
IF kind = "contract" THEN
  STEP 3: HUMAN APPROVAL FROM manager, reviewer.deputy REQUIRE 2
    MESSAGE "Sign ${number}, ${title}?"
    TIMEOUT patience
    ON TIMEOUT: REJECT "not signed in time"
  IF NOT step3.approved THEN RETURN ended("rejected", step3.by, step3.comment)
END IF

PUBLISH EVENT "document.released" WITH {"number": number, "title": title, "kind": kind}
RETURN ended("released", expert.by + ", " + boss.by, expert.comment)

' How every round ends: it is written down, and the author hears of it.
FUNCTION ended(status, who, remark)
  MERGE "register" WITH {"number": number, "title": title, "status": status, "decided_by": who, "remark": remark} BY "number"
  TALK "To ${author}: ${number} is ${status}. ${remark}"
  RETURN {"number": number, "status": status, "by": who, "remark": remark}
END FUNCTION

END WORKFLOW
