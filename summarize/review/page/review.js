// Corrections: a person decides about each item of an article, and adds what is missing.

const SECTIONS = { m: "meetings", a: "actors", g: "agenda_items", o: "outcomes" };
const NAMES = { actors: "actor", agenda_items: "topic", outcomes: "outcome", meetings: "meeting" };
const STATE_SIGNS = { ...REVIEW_SIGNS, wrong: ["✗", "wrong"], saving: ["…", "not saved yet"] };
const SELECTING = { p: ["actors", "Actor"], t: ["agenda_items", "Topic"], o: ["outcomes", "Outcome"], m: ["meetings", "Meeting"], q: [null, "Quote of the item"] };

const outbox = new Outbox(JSON.parse(document.getElementById("review").textContent).file, onSaved, tellLost);

// An article under review

class Correcting extends Reading {
  constructor(record, words) {
    super(record, words);
    this.entry = null;
    this.current = null;
    this.form = null;
    const body = this.article?.querySelector(".text");
    this.picker = body ? new WordPicker(body, record.text, record.sentences) : null;
    this.tools = this.drawTools();
    this.summary.prepend(this.drawBar());
    if (record.problems.length) this.summary.querySelector("header").after(...record.problems.map((why) => say("p", "notice", `${why}.`)));
    this.summary.addEventListener("focusin", (event) => event.target.matches(".item") && this.setCurrent(event.target.dataset.id));
    this.summary.addEventListener("click", (event) => {
      const id = event.target.closest(".item")?.dataset.id;
      if (id) this.setCurrent(id);
    });
    this.choosing = make("div", "choosing");
    this.choosing.hidden = true;
    this.article?.append(this.choosing);
  }

  makeItem(item, children) {
    const element = super.makeItem(item, children);
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    this.paint(item.id);
    return element;
  }

  /** Shows what was decided about an item, and whether it is saved. */
  paint(id) {
    const { element } = this.items.get(id);
    const { states, saving } = this.record;
    element.querySelector(".review")?.remove();
    const state = saving.has(id) ? "saving" : states[id];
    element.classList.toggle("wrong", states[id] === "wrong");
    if (state) element.append(reviewSign(state, STATE_SIGNS[state]));
  }

  update(record) {
    this.record = record;
    for (const id of this.items.keys()) this.paint(id);
  }

  told() {
    const ids = [...this.items.keys()];
    return `${ids.filter((id) => this.record.states[id]).length} of ${counted(ids.length, "item")}`;
  }

  drawBar() {
    this.count = make("span", "items-done", this.told());
    const done = button("", "All the rest is right", () => this.done());
    const next = button("", "Next article", goOn);
    const undo = button("", "Undo", () => this.undo());
    [done, next, undo].forEach((one, at) => one.setAttribute("aria-keyshortcuts", "dnu"[at]));
    return make("div", "review-bar", make("div", "told", progress, this.count), make("div", "buttons", done, undo, next));
  }

  drawTools() {
    const tools = make("div", "tools");
    tools.setAttribute("role", "toolbar");
    tools.setAttribute("aria-label", "About this item");
    const acts = [["y", "Right", () => this.decide("right")], ["x", "Wrong", () => this.decide("wrong")], ["e", "Edit", () => this.edit()]];
    for (const [key, label, act] of acts) {
      const one = button("", label, act);
      one.append(make("kbd", "", key));
      one.setAttribute("aria-keyshortcuts", key);
      tools.append(one);
    }
    return tools;
  }

  // The current item

  order() {
    return [...this.summary.querySelectorAll(".item")].map((element) => element.dataset.id);
  }

  /** The first item without a decision: after the current one, else from the start. */
  toDecide() {
    const ids = this.order();
    const at = ids.indexOf(this.current);
    return [...ids.slice(at + 1), ...ids.slice(0, at + 1)].find((id) => !this.record.states[id]);
  }

  /** Goes to where a person begins: the first item to decide about, else the heading. */
  begin() {
    // On a phone the head of the article comes first.
    if (isNarrow.matches) return;
    const id = this.chosen[0] ?? this.toDecide();
    if (id) this.focusItem(id);
    else this.summary.querySelector("h1").focus({ preventScroll: true });
  }

  focusItem(id) {
    if (this.items.has(id)) this.moveTo(this.items.get(id).element);
  }

  setCurrent(id) {
    // Nothing may move under a mouse before its click is over.
    if (isPointing || (this.current === id && this.tools.isConnected)) return;
    this.bringTools(id);
    if (this.standing(id).length) {
      this.mark([id], 0);
      this.showQuote();
    } else this.clear();
  }

  mark(ids, at, route) {
    super.mark(ids, at, route);
    this.bringTools(ids[0]);
  }

  bringTools(id) {
    this.current = id;
    // On a phone an item and its quote are not in sight together: the bar has the item's words.
    if (isNarrow.matches && this.bar && this.standing(id).length) this.bar.append(this.tools);
    else this.items.get(id).element.after(this.tools);
  }

