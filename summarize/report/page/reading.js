// An open article: items beside the text. An item shows its quotes; marked words show their items.

class Reading {
  constructor(record, words) {
    this.record = record;
    this.words = words;
    this.items = new Map();
    this.quotes = [];
    this.chosen = [];
    this.route = [];
    this.at = 0;
    this.marks = [];
    this.glowing = null;
    this.onchoice = () => {};
    const { summary, text } = record;
    this.collect(summary, text);
    this.summary = this.drawSummary(summary, text, record.missing);
    this.article = text === null ? null : this.drawArticle(summary, text);
  }

  // Items and quotes

  collect(summary, text) {
    const places = new Map();
    const points = [];
    const all = [
      ...summary.meetings.map((meeting) => ["meeting", meeting]),
      ...summary.actors.map((actor) => ["actors", actor]),
      ...summary.agenda_items.map((item) => ["agenda", item]),
      ...summary.outcomes.map((outcome) => ["outcomes", outcome]),
    ];
    for (const [, item] of all) for (const { start, end } of item.quotes) points.push(start, end);
    const units = text === null ? null : unitsAt(text, points);
    for (const [section, item] of all) {
      const tone = section === "actors" ? item.part : section;
      const quotes = item.quotes.map((given) => {
        const key = `${tone} ${given.start} ${given.end}`;
        if (!places.has(key)) {
          const [start, end] = units ? [units.get(given.start), units.get(given.end)] : [-1, -1];
          const stands = start >= 0 && end > start && text.slice(start, end) === given.text;
          const quote = { given, tone, start, end, stands, items: [], marks: [] };
          places.set(key, quote);
          this.quotes.push(quote);
        }
        places.get(key).items.push(item.id);
        return places.get(key);
      });
      this.items.set(item.id, { quotes, element: null });
    }
  }

  // The summary

  drawSummary(summary, text, missing) {
    const pane = make("section", "summary");
    pane.setAttribute("aria-label", "Summary");
    pane.append(this.drawHead(summary));
    if (text === null) pane.append(make("p", "notice", missing || "The article’s text is not in this report: its quotes are shown alone."));
    if (summary.is_meeting && summary.summary) pane.append(say("p", "paragraph", summary.summary));
    const names = new Map(summary.actors.map((actor) => [actor.id, actor.name]));
    const [main, ...others] = summary.meetings;
    const isPresent = (actor) => main?.participants.includes(actor.id) ?? false;
    const draw = (tone, heading, items, drawItem) => {
      if (!items.length && (!main || tone === "mentioned")) return;
      pane.append(this.drawSection(tone, heading, items, drawItem, text === null));
    };
    const drawTopic = (item) => [say("span", "words", item.topic)];
    const drawOutcome = (item) => this.drawOutcome(item, names);
    const agendaOf = (meeting) => summary.agenda_items.filter((item) => item.meeting === meeting?.id);
    const outcomesOf = (meeting) => summary.outcomes.filter((item) => item.meeting === meeting?.id);
    draw("participant", "Participants", summary.actors.filter(isPresent), drawActor);
    draw("agenda", "Agenda", agendaOf(main), drawTopic);
    draw("outcomes", "Outcomes", outcomesOf(main), drawOutcome);
    for (const meeting of others) {
      const drawOne = (item) => {
        if (item === meeting) return this.drawWho(meeting, names);
        return item.kind ? drawOutcome(item) : [make("span", "kind", "Topic"), ...drawTopic(item)];
      };
      const heading = make("span", "meeting", ...dotted("", this.partsOf(meeting)).childNodes);
      draw("meeting", heading, [meeting, ...agendaOf(meeting), ...outcomesOf(meeting)], drawOne);
    }
    draw("mentioned", "Mentioned", summary.actors.filter((actor) => !isPresent(actor)), drawActor);
    if (summary.unsupported.length) pane.append(this.drawUnsupported(summary.unsupported));
    pane.append(drawProvenance(summary));
    pane.addEventListener("mouseover", (event) => this.glow(event.target.closest(".item")?.dataset.id));
    pane.addEventListener("mouseleave", () => this.glow());
    return pane;
  }

