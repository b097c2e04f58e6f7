-- The router's statements. Rows of model_performance are locked in the order of their keys; no statement holds others.

-- name: write_records
-- Merges one batch of records into the rows, exactly once: moments as Chan does, what fades brought to the later time.
with fresh as (
  insert into model_batches (id, written_at) values (%(batch)b, now()) on conflict do nothing returning id
), given as (
  select * from unnest(
    %(tenant)b::uuid[], %(model)b::text[], %(provider)b::text[], %(task)b::text[],
    %(calls)b::bigint[], %(errors)b::bigint[], %(timeouts)b::bigint[], %(cost)b::float8[],
    %(input)b::bigint[], %(output)b::bigint[],
    %(ttft_n)b::bigint[], %(ttft_mean)b::float8[], %(ttft_m2)b::float8[],
    %(itl_n)b::bigint[], %(itl_mean)b::float8[], %(itl_m2)b::float8[],
    %(seconds_n)b::bigint[], %(seconds_mean)b::float8[], %(seconds_m2)b::float8[],
    %(at)b::timestamptz[], %(judged)b::float8[], %(quality)b::float8[], %(squares)b::float8[],
    %(paid)b::float8[], %(paid_cost)b::float8[], %(paid_length)b::float8[], %(paid_length_squares)b::float8[],
    %(paid_length_cost)b::float8[],
    %(hist_ttft)b::text[], %(hist_itl)b::text[], %(hist_tokens)b::text[], %(hist_seconds)b::text[])
    as g(tenant_id, model, provider, task_type, calls, errors, timeouts, cost, input_tokens, output_tokens,
      ttft_n, ttft_mean, ttft_m2, itl_n, itl_mean, itl_m2, seconds_n, seconds_mean, seconds_m2,
      at, judged, quality, squares, paid, paid_cost, paid_length, paid_length_squares, paid_length_cost,
      hist_ttft, hist_itl, hist_tokens, hist_seconds)
  where exists (select from fresh)
)
insert into model_performance as p (tenant_id, model, provider, task_type, calls, errors, timeouts, cost, input_tokens,
  output_tokens, ttft_n, ttft_mean, ttft_m2, itl_n, itl_mean, itl_m2, seconds_n, seconds_mean, seconds_m2,
  at, judged, quality, squares, paid, paid_cost, paid_length, paid_length_squares, paid_length_cost,
  hist_ttft, hist_itl, hist_tokens, hist_seconds)
select tenant_id, model, provider, task_type, calls, errors, timeouts, cost, input_tokens, output_tokens,
  ttft_n, ttft_mean, ttft_m2, itl_n, itl_mean, itl_m2, seconds_n, seconds_mean, seconds_m2,
  at, judged, quality, squares, paid, paid_cost, paid_length, paid_length_squares, paid_length_cost,
  hist_ttft::float8[], hist_itl::float8[], hist_tokens::float8[], hist_seconds::float8[]
