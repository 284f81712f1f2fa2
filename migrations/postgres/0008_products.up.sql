create table products (
    id          uuid        primary key default gen_random_uuid(),
    name        text        collate "C" not null,
    description text        collate "C",
    price_cents bigint      not null check (price_cents between 0 and 9999999999),
    stock       bigint      not null default 0 check (stock between 0 and 2147483647),
    category_id uuid        not null references categories (id),
    image_url   text        collate "C",
    sku         text        collate "C",
    search_text text        collate "C" not null default '',
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    deleted_at  timestamptz
);

-- A deleted product's sku is free again.
create unique index products_sku on products (sku) where deleted_at is null;

-- What lists are sorted and filtered by.
create index products_category_id on products (category_id);
create index products_created_at on products (created_at, id) where deleted_at is null;
create index products_name on products (name, id) where deleted_at is null;
create index products_price_cents on products (price_cents, id) where deleted_at is null;
create index products_stock on products (stock) where deleted_at is null;

-- A row that was put there by hand has no search text.
create index products_search on products using gin (search_trigrams(
    case when search_text = '' then lower(name || E'\n' || coalesce(sku, '')) else search_text end))
    with (gin_pending_list_limit = 512) where deleted_at is null;
