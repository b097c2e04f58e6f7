-- works with: 0001
-- What was learned about models: how they did, what they cost, what they answered, and what may still be spent today.
-- Nothing here is written on the way of a call; every writer merges into the rows, and none reads them first.

set local search_path = botmcp, public;

-- One row for each model at each kind of task. Counts, costs and moments are whole; what the choice goes by fades with
-- time (half of it in 30 days), and the columns that fade are as of `at`.
create table model_performance (
  tenant_id uuid not null,
  model text not null,                                  -- as the choice names it: name, or name@host
  provider text not null,
  task_type text not null,
  calls bigint not null default 0,                      -- attempts that went out
  errors bigint not null default 0,
  timeouts bigint not null default 0,
  cost double precision not null default 0,             -- US dollars
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  ttft_n bigint not null default 0,                     -- seconds to the first token, of calls that stream
  ttft_mean double precision not null default 0,
  ttft_m2 double precision not null default 0,          -- sum of squared distances from the mean
  itl_n bigint not null default 0,                      -- seconds between tokens
  itl_mean double precision not null default 0,
  itl_m2 double precision not null default 0,
  seconds_n bigint not null default 0,                  -- seconds of whole answers
  seconds_mean double precision not null default 0,
  seconds_m2 double precision not null default 0,
  at timestamptz not null,
  judged double precision not null default 0,           -- judgements, by weight
  quality double precision not null default 0,          -- their sum
  squares double precision not null default 0,
  paid double precision not null default 0,             -- paid calls, and sums over them for the line of cost by length
  paid_cost double precision not null default 0,
  paid_length double precision not null default 0,
  paid_length_squares double precision not null default 0,
  paid_length_cost double precision not null default 0,
  hist_ttft double precision[] not null,                -- 64 buckets, log-spaced from a millisecond to 1,000 seconds
  hist_itl double precision[] not null,
  hist_tokens double precision[] not null,              -- thousands of tokens of an answer
  hist_seconds double precision[] not null,
  primary key (tenant_id, model, provider, task_type)
) with (fillfactor = 50);

-- A batch of records is written once, however often its writer must try.
create table model_batches (
  id uuid primary key,
  written_at timestamptz not null
);
create index model_batches_written on model_batches (written_at);

-- What was asked of whom, by the hour: for charts.
create table model_usage (
  tenant_id uuid not null,
  hour timestamptz not null,
  model text not null,
  provider text not null,
  task_type text not null,
  calls bigint not null default 0,
  errors bigint not null default 0,
  cached bigint not null default 0,
  cost double precision not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  seconds double precision not null default 0,
  primary key (tenant_id, hour, model, provider, task_type)
) with (fillfactor = 70);

-- Answered calls: who asked for a rating later finds the call here. No prompt is kept, only what it looks like in numbers.
create table model_calls (
  tenant_id uuid not null,
  call_id text not null,
  execution_id uuid,
  model text not null,
  provider text not null,
  task_type text not null,
  prompt jsonb not null,
  foretold double precision not null default 0,         -- how far its quality was expected to depart from the task's
  quality double precision,                             -- once rated
  at timestamptz not null,
  primary key (tenant_id, call_id)
);
create index model_calls_at on model_calls (tenant_id, at);
create index model_calls_rated on model_calls (tenant_id, at) where quality is not null;
create index model_calls_execution on model_calls (execution_id);

-- Ratings on their way into the records.
create table model_ratings (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  call_id text not null,
  model text not null,
  provider text not null,
  task_type text not null,
  quality double precision not null,
  weight double precision not null default 1,
  at timestamptz not null
);

-- Whether a model answers, as the last process saw it that had trouble or saw it end.
create table model_health (
  tenant_id uuid not null,
  model text not null,
  trouble text not null default '',
  closed_until timestamptz,                             -- null: it answers
  at timestamptz not null,
  primary key (tenant_id, model)
);

-- What was set aside of the budgets of a day, in blocks, before it is spent.
create table model_budgets (
  tenant_id uuid not null,
  bot_id uuid not null,                                 -- zero: the whole tenant
  day date not null,
  leased double precision not null default 0,           -- US dollars
  granted double precision not null default 0,          -- the last block, for the statement that set it aside
  primary key (tenant_id, bot_id, day)
);

-- What a call that failed may have cost: made again, it draws from what is left.
create table model_spending (
  tenant_id uuid not null,
  call_id text not null,
  spent double precision not null,
  expires_at timestamptz not null,
  primary key (tenant_id, call_id)
);
create index model_spending_expires on model_spending (expires_at);

-- Answers that may be given again. The key holds everything that the answer depends on.
create table model_answers (
  tenant_id uuid not null,
  bot_id uuid not null,
  key bytea not null,
  family bytea not null,                                -- everything but the last question
  meaning real[],                                       -- of the last question, where answers are found by meaning
  body jsonb not null,
  execution_id uuid,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, bot_id, key)
);
create index model_answers_family on model_answers (tenant_id, bot_id, family, made_at);
create index model_answers_expires on model_answers (expires_at);

-- Which model a conversation asked for.
create table model_preferences (
  tenant_id uuid not null,
  conversation_id uuid not null,                        -- the session, else the execution at the top
  model text,
  routing text,
  at timestamptz not null,
  primary key (tenant_id, conversation_id)
);
