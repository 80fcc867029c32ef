// The time line: meetings by month, the newest first, with search and filters. It is drawn as far
// as it is scrolled.

const CHUNK = 60;

class Timeline {
  constructor() {
    this.shown = meetings;
    this.onchange = () => {};
    this.search = document.getElementById("search");
    this.reset = document.getElementById("reset");
    this.count = document.querySelector("#count [role=status]");
    this.none = document.getElementById("none");
    this.entries = document.getElementById("entries");
    this.links = new Map();
    this.filters = [
      this.select("Type", "Any type", (meeting) => [meeting.type], (key) => words.meetings[key]),
      this.select("When", "Any time", (meeting) => [meeting.when], (key) => words.whens[key]),
      this.select("Country", "Any country", (meeting) => meeting.anywhere, (key) => `${countryName(key)} (${key})`),
      this.actor(),
      this.day("From", (meeting, day) => lastDay(meeting) >= day),
      this.day("To", (meeting, day) => firstDay(meeting) !== "" && firstDay(meeting) <= day),
    ];
    document.getElementById("filters").append(...this.filters.map(({ element }) => element));
    this.sentinel = make("p", "sentinel");
    new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.drawMore(), { rootMargin: "600px" }).observe(this.sentinel);
    this.search.addEventListener("input", () => this.apply());
    this.reset.addEventListener("click", () => this.clear());
    this.apply();
    document.getElementById("list").hidden = false;
  }

  // Filters: an element, its field, and the test of a meeting for what it is set to.

  select(name, any, valuesOf, told) {
    const numbers = new Map();
    for (const meeting of meetings) for (const value of valuesOf(meeting)) numbers.set(value, (numbers.get(value) ?? 0) + 1);
    const field = make("select", "", new Option(any, ""));
    for (const [value, number] of [...numbers].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) field.append(new Option(`${told(value)} · ${number}`, value));
    field.setAttribute("aria-label", name);
    return this.filter(field, field, () => (meeting) => valuesOf(meeting).includes(field.value));
  }

  actor() {
    const field = make("input");
    const names = make("datalist");
    names.id = "names";
    for (const { name } of actors) names.append(new Option("", name));
    field.setAttribute("list", names.id);
    field.placeholder = "Any actor";
    field.setAttribute("aria-label", "Actor");
    field.dir = "auto";
    const element = make("span", "field", field, names);
    return this.filter(element, field, () => {
      const wanted = fold(field.value.trim());
      const found = new Set(actors.filter(({ spellings }) => fold(spellings).includes(wanted)).map(({ id }) => id));
      return ({ participants }) => participants.some((id) => found.has(id));
    });
  }

  day(name, test) {
    const field = make("input");
    field.type = "date";
    return this.filter(make("label", "field", make("span", "", name), field), field, () => (meeting) => test(meeting, field.value));
  }

  filter(element, field, makeTest) {
    field.addEventListener(field.type === "text" ? "input" : "change", () => this.apply());
    return { element, field, makeTest };
  }

  set(name, value) {
    const { field } = this.filters.find(({ element }) => element.getAttribute("aria-label") === name);
    field.value = value;
    this.apply();
  }

  apply() {
    const wanted = fold(this.search.value).split(/\s+/).filter(Boolean);
    const chosen = this.filters.filter(({ field }) => field.value.trim());
    for (const { field } of this.filters) field.classList.toggle("set", field.value.trim() !== "");
    const tests = chosen.map(({ makeTest }) => makeTest());
    this.shown = meetings.filter((meeting) => tests.every((test) => test(meeting)) && (!wanted.length || this.has(meeting, wanted)));
    this.draw();
    const all = counted(meetings.length, "meeting");
    const isPart = wanted.length > 0 || chosen.length > 0;
    this.count.textContent = isPart ? `${this.shown.length.toLocaleString("en")} of ${all}` : all;
    this.reset.hidden = !isPart;
    this.none.hidden = this.shown.length > 0;
    this.none.textContent = meetings.length ? "No meeting is found by this search and these filters." : "No article tells of a meeting.";
    this.onchange();
  }

  has(meeting, wanted) {
    meeting.folded ??= fold([meeting.words, ...meeting.places, ...meeting.anywhere.map(countryName), ...meeting.participants.map((id) => actorById.get(id)?.spellings ?? "")].join("\n"));
    return wanted.every((word) => meeting.folded.includes(word));
  }

  /** Shows all meetings. Returns whether some were hidden. */
  clear() {
    const wasPart = !this.reset.hidden;
    this.search.value = "";
    for (const { field } of this.filters) field.value = "";
    if (wasPart) this.apply();
    return wasPart;
  }

  // The list

  draw() {
    this.entries.replaceChildren(this.sentinel);
    this.drawn = 0;
    this.month = null;
    this.drawMore();
  }

  drawMore(until = this.drawn + CHUNK) {
    for (const meeting of this.shown.slice(this.drawn, until)) {
      const month = lastDay(meeting).slice(0, 7);
      if (month !== this.month) {
        this.month = month;
        this.list = make("ol");
        this.sentinel.before(make("section", "month", make("h2", "", monthOf(month)), this.list));
      }
      this.list.append(this.entry(meeting));
    }
    this.drawn = Math.max(this.drawn, until);
    this.sentinel.hidden = this.drawn >= this.shown.length;
  }

  entry(meeting) {
    if (!meeting.element) {
      const [first, last] = [firstDay(meeting), lastDay(meeting)].map((day) => String(Number(day.slice(8)) || ""));
      const day = make("time", "day", first === last ? last : `${first}–${last}`);
      day.setAttribute("aria-label", daysOf(meeting));
      meeting.link = link(meetingAddress(meeting.id), meeting.when, day, make("span", "title", drawNames(meeting.participants, 4)), say("span", "line", lineOf(meeting)));
      meeting.element = make("li", "", meeting.link);
    }
    return meeting.element;
  }

  /** Returns the next meeting after another one, or the one before it. */
  beside(meeting, by) {
    const at = this.shown.indexOf(meeting);
    return at < 0 ? this.shown[by > 0 ? 0 : this.shown.length - 1] : this.shown[at + by];
  }

  /** Marks a meeting as the open one, and shows it. */
  mark(meeting) {
    this.marked?.removeAttribute("aria-current");
    this.marked = meeting?.link;
    const at = meeting ? this.shown.indexOf(meeting) : -1;
    if (at < 0) return;
    if (at >= this.drawn) this.drawMore(at + CHUNK);
    meeting.link.setAttribute("aria-current", "page");
    meeting.element.scrollIntoView({ block: "nearest" });
  }
}
