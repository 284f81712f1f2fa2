//! How a project's service is started.

use std::fs;

use super::{
    Finding, finding,
    folder::{Folder, module},
};

/// Files that show how a project is started if nothing says more.
const USUAL: [(&str, &str); 5] = [
    ("pom.xml", "mvn -q spring-boot:run"),
    ("build.gradle", "./gradlew --quiet bootRun"),
    ("build.gradle.kts", "./gradlew --quiet bootRun"),
    ("config.ru", "bundle exec puma --port {port}"),
    ("Cargo.toml", "cargo run --quiet"),
];

/// Scripts of package.json that start a service.
const SCRIPTS: [(&str, &str); 3] = [
    ("start", "npm start"),
    ("serve", "npm run serve"),
    ("dev", "npm run dev"),
];

/// The command that starts the service.
pub fn run(folder: &Folder) -> Option<Finding> {
    let mut found = found(folder)?;
    found.what = folder.in_environment(&found.what);
    Some(found)
}

fn found(folder: &Folder) -> Option<Finding> {
    of_procfile_or_framework(folder)
        .or_else(|| {
            let line = "dotnet run --no-launch-profile --urls http://127.0.0.1:{port}";
            Some(finding(line, csproj(folder)?))
        })
        .or_else(|| {
            let package = folder.text("package.json");
            let package: serde_json::Value = serde_json::from_str(&package).ok()?;
            let mut scripts = SCRIPTS.into_iter();
            let (_, line) = scripts.find(|(script, _)| package["scripts"][script].is_string())?;
            Some(finding(line, "package.json"))
        })
        .or_else(|| go(folder))
        .or_else(|| {
            let (file, line) = USUAL.into_iter().find(|(file, _)| folder.has(file))?;
            Some(finding(line, file))
        })
}

/// A Procfile's command, or the one of a framework that its files show.
fn of_procfile_or_framework(folder: &Folder) -> Option<Finding> {
    if let Some(line) = folder.procfile("web") {
        let line = line.replace("${PORT}", "{port}").replace("$PORT", "{port}");
        return Some(finding(line, "Procfile"));
    }
    if folder.has("manage.py") {
        let line = "python manage.py runserver 127.0.0.1:{port} --noreload";
        return Some(finding(line, "manage.py"));
    }
    if let Some((path, name)) =
        folder.first(r"(?m)^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:fastapi\.)?(?:FastAPI|Starlette)\(")
    {
        let in_src = path.starts_with("src/");
        let below = if in_src { " --app-dir src" } else { "" };
        let line = format!("uvicorn {}:{name} --port {{port}}{below}", module(&path));
        return Some(finding(line, path));
    }
    if let Some((app, path)) = folder.flask() {
        let line = format!("flask --app {app} run --port {{port}}");
        return Some(finding(line, path));
    }
    let line = "php artisan serve --port={port}";
    folder.has("artisan").then(|| finding(line, "artisan"))
}

fn go(folder: &Folder) -> Option<Finding> {
    if !folder.has("go.mod") {
        return None;
    }
    // The service is below `cmd`, where other programs may be too, or it is the module itself.
    let programs = fs::read_dir(folder.path.join("cmd"));
    let names = programs.into_iter().flatten().flatten();
    let mut programs: Vec<String> = names
        .map(|entry| format!("./cmd/{}", entry.file_name().to_string_lossy()))
        .collect();
    programs.sort();
    let serves = |program: &&String| {
        let names = ["server", "api", "web", "http"];
        names.iter().any(|name| program.contains(name))
    };
    let main = programs.iter().find(serves).or(programs.first());
    let main = main.map_or(".", |main| main);
    Some(finding(format!("go run {main}"), "go.mod"))
}

/// A path that answers with success once the service is ready.
pub fn ready(folder: &Folder) -> Option<Finding> {
    if folder.text("pom.xml").contains("actuator")
        || folder.text("build.gradle").contains("actuator")
    {
        return Some(finding(
            "/actuator/health",
            "the actuator in the build file",
        ));
    }
    let (path, name) = folder.first(
        r#"["'`](/(?:api/)?(?:v\d+/)?(?:healthz?|readyz?|livez|ping|status|_health|health/ready))/?["'`]"#,
    )?;
    Some(finding(name, path))
}

/// A path that clears the service's memory.
pub fn forget(folder: &Folder) -> Option<Finding> {
    let (path, name) = folder.first(r#"["'`](/(?:[\w-]+/)*test/(?:forget|reset))["'`]"#)?;
    Some(finding(name, path))
}

/// The project file of a web service in .NET.
fn csproj(folder: &Folder) -> Option<String> {
    let entries = fs::read_dir(folder.path).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name.ends_with(".csproj"))
        .find(|name| folder.text(name).contains("Sdk.Web"))
}
