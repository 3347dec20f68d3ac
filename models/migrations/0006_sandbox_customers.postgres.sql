-- Few among many: whoever reaches all live customers asks for them with every statement.
create index customers_sandbox on customers (tenant_id, id) where sandbox;
