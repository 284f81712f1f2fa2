create table products (
    id          text    not null primary key
                        default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                                     || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    name        text    not null,
    description text,
    price_cents integer not null check (price_cents between 0 and 9999999999),
    stock       integer not null default 0 check (stock between 0 and 2147483647),
    category_id text    not null references categories (id),
    image_url   text,
    sku         text,
    search_text text    not null default '',
    created_at  text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    updated_at  text    not null default (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),
    deleted_at  text
);

-- A deleted product's sku is free again.
create unique index products_sku on products (sku) where deleted_at is null;

-- What lists are sorted and filtered by.
create index products_category_id on products (category_id);
create index products_created_at on products (created_at, id) where deleted_at is null;
create index products_name on products (name, id) where deleted_at is null;
create index products_price_cents on products (price_cents, id) where deleted_at is null;
create index products_stock on products (stock) where deleted_at is null;
