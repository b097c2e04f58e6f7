' What the rules of the house say. The model looks them up with this dialog as its tool.

DESCRIPTION "Looks up what the rules of this forum say about a topic"
PARAM topic AS "threats", "insults", "advertising", "criticism" DESCRIPTION "What the question is about"

SELECT CASE LCASE(topic)
  CASE "threats"
    RETURN "Whoever threatens anybody is removed, joke or not."
  CASE "insults"
    RETURN "People are not insulted. Hard words about a thing are no insult."
  CASE "advertising"
    RETURN "One link to what one speaks about is welcome. Posts that only sell are removed."
  CASE ELSE
    RETURN "Criticism stands, however hard it is, as long as it is about the matter."
END SELECT