  drawHead(summary) {
    const head = make("header");
    const [main] = summary.meetings;
    const event = main ? this.makeItem(main, [dotted("event", this.partsOf(main))]) : make("p", "event", make("span", "type none", this.words.no_meeting));
    const { title, id, outlet, published, source } = summary.article;
    head.append(event, headline((title ?? "").trim(), id));
    const byline = [];
    if (outlet) byline.push(say("span", "", outlet));
    if (published) byline.push(make("time", "", published));
    if (/^https?:\/\//i.test(source ?? "")) {
      const link = make("a", "", "Read it there");
      link.href = source;
      link.rel = "noopener noreferrer";
      link.target = "_blank";
      byline.push(link);
    }
    if (byline.length) head.append(dotted("byline", byline));
    return head;
  }

  /** Returns what a meeting was, where and when. */
  partsOf({ type, when, places, date }) {
    const parts = [make("span", "type", this.words.meetings[type])];
    if (when !== "reported") parts.unshift(make("span", "type", this.words.whens[when]));
    if (places.length) parts.push(say("span", "", places.join(", ")));
    if (date) parts.push(say("span", "", date.text));
    if (date?.iso && date.iso !== date.text) parts.push(make("time", "iso", date.iso));
    return parts;
  }

  drawWho(meeting, names) {
    const who = make("span", "words");
    meeting.participants.forEach((id, number) => {
      if (number) who.append(", ");
      who.append(say("bdi", "", names.get(id) ?? id));
    });
    if (!meeting.participants.length) who.append(this.words.nobody);
    return [make("span", "kind", "Participants"), who];
  }

  drawSection(tone, heading, items, drawItem, showQuotes) {
    const section = make("section", `items ${tone}${showQuotes ? " quoted" : ""}`);
    const title = make("h2", "", make("span", `swatch ${tone}`), heading);
    if (items.length) title.append(make("span", "number", String(items.length)));
    section.append(title);
    if (!items.length) {
      section.append(make("p", "nothing", this.words.nothing));
      return section;
    }
    const list = make("ul");
    list.setAttribute("role", "list");
    const entries = items.map((item) => this.drawItem(item, drawItem(item), !showQuotes));
    // Neighbouring items with the same quotes: these are shown once, after the last item.
    entries.forEach((entry, number) => {
      const isShared = number > 0 && this.isSame(items[number - 1].id, items[number].id);
      entry.classList.toggle("shared", isShared);
      if (isShared) entries[number - 1].classList.add("shares");
    });
    list.append(...entries);
    section.append(list);
    return section;
  }

  /** Returns whether two items have the same quotes. */
  isSame(one, other) {
    const [quotes, others] = [this.items.get(one).quotes, this.items.get(other).quotes];
    return quotes.length > 0 && quotes.length === others.length && quotes.every((quote) => others.includes(quote));
  }

  /** Makes the element of an item; chosen, it shows its quotes. */
  makeItem(item, children) {
    const known = this.items.get(item.id);
    const element = make("div", "item", ...children);
    element.dataset.id = item.id;
    // Labels are in English: only the words determine the direction.
    element.dir = directionOf(item.name ?? item.topic ?? item.description ?? "");
    if (known.quotes.some((quote) => quote.stands)) {
      element.setAttribute("role", "button");
      element.tabIndex = 0;
      element.setAttribute("aria-pressed", "false");
      element.addEventListener("click", () => {
        // Not when words have been selected for copying.
        if (getSelection().isCollapsed) this.choose(item.id);
      });
    }
    known.element = element;
    if (item.review) element.append(reviewSign(item.review));
    return element;
  }

  drawItem(item, children, hasText) {
    const element = this.makeItem(item, children);
    const known = this.items.get(item.id);
    const quotes = make("div", "quotes");
    for (const quote of known.quotes) {
      const block = say("blockquote", "", quote.given.text);
      block.append(make("span", "offsets", offsetsOf(quote)));
      if (hasText && !quote.stands) {
        block.append(make("span", "astray", "not at its place in the article"));
      }
      quotes.append(block);
    }
    const astray = quotes.querySelector(".astray") !== null;
    return make("li", astray ? "strays" : "", element, quotes);
  }

