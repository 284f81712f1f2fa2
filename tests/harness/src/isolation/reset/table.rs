//! What the reset has to know of a table or a materialized view, read from the catalogs.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use crate::failure::Failure;
use crate::isolation::reset::Rights;

/// A table, partitioned table or materialized view that isn't ours.
#[derive(Debug)]
pub struct Table {
    pub oid: i64,
    /// As SQL writes it, schema and all.
    pub name: String,
    pub kind: Kind,
    /// A materialized view that has been filled.
    pub populated: bool,
    /// How many rows the migrations put in.
    pub rows: i64,
    /// How large they made it, in bytes.
    pub size: i64,
    /// What tells its rows apart; empty when nothing does.
    pub key: Vec<String>,
    /// Without the generated ones.
    pub columns: Vec<String>,
    /// Identity columns that take no value but with `overriding system value`, and none at all in an update.
    pub fixed: Vec<String>,
    /// Statements that keep its triggers, rules and policies quiet, and those that undo it.
    pub silence: String,
    pub sound: String,
    /// Its policies bind the owner.
    pub hidden: bool,
    /// Itself, its partitions and its heirs, as far as they hold rows.
    pub members: Vec<i64>,
    /// A foreign key leads to it that doesn't wait with its check, or that takes rows along.
    pub holding: bool,
    /// What has to be named in a TRUNCATE of it: itself, and what refers to it, over all corners. Nothing where that
    /// are so many that nobody would.
    pub referring: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Partitioned,
    View,
}

/// By object id, which is the order of their making.
pub type Tables = BTreeMap<i64, Table>;

/// Schemas that are none of the reset's business.
pub const FOREIGN_SCHEMAS: &str =
    "(n.nspname ~ '^pg_' or n.nspname in ('information_schema', 'bdd_harness'))";

const LOOK: &str = "
    select c.oid::int8                                                                     as oid,
            format('%I.%I', n.nspname, c.relname)                                           as name,
            c.relkind::text                                                                 as kind,
            c.relispopulated                                                                as populated,
            case when c.relkind = 'r' then pg_relation_size(c.oid) else 0 end               as size,
            c.relforcerowsecurity                                                            as hidden,
            array(select format('%I', a.attname)
                    from (select i.indkey, i.indnkeyatts
                            from pg_index i
                           where i.indrelid = c.oid and i.indisunique and i.indisvalid
                             and i.indpred is null and i.indexprs is null
                             and not exists (select from unnest(i.indclass) as k join pg_opclass o on o.oid = k
                                              where not o.opcdefault)
                             and not exists (select
                                               from unnest(i.indkey[:i.indnkeyatts - 1]) as k
                                               join pg_attribute a on a.attrelid = c.oid and a.attnum = k
                                              where not a.attnotnull)
                           order by not i.indisprimary, not i.indimmediate, i.indexrelid
                           limit 1) best
                    join unnest(best.indkey) with ordinality as k (attnum, place) on true
                    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                   where k.place <= best.indnkeyatts
                   order by k.place)                                                        as key,
            array(select format('%I', a.attname)
                    from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                   order by a.attnum)                                                       as columns,
            array(select format('%I', a.attname)
                    from pg_attribute a
                   where a.attrelid = c.oid and a.attidentity = 'a'
                   order by a.attnum)                                                       as fixed,
            (select string_agg(format('alter table only %s disable trigger %I;', c.oid::regclass, t.tgname), ' ')
               from pg_trigger t
              where t.tgrelid = c.oid and not t.tgisinternal and t.tgname <> 'bdd_harness_mark'
                and t.tgenabled in {loud})                                                  as triggers_off,
            (select string_agg(format('alter table only %s enable%s trigger %I;', c.oid::regclass,
                                      case t.tgenabled when 'A' then ' always' when 'R' then ' replica' else '' end,
                                      t.tgname), ' ')
               from pg_trigger t
              where t.tgrelid = c.oid and not t.tgisinternal and t.tgname <> 'bdd_harness_mark'
                and t.tgenabled in {loud})                                                  as triggers_on,
            (select string_agg(format('alter table %s disable rule %I;', c.oid::regclass, r.rulename), ' ')
               from pg_rewrite r
              where r.ev_class = c.oid and r.ev_type <> '1' and r.ev_enabled in {loud})     as rules_off,
            (select string_agg(format('alter table %s enable%s rule %I;', c.oid::regclass,
                                      case r.ev_enabled when 'A' then ' always' when 'R' then ' replica' else '' end,
                                      r.rulename), ' ')
               from pg_rewrite r
              where r.ev_class = c.oid and r.ev_type <> '1' and r.ev_enabled in {loud})     as rules_on,
            case when exists (select from pg_constraint k
                               where k.conrelid = c.oid and k.contype = 'c' and not k.convalidated)
                 then c.relchecks end                                                       as unchecked
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and not {FOREIGN_SCHEMAS}
      order by c.oid";

