-- The journal as a past that can be gone back to.

-- name: journal_states
-- The states that the journal keeps of an execution: its start, every hundred calls, each retry and each migration.
select keyword, generation, seq, attempt, answer, state::text from workflow_steps
where tenant_id = %(tenant)s and execution_id = %(execution)s and state is not null
order by generation, seq, attempt desc;

-- name: journal_answers
-- What woke the calls of an execution; of a call that was tried again, what ended it.
select distinct on (seq) seq, attempt, started_at, ended_at, answer, error, given from workflow_steps
where tenant_id = %(tenant)s and execution_id = %(execution)s and generation = %(generation)s and seq >= %(since)s
  and seq > 0 and attempt > 0
order by seq, attempt desc;

-- name: journal_places
-- In which STEP each call was made that still counts: what was gone back behind does not.
select distinct on (s.seq) s.seq, s.step from workflow_steps s
where s.tenant_id = %(tenant)s and s.execution_id = %(execution)s and s.seq > 0 and s.attempt > 0 and not exists (
  select 1 from workflow_steps r where r.execution_id = s.execution_id and r.keyword = 'RETRY' and r.attempt = 0
    and r.generation > s.generation and r.seq < s.seq)
order by s.seq, s.generation desc;

-- name: hold_past
-- An execution that shall be gone back in, or forked.
select id, tenant_id, bot_id, bot_name, origin, session_id, workflow_name, program, entry, status, parent_id, root_id,
  priority, whole_state(id, state)::text as state, need
from workflow_executions where tenant_id = %(tenant)s and id = %(id)s for update;

-- name: mark_fork
update workflow_executions set forked_from = %(source)s, forked_n = %(n)s, current_step = %(step)s
where tenant_id = %(tenant)s and id = %(id)s and finished_on = 'infinity';