  drawOutcome(item, names) {
    const children = [make("span", "kind", this.words.outcomes[item.kind]), say("span", "words", item.description)];
    if (item.parties.length) {
      const parties = make("span", "detail parties", "Parties: ");
      item.parties.forEach((party, number) => {
        if (number) parties.append(", ");
        parties.append(say("bdi", "", names.get(party) ?? party));
      });
      children.push(parties);
    }
    return children;
  }

  drawUnsupported(unsupported) {
    const details = make("details", "unsupported");
    const summary = make("summary", "", "Set aside");
    summary.append(make("span", "number", String(unsupported.length)));
    details.append(summary, make("p", "why", "What the model said and the article does not support."));
    const list = make("ul");
    list.setAttribute("role", "list");
    for (const one of unsupported) {
      const entry = make("li", "", make("span", "field", this.words.fields[one.field]));
      entry.append(say("span", "words", one.value), say("span", "reason", one.reason));
      list.append(entry);
    }
    details.append(list);
    return details;
  }

  // The article

  drawArticle(summary, text) {
    const pane = make("section", "article");
    pane.setAttribute("aria-label", "Article");
    const body = make("div", "text");
    drawText(body, text, this.quotes.filter((quote) => quote.stands));
    this.marks = [...body.querySelectorAll("mark:not(.gap)")];
    body.addEventListener("click", (event) => {
      const mark = event.target.closest("mark");
      if (mark && getSelection().isCollapsed) this.follow(mark);
    });
    body.addEventListener("mouseover", (event) => {
      const ids = event.target.closest("mark")?.quotes[0].items ?? [];
      for (const [id, item] of this.items) item.element.classList.toggle("hot", ids.includes(id));
    });
    this.about = make("span", "about");
    this.place = make("span", "place");
    const status = make("span", "status", this.about, this.place);
    status.setAttribute("role", "status");
    this.back = button("turn", "‹", () => this.step(-1), "Previous quote");
    this.forth = button("turn", "›", () => this.step(1), "Next quote");
    this.up = button("up", "Show item", () => this.showItem());
    this.bar = make("div", "bar", status, this.up, this.back, this.forth, button("", "×", () => this.clear(), "Let go of the item (Esc)"));
    this.bar.hidden = true;
    pane.append(drawRunningHead(summary.article), body, this.bar);
    return pane;
  }

  /** Shows the items of marked words. */
  follow(mark) {
    // Where quotes overlap, another click goes from the shortest to the next longer one.
    const same = mark.quotes.findIndex((quote) => quote === this.route[this.at] && quote.items.every((id) => this.chosen.includes(id)));
    const quote = mark.quotes[(same + 1) % mark.quotes.length];
    const ids = [...new Set(quote.items)];
    this.mark(ids, ids.length === 1 ? this.standing(ids[0]).indexOf(quote) : 0, ids.length === 1 ? null : [quote]);
    // On a phone the bar shows the item's words, and the text stays in sight.
    if (!isNarrow.matches) this.showItem();
  }

  // The chosen item

  standing(id) {
    return this.items.get(id).quotes.filter((quote) => quote.stands);
  }

  /** Chooses an item and shows its first quote; the next one if the item is chosen already. */
  choose(id) {
    if (!this.standing(id).length) return;
    if (this.chosen.length === 1 && this.chosen[0] === id) this.step(1);
    else {
      this.mark([id], 0);
      this.showQuote();
    }
  }

  step(by) {
    if (!this.route.length) return;
    this.mark(this.chosen, (this.at + by + this.route.length) % this.route.length, this.route);
    this.showQuote();
  }

