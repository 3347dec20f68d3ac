-- Whoever looks through the audit log for what is rare must not read all of it.
create index audit_events_staff_user on audit_events (tenant_id, staff_user_id, at desc, id desc) where staff_user_id is not null;
create index audit_events_client on audit_events (tenant_id, client_id, at desc, id desc) where client_id is not null;
create index audit_events_action on audit_events (tenant_id, action, at desc, id desc);
create index audit_events_actor on audit_events (tenant_id, actor, at desc, id desc);
create index audit_events_kind on audit_events (tenant_id, subject, at desc, id desc);
