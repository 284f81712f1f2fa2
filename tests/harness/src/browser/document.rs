//! The objects of a page: its document, the documents of its frames, and elements of both.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    connection::CommandError,
    found::Found,
    page::{Look, Page},
};
use crate::failure::Failure;

/// The functions that run in the page.
const FUNCTIONS: &str = include_str!("page.js");
/// They run in an isolated world, so changes by the page's own scripts don't affect them.
const WORLD: &str = "suite";
/// The shortest time limit for the answer of a frame.
const FRAME: Duration = Duration::from_secs(1);

/// An object in one of the page's documents.
#[derive(Clone, Debug)]
pub struct Object {
    id: String,
    /// The frames around it, the innermost last; none in the page's own document.
    pub frames: Vec<String>,
}

impl Page {
    /// Runs JavaScript in the page's own world and returns its value. Waits for a promise.
    pub async fn evaluate(&self, expression: &str) -> Result<Value, Failure> {
        self.must_be_open()?;
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.command("Runtime.evaluate", asked).await;
        let answer = answer.map_err(|error| match error {
            CommandError::Refused(why) => Failure::new(why),
            closed @ CommandError::Closed => closed.into(),
        })?;
        match answer["exceptionDetails"]["exception"]["description"].as_str() {
            Some(thrown) => Err(Failure::new(format!("`{expression}`: {thrown}"))),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// The page's own document.
    pub(super) async fn document(&self) -> Result<Object, Look> {
        self.document_of(Vec::new()).await
    }

    async fn document_of(&self, frames: Vec<String>) -> Result<Object, Look> {
        self.evaluated("document", frames).await
    }

    async fn evaluated(&self, expression: &str, frames: Vec<String>) -> Result<Object, Look> {
        let context = self.world(&frames).await?;
        let asked = json!({"expression": expression, "contextId": context});
        let answer = self.command("Runtime.evaluate", asked).await?;
        object(&answer["result"], frames)
    }

    /// The execution context of our functions in the current document.
    async fn world(&self, frames: &[String]) -> Result<Value, CommandError> {
        let frame = match frames.last() {
            Some(frame) => frame.clone(),
            None => self.tab()?.1,
        };
        let world = json!({"frameId": frame, "worldName": WORLD});
        let world = self.command("Page.createIsolatedWorld", world).await?;
        Ok(world["executionContextId"].clone())
    }

    /// This object, and the documents of all frames inside it.
    pub(super) async fn with_frames(&self, root: &Object) -> Result<Vec<Object>, Look> {
        let mut all = vec![root.clone()];
        let mut at = 0;
        while let Some(outer) = all.get(at).cloned() {
            all.extend(self.frames_in(&outer).await?);
            at += 1;
        }
        Ok(all)
    }

    /// The documents of the visible frames inside this object. A frame that isn't loaded yet is left out.
    async fn frames_in(&self, outer: &Object) -> Result<Vec<Object>, Look> {
        if !self.newest_tab(|tab| tab.has_frames) {
            return Ok(Vec::new());
        }
        let answer = self.answer(outer, ours("frames"), &[], false).await?;
        let list = json!({"objectId": answer["objectId"], "ownProperties": true});
        let list = self.command("Runtime.getProperties", list).await?;
        let mut documents = Vec::new();
        for property in list["result"].as_array().into_iter().flatten() {
            if let Ok(frame) = object(&property["value"], outer.frames.clone())
                && let Ok(Some(document)) = self.inside(&frame).await
            {
                documents.push(document);
            }
        }
        Ok(documents)
    }

    /// The document inside an element, if the element is a frame.
    pub(super) async fn inside(&self, element: &Object) -> Result<Option<Object>, Look> {
        if !self.newest_tab(|tab| tab.has_frames) {
            return Ok(None);
        }
        let asked = json!({"objectId": element.id});
        let answer = self.command("DOM.describeNode", asked).await?;
        let node = &answer["node"];
        if !matches!(node["nodeName"].as_str(), Some("IFRAME" | "FRAME")) {
            return Ok(None);
        }
        let mut frames = element.frames.clone();
        frames.extend(node["frameId"].as_str().map(str::to_owned));
        self.document_of(frames).await.map(Some)
    }

    /// The `iframe` element of the innermost of these frames.
    pub(super) async fn owner(&self, frames: &[String]) -> Result<Object, Look> {
        let Some((innermost, outer)) = frames.split_last() else {
            return self.document().await;
        };
        let asked = json!({"frameId": innermost});
        let owner = self.command("DOM.getFrameOwner", asked).await?;
        self.resolved(&owner["backendNodeId"], outer.to_vec()).await
    }

    /// The object of an element of the accessibility tree.
    pub(super) async fn element(&self, found: &Found) -> Result<Object, Look> {
        self.resolved(&found.node.into(), found.frames.clone())
            .await
    }

    async fn resolved(&self, node: &Value, frames: Vec<String>) -> Result<Object, Look> {
        let context = self.world(&frames).await?;
        let node = json!({"backendNodeId": node, "executionContextId": context});
        let node = self.command("DOM.resolveNode", node).await?;
        object(&node["object"], frames)
    }

    /// The first of the elements that one of our page functions has stored in this object's document.
    pub(super) async fn marked(&self, of: &Object) -> Result<Object, Look> {
        self.evaluated("globalThis.found[0]", of.frames.clone())
            .await
    }

    /// Calls one of our functions on an object.
    pub(super) async fn call(
        &self,
        object: &Object,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, Look> {
        let answer = self.answer(object, ours(function), arguments, true).await?;
        Ok(answer["value"].clone())
    }

    /// Calls a function, which is declared in JavaScript, on an object.
    pub(super) async fn answer(
        &self,
        object: &Object,
        declaration: String,
        arguments: &[Value],
        by_value: bool,
    ) -> Result<Value, Look> {
        let arguments: Vec<_> = arguments
            .iter()
            .map(|value| json!({ "value": value }))
            .collect();
        let call = json!({
            "functionDeclaration": declaration,
            "objectId": object.id,
            "arguments": arguments,
            "returnByValue": by_value,
        });
        let answer = self.command("Runtime.callFunctionOn", call).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let description = &thrown["exception"]["description"];
            let message = description.as_str().or(thrown["text"].as_str());
            return Err(Look::NotYet(message.unwrap_or_default().to_owned()));
        }
        Ok(answer["result"].clone())
    }

    /// All nodes that a query finds below this object and in the frames inside it.
    pub(super) async fn query(&self, root: &Object, query: Value) -> Result<Vec<Found>, Look> {
        let mut found = Vec::new();
        for root in self.with_frames(root).await? {
            if !self.is_drawn(&root).await? {
                continue;
            }
            let mut asked = query.clone();
            asked["objectId"] = root.id.clone().into();
            let asked = self.command("Accessibility.queryAXTree", asked);
            // A frame that loads something else meanwhile may never answer: the next look finds its new document.
            let limit = if root.frames.is_empty() {
                self.patience
            } else {
                (self.patience / 5).max(FRAME)
            };
            let answer = match tokio::time::timeout(limit, asked).await {
                // A frame may be loading something else meanwhile; the page's own document may not.
                Ok(Err(CommandError::Refused(_))) if !root.frames.is_empty() => continue,
                Ok(answer) => answer?,
                Err(_) => return Err(Look::NotYet("the page doesn't answer".to_owned())),
            };
            let nodes = answer["nodes"].as_array().into_iter().flatten();
            found.extend(nodes.filter_map(|node| Found::new(node, &root.frames)));
        }
        Ok(found)
    }

    /// Chromium answers no query for a frame of another site while it is outside the window, so it is scrolled into view.
    async fn is_drawn(&self, root: &Object) -> Result<bool, Look> {
        if root.frames.is_empty() {
            return Ok(true);
        }
        let owner = self.owner(&root.frames).await?;
        Ok(self.call(&owner, "bring", &[]).await? == true)
    }

    /// Gives files to a field.
    pub(super) async fn give_files(&self, field: &Object, paths: &[String]) -> Result<(), Look> {
        let given = json!({"files": paths, "objectId": field.id});
        self.command("DOM.setFileInputFiles", given).await?;
        Ok(())
    }
}

/// The declaration of one of our functions, which takes its object as `this`.
fn ours(function: &str) -> String {
    format!("function (...given) {{ return ({FUNCTIONS}).{function}.apply(this, given) }}")
}

fn object(object: &Value, frames: Vec<String>) -> Result<Object, Look> {
    match object["objectId"].as_str() {
        Some(id) => Ok(Object {
            id: id.to_owned(),
            frames,
        }),
        None => Err(Look::NotYet("it was removed from the page".to_owned())),
    }
}