  mark(ids, at, route = null) {
    this.unmark();
    this.chosen = ids;
    this.route = route ?? ids.flatMap((id) => this.standing(id));
    this.at = at;
    for (const id of ids) {
      const { element } = this.items.get(id);
      element.classList.add("chosen");
      element.setAttribute("aria-pressed", "true");
    }
    for (const quote of this.route) for (const mark of quote.marks) mark.classList.add("chosen");
    const quote = this.route[at];
    for (const mark of quote.marks) mark.classList.add("now");
    const several = this.route.length > 1 ? `Quote ${at + 1} of ${this.route.length}` : "Quote";
    const shared = ids.length > 1 ? ` · ${ids.length} items` : "";
    this.place.replaceChildren(several, make("span", "at", ` · ${offsetsOf(quote)}`), shared);
    this.bar.classList.toggle("lone", this.route.length < 2 && !shared);
    this.about.replaceChildren(...ids.map((id) => this.tell(id)));
    this.back.hidden = this.forth.hidden = this.route.length < 2;
    this.bar.hidden = false;
    this.onchoice(ids[0]);
  }

  /** Returns an item's words for the bar. */
  tell(id) {
    const { element } = this.items.get(id);
    const line = make("span", "told", ...[...element.querySelectorAll(".event, .kind, .words")].map((part) => part.cloneNode(true)));
    line.dir = element.dir;
    return line;
  }

  unmark() {
    for (const id of this.chosen) {
      const { element } = this.items.get(id);
      element.classList.remove("chosen");
      element.setAttribute("aria-pressed", "false");
    }
    for (const quote of this.route) for (const mark of quote.marks) mark.classList.remove("chosen", "now");
    this.chosen = [];
    this.route = [];
  }

  /** Clears the choice. Returns whether there was one. */
  clear() {
    const had = this.chosen.length > 0;
    this.unmark();
    if (this.bar) this.bar.hidden = true;
    if (had) this.onchoice(null);
    return had;
  }

  glow(id = null) {
    if (id === this.glowing) return;
    this.glowing = id;
    for (const quote of this.quotes) {
      const isOf = quote.items.includes(id);
      for (const mark of quote.marks) if (isOf || mark.classList.contains("hot")) mark.classList.toggle("hot", isOf);
    }
  }

  showQuote() {
    bringInSight(this.route[this.at]?.marks[0]);
  }

  showItem() {
    const element = this.chosen.length ? this.items.get(this.chosen[0]).element : null;
    bringInSight(element);
    element?.focus({ preventScroll: true });
  }

  /** Opens the article at an item: scrolls to it and to its quote. */
  start(id) {
    if (!this.standing(id).length || this.chosen.includes(id)) return;
    this.mark([id], 0);
    this.showItem();
    this.showQuote();
  }

  /** Moves the focus to the next or previous item or mark; into the items if it is elsewhere. */
  move(by) {
    const mark = this.marks.indexOf(document.activeElement);
    if (mark >= 0) return this.moveTo(this.marks[mark + by]);
    const all = [...this.summary.querySelectorAll(".item[tabindex]")];
    const at = all.indexOf(document.activeElement);
    const known = at < 0 ? all.findIndex((element) => element.classList.contains("chosen")) : at;
    return this.moveTo(known < 0 ? all[by > 0 ? 0 : all.length - 1] : all[known + by]);
  }

  moveTo(element) {
    if (!element) return;
    bringInSight(element);
    element.focus({ preventScroll: true });
  }

  /** Moves the focus into the text: to the quote shown, or to the item's first quote. */
  enterText(id) {
    const quote = this.chosen.includes(id) ? this.route[this.at] : this.standing(id)[0];
    this.moveTo(quote?.marks[0]);
  }

  /** Moves the focus from marked words to the chosen item, or to one of theirs. */
  leaveText(mark) {
    const [id] = this.chosen.length ? this.chosen : mark.quotes[0].items;
    this.moveTo(this.items.get(id).element);
  }
}

/** Makes a line of parts with dots between them. */
function dotted(classes, parts) {
  const line = make("p", classes);
  const known = parts.filter((part) => part.textContent.trim());
  known.forEach((part, number) => {
    if (number) line.append(make("span", "dot", "·"));
    line.append(part);
  });
  return line;
}

const REVIEW_SIGNS = { confirmed: ["✓", "confirmed by a person"], edited: ["✎", "edited by a person"], added: ["+", "added by a person"] };

