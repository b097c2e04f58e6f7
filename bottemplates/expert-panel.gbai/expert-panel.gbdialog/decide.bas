' An offer comes in. Every expert of the panel looks at it at the same time and votes; the majority decides.
'
' Who is on the panel is data: the experts of the table `criteria`. Add rows for a fourth one, and it sits on the panel.

ORCHESTRATE WORKFLOW "expert-panel"

DESCRIPTION "Lets a panel of experts decide about an offer"
PARAM offer AS STRING LIKE "Monthly contract, certified, with a discount" DESCRIPTION "What is offered, in words"
PARAM chair AS EMAIL DEFAULT "chair@example.com" DESCRIPTION "Who decides when the panel cannot"
PARAM patience AS INTEGER DEFAULT 86400 DESCRIPTION "How many seconds the chair may take"

' 1. Who is on the panel, and what does each look for?
criteria = FIND "criteria"
experts = UNIQUE(criteria, "expert")
IF LEN(experts) = 0 THEN
  TALK "There is nobody on the panel: the table `criteria` is empty."
  RETURN {"accepted": FALSE, "votes": [], "by": "nobody"}
END IF

' 2. One expert a turn, at most five at a time. An expert who fails abstains: the others still decide.
STEP 1: PARALLEL FOR EACH member IN experts MAX 5
  expert = member.expert
  TRY
    BOT "expert" "What do you say to this offer?"
    RETURN result
  CATCH problem
    RETURN {"expert": expert, "vote": "abstain", "points": 0, "why": problem.message}
  END TRY
END PARALLEL
votes = step1

yes = 0
no = 0
FOR EACH vote IN votes
  TALK vote.expert + ": " + vote.vote + " (" + vote.why + ")"
  IF vote.vote = "yes" THEN yes = yes + 1
  IF vote.vote = "no" THEN no = no + 1
NEXT

' 3. The majority decides; where there is none, a person does.
IF yes > no THEN
  accepted = TRUE
  by = "majority"
ELSE IF no > yes THEN
  accepted = FALSE
  by = "majority"
ELSE
  STEP 2: HUMAN APPROVAL FROM chair
    MESSAGE "The panel is divided, ${yes} to ${no}. Accept this offer? ${offer}"
    TIMEOUT patience
    ON TIMEOUT: REJECT "the chair did not answer"
  accepted = step2.approved
  by = "chair"
END IF

STEP 3: BOT "summary" "Write the minutes"
TALK step3
PUBLISH EVENT "panel.decided" WITH {"offer": offer, "accepted": accepted, "by": by}
RETURN {"accepted": accepted, "by": by, "yes": yes, "no": no, "votes": votes, "minutes": step3}

END WORKFLOW
