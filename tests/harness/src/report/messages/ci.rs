//! Recognises build servers by their environment variables.

use serde_json::{Value, json};

/// A build server: its name, and templates that contain variables as `${NAME}`.
struct Server {
    name: &'static str,
    url: &'static str,
    build: &'static str,
    remote: &'static str,
    revision: &'static str,
    branch: &'static str,
    tag: &'static str,
}

/// A build server is recognised if all variables in its URL are set.
const SERVERS: [Server; 8] = [
    Server {
        name: "GitHub Actions",
        url: "${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}",
        build: "${GITHUB_RUN_ID}",
        remote: "${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git",
        revision: "${GITHUB_SHA}",
        branch: "${GITHUB_REF_NAME}",
        tag: "",
    },
    Server {
        name: "GitLab",
        url: "${CI_JOB_URL}",
        build: "${CI_JOB_ID}",
        remote: "${CI_PROJECT_URL}.git",
        revision: "${CI_COMMIT_SHA}",
        branch: "${CI_COMMIT_BRANCH}",
        tag: "${CI_COMMIT_TAG}",
    },
    Server {
        name: "Azure Pipelines",
        url: "${SYSTEM_COLLECTIONURI}${SYSTEM_TEAMPROJECT}/_build/results?buildId=${BUILD_BUILDID}",
        build: "${BUILD_BUILDNUMBER}",
        remote: "${BUILD_REPOSITORY_URI}",
        revision: "${BUILD_SOURCEVERSION}",
        branch: "${BUILD_SOURCEBRANCHNAME}",
        tag: "",
    },
    Server {
        name: "Bitbucket",
        url: "https://bitbucket.org/${BITBUCKET_REPO_FULL_NAME}/pipelines/results/${BITBUCKET_BUILD_NUMBER}",
        build: "${BITBUCKET_BUILD_NUMBER}",
        remote: "${BITBUCKET_GIT_HTTP_ORIGIN}",
        revision: "${BITBUCKET_COMMIT}",
        branch: "${BITBUCKET_BRANCH}",
        tag: "${BITBUCKET_TAG}",
    },
    Server {
        name: "Buildkite",
        url: "${BUILDKITE_BUILD_URL}",
        build: "${BUILDKITE_BUILD_NUMBER}",
        remote: "${BUILDKITE_REPO}",
        revision: "${BUILDKITE_COMMIT}",
        branch: "${BUILDKITE_BRANCH}",
        tag: "${BUILDKITE_TAG}",
    },
    Server {
        name: "CircleCI",
        url: "${CIRCLE_BUILD_URL}",
        build: "${CIRCLE_BUILD_NUM}",
        remote: "${CIRCLE_REPOSITORY_URL}",
        revision: "${CIRCLE_SHA1}",
        branch: "${CIRCLE_BRANCH}",
        tag: "${CIRCLE_TAG}",
    },
    Server {
        name: "Travis CI",
        url: "${TRAVIS_BUILD_WEB_URL}",
        build: "${TRAVIS_JOB_NUMBER}",
        remote: "https://github.com/${TRAVIS_REPO_SLUG}.git",
        revision: "${TRAVIS_COMMIT}",
        branch: "${TRAVIS_BRANCH}",
        tag: "${TRAVIS_TAG}",
    },
    Server {
        name: "Jenkins",
        url: "${BUILD_URL}",
        build: "${BUILD_NUMBER}",
        remote: "${GIT_URL}",
        revision: "${GIT_COMMIT}",
        branch: "${GIT_LOCAL_BRANCH}",
        tag: "",
    },
];

/// What messages say about the build server; `None` outside of one.
pub fn found() -> Option<Value> {
    SERVERS.iter().find_map(Server::detected)
}

impl Server {
    fn detected(&self) -> Option<Value> {
        let mut ci = json!({ "name": self.name, "url": filled(self.url)? });
        if let Some(number) = filled(self.build) {
            ci["buildNumber"] = json!(number);
        }
        if let (Some(remote), Some(revision)) = (filled(self.remote), filled(self.revision)) {
            ci["git"] = json!({ "remote": without_password(&remote), "revision": revision });
            for (name, template) in [("branch", self.branch), ("tag", self.tag)] {
                if let Some(value) = filled(template) {
                    ci["git"][name] = json!(value);
                }
            }
        }
        Some(ci)
    }
}

/// The template with its variables filled in; `None` if one isn't set.
fn filled(template: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        text.push_str(before);
        text.push_str(&value);
        rest = after;
    }
    text.push_str(rest);
    (!text.is_empty()).then_some(text)
}

/// The remote without a token or password.
fn without_password(remote: &str) -> String {
    match url::Url::parse(remote) {
        Ok(mut url) if url.has_authority() => {
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.to_string()
        }
        _ => remote.to_owned(),
    }
}
