// The articles of a review, which come one at a time, and what is said of them.

const sameKey = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const wordsOf = (item) => item.name ?? item.topic ?? item.description ?? [item.when, item.type, ...item.places].join(" ");

const records = new Map();
const coming = new Set();
const MAX_RECORDS = 100;

function loadRecord(entry) {
  const record = records.get(entry.number);
  if (!record) fetchRecord(entry);
  else setTimeout(() => nextToReview() && fetchRecord(nextToReview()));
  return record && withPending(record);
}

async function fetchRecord(entry) {
  const { number } = entry;
  if (records.has(number) || coming.has(number)) return;
  coming.add(number);
  try {
    const response = await fetch(`articles/${number}`, { signal: AbortSignal.timeout(10000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    if (records.size >= MAX_RECORDS) records.delete([...records.keys()].find((known) => known !== open?.number));
    records.set(number, await response.json());
    tellLost(outbox.reason);
    if (entry === open) {
      showAgain(entry);
      reading?.begin();
    }
  } catch {
    if (entry === open) tellLost(NO_ANSWER);
    setTimeout(() => entry === open && fetchRecord(entry), 1000);
  } finally {
    coming.delete(number);
  }
}

/** Returns a record with the decisions that are not saved yet. */
function withPending(record) {
  const made = { ...record, states: { ...record.states }, decisions: [...record.decisions], saving: new Set() };
  for (const { number, decision } of outbox.pending) {
    if (number !== record.number) continue;
    if (decision.kind === "undo") made.decisions = made.decisions.filter((one) => one.id !== decision.undoes);
    else made.decisions.push(decision);
    for (const [id, key] of Object.entries(record.keys)) {
      if (!decision.items?.some((one) => sameKey(one, key))) continue;
      made.saving.add(id);
      if (decision.kind !== "edit") made.states[id] = decision.kind === "wrong" ? "wrong" : "confirmed";
    }
  }
  return made;
}

/** The next article that is not reviewed, after the open one and then from the start. */
function nextToReview() {
  const shown = list ? list.shown : entries;
  const at = shown.indexOf(open);
  return [...shown.slice(at + 1), ...shown.slice(0, Math.max(at, 0))].find((entry) => !entry.reviewed);
}

function goOn() {
  const next = nextToReview();
  if (!next) return tell(list?.shown.length < entries.length ? "Every article shown is reviewed." : "Every article is reviewed.");
  go(next);
  reading?.begin();
}

// Messages

const live = make("p", "live");
live.setAttribute("role", "status");
const lost = make("div", "lost");
lost.setAttribute("role", "alert");
lost.hidden = true;
const progress = make("p", "progress");
document.body.append(live, lost);

/** Says something to those who look and to those who listen. */
function tell(words) {
  live.textContent = words;
  live.classList.remove("gone");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => live.classList.add("gone"), 4000);
}

function tellLost(reason) {
  lost.hidden = reason === null;
  const { length } = outbox.pending;
  const unsaved = length ? ` ${counted(length, "decision is", "decisions are")} not saved yet.` : "";
  if (reason) lost.textContent = reason + unsaved;
}

function showProgress() {
  const done = entries.filter((entry) => entry.reviewed).length;
  progress.textContent = `${done.toLocaleString("en")} of ${counted(entries.length, "article")} reviewed`;
  if (reading) reading.count.textContent = reading.told();
}

function drawReviewed(entry) {
  entry.link?.classList.toggle("reviewed", entry.reviewed);
  entry.link?.querySelector(".title .review")?.remove();
  if (entry.reviewed) entry.link?.querySelector(".title").append(reviewSign("confirmed", ["✓", "reviewed"]));
}

/** What the server says of an article after it has saved a decision about it, or refused it. */
function onSaved({ number, decision }, record) {
  const [entry] = entries.filter((one) => one.number === number);
  records.set(number, record);
  entry.reviewed = record.reviewed;
  drawReviewed(entry);
  if (entry === open && reading) {
    const isSame = ["right", "wrong", "done"].includes(decision.kind) && !record.refused;
    if (isSame && Object.keys(record.keys).length === reading.items.size) reading.update(withPending(record));
    else if (!record.refused || !reading.form) redraw(decision);
  }
  showProgress();
  if (record.refused) tell(`Not saved: ${record.refused}.`);
  else tell(`Saved: ${toldOf(decision)}.${record.reviewed ? " The article is reviewed: n goes on." : ""}`);
}

function toldOf({ kind, items = [], new: made }) {
  if (kind === "undo") return "undone";
  if (kind === "done") return "the rest is right";
  const isMeeting = kind === "wrong" && items[0].field === "meetings";
  const what = { right: "is right", wrong: isMeeting ? "is wrong, with what was said at it" : "is wrong", edit: "edited", add: "added" }[kind];
  return `${made ? wordsOf(made) : items[0].words} ${what}`;
}

/** Draws the open article again, and goes back to the item that a decision is about. */
function redraw(decision) {
  const [entry, { current, form }] = [open, reading];
  const scrolled = [...view.querySelectorAll(".summary, .article")].map((pane) => pane.scrollTop);
  showAgain(entry);
  view.querySelectorAll(".summary, .article").forEach((pane, number) => (pane.scrollTop = scrolled[number]));
  // What somebody writes meanwhile about another item stays.
  if (form && !form.classList.contains("saving")) {
    reading.form = form;
    reading.summary.querySelector("header").after(form);
    return form.begin();
  }
  const keys = decision.items?.length === 1 ? decision.items : [];
  const ids = Object.entries(reading.record.keys);
  const isNew = (id) => decision.kind === "add" && !keys.length && reading.record.states[id] === "added";
  const [found] = ids.findLast(([id, key]) => keys.some((one) => sameKey(one, key)) || isNew(id)) ?? [current];
  reading.focusItem(reading.items.has(found) ? found : reading.toDecide());
}