from given order by tenant_id, model, provider, task_type
on conflict (tenant_id, model, provider, task_type) do update set
  calls = p.calls + excluded.calls, errors = p.errors + excluded.errors, timeouts = p.timeouts + excluded.timeouts,
  cost = p.cost + excluded.cost, input_tokens = p.input_tokens + excluded.input_tokens,
  output_tokens = p.output_tokens + excluded.output_tokens,
  ttft_n = p.ttft_n + excluded.ttft_n,
  ttft_mean = p.ttft_mean + (excluded.ttft_mean - p.ttft_mean)
    * (excluded.ttft_n::float8 / greatest(p.ttft_n + excluded.ttft_n, 1)),
  ttft_m2 = p.ttft_m2 + excluded.ttft_m2 + (excluded.ttft_mean - p.ttft_mean) * (excluded.ttft_mean - p.ttft_mean)
    * (p.ttft_n::float8 * excluded.ttft_n / greatest(p.ttft_n + excluded.ttft_n, 1)),
  itl_n = p.itl_n + excluded.itl_n,
  itl_mean = p.itl_mean + (excluded.itl_mean - p.itl_mean)
    * (excluded.itl_n::float8 / greatest(p.itl_n + excluded.itl_n, 1)),
  itl_m2 = p.itl_m2 + excluded.itl_m2 + (excluded.itl_mean - p.itl_mean) * (excluded.itl_mean - p.itl_mean)
    * (p.itl_n::float8 * excluded.itl_n / greatest(p.itl_n + excluded.itl_n, 1)),
  seconds_n = p.seconds_n + excluded.seconds_n,
  seconds_mean = p.seconds_mean + (excluded.seconds_mean - p.seconds_mean)
    * (excluded.seconds_n::float8 / greatest(p.seconds_n + excluded.seconds_n, 1)),
  seconds_m2 = p.seconds_m2 + excluded.seconds_m2
    + (excluded.seconds_mean - p.seconds_mean) * (excluded.seconds_mean - p.seconds_mean)
    * (p.seconds_n::float8 * excluded.seconds_n / greatest(p.seconds_n + excluded.seconds_n, 1)),
  (at, judged, quality, squares, paid, paid_cost, paid_length, paid_length_squares, paid_length_cost,
    hist_ttft, hist_itl, hist_tokens, hist_seconds) = (
    select greatest(p.at, excluded.at),
      p.judged * k.old + excluded.judged * k.new, p.quality * k.old + excluded.quality * k.new,
      p.squares * k.old + excluded.squares * k.new,
      p.paid * k.old + excluded.paid * k.new, p.paid_cost * k.old + excluded.paid_cost * k.new,
      p.paid_length * k.old + excluded.paid_length * k.new,
      p.paid_length_squares * k.old + excluded.paid_length_squares * k.new,
      p.paid_length_cost * k.old + excluded.paid_length_cost * k.new,
      array(select coalesce(a, 0) * k.old + coalesce(b, 0) * k.new
        from unnest(p.hist_ttft, excluded.hist_ttft) with ordinality as h(a, b, place) order by place),
      array(select coalesce(a, 0) * k.old + coalesce(b, 0) * k.new
        from unnest(p.hist_itl, excluded.hist_itl) with ordinality as h(a, b, place) order by place),
      array(select coalesce(a, 0) * k.old + coalesce(b, 0) * k.new
        from unnest(p.hist_tokens, excluded.hist_tokens) with ordinality as h(a, b, place) order by place),
      array(select coalesce(a, 0) * k.old + coalesce(b, 0) * k.new
        from unnest(p.hist_seconds, excluded.hist_seconds) with ordinality as h(a, b, place) order by place)
    from (select
      power(0.5::float8, greatest(0, extract(epoch from excluded.at - p.at))::float8 / %(half_life)b::float8) as old,
      power(0.5::float8, greatest(0, extract(epoch from p.at - excluded.at))::float8 / %(half_life)b::float8) as new) k);

-- name: write_usage
-- In the transaction of write_records, and only when that wrote its batch.
insert into model_usage as u (tenant_id, hour, model, provider, task_type, calls, errors, cached, cost, input_tokens,
  output_tokens, seconds)
select * from unnest(
  %(tenant)b::uuid[], %(hour)b::timestamptz[], %(model)b::text[], %(provider)b::text[], %(task)b::text[],
  %(calls)b::bigint[], %(errors)b::bigint[], %(cached)b::bigint[], %(cost)b::float8[], %(input)b::bigint[],
  %(output)b::bigint[], %(seconds)b::float8[])
  as g(tenant_id, hour, model, provider, task_type, calls, errors, cached, cost, input_tokens, output_tokens, seconds)
order by tenant_id, hour, model, provider, task_type
on conflict (tenant_id, hour, model, provider, task_type) do update set
  calls = u.calls + excluded.calls, errors = u.errors + excluded.errors, cached = u.cached + excluded.cached,
  cost = u.cost + excluded.cost, input_tokens = u.input_tokens + excluded.input_tokens,
  output_tokens = u.output_tokens + excluded.output_tokens, seconds = u.seconds + excluded.seconds;

