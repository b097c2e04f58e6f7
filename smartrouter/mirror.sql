-- The host's table, which is never altered.

-- name: has_metrics
select to_regclass('public.llm_metrics') is not null;

-- name: write_metrics
insert into public.llm_metrics (request_id, session_id, bot_id, model, request_type, input_tokens, output_tokens,
  total_tokens, latency_ms, ttft_ms, cached, success, error, estimated_cost, timestamp, metadata)
select g.request, g.session, g.bot, g.model, g.kind, g.input, g.output, g.input + g.output, g.latency, g.ttft, g.cached,
  g.success, g.error, g.cost, g.at, g.metadata::jsonb
from unnest(%(request)b::uuid[], %(session)b::uuid[], %(bot)b::uuid[], %(model)b::text[], %(kind)b::text[],
  %(input)b::bigint[], %(output)b::bigint[], %(latency)b::bigint[], %(ttft)b::bigint[], %(cached)b::bool[],
  %(success)b::bool[], %(error)b::text[], %(cost)b::float8[], %(at)b::timestamptz[], %(metadata)b::text[])
  as g(request, session, bot, model, kind, input, output, latency, ttft, cached, success, error, cost, at, metadata);

-- name: has_models
select to_regclass('public.model_configurations') is not null as there;

-- name: host_models
select model_name, model_type, provider, endpoint, api_key, model_id, context_window, max_tokens, is_active, is_default
from public.model_configurations where is_active order by is_default desc, model_name;