/// Everything that holds rows.
pub async fn tables(connection: &mut PgConnection, rights: Rights) -> Result<Tables, Failure> {
    // What fires in the role that the reset's connection lives in.
    let loud = if rights.silence {
        "('A', 'R')"
    } else {
        "('A', 'O')"
    };
    let look = LOOK
        .replace("{FOREIGN_SCHEMAS}", FOREIGN_SCHEMAS)
        .replace("{loud}", loud);
    let rows = sqlx::query(AssertSqlSafe(look))
        .fetch_all(&mut *connection)
        .await?;
    let mut tables: Tables = rows
        .iter()
        .map(|row| Table::read(row, rights))
        .map(|table| (table.oid, table))
        .collect();
    families(connection, &mut tables).await?;
    references(connection, &mut tables).await?;
    Ok(tables)
}

/// A mark on a parent may mean rows in its partitions and heirs, all the way down.
async fn families(connection: &mut PgConnection, tables: &mut Tables) -> Result<(), Failure> {
    let pairs: Vec<(i64, i64)> = sqlx::query_as(
        "with recursive family (ancestor, member) as (
             select oid, oid from pg_class where relkind in ('r', 'p')
             union
             select f.ancestor, i.inhrelid from family f join pg_inherits i on i.inhparent = f.member
         )
         select ancestor::int8, member::int8 from family order by member",
    )
    .fetch_all(connection)
    .await?;
    for (ancestor, member) in pairs {
        let holds_rows = tables
            .get(&member)
            .is_some_and(|table| table.kind == Kind::Plain);
        if let Some(table) = tables.get_mut(&ancestor)
            && holds_rows
        {
            table.members.push(member);
        }
    }
    Ok(())
}

/// TRUNCATE wants every table that refers to one of its own, empty or not, and in the replica role too.
async fn references(connection: &mut PgConnection, tables: &mut Tables) -> Result<(), Failure> {
    let direct: Vec<(i64, i64, bool)> = sqlx::query_as(
        "select confrelid::int8, conrelid::int8, bool_or(confdeltype <> 'a')
           from pg_constraint
          where contype = 'f'
          group by confrelid, conrelid",
    )
    .fetch_all(connection)
    .await?;
    let mut referring: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (referred, by, holding) in direct {
        referring.entry(referred).or_default().push(by);
        if let Some(table) = tables.get_mut(&referred) {
            table.holding |= holding;
        }
    }
    for table in tables.values_mut() {
        let mut all = vec![table.oid];
        let mut next = 0;
        // Beyond this nobody would truncate.
        while next < all.len() && all.len() < 64 {
            for by in referring.get(&all[next]).into_iter().flatten() {
                if !all.contains(by) {
                    all.push(*by);
                }
            }
            next += 1;
        }
        let too_many = next < all.len();
        table.referring = if too_many { Vec::new() } else { all };
    }
    Ok(())
}

impl Table {
    fn read(row: &PgRow, rights: Rights) -> Self {
        let text = |column: &str| row.get::<Option<String>, _>(column).unwrap_or_default();
        let name: String = row.get("name");
        let oid: i64 = row.get("oid");
        let kind = match row.get::<String, _>("kind").as_str() {
            "p" => Kind::Partitioned,
            "m" => Kind::View,
            _ => Kind::Plain,
        };
        let hidden = row.get("hidden") && !rights.superuser;
        let (mut silence, mut sound) = (String::new(), String::new());
        if kind == Kind::Plain {
            silence = format!("{} {}", text("triggers_off"), text("rules_off"));
            sound = format!("{} {}", text("triggers_on"), text("rules_on"));
            // Rows may be older than a check that was made NOT VALID, and couldn't come back. A superuser takes the
            // checks away, which no command can without making them anew.
            if let (Some(checks), true) = (row.get::<Option<i16>, _>("unchecked"), rights.superuser)
            {
                let set = |checks| {
                    format!(" update pg_class set relchecks = {checks} where oid = {oid};")
                };
                silence.push_str(&set(0));
                sound.push_str(&set(checks));
            }
            if hidden {
                silence.push_str(&format!(
                    " alter table only {name} no force row level security;"
                ));
                sound.push_str(&format!(
                    " alter table only {name} force row level security;"
                ));
            }
        }
        Self {
            oid,
            kind,
            populated: row.get("populated"),
            rows: 0,
            size: row.get("size"),
            key: row.get("key"),
            columns: row.get("columns"),
            fixed: row.get("fixed"),
            silence: silence.trim().to_owned(),
            sound: sound.trim().to_owned(),
            hidden,
            members: Vec::new(),
            holding: false,
            referring: Vec::new(),
            name,
        }
    }

