#!/bin/sh
# A clean database from `bdd pool`, with curl. Run by: bdd pool 1 -- ./test.sh
set -eu
leased=$(curl -fsS -X POST "$BDD_POOL/lease?pid=$$")
value() { printf '%s' "$leased" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
slot=$(value slot) lease=$(value lease) url=$(value database_url)

for title in Emma Persuasion; do
    id=$(psql -XqAtc "insert into books (title) values ('$title') returning id" "$url")
    [ "$id" = 2 ] || { echo "the id of $title is $id"; exit 1; }
    curl -fsS -X POST "$BDD_POOL/slots/$slot/reset?lease=$lease"
    echo
done
curl -fsS -X POST "$BDD_POOL/slots/$slot/prove?lease=$lease" | grep '"clean":true'
curl -fsS -X DELETE "$BDD_POOL/slots/$slot?lease=$lease"
echo "2 tests passed"
