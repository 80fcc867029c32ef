// Opens pages by the fragment of the address, and handles keys.

const view = document.getElementById("view");
const isWide = matchMedia("(min-width: 70rem)");
const timeline = new Timeline();
let open = null;

/** Opens what the fragment of the address names: a meeting, an actor, a country's meetings, or the overview. */
function follow() {
  const [kind, key = ""] = location.hash.slice(1).split("/");
  const isListing = kind === "" && !isWide.matches;
  document.body.classList.toggle("listing", isListing);
  open = null;
  if (!isListing) show(kind, key);
  timeline.mark(open);
}

function show(kind, key) {
  let page;
  try {
    const id = decodeURIComponent(key);
    if (kind === "c") {
      timeline.set("Country", id);
      history.replaceState(null, "", "#overview");
    }
    if (kind === "m" && meetingById.has(id)) {
      open = meetingById.get(id);
      page = drawMeeting(open);
    } else if (kind === "a" && actorById.has(id)) page = drawActor(actorById.get(id));
    else if (["", "overview", "c"].includes(kind)) page = drawOverview(timeline.shown, timeline);
    else page = drawAbsence("No such page", `This dossier has no ${kind === "a" ? "actor" : "meeting"} ${id}.`);
  } catch (error) {
    console.error(error);
    page = drawAbsence("This page cannot be shown", "What this file holds of it is damaged. Make the dossier anew.");
  }
  const back = link(isWide.matches ? "#overview" : "#", "back", isWide.matches ? "‹ Overview" : "‹ All meetings");
  back.hidden = isWide.matches && page.matches(".overview");
  view.replaceChildren(back, page);
  document.title = page.querySelector("h1").textContent;
  view.scrollTo(0, 0);
  scrollTo(0, 0);
}

// The list answers at once, and the overview behind it.
let later = 0;
timeline.onchange = () => {
  clearTimeout(later);
  later = setTimeout(drawOverviewAgain, 30);
};

function drawOverviewAgain() {
  const old = view.querySelector(".overview");
  if (!old) return;
  const held = [...old.querySelectorAll(".choice button")].indexOf(document.activeElement);
  old.replaceWith(drawOverview(timeline.shown, timeline));
  if (held >= 0) view.querySelectorAll(".choice button")[held].focus();
}

function keepFocus() {
  const element = document.activeElement;
  if (element && element !== document.body && element.getClientRects().length) return;
  if (document.body.classList.contains("listing")) timeline.marked?.focus();
  else view.querySelector("h1")?.focus({ preventScroll: true });
}

function step(by) {
  const isFocused = document.activeElement?.closest("#entries");
  const from = timeline.shown.find((meeting) => meeting.link && meeting.link === document.activeElement) ?? open;
  const next = timeline.beside(from, by);
  if (!next) return;
  if (document.body.classList.contains("listing")) {
    timeline.mark(next);
    next.link.focus();
    return;
  }
  history.replaceState(null, "", meetingAddress(next.id));
  follow();
  if (isFocused) next.link.focus({ preventScroll: true });
  else view.querySelector("h1").focus({ preventScroll: true });
}

function escape() {
  const { search } = timeline;
  if (document.activeElement === search) {
    if (search.value) search.value = "";
    else search.blur();
    timeline.apply();
  } else if (!document.body.classList.contains("listing") && location.hash.length > 1 && !view.querySelector(".overview")) location.hash = isWide.matches ? "#overview" : "";
  else if (!timeline.clear() && !isWide.matches) location.hash = "";
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => timeline.search.focus(),
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("keys").open) return;
  if (key === "Escape") return escape();
  if (target.matches("input, select")) {
    if (target === timeline.search && key === "Enter") timeline.entries.querySelector("a")?.focus();
  } else if (Object.hasOwn(KEYS, key)) {
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
isWide.addEventListener("change", () => matchMedia("print").matches || follow());

// Unfolds everything for printing.
let folded = [];
window.addEventListener("beforeprint", () => {
  timeline.drawMore(Infinity);
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});

follow();
