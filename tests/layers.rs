//! Keeps the maps in `src/lib.rs` and in the harness's `lib.rs` true: a module imports only modules above it. Modules next
//! to each other don't import each other. In the service a module and its own children don't either.
//!
//! Reads the sources as text: `use` declarations, and other paths that begin with `crate`, `super` or a child module.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use regex::Regex;

/// The sources of the service.
const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
/// The sources of the package `bdd-harness`.
const HARNESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/src");

/// Modules by path, such as `store::engine::pool`; the crate itself is the empty path.
type Modules = BTreeMap<String, Module>;

struct Module {
    /// Without comments, visibilities and test modules.
    code: String,
    children: BTreeSet<String>,
}

#[test]
fn the_map_lists_all_modules() {
    for source in [SERVICE, HARNESS] {
        let declared = modules(source)[""].children.clone();
        let listed: BTreeSet<_> = mapped_modules(source).into_iter().collect();
        assert_eq!(
            listed, declared,
            "the table in {source}/lib.rs must list the modules of the crate"
        );
    }
}

#[test]
fn modules_import_only_modules_above_them() {
    for source in [SERVICE, HARNESS] {
        let mapped = mapped_modules(source);
        let place = |module: &str| {
            let top = module.split("::").next().unwrap_or_default();
            mapped.iter().position(|listed| listed == top)
        };
        let mut wrong = Vec::new();
        for (from, imported) in imports(&modules(source)) {
            for to in imported {
                if let (Some(upper), Some(lower)) = (place(&from), place(&to))
                    && lower > upper
                {
                    wrong.push(format!("{from} imports {to}, which is below it"));
                }
            }
        }
        assert!(wrong.is_empty(), "{source}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn no_modules_next_to_each_other_import_each_other() {
    for source in [SERVICE, HARNESS] {
        let all = imports(&modules(source)).into_iter();
        let pairs = all.flat_map(|(from, imported)| {
            let of = move |to: String| siblings(&from, &to);
            imported.into_iter().filter_map(of).collect::<Vec<_>>()
        });
        assert_one_way(&pairs.collect());
    }
}

#[test]
fn no_files_of_the_service_import_each_other() {
    let all = imports(&modules(SERVICE)).into_iter();
    let pairs =
        all.flat_map(|(from, imported)| imported.into_iter().map(move |to| (from.clone(), to)));
    assert_one_way(&pairs.collect());
}

fn assert_one_way(pairs: &BTreeSet<(String, String)>) {
    let wrong: Vec<_> = pairs
        .iter()
        .filter(|(one, other)| one < other && pairs.contains(&(other.clone(), one.clone())))
        .map(|(one, other)| format!("{one} and {other} import each other"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The modules next to each other that two modules are in, or are: `a::b` and `a::c` for `a::b::x` and `a::c`; none if
/// one of the two contains the other.
fn siblings(one: &str, other: &str) -> Option<(String, String)> {
    let (one, other): (Vec<_>, Vec<_>) = (one.split("::").collect(), other.split("::").collect());
    let common = one
        .iter()
        .zip(&other)
        .take_while(|(one, other)| one == other)
        .count();
    let up_to_difference = |path: &[&str]| Some(path.get(..=common)?.join("::"));
    up_to_difference(&one).zip(up_to_difference(&other))
}

/// The modules in the order of the table in `lib.rs`.
fn mapped_modules(source: &str) -> Vec<String> {
    static ROW: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^//! \| \[`(\w+)`\]").expect("a valid pattern"));
    let map = fs::read_to_string(Path::new(source).join("lib.rs")).expect("lib.rs can be read");
    ROW.captures_iter(&map)
        .map(|row| row[1].to_owned())
        .collect()
}

fn modules(source: &str) -> Modules {
    let source = Path::new(source);
    let mut modules = Modules::new();
    add_module("", &source.join("lib.rs"), source, &mut modules);
    modules
}

/// Adds a module and its children, whose files are in `folder`.
fn add_module(path: &str, file: &Path, folder: &Path, modules: &mut Modules) {
    static IGNORED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*//.*$|pub\(in [\w:]+\)").expect("a valid pattern"));
    static CHILD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^(?:pub(?:\([\w: ]+\))? )?mod (\w+);").expect("a valid pattern")
    });
    let text = fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", file.display()));
    let code = IGNORED.replace_all(&text, "");
    let code = code
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let children: BTreeSet<_> = CHILD
        .captures_iter(code)
        .map(|name| name[1].to_owned())
        .collect();
    for child in &children {
        let path = join(path, child);
        let (file, inside) = (folder.join(format!("{child}.rs")), folder.join(child));
        if file.exists() {
            add_module(&path, &file, &inside, modules);
        } else {
            add_module(&path, &inside.join("mod.rs"), &inside, modules);
        }
    }
    let module = Module {
        code: code.to_owned(),
        children,
    };
    modules.insert(path.to_owned(), module);
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}::{name}")
    }
}

/// The modules that each module imports.
fn imports(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:\w+::)+(?:\{|\w+)?|\buse \w+;").expect("a valid pattern"));
    let mut imports = BTreeMap::new();
    for (path, module) in modules {
        let mut imported = BTreeSet::new();
        for found in PATH.find_iter(&module.code) {
            for name in names(found.as_str(), &module.code[found.end()..]) {
                imported.extend(resolve(&name, path, modules));
            }
        }
        imported.remove(path);
        imported.remove("");
        imports.insert(path.clone(), imported);
    }
    imports
}

/// The paths that a path with braces, as in `a::{b, c::{d, e}}`, stands for; `rest` is the text after the first brace.
fn names(start: &str, rest: &str) -> Vec<String> {
    let Some(prefix) = start.strip_suffix('{') else {
        return vec![start.to_owned()];
    };
    let (mut names, mut prefixes, mut name) = (Vec::new(), vec![prefix.to_owned()], String::new());
    for letter in rest.chars() {
        match letter {
            '{' => prefixes.push(std::mem::take(&mut name)),
            ',' | '}' => {
                if !name.is_empty() {
                    names.push(prefixes.concat() + &std::mem::take(&mut name));
                }
                if letter == '}' {
                    prefixes.pop();
                }
                if prefixes.is_empty() {
                    break;
                }
            }
            letter if letter.is_whitespace() => {}
            letter => name.push(letter),
        }
    }
    names
}

/// The module whose file has what a path names; `None` for paths into other crates.
fn resolve(name: &str, from: &str, modules: &Modules) -> Option<String> {
    let mut segments = name.split("::").peekable();
    let mut path = match *segments.peek()? {
        "crate" => {
            segments.next();
            String::new()
        }
        "self" | "super" => from.to_owned(),
        child if modules[from].children.contains(child) => from.to_owned(),
        _ => return None,
    };
    while let Some(segment) = segments.next_if(|segment| matches!(*segment, "self" | "super")) {
        if segment == "super" {
            path = path
                .rsplit_once("::")
                .map_or("", |(parent, _)| parent)
                .to_owned();
        }
    }
    for segment in segments {
        if !modules[&path].children.contains(segment) {
            break;
        }
        path = join(&path, segment);
    }
    Some(path)
}
