//! How a project's service is started.

use std::fs;

use super::{
    Finding, finding,
    folder::{Folder, module},
};

/// The command that starts the service.
pub fn run(folder: &Folder) -> Option<Finding> {
    let procfile = folder.text("Procfile");
    let web = procfile.lines().find_map(|line| line.strip_prefix("web:"));
    if let Some(web) = web {
        let line = web
            .trim()
            .replace("${PORT}", "{port}")
            .replace("$PORT", "{port}");
        return Some(finding(line, "Procfile"));
    }
    if folder.has("manage.py") {
        return Some(finding(
            "python manage.py runserver 127.0.0.1:{port} --noreload",
            "manage.py",
        ));
    }
    if let Some((path, name)) =
        folder.first(r"(?m)^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:fastapi\.)?(?:FastAPI|Starlette)\(")
    {
        let below = if path.starts_with("src/") {
            " --app-dir src"
        } else {
            ""
        };
        return Some(finding(
            format!("uvicorn {}:{name} --port {{port}}{below}", module(&path)),
            path,
        ));
    }
    if let Some((app, path)) = folder.flask() {
        return Some(finding(
            format!("flask --app {app} run --port {{port}}"),
            path,
        ));
    }
    if folder.has("artisan") {
        return Some(finding("php artisan serve --port={port}", "artisan"));
    }
    if let Some(file) = csproj(folder) {
        return Some(finding(
            "dotnet run --no-launch-profile --urls http://127.0.0.1:{port}",
            file,
        ));
    }
    let package = folder.text("package.json");
    if let Ok(package) = serde_json::from_str::<serde_json::Value>(&package) {
        let commands = [
            ("start", "npm start"),
            ("serve", "npm run serve"),
            ("dev", "npm run dev"),
        ];
        for (script, line) in commands {
            if package["scripts"][script].is_string() {
                return Some(finding(line, "package.json"));
            }
        }
    }
    if folder.has("go.mod") {
        let main = fs::read_dir(folder.path.join("cmd"))
            .into_iter()
            .flatten()
            .flatten()
            .next();
        let main = main.map_or_else(
            || ".".to_owned(),
            |main| format!("./cmd/{}", main.file_name().to_string_lossy()),
        );
        return Some(finding(format!("go run {main}"), "go.mod"));
    }
    for (file, line) in [
        ("pom.xml", "mvn -q spring-boot:run"),
        ("build.gradle", "./gradlew --quiet bootRun"),
        ("build.gradle.kts", "./gradlew --quiet bootRun"),
        ("config.ru", "bundle exec puma --port {port}"),
        ("Cargo.toml", "cargo run --quiet"),
    ] {
        if folder.has(file) {
            return Some(finding(line, file));
        }
    }
    None
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
