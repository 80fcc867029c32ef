// The list of articles, with search and filters. Searched words are folded once per article.

class List {
  constructor(entries, words) {
    this.entries = entries;
    this.shown = entries;
    this.search = document.getElementById("search");
    this.reset = document.getElementById("reset");
    this.count = document.querySelector("#count [role=status]");
    this.none = document.getElementById("none");
    this.filters = this.drawFilters(words);
    this.drawEntries();
    this.search.addEventListener("input", () => this.apply());
    this.reset.addEventListener("click", () => this.clear());
    this.apply();
    document.getElementById("list").hidden = false;
  }

  drawFilters(words) {
    const states = { meeting: "Meetings", none: "No meeting", failed: "Failed" };
    const byNumber = (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
    const offered = [
      ["Meeting", "Any meeting", (entry) => entry.types, (key) => words.meetings[key]],
      ["When", "Any time", (entry) => entry.whens, (key) => words.whens[key]],
      ["Country", "Any country", (entry) => entry.countries, (key) => (words.countries[key] ? `${words.countries[key]} (${key})` : key)],
      ["Outcome", "Any outcome", (entry) => entry.outcomes, (key) => words.outcomes[key]],
      ["State", "Everything", (entry) => [entry.state], (key) => states[key]],
    ];
    const filters = [];
    for (const [name, any, valuesOf, told] of offered) {
      const numbers = new Map();
      for (const entry of this.entries) for (const value of valuesOf(entry)) numbers.set(value, (numbers.get(value) ?? 0) + 1);
      // A filter with one value that all articles have is useless.
      if (!numbers.size || (numbers.size === 1 && [...numbers.values()][0] === this.entries.length)) continue;
      const select = make("select", "", new Option(any, ""));
      for (const [value, number] of [...numbers].sort(byNumber)) select.append(new Option(`${told(value)} · ${number}`, value));
      select.setAttribute("aria-label", name);
      select.addEventListener("change", () => this.apply());
      document.getElementById("filters").append(select);
      filters.push({ select, valuesOf });
    }
    return filters;
  }

  drawEntries() {
    for (const entry of this.entries) {
      const link = make("a", entry.state, say("span", entry.untitled ? "title untitled" : "title", entry.title));
      link.href = `#${entry.key}`;
      link.append(say("span", "line", entry.line));
      if (entry.who) link.append(say("span", "who", entry.who));
      entry.element = make("li", "", link);
      entry.link = link;
    }
  }

  apply() {
    const wanted = fold(this.search.value).split(/\s+/).filter(Boolean);
    const chosen = this.filters.filter(({ select }) => select.value);
    for (const { select } of this.filters) select.classList.toggle("set", select.value !== "");
    this.shown = this.entries.filter((entry) => {
      if (!chosen.every(({ select, valuesOf }) => valuesOf(entry).includes(select.value))) return false;
      if (!wanted.length) return true;
      entry.folded ??= fold(entry.words);
      return wanted.every((word) => entry.folded.includes(word));
    });
    // Replaced at once: hiding thousands of elements one by one takes seconds.
    const held = document.activeElement;
    document.getElementById("entries").replaceChildren(...this.shown.map((entry) => entry.element));
    if (held?.isConnected && held !== document.activeElement) held.focus({ preventScroll: true });
    const all = counted(this.entries.length, "article");
    const isPart = wanted.length > 0 || chosen.length > 0;
    this.count.textContent = isPart ? `${this.shown.length.toLocaleString("en")} of ${all}` : all;
    this.reset.hidden = !isPart;
    this.none.hidden = this.shown.length > 0;
    if (!this.none.hidden) this.tellNone(chosen.length > 0);
  }

  tellNone(isFiltered) {
    const words = this.search.value.trim();
    const asked = say("bdi", "", words);
    this.none.replaceChildren();
    if (words) this.none.append("No article has “", asked, "” in its title, people, topics or outcomes", isFiltered ? " and is of the kind chosen." : ".");
    else this.none.append("No article is of the kind chosen.");
  }

  /** Shows all articles. Returns whether some were hidden. */
  clear() {
    const wasPart = !this.reset.hidden;
    this.search.value = "";
    for (const { select } of this.filters) select.value = "";
    this.apply();
    return wasPart;
  }

  /** Returns the next article shown after `entry`, or the one before it. */
  beside(entry, by) {
    const at = this.shown.indexOf(entry);
    return at < 0 ? this.shown[by > 0 ? 0 : this.shown.length - 1] : this.shown[at + by];
  }
}
