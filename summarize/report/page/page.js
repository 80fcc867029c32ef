// The page: which article is open, and the keys.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const { entries, words } = read("index");
const view = document.getElementById("view");
const isWide = matchMedia("(min-width: 70rem)");
const list = entries.length > 1 ? new List(entries, words) : null;
const byKey = new Map(entries.map((entry) => [entry.key, entry]));
let open = null;
let reading = null;

document.body.classList.toggle("several", list !== null);

/** Opens what the address names after its `#`: an article, or an item of it. */
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

/** Opens an article; one that cannot be read leaves the others to be opened. */
function show(entry) {
  if (entry === open) return;
  let made = null;
  let panes;
  try {
    const record = read(`article-${entry.number}`);
    made = record.failure ? null : new Reading(record, words);
    panes = made ? [made.summary, made.article] : [drawFailure(record.failure)];
  } catch (error) {
    console.error(error);
    panes = [drawAbsence("This article cannot be shown", "What this file holds of it is damaged. Make the report anew.")];
  }
  fill(panes, made, entry.title);
  if (reading) reading.onchoice = (id) => history.replaceState(null, "", `#${entry.key}${id ? `/${id}` : ""}`);
  open = entry;
  entry.link?.setAttribute("aria-current", "page");
  entry.element?.scrollIntoView({ block: "nearest" });
}

/** An address can be wrong, or of an article that was here once. */
function showNone(key) {
  let name = key;
  try {
    name = decodeURIComponent(key);
  } catch {
    // It is shown as it was written.
  }
  fill([drawAbsence("No such article", `This report has no article ${name}.`)], null, "No such article");
}

/** Puts panes in the place of the article that was open. */
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

/** The focus goes where the reader went, if what had it is gone. */
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
  if (isListed()) (open && !open.element.hidden ? open : list.shown[0])?.link.focus({ preventScroll: true });
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
};
// Elsewhere they scroll.
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
  // Paper is narrow; what is printed is what was shown.
  if (matchMedia("print").matches) return;
  const [isNamed, last] = [location.hash.length > 1, open];
  // The article that was read last stays where there is room for it beside the list.
  if (!isNamed && isWide.matches && last) document.body.classList.remove("listing");
  else follow();
});

// On paper there is nothing to unfold.
let folded = [];
window.addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});

follow();