    /// The migrations put rows into it.
    pub fn is_filled(&self) -> bool {
        self.rows > 0
    }

    /// As TRUNCATE names it: without its heirs, but with its partitions.
    pub fn truncated(&self) -> String {
        match self.kind {
            Kind::Partitioned => self.name.clone(),
            _ => format!("only {}", self.name),
        }
    }

    /// The copy of the rows that the migrations put in.
    pub fn shadow(&self) -> String {
        format!("bdd_harness.shadow_{}", self.oid)
    }

    /// The triggers that leave a mark; on a partitioned table too, whose leaves may never be named.
    pub fn marks(&self) -> String {
        if self.kind == Kind::View {
            return String::new();
        }
        format!(
            "create trigger bdd_harness_mark
                 after insert or update or delete or truncate on {name}
                 for each statement
                 when (current_setting('bdd_harness.t{oid}', true) is distinct from 'on'
                       and current_setting('bdd_harness.resetting', true) is distinct from 'on')
                 execute function bdd_harness.mark('bdd_harness.t{oid}');
             alter table {only} {name} enable always trigger bdd_harness_mark;\n",
            name = self.name,
            oid = self.oid,
            only = if self.kind == Kind::Plain { "only" } else { "" },
        )
    }

    /// Two rows have the same key; `extra` columns are compared as well.
    fn same(&self, a: &str, b: &str, extra: &[String]) -> String {
        let columns = self.key.iter().chain(extra);
        columns
            .map(|column| format!("{a}.{column} = {b}.{column}"))
            .collect::<Vec<_>>()
            .join(" and ")
    }

    /// Deletes what the template hasn't got. `*=` compares rows byte by byte, so types without equality will do.
    ///
    /// `in_place` leaves rows of the same key to [`Self::update`]: where keys fire, a delete would cascade.
    pub fn delete(&self, in_place: bool) -> String {
        let name = &self.name;
        if !self.is_filled() || self.key.is_empty() {
            return format!("delete from only {name}");
        }
        format!(
            "delete from only {name} t where not exists (select from {} s where {})",
            self.shadow(),
            self.match_of(in_place)
        )
    }

    /// A row `t` of the table is the row `s` of its copy; `in_place` as above.
    fn match_of(&self, in_place: bool) -> String {
        if in_place {
            self.same("s", "t", &self.fixed)
        } else {
            format!("{} and s.* *= t.*", self.same("s", "t", &[]))
        }
    }

    /// Puts changed rows back where they are.
    ///
    /// `after` is a condition that makes it wait for another part of the statement.
    pub fn update(&self, after: &str) -> Option<String> {
        if !self.is_filled() || self.key.is_empty() {
            return None;
        }
        let settable: Vec<_> = self
            .columns
            .iter()
            .filter(|column| !self.fixed.contains(column))
            .collect();
        if settable.is_empty() {
            return None;
        }
        let set: Vec<_> = settable
            .iter()
            .map(|column| format!("{column} = s.{column}"))
            .collect();
        Some(format!(
            "update only {} t set {} from {} s where {} and not s.* *= t.*{after}",
            self.name,
            set.join(", "),
            self.shadow(),
            self.same("s", "t", &self.fixed)
        ))
    }

    /// Inserts what is missing; `after` as above.
    pub fn insert(&self, in_place: bool, after: &str) -> Option<String> {
        if !self.is_filled() {
            return None;
        }
        let name = &self.name;
        let missing = if self.key.is_empty() {
            "true".to_owned()
        } else {
            format!(
                "not exists (select from only {name} t where {})",
                self.match_of(in_place)
            )
        };
        Some(format!("{} s where {missing}{after}", self.refill()))
    }

    /// Inserts all that the template has.
    pub fn refill(&self) -> String {
        let columns = self.columns.join(", ");
        // SQL knows tables without columns, but no empty list of them.
        let list = if columns.is_empty() {
            String::new()
        } else {
            format!(" ({columns})")
        };
        format!(
            "insert into {}{list} overriding system value select {columns} from {}",
            self.name,
            self.shadow()
        )
    }

    /// Shows again what a materialized view showed.
    pub fn refresh(&self) -> String {
        format!(
            "refresh materialized view {}{};",
            self.name,
            if self.populated { "" } else { " with no data" }
        )
    }
}