-- name: write_calls
insert into model_calls (tenant_id, call_id, execution_id, model, provider, task_type, prompt, foretold, at)
select g.tenant, g.call, g.execution, g.model, g.provider, g.task, g.prompt::jsonb, g.foretold, g.at
from unnest(%(tenant)b::uuid[], %(call)b::text[], %(execution)b::uuid[], %(model)b::text[], %(provider)b::text[],
  %(task)b::text[], %(prompt)b::text[], %(foretold)b::float8[], %(at)b::timestamptz[])
  as g(tenant, call, execution, model, provider, task, prompt, foretold, at)
order by g.tenant, g.call
on conflict (tenant_id, call_id) do update set model = excluded.model, provider = excluded.provider,
  task_type = excluded.task_type, prompt = excluded.prompt, foretold = excluded.foretold, at = excluded.at;

-- name: write_health
insert into model_health as h (tenant_id, model, trouble, closed_until, at)
select * from unnest(%(tenant)b::uuid[], %(model)b::text[], %(trouble)b::text[], %(until)b::timestamptz[],
  %(at)b::timestamptz[]) as g(tenant_id, model, trouble, closed_until, at)
order by tenant_id, model
on conflict (tenant_id, model) do update set trouble = excluded.trouble, closed_until = excluded.closed_until,
  at = excluded.at where h.at <= excluded.at;

-- name: batch_known
select from model_batches where id = %(batch)b;

-- name: performance
select * from model_performance where tenant_id = %(tenant)b;

-- name: health
select model, trouble, closed_until, at from model_health where tenant_id = %(tenant)b;

-- name: examples
-- The latest rated calls.
select call_id, model, task_type, prompt, quality, at from model_calls
where tenant_id = %(tenant)b and quality is not null order by at desc limit %(most)b;

-- name: take_ratings
-- Ratings whose call is written, or will not be any more; each is taken by one process.
delete from model_ratings r using (
  select id from model_ratings x
  where exists (select from model_calls c where c.tenant_id = x.tenant_id and c.call_id = x.call_id)
    or x.at < now() - interval '1 minute'
  order by id limit 500 for update skip locked) due
where r.id = due.id
returning r.id, r.tenant_id, r.call_id, r.model, r.provider, r.task_type, r.quality, r.weight, r.at;

-- name: rated_calls
update model_calls c set quality = r.quality, at = greatest(c.at, r.at)
from unnest(%(tenant)b::uuid[], %(call)b::text[], %(quality)b::float8[], %(at)b::timestamptz[])
  as r(tenant, call, quality, at)
where c.tenant_id = r.tenant and c.call_id = r.call
returning c.tenant_id, c.call_id, c.foretold;

-- name: tidy
-- What nobody asks for any more. Rated calls are kept: they are what the choice learns from.
with batches as (
  delete from model_batches where written_at < now() - interval '1 day'
), spending as (
  delete from model_spending where expires_at < now()
), answers as (
  delete from model_answers where expires_at < now()
), budgets as (
  delete from model_budgets where day < current_date - 60
), used as (
  delete from model_usage where hour < now() - interval '400 days'
)
delete from model_calls where quality is null and at < now() - interval '7 days'
  or quality is not null and at < now() - interval '365 days';

-- name: usage
-- For charts, in pieces of `%(piece)b` seconds.
select to_timestamp(floor(extract(epoch from hour) / %(piece)b::float8) * %(piece)b::float8) as since, model, provider,
  task_type, sum(calls)::bigint as calls, sum(errors)::bigint as errors, sum(cached)::bigint as cached,
  sum(cost) as cost, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
  sum(seconds) as seconds
from model_usage where tenant_id = %(tenant)b and hour >= %(since)b
group by 1, 2, 3, 4 order by 1, 2, 3, 4;