/** Makes the sign of what a person did about an item. */
function reviewSign(review, [sign, words] = REVIEW_SIGNS[review]) {
  const element = make("span", `review ${review}`, sign);
  element.title = words;
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", words);
  return element;
}

/** Makes the heading: the article's title, else its id. It can have the focus. */
function headline(title, id) {
  const heading = say("h1", title ? "" : "untitled", title || id);
  heading.tabIndex = -1;
  return heading;
}

/** Makes the heading of the article's own pages on paper. */
function drawRunningHead({ title, id, outlet, published, source }) {
  const head = make("header", "running", say("p", "of", (title ?? "").trim() || id));
  const parts = [outlet, published, source].filter(Boolean).map((words) => say("span", "", words));
  if (parts.length) head.append(dotted("byline", parts));
  return head;
}

function drawActor(actor) {
  const head = make("span", "head", say("span", "words", actor.name));
  if (actor.country) head.append(make("abbr", "country", actor.country));
  const children = [head];
  if (actor.role) children.push(say("span", "detail", actor.role));
  if (actor.aliases.length) {
    const also = make("span", "detail also", "also ");
    actor.aliases.forEach((alias, number) => {
      if (number) also.append(", ");
      also.append(say("bdi", "", alias));
    });
    children.push(also);
  }
  return children;
}

function drawProvenance(summary) {
  const { article, provenance: made } = summary;
  const { usage } = made;
  const rows = [
    ["Model", made.model],
    ["Made", made.created],
    ["Time", `${made.seconds.toFixed(1)} s, ${counted(made.attempts, "request")}`],
    ["Tokens", `${counted(usage.prompt_tokens, "token")} in (${usage.cached_tokens.toLocaleString("en")} cached), ${usage.completion_tokens.toLocaleString("en")} out`],
    ...(usage.cost_usd === null ? [] : [["Cost", `$${usage.cost_usd.toFixed(4)}`]]),
    ["Prompt", made.prompt],
    ["Schema", made.schema],
    ["Package", made.package],
    ["Article", article.id],
    ...(article.source ? [["Source", article.source]] : []),
    ["Text", counted(article.characters, "character")],
    ["SHA-256", article.sha256],
  ];
  const list = make("dl");
  for (const [name, value] of rows) list.append(make("div", "", make("dt", "", name), say("dd", "", value)));
  return make("details", "provenance", make("summary", "", "How it was made"), list);
}

function drawFailure(failure) {
  const pane = make("section", "summary failure");
  const head = make("header", "", make("p", "event", make("span", "type failed", "Failed")));
  head.append(headline("", failure.id));
  const rows = [
    ["Error", failure.type],
    ["Requests", String(failure.attempts)],
    ["Try again", failure.retryable ? "It may work later: summarize batch with --retry-failed." : "It would fail in the same way."],
  ];
  const list = make("dl");
  for (const [name, value] of rows) list.append(make("div", "", make("dt", "", name), say("dd", "", value)));
  pane.append(head, say("p", "paragraph", failure.message), list);
  return pane;
}

/** Makes a pane that says what cannot be shown, and why. */
function drawAbsence(words, why) {
  const heading = make("h1", "", words);
  heading.tabIndex = -1;
  return make("section", "summary failure", make("header", "", heading), say("p", "paragraph", why));
}

function offsetsOf({ given }) {
  return `${given.start}–${given.end}`;
}

// Summary and article are one above the other. The same width as in page.css.
const isNarrow = matchMedia("(max-width: 47.99rem)");

/** Scrolls to an element that is out of sight, or behind the link at the top or the bar below. */
function bringInSight(element) {
  if (!element) return;
  const pane = element.closest(".summary, .article").getBoundingClientRect();
  const { top, bottom } = element.getBoundingClientRect();
  const high = Math.max(0, ...[...document.querySelectorAll(".back, .review-bar")].map((one) => one.getBoundingClientRect().bottom));
  const bar = document.querySelector(".bar")?.offsetHeight ?? 0;
  const low = Math.min(pane.bottom, innerHeight) - (bar && bar + 24);
  if (top >= Math.max(pane.top, high) && bottom <= low) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
}