  item(id) {
    const { summary } = this.record;
    return summary[SECTIONS[id[0]]].find((one) => one.id === id);
  }

  // Decisions

  send(kind, more) {
    const { id: article, sha256 } = this.record.summary.article;
    return outbox.add(this.record.number, { article, sha256, kind, ...more });
  }

  decide(kind) {
    const id = this.current;
    if (!id) return this.begin();
    const state = this.record.states[id];
    const isDecided = kind === "right" ? state && state !== "wrong" : state === "wrong";
    if (!isDecided) {
      this.send(kind, { items: [this.record.keys[id]] });
      this.update(withPending(records.get(this.record.number)));
      showProgress();
    }
    const next = this.toDecide() ?? this.order()[this.order().indexOf(id) + 1];
    if (next) this.focusItem(next);
  }

  done() {
    const rest = this.order().filter((id) => !this.record.states[id]);
    if (!rest.length && this.record.reviewed) return tell("The article is reviewed already: n goes on.");
    this.send("done", { items: rest.map((id) => this.record.keys[id]) });
    this.update(withPending(records.get(this.record.number)));
    showProgress();
  }

  undo() {
    const last = this.record.decisions.at(-1);
    if (!last) return tell("Nothing to undo in this article.");
    this.record.decisions.pop();
    this.send("undo", { undoes: last.id }).then(() => {
      if (last.items?.length !== 1 || this.entry !== open) return;
      const [id] = Object.entries(reading.record.keys).find(([, key]) => sameKey(key, last.items[0])) ?? [];
      reading.focusItem(id);
    });
  }

  edit(item = this.current && this.item(this.current), quotes = item?.quotes) {
    if (!item) return;
    const field = item.id ? SECTIONS[item.id[0]] : item.field;
    const { meetings, actors } = this.record.summary;
    const named = meetings.map((one) => [one.id, this.partsOf(one).map((part) => part.textContent).join(" · ")]);
    const people = actors.filter((one) => this.record.states[one.id] !== "wrong");
    const fields = fieldsOf(field, this.words, named, people);
    this.leaveForm();
    const heading = item.id ? "Edit" : `Another ${NAMES[field]}`;
    this.form = drawForm(heading, fields, item, (made) => this.save(field, item, { ...made, quotes }), () => this.leaveForm(item.id));
    if (item.id) this.items.get(item.id).element.after(this.form);
    else this.summary.querySelector("header").after(this.form);
    this.form.begin();
  }

  leaveForm(id = null) {
    this.form?.remove();
    this.form = null;
    if (id) this.focusItem(id);
    else if (id === "") this.focusItem(this.current);
  }

  async save(field, before, made) {
    if (before.id && JSON.stringify(made) === JSON.stringify(before)) return this.leaveForm(before.id);
    const { field: _, confidence, review, ...item } = made;
    item.quotes = this.quotesFor(item, field);
    if (item.country !== before.country && item.inferred) delete item.inferred;
    const ids = [...(item.participants ?? []), ...(item.parties ?? []), ...(item.meeting ? [item.meeting] : [])];
    const refers = Object.fromEntries(ids.map((id) => [id, this.record.keys[id]]).filter(([, key]) => key));
    const items = before.id ? [this.record.keys[before.id]] : [];
    this.form?.refuse("");
    this.form?.classList.add("saving");
    const form = this.form;
    const answer = await this.send(before.id ? "edit" : "add", { items, new: item, refers });
    if (!answer.refused || !form) return;
    form.classList.remove("saving");
    form.refuse(`Not saved: ${answer.refused}.`);
    form.begin();
  }

  /** Returns the quotes of an item, which have to hold its words: those of where they are. */
  quotesFor(item, field) {
    const words = field === "actors" ? item.name : (item.topic ?? item.description);
    const text = this.record.text;
    if (!words || !text || item.quotes.some((quote) => fold(quote.text).includes(fold(words)))) return item.quotes;
    const at = text.indexOf(words);
    if (at < 0) return item.quotes;
    const span = [at, at + words.length];
    const quote = quoteOf(text, ...(field === "actors" ? span : this.picker.sentencesAround(span)));
    return field === "actors" ? [quote, ...item.quotes].sort((one, other) => one.start - other.start) : [quote];
  }

  // This too: words of the article

  pick() {
    if (!this.picker) return tell("The article’s text is not here: nothing can be added.");
    const isSelected = this.picker.takeSelection();
    this.isPicking = true;
    document.activeElement?.blur();
    if (!isSelected) this.picker.selectSentence(this.route[this.at]?.start ?? 0);
    this.drawChoosing();
  }