-- name: model_rated
-- Finds the answer that is rated in the family of the execution, by what it says; without one, the family's last.
with asked as (
  select * from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(execution)b::uuid[], %(at)b::timestamptz[],
    %(answer)b::text[], %(quality)b::float8[], %(of)b::uuid[])
    as r(ref, tenant, execution, at, answer, quality, of)
), found as materialized (
  select r.*, s.aside
  from asked r left join lateral (
    select s.given -> 'aside' as aside
    from workflow_executions root
    join workflow_executions x on x.root_id = root.root_id and x.tenant_id = r.tenant
    join workflow_steps s on s.execution_id = x.id
    where root.id = coalesce(r.of, r.execution) and root.tenant_id = r.tenant
      and s.given -> 'aside' ->> 'call' is not null
      and (r.answer is null or s.given -> 'aside' ->> 'answer' = r.answer)
    order by s.ended_at desc limit 1) s on true
), kept as (
  insert into model_ratings (tenant_id, call_id, model, provider, task_type, quality, at)
  select tenant, aside ->> 'call', aside ->> 'model', coalesce(aside ->> 'provider', ''), aside ->> 'task', quality, at
  from found where aside is not null
)
select ref, case when aside is not null then '{"v": true}'::jsonb
  else jsonb_build_object('error', jsonb_build_object('kind', 'unknown', 'message', case
    when answer is null then 'No language model has answered in this execution, so there is nothing to rate.'
    else 'RATE LLM needs an answer of LLM as it came, and no language model gave this one here. Rate it before it is changed.'
    end)) end
from found;

-- name: lease
-- Sets aside a block of a day's budget, as much as is left of it; answers how much that is.
insert into model_budgets as b (tenant_id, bot_id, day, leased, granted)
values (%(tenant)b, %(bot)b, %(day)b, least(%(block)b::float8, %(budget)b::float8), least(%(block)b::float8, %(budget)b::float8))
on conflict (tenant_id, bot_id, day) do update set
  granted = least(%(block)b::float8, greatest(%(budget)b::float8 - b.leased, 0)),
  leased = b.leased + least(%(block)b::float8, greatest(%(budget)b::float8 - b.leased, 0))
returning granted;

-- name: give_back
update model_budgets set leased = greatest(leased - %(rest)b::float8, 0)
where tenant_id = %(tenant)b and bot_id = %(bot)b and day = %(day)b;

-- name: spent
select spent from model_spending where tenant_id = %(tenant)b and call_id = %(call)b;

-- name: note_spending
insert into model_spending as s (tenant_id, call_id, spent, expires_at)
values (%(tenant)b, %(call)b, %(spent)b, now() + interval '1 day')
on conflict (tenant_id, call_id) do update set spent = greatest(s.spent, excluded.spent), expires_at = excluded.expires_at;

-- name: cached
select body from model_answers
where tenant_id = %(tenant)b and bot_id = %(bot)b and key = %(key)b and expires_at > %(now)b;

-- name: cached_alike
select meaning, body from model_answers
where tenant_id = %(tenant)b and bot_id = %(bot)b and family = %(family)b and expires_at > %(now)b
  and meaning is not null
order by made_at desc limit 500;

-- name: keep_answer
insert into model_answers (tenant_id, bot_id, key, family, meaning, body, execution_id, made_at, expires_at)
values (%(tenant)b, %(bot)b, %(key)b, %(family)b, %(meaning)b::float4[], %(body)b::text::jsonb, %(execution)b, %(now)b,
  %(expires)b)
on conflict (tenant_id, bot_id, key) do update set meaning = excluded.meaning, body = excluded.body,
  execution_id = excluded.execution_id, made_at = excluded.made_at, expires_at = excluded.expires_at;

-- name: preference
select model, routing from model_preferences where tenant_id = %(tenant)b and conversation_id = %(conversation)b;

-- name: model_preferred
insert into model_preferences as p (tenant_id, conversation_id, model, routing, at)
select r.tenant, r.conversation, (array_agg(r.model order by r.ref desc) filter (where r.model is not null))[1],
  (array_agg(r.routing order by r.ref desc) filter (where r.routing is not null))[1], max(r.at)
from unnest(%(ref)b::int[], %(tenant)b::uuid[], %(at)b::timestamptz[], %(conversation)b::uuid[], %(model)b::text[],
  %(routing)b::text[]) as r(ref, tenant, at, conversation, model, routing)
group by r.tenant, r.conversation order by r.tenant, r.conversation
on conflict (tenant_id, conversation_id) do update set model = coalesce(excluded.model, p.model),
  routing = coalesce(excluded.routing, p.routing), at = excluded.at;
