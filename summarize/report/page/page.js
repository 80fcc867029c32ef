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
  const known = byKey.get(key) ?? (list && !isWide.matches ? null : open ?? entries[0]);
  if (known) show(known);
  const isListing = list !== null && !byKey.has(key);
  document.body.classList.toggle("listing", isListing);
  if (isListing && !isWide.matches) open?.element.scrollIntoView({ block: "center" });
  if (reading?.items.has(item)) reading.start(item);
  else reading?.clear();
}

function show(entry) {
  if (entry === open) return;
  open?.link?.removeAttribute("aria-current");
  open = entry;
  const record = read(`article-${entry.number}`);
  view.replaceChildren();
  if (list) {
    const back = make("a", "back", "‹ All articles");
    back.href = "#";
    view.append(back);
  }
  reading = record.failure ? null : new Reading(record, words);
  if (reading) {
    reading.onchoice = (id) => history.replaceState(null, "", `#${entry.key}${id ? `/${id}` : ""}`);
    view.append(reading.summary);
    if (reading.article) view.append(reading.article);
  } else view.append(drawFailure(record.failure));
  view.classList.toggle("alone", !reading?.article);
  document.title = entry.title;
  entry.link?.setAttribute("aria-current", "page");
  entry.element?.scrollIntoView({ block: "nearest" });
  scrollTo(0, 0);
}

function go(entry, { focus = false } = {}) {
  if (!entry) return;
  history.replaceState(null, "", `#${entry.key}`);
  follow();
  if (focus) entry.link.focus();
}

// Keys

const inList = () => document.activeElement?.closest("#entries") !== null;
const inText = () => document.activeElement?.matches("mark");
const isListed = () => list !== null && (isWide.matches || document.body.classList.contains("listing"));

function focusList() {
  if (isListed()) (open && !open.element.hidden ? open : list.shown[0])?.link.focus();
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
window.addEventListener("hashchange", follow);
isWide.addEventListener("change", follow);

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
