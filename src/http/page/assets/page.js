// Features that need scripts: live changes, copying to the clipboard, and setting tags by dragging.
"use strict";

const updates = document.getElementById("updates");
const notice = document.getElementById("notice");

/** The row that is being dragged. */
let dragged = null;

/** Shows the list as it is now, but keeps the focus and the fields that were changed. False if a row is being dragged. */
async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (response.redirected) {
    // The session has ended.
    location.reload();
    return true;
  }
  if (!response.ok) throw new Error(`the service answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  // Checked here, because the row may have been picked up while the response was on its way.
  if (dragged) return false;
  const fresh = page.getElementById("updates");
  const focused = updates.contains(document.activeElement) ? document.activeElement : null;
  const chosen = new Map([...updates.querySelectorAll("select, input:not([type=hidden])")]
    .filter((field) => field.id && (field === focused || field.dataset.touched))
    .map((field) => [field.id, field.value]));
  const place = focused && placeOf(focused);
  const before = updates.querySelector("#count")?.textContent;
  updates.dataset.stream = fresh.dataset.stream;
  updates.replaceChildren(...fresh.childNodes);
  for (const [id, value] of chosen) {
    const field = document.getElementById(id);
    if (field) {
      field.value = value;
      field.dataset.touched = "true";
    }
  }
  if (place) (findAgain(place) ?? document.getElementById("content")).focus({ preventScroll: true });
  const after = updates.querySelector("#count")?.textContent;
  if (after && after !== before && !notice.querySelector("form")) {
    notice.replaceChildren(Object.assign(document.createElement("p"), { textContent: `The list has changed: ${after}.` }));
  }
  prepare();
  return true;
}

const usable = (part) => [...part?.querySelectorAll("a, button, select, input:not([type=hidden]), pre") ?? []];
const nameOf = (element) => element.id || element.getAttribute("href") || element.textContent;

/** How an element is found again in a newer list: by its name, or else by its place in its row or in the next one. */
function placeOf(element) {
  const row = element.closest("tr[id]");
  const rows = [...row?.parentElement.rows ?? []].map((other) => other.id);
  const own = rows.indexOf(row?.id);
  const nearest = row ? [...rows.slice(own), ...rows.slice(0, own).reverse()] : [];
  return { name: nameOf(element), index: usable(row).indexOf(element), rows: nearest };
}

function findAgain({ name, index, rows }) {
  return usable(updates).find((element) => nameOf(element) === name)
    ?? rows.map((id) => usable(document.getElementById(id))[index]).find((element) => element);
}

/** Follows the changes while somebody can see the page: browsers allow few connections to a server. */
function follow() {
  let source = null;
  let waiting = 0;
  let isConnected = true, isCurrent = true;
  const show = () => { document.getElementById("offline").hidden = isConnected && isCurrent && navigator.onLine; };
  // Several changes in quick succession cause one refresh. It would end the dragging of a row, so it waits for that.
  const changed = (_, delay = 150) => {
    waiting ||= setTimeout(async () => {
      waiting = 0;
      try {
        if (!await refresh()) return changed();
        isCurrent = true;
      } catch {
        isCurrent = false;
        if (!document.hidden) changed(null, 5000);
      }
      show();
    }, delay);
  };
  const connect = () => {
    source = new EventSource(updates.dataset.stream);
    for (const kind of ["reported", "acknowledged", "unacknowledged", "tagged", "deleted", "reload"]) {
      source.addEventListener(kind, changed);
    }
    source.addEventListener("open", () => {
      if (!isConnected) changed();
      isConnected = true;
      show();
    });
    source.addEventListener("error", () => {
      isConnected = false;
      show();
      // The browser stops trying when the response is an error, such as after a log-out.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { source = null; look(); changed(); }, 5000);
    });
  };
  const look = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      connect();
      if (!isCurrent) changed();
    }
  };
  // Without a network, the stream only seems to be open.
  addEventListener("offline", show);
  addEventListener("online", () => { changed(); show(); });
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => source?.close());
  show();
  look();
}

/** Keeps the ages of times up to date, in the server's words and by its clock. */
function age() {
  const ahead = Date.parse(document.documentElement.dataset.now) - Date.now();
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"} ago`;
  setInterval(() => {
    for (const time of document.querySelectorAll("time[title]")) {
      const seconds = (Date.now() + ahead - Date.parse(time.dateTime)) / 1000;
      const text = seconds < 60 ? "just now" : seconds < 3600 ? plural(Math.floor(seconds / 60), "minute")
        : seconds < 86400 ? plural(Math.floor(seconds / 3600), "hour") : plural(Math.floor(seconds / 86400), "day");
      if (time.textContent !== text) time.textContent = text;
    }
  }, 2000);
}

/** Restores the focus after a form was sent: to the same row, or else to the next one. */
function keepFocus() {
  const key = `focus of ${location.pathname}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  sessionStorage.removeItem(key);
  if (kept && notice.firstElementChild) findAgain(kept)?.focus();
  updates.addEventListener("submit", (event) => {
    const place = placeOf(event.submitter ?? document.activeElement);
    if (place.rows.length) sessionStorage.setItem(key, JSON.stringify(place));
  });
}

/** Adds a button to each text that can be copied. */
function prepare() {
  for (const text of document.querySelectorAll("[data-copy]:not([data-ready])")) {
    text.dataset.ready = "true";
    if (!navigator.clipboard) continue;
    const hidden = Object.assign(document.createElement("span"), { className: "hidden", textContent: ` the ${text.dataset.copy}` });
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append("Copy", hidden);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.firstChild.data = "Copied";
      } catch {
        // The browser doesn't allow it.
        getSelection().selectAllChildren(text);
        button.firstChild.data = "Selected, now copy";
      }
    });
    text.after(" ", button);
  }
}

/** A row that is dropped on another group gets its tag: the form of the row is sent. */
function drag() {
  const target = (event) => {
    const group = event.target.closest?.("[data-group]");
    return dragged && group && group !== dragged.closest("[data-group]") ? group : null;
  };
  updates.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("tr[draggable]");
    if (!dragged) return;
    event.dataTransfer.setData("text/plain", dragged.querySelector("a").textContent);
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("dragged");
  });
  updates.addEventListener("dragover", (event) => {
    const group = target(event);
    for (const other of updates.querySelectorAll(".over")) if (other !== group) other.classList.remove("over");
    if (!group) return;
    event.preventDefault();
    group.classList.add("over");
  });
  updates.addEventListener("drop", (event) => {
    const group = target(event);
    if (!group) return;
    event.preventDefault();
    const form = dragged.querySelector("form");
    let choice = form.elements.tag_id;
    if (!choice) {
      choice = Object.assign(document.createElement("input"), { type: "hidden", name: "tag_id" });
      form.append(choice);
    }
    choice.value = group.dataset.tag ?? "";
    // Not the row's first button, which would acknowledge.
    form.submit();
  });
  updates.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    for (const group of updates.querySelectorAll(".over")) group.classList.remove("over");
    dragged = null;
  });
}

prepare();
age();
// The browser focuses it too, but not before it has drawn the page.
if (notice?.autofocus) notice.focus();
// A page that the browser has kept may be out of date, or from a session that has ended.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
if (updates) {
  keepFocus();
  updates.addEventListener("input", (event) => { event.target.dataset.touched = "true"; });
  drag();
  follow();
}
