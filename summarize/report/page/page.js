// The page: opens articles by the fragment of the address, and handles keys.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const { entries, words } = read("index");
const view = document.getElementById("view");
const isWide = matchMedia("(min-width: 70rem)");
const list = entries.length > 1 ? new List(entries, words) : null;
const byKey = new Map(entries.map((entry) => [entry.key, entry]));
let open = null;
let reading = null;

document.body.classList.toggle("several", list !== null);

/** Opens the article, or the item of it, that the fragment of the address names. */
function follow() {
  const [key, item] = location.hash.slice(1).split("/");
  const known = byKey.get(key) ?? (list ? null : entries[0]);
  const isListing = list !== null && key === "" && !isWide.matches;
  document.body.classList.toggle("listing", isListing);
  if (known) show(known);
  else if (key) showNone(key);
  else if (!isListing) show(entries[0]);
  if (isListing) open?.element.scrollIntoView({ block: "center" });
  if (reading?.items.has(item)) reading.start(item);
  else reading?.clear();
}

/** Opens an article. If its data is damaged, says so; the other articles still open. */
function show(entry) {
  if (entry === open) return;
  const isFirst = open === null;
  let made = null;
  let panes;
  try {
    const record = loadRecord(entry);
    if (!record) panes = [drawAbsence(entry.title, "Opening …")];
    else if (record.failure) panes = [drawFailure(record.failure)];
    else {
      made = makeReading(record, entry);
      panes = [made.summary, made.article];
    }
  } catch (error) {
    console.error(error);
    panes = [drawAbsence("This article cannot be shown", "What this file holds of it is damaged. Make the report anew.")];
  }
  fill(panes, made, entry.title);
  if (reading) reading.onchoice = (id) => history.replaceState(null, "", `#${entry.key}${id ? `/${id}` : ""}`);
  open = entry;
  entry.link?.setAttribute("aria-current", "page");
  // Entries not drawn yet have an estimated height; scrolling to the middle allows for the error.
  entry.element?.scrollIntoView({ block: isFirst ? "center" : "nearest" });
}

/** Shows the open article again, once its record is there or has changed. */
function showAgain(entry) {
  if (entry !== open) return;
  open.link?.removeAttribute("aria-current");
  open = null;
  follow();
}

/** Says that the report has no such article. */
function showNone(key) {
  let name = key;
  try {
    name = decodeURIComponent(key);
  } catch {
    // Shown as written.
  }
  fill([drawAbsence("No such article", `This report has no article ${name}.`)], null, "No such article");
}

/** Replaces the open article by the panes. */
function fill(panes, made, title) {
  open?.link?.removeAttribute("aria-current");
  open = null;
  reading = made;
  view.replaceChildren();
  if (list) {
    const back = make("a", "back", "‹ All articles");
    back.href = "#";
    view.append(back);
  }
  view.append(...panes.filter(Boolean));
  view.classList.toggle("alone", !reading?.article);
  document.title = title;
  scrollTo(0, 0);
}

/** Moves the focus to what is shown now, if the element that had it is gone. */
function keepFocus() {
  const element = document.activeElement;
  if (element && element !== document.body && element.getClientRects().length) return;
  if (document.body.classList.contains("listing")) focusList();
  else view.querySelector("h1")?.focus({ preventScroll: true });
}

function go(entry, { focus = false } = {}) {
  if (!entry) return;
  history.replaceState(null, "", `#${entry.key}`);
  follow();
  if (focus) entry.link.focus();
  else keepFocus();
}

// Keys

const inList = () => document.activeElement?.closest("#entries") !== null;
const inText = () => document.activeElement?.matches("mark");
const isListed = () => list !== null && (isWide.matches || document.body.classList.contains("listing"));

function focusList() {
  if (isListed()) (list.shown.includes(open) ? open : list.shown[0])?.link.focus({ preventScroll: true });
}

function step(by) {
  if (isListed() && (inList() || !reading)) {
    const from = entries.find((entry) => entry.link === document.activeElement) ?? open;
    const next = list.beside(from, by);
    if (isWide.matches) go(next, { focus: true });
    else next?.link.focus();
  } else reading?.move(by);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  ArrowLeft: () => (inText() ? reading.leaveText(document.activeElement) : focusList()),
  ArrowRight() {
    const { id } = document.activeElement?.dataset ?? {};
    if (id) reading.enterText(id);
    else if (inList() && isWide.matches) reading?.move(1);
  },
  n: () => list && go(list.beside(open, 1), { focus: inList() }),
  p: () => list && go(list.beside(open, -1), { focus: inList() }),
  "/": () => isListed() && list.search.focus(),
  "?": () => document.getElementById("keys").showModal(),
  ...MORE_KEYS,
};
// Outside of items, marks and the list, these scroll.
const SCROLLING = /^Arrow(?:Up|Down)$/;

function escape() {
  if (document.activeElement === list?.search) {
    if (list.search.value) list.search.value = "";
    else list.search.blur();
    list.apply();
  } else if (reading?.clear()) return;
  else if (list && !isWide.matches && !document.body.classList.contains("listing")) location.hash = "";
  else list?.clear();
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("keys").open) return;
  if (key === "Escape") return escape();
  if (key === "Enter" && target.matches("a, button, summary")) return;
  const isItem = target.matches(".item");
  const isMark = target.matches("mark");
  if (target.matches("input, select, textarea")) {
    if (target === list?.search && (key === "ArrowDown" || key === "Enter")) {
      event.preventDefault();
      list.shown[0]?.link.focus();
    }
    return;
  }
  if (isItem && (key === "Enter" || key === " ")) {
    event.preventDefault();
    reading.choose(target.dataset.id);
  } else if (isMark && key === "Enter") {
    event.preventDefault();
    reading.follow(target);
  } else if (Object.hasOwn(KEYS, key) && (!SCROLLING.test(key) || isItem || isMark || inList())) {
    event.preventDefault();
    KEYS[key]();
  }
});

document.getElementById("help").addEventListener("click", KEYS["?"]);
document.getElementById("keys-close").addEventListener("click", () => document.getElementById("keys").close());
document.getElementById("help").hidden = false;
window.addEventListener("hashchange", () => {
  follow();
  keepFocus();
});
isWide.addEventListener("change", () => {
  // Paper is narrow: printing must not change what is shown.
  if (matchMedia("print").matches) return;
  const [isNamed, last] = [location.hash.length > 1, open];
  // When the window gets wide, the last article stays open beside the list.
  if (!isNamed && isWide.matches && last) document.body.classList.remove("listing");
  else follow();
});

// Unfolds everything for printing.
let folded = [];
window.addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});

follow();
