-- Whose bot a run is: that of the run people started, for everything below it too. Every statement names the tenant.

-- name: bot_of_execution
select r.bot_name from workflow_executions x join workflow_executions r on r.id = x.root_id
where x.tenant_id = %(tenant)s and x.id = %(id)s;

-- name: bot_of_approval
select r.bot_name from workflow_approvals a
join workflow_executions x on x.id = a.execution_id join workflow_executions r on r.id = x.root_id
where a.tenant_id = %(tenant)s and a.id = %(id)s;
