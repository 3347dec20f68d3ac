-- Answers too large for one page, made by the clock and fetched as files.

create table report_runs (
    tenant_id text not null,
    id text not null,
    caller_id text not null,
    client_id text,
    staff_user_id text,
    kind text not null,
    format text not null,
    arguments text not null,
    reach text not null,
    status text not null default 'QUEUED',
    rows_done integer not null default 0,
    rows_total integer,
    bytes integer not null default 0,
    download_path text,
    error text,
    attempts integer not null default 0,
    -- When it may be begun: at once, or when whoever is at it has not been heard of for too long.
    due_at text not null,
    -- Who is at it: what anybody else still writes is refused.
    lease text,
    created_at text not null,
    started_at text,
    finished_at text,
    expires_at text,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id),
    constraint report_runs_caller check (client_id is null or staff_user_id is null)
) strict;
create index report_runs_newest on report_runs (tenant_id, caller_id, created_at desc, id desc);
create index report_runs_unfinished on report_runs (tenant_id, created_at, id) where status in ('QUEUED', 'RUNNING');
create index report_runs_expiry on report_runs (tenant_id, expires_at) where status = 'DONE';
create index report_runs_age on report_runs (tenant_id, created_at);

-- The file of a run, in pieces that any worker can send.
create table report_chunks (
    tenant_id text not null,
    id text not null,
    run_id text not null,
    starts_at integer not null,
    content blob not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, run_id) references report_runs (tenant_id, id)
) strict;
create unique index report_chunks_place on report_chunks (tenant_id, run_id, starts_at);
