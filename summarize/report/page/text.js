// Makes elements from words of articles and models, as text and never as markup.

/** Invisible characters that can hide or reorder others; the first alternative is a flag emoji. */
const HIDDEN =
  /\u{1F3F4}[\u{E0020}-\u{E007E}]+\u{E007F}|([\u202A-\u202E\u2066-\u206F\uFFF9-\uFFFB\u{E0000}-\u{E007F}]+)/gu;

/** Appends words. Invisible characters are isolated, and shown by their code points. */
function put(parent, words) {
  let from = 0;
  for (const match of words.matchAll(HIDDEN)) {
    if (match[1]) {
      parent.append(words.slice(from, match.index), disarmed(match[1]));
      from = match.index + match[1].length;
    }
  }
  if (from < words.length) parent.append(words.slice(from));
}

function disarmed(characters) {
  const element = make("span", "hidden-characters");
  element.textContent = characters;
  const points = [...characters];
  const code = points[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  element.dataset.name = points.length > 1 ? `U+${code} ×${points.length}` : `U+${code}`;
  element.title = "characters that do not show";
  return element;
}

/** Makes an element whose words are the page's own. */
function make(tag, classes = "", ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children);
  return element;
}

/** Makes an element with words of an article or a model, which have their own direction. */
function say(tag, classes, words) {
  const element = make(tag, classes);
  element.dir = "auto";
  put(element, words);
  return element;
}

function button(classes, label, act, title = "") {
  const element = make("button", classes, label);
  element.type = "button";
  element.addEventListener("click", act);
  if (title) element.title = title;
  if (title) element.setAttribute("aria-label", title);
  return element;
}

// The direction of words follows from their first letter.
const RIGHT_TO_LEFT = /^\P{L}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

function directionOf(words) {
  return RIGHT_TO_LEFT.test(words) ? "rtl" : "ltr";
}

// Characters that keyboards lack, and what people type instead.
const TYPED = {
  ...{ ı: "i", ß: "ss", ø: "o", ł: "l", đ: "d", æ: "ae", œ: "oe" },
  ...{ "’": "'", "‘": "'", ʼ: "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"' },
  ...{ "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-" },
};
const UNTYPED = new RegExp(`[${Object.keys(TYPED).join("")}]`, "gu");

/** Folds words for search: ignores case, accents, Turkish dots and invisible characters. */
function fold(words) {
  const plain = words.normalize("NFKD").replace(/[\p{M}\p{DI}]/gu, "").toLowerCase();
  return plain.replace(UNTYPED, (character) => TYPED[character]);
}

function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
