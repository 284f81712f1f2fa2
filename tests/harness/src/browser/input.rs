//! Mouse and keyboard input, as a person creates it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    connection::CommandError,
    document::Object,
    found::Found,
    keyboard::{self, Key},
    page::{Look, Page},
};
use crate::failure::{Failure, Outcome};

/// The time between two looks at an element, to see whether it moves.
const FRAME: Duration = Duration::from_millis(20);
/// How often an element is scrolled to another place if something covers it.
const PLACES: usize = 4;

/// A point in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    x: f64,
    y: f64,
}

impl Page {
    /// The place where an element can be clicked: it is visible, enabled, not moving, and not covered.
    pub(super) async fn place(
        &self,
        found: &Found,
        element: &Object,
        writes: bool,
    ) -> Result<Point, Look> {
        let mut why = String::new();
        for attempt in 0..PLACES {
            match self.point(element, attempt, writes).await? {
                Ok(point) => {
                    tokio::time::sleep(FRAME).await;
                    if self.point(element, attempt, writes).await? == Ok(point) {
                        return Ok(point);
                    }
                    "it is moving".clone_into(&mut why);
                }
                Err(found) => why = found,
            }
        }
        let shown = found.shown();
        Err(Look::NotYet(format!("{shown} can't be used: {why}")))
    }

    async fn point(
        &self,
        element: &Object,
        attempt: usize,
        writes: bool,
    ) -> Result<Result<Point, String>, Look> {
        let mut place = self
            .call(element, "place", &[attempt.into(), writes.into()])
            .await?;
        let mut frames = &element.frames[..];
        while let ([outer @ .., _], true) = (frames, place["x"].is_number()) {
            let owner = self.owner(frames).await?;
            let point = [place["x"].clone(), place["y"].clone()];
            place = self.call(&owner, "place_in_frame", &point).await?;
            frames = outer;
        }
        Ok(match (place["x"].as_f64(), place["y"].as_f64()) {
            (Some(x), Some(y)) => Ok(Point { x, y }),
            _ => Err(place["why"].as_str().unwrap_or_default().to_owned()),
        })
    }

    /// Presses and releases the mouse. It isn't repeated after an error, because the click may already have had its
    /// effect.
    pub(super) async fn click_at(&self, point: Point) -> Outcome {
        self.mouse("mouseMoved", point).await?;
        self.mouse("mousePressed", point).await?;
        self.mouse("mouseReleased", point).await
    }

    async fn mouse(&self, kind: &str, Point { x, y }: Point) -> Outcome {
        let moved = kind == "mouseMoved";
        let event = json!({
            "type": kind, "x": x, "y": y, "button": if moved { "none" } else { "left" }, "clickCount": i32::from(!moved),
        });
        self.input("Input.dispatchMouseEvent", event).await
    }

    /// A page that this click or key closes doesn't answer. That isn't an error.
    async fn input(&self, method: &str, event: Value) -> Outcome {
        match self.command(method, event).await {
            Ok(_) | Err(CommandError::Refused(_)) => Ok(()),
            Err(closed) => Err(closed.into()),
        }
    }

    /// Drags from one point to another: by the browser's drag events if the page uses them, otherwise by mouse moves.
    pub(super) async fn drag_between(&self, from: Point, to: Point) -> Outcome {
        let intercept = |enabled: bool| json!({ "enabled": enabled });
        self.observed.seen().dragged = None;
        self.input("Input.setInterceptDrags", intercept(true))
            .await?;
        self.mouse("mouseMoved", from).await?;
        self.mouse("mousePressed", from).await?;
        for share in [0.1, 0.5, 1.0] {
            let x = from.x + (to.x - from.x) * share;
            let y = from.y + (to.y - from.y) * share;
            let event =
                json!({"type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1});
            self.input("Input.dispatchMouseEvent", event).await?;
            tokio::time::sleep(FRAME).await;
        }
        let dragged = self.observed.seen().dragged.take();
        if let Some(data) = dragged {
            for kind in ["dragEnter", "dragOver", "drop"] {
                let event = json!({"type": kind, "x": to.x, "y": to.y, "data": data});
                self.input("Input.dispatchDragEvent", event).await?;
                tokio::time::sleep(FRAME).await;
            }
        }
        self.mouse("mouseReleased", to).await?;
        self.input("Input.setInterceptDrags", intercept(false))
            .await
    }

    /// Inserts text into the focused element, like a keyboard's input method.
    pub(super) async fn insert(&self, text: &str) -> Outcome {
        self.input("Input.insertText", json!({ "text": text }))
            .await
    }

    /// Presses keys together: `Control+A`.
    pub(super) async fn press_keys(&self, keys: &str) -> Outcome {
        let pressed = keyboard::read(keys).map_err(Failure::new)?;
        let mut modifiers = 0;
        for modifier in &pressed.modifiers {
            modifiers |= modifier.bit();
            self.key("keyDown", modifier, modifiers).await?;
        }
        self.key("keyDown", &pressed.key, modifiers).await?;
        self.key("keyUp", &pressed.key, modifiers).await?;
        for modifier in pressed.modifiers.iter().rev() {
            modifiers &= !modifier.bit();
            self.key("keyUp", modifier, modifiers).await?;
        }
        Ok(())
    }

    async fn key(&self, kind: &str, key: &Key, modifiers: i64) -> Outcome {
        let mut event = json!({
            "type": kind, "key": key.key, "code": key.code, "windowsVirtualKeyCode": key.number, "modifiers": modifiers,
        });
        if kind == "keyDown" {
            match key.text(modifiers) {
                Some(text) => event["text"] = text.into(),
                None => event["type"] = "rawKeyDown".into(),
            }
        }
        self.input("Input.dispatchKeyEvent", event).await
    }
}