  /** Offers what selected words can be. */
  drawChoosing() {
    const words = make("p", "", this.isPicking ? "↑↓ sentence · ←→ word · Shift extends. The words are:" : "The selected words are:");
    const choices = make("div", "buttons");
    for (const [key, [field, label]] of Object.entries(SELECTING)) {
      if (field === null && !this.current) continue;
      const one = button("", label, () => this.addSelected(field));
      one.append(make("kbd", "", this.isPicking ? key : `a ${key}`));
      // The selection stays where a mouse presses.
      one.addEventListener("pointerdown", (event) => event.preventDefault());
      choices.append(one);
    }
    choices.append(button("", "Cancel", () => this.stopPicking()));
    this.choosing.replaceChildren(words, choices);
    this.choosing.hidden = false;
    if (this.isPicking) this.tellPicked();
  }

  tellPicked() {
    const [start, end] = this.picker.span;
    live.textContent = `Selected: ${this.record.text.slice(start, end)}`;
    live.classList.add("gone");
  }

  stopPicking() {
    this.isPicking = false;
    this.choosing.hidden = true;
    getSelection().removeAllRanges();
    this.focusItem(this.current);
  }

  /** Handles a key while words are selected. Returns whether it is one of those. */
  pressInText(event) {
    if (event.key === "Escape") this.stopPicking();
    else if (Object.hasOwn(SELECTING, event.key)) this.addSelected(SELECTING[event.key][0]);
    else if (this.picker.press(event)) this.tellPicked();
    else return false;
    return true;
  }

  addSelected(field) {
    const { text, summary } = this.record;
    const [start, end] = this.picker.span;
    const words = text.slice(start, end).replace(/\s+/g, " ");
    const exact = quoteOf(text, start, end);
    const whole = quoteOf(text, ...this.picker.sentencesAround([start, end]));
    if ((field === "agenda_items" || field === "outcomes") && !summary.meetings.length) return tell("There is no meeting yet: add it first (m).");
    const current = this.current;
    this.stopPicking();
    if (field === null) {
      if (!current) return;
      const item = this.item(current);
      const quote = current.startsWith("a") ? exact : whole;
      const quotes = [...item.quotes.filter((one) => one.start !== quote.start || one.end !== quote.end), quote];
      return this.save(SECTIONS[current[0]], item, { ...item, quotes: quotes.sort((one, other) => one.start - other.start) });
    }
    const meeting = (current && this.item(current)?.meeting) ?? summary.meetings[0]?.id;
    const isIn = (quote) => quote.start >= whole.start && quote.end <= whole.end;
    const named = summary.actors.filter((actor) => this.record.states[actor.id] !== "wrong" && actor.quotes.some(isIn)).map((actor) => actor.id);
    const made = {
      actors: { name: words, aliases: [], kind: "person", role: null, country: null, part: summary.meetings.length ? "participant" : "mentioned" },
      agenda_items: { meeting, topic: words },
      outcomes: { meeting, kind: "statement", description: words, parties: named },
      meetings: { type: "talks", when: summary.meetings.length ? "earlier" : "reported", places: [], date: null, participants: named },
    }[field];
    this.edit({ id: "", field, ...made }, [field === "actors" ? exact : whole]);
  }
}

let isPointing = false;
addEventListener("pointerdown", () => (isPointing = true), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (isPointing = false), true);

function makeReading(record, entry) {
  const made = new Correcting(record, words);
  made.entry = entry;
  setTimeout(showProgress);
  return made;
}

const MORE_KEYS = {
  y: () => reading?.decide("right"),
  x: () => reading?.decide("wrong"),
  e: () => reading?.edit(),
  a: () => reading?.pick(),
  d: () => reading?.done(),
  u: () => reading?.undo(),
  n: goOn,
  p() {
    if (list) go(list.beside(open, -1));
    reading?.begin();
  },
  Enter: goOn,
};

document.addEventListener(
  "keydown",
  (event) => {
    if (!reading?.isPicking || event.ctrlKey || event.metaKey || event.altKey || !reading.pressInText(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("selectionchange", () => {
  if (!reading?.picker || reading.isPicking || reading.form) return;
  if (reading.picker.takeSelection()) reading.drawChoosing();
  else reading.choosing.hidden = true;
});

function drawKeys() {
  const keys = [
    ["y", "right, and on to the next item"],
    ["x", "wrong"],
    ["e", "edit: Enter saves, Esc leaves"],
    ["a", "this too: select words in the article, then p actor, t topic, o outcome, m meeting, q quote of the item"],
    ["d", "all the rest of the article is right"],
    ["u", "undo"],
    ["n", "next article to review"],
    ["p", "previous article"],
  ];
  const rows = keys.map(([key, what]) => make("div", "", make("dt", "", make("kbd", "", key)), make("dd", "", what)));
  const known = document.querySelector("#keys dl");
  [...known.children].find((row) => row.querySelector("kbd").textContent === "n").remove();
  known.prepend(...rows);
}

addEventListener("hashchange", () => isWide.matches && reading?.begin());
addEventListener("DOMContentLoaded", () => {
  drawKeys();
  for (const entry of entries) drawReviewed(entry);
  showProgress();
  if (!location.hash.slice(1) && entries[0].reviewed && nextToReview()) go(nextToReview());
  else reading?.begin();
  outbox.run();
});
