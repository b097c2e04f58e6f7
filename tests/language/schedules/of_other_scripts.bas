SET SCHEDULE "0 9 * * MON" "crm-jobs.bas" "lead_scoring"
SET SCHEDULE "0 23 * * *", "metrics.bas"
SET SCHEDULE every 1 hour
SET SCHEDULE NOW(), "invite.bas"
SET SCHEDULE "0 9 * * *" TODAY(), "welcome.bas"
' answer SET SCHEDULE: {"name": "crm-jobs lead_scoring"}
' answer SET SCHEDULE: {"name": "metrics"}
' answer SET SCHEDULE: {"name": "hourly"}
' answer SET SCHEDULE: {"name": "invite"}
' answer SET SCHEDULE: {"name": "welcome"}
' expect journal: SET SCHEDULE {"name": "crm-jobs lead_scoring"}
' expect journal: SET SCHEDULE {"name": "metrics"}
' expect journal: SET SCHEDULE {"name": "hourly"}
' expect journal: SET SCHEDULE {"name": "invite"}
' expect journal: SET SCHEDULE {"name": "welcome"}
