-- Answers too large for one page, made by the clock and fetched as files.

create table report_runs (
    tenant_id uuid not null,
    id uuid not null,
    caller_id uuid not null,
    client_id uuid,
    staff_user_id uuid,
    kind text not null,
    format text not null,
    arguments text not null,
    reach text not null,
    status text not null default 'QUEUED',
    rows_done bigint not null default 0,
    rows_total bigint,
    bytes bigint not null default 0,
    download_path text,
    error text,
    attempts integer not null default 0,
    -- When it may be begun: at once, or when whoever is at it has not been heard of for too long.
    due_at timestamptz not null,
    -- Who is at it: what anybody else still writes is refused.
    lease uuid,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references api_clients (tenant_id, id),
    foreign key (tenant_id, staff_user_id) references staff_users (tenant_id, id),
    constraint report_runs_caller check (client_id is null or staff_user_id is null)
);
create index report_runs_newest on report_runs (tenant_id, caller_id, created_at desc, id desc);
create index report_runs_unfinished on report_runs (tenant_id, created_at, id) where status in ('QUEUED', 'RUNNING');
create index report_runs_expiry on report_runs (tenant_id, expires_at) where status = 'DONE';
create index report_runs_age on report_runs (tenant_id, created_at);

-- The file of a run, in pieces that any worker can send.
create table report_chunks (
    tenant_id uuid not null,
    id uuid not null,
    run_id uuid not null,
    starts_at bigint not null,
    content bytea not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, run_id) references report_runs (tenant_id, id)
);
create unique index report_chunks_place on report_chunks (tenant_id, run_id, starts_at);
