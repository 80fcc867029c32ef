// What the pages are made of: sections, tables, quotes, reasons.

function drawPage(classes, event, heading, byline) {
  const title = make("h1", "", heading);
  title.tabIndex = -1;
  const head = make("header", "", dots("event", event), title);
  if (byline.length) head.append(dots("byline", byline));
  return make("section", `summary ${classes}`, head);
}

/** Makes a line of parts with dots between them. */
function dots(classes, parts) {
  const line = make("p", classes);
  parts.forEach((part, number) => {
    if (number) line.append(make("span", "dot", "·"));
    line.append(part);
  });
  return line;
}

function drawSection(tone, heading, number, ...children) {
  const title = make("h2", "", make("span", `swatch ${tone}`), heading);
  if (number !== null) title.append(make("span", "number", number.toLocaleString("en")));
  return make("section", `items ${tone}`, title, ...children);
}

function drawList(entries) {
  const list = make("ul", "", ...entries.map((children) => make("li", "", ...children)));
  list.setAttribute("role", "list");
  return list;
}

/** Makes a table; the columns of numbers have a heading that begins with "#". */
function drawTable(caption, columns, rows, most = 20) {
  const isNumber = columns.map((name) => name.startsWith("#"));
  const head = make("tr", "", ...columns.map((name, at) => make("th", isNumber[at] ? "figure" : "", name.replace("#", ""))));
  for (const cell of head.cells) cell.scope = "col";
  const body = make("tbody");
  const add = (from, to) => body.append(...rows.slice(from, to).map((row) => make("tr", "", ...row().map((cell, at) => make("td", isNumber[at] ? "figure" : "", cell)))));
  add(0, most);
  const table = make("div", "table", make("table", "", make("caption", "", caption), make("thead", "", head), body));
  if (rows.length > most) {
    const more = button("more", `Show all ${rows.length.toLocaleString("en")}`, () => {
      add(most);
      more.remove();
    });
    table.append(more);
  }
  return table;
}

const FIGURES = ["#Meetings", "First and last"];

function drawFigures({ number, first, last }) {
  const days = make("span", "", make("time", "", first));
  if (first !== last) days.append(" to ", make("time", "", last));
  return [number.toLocaleString("en"), days];
}

/** Makes quotes, each with its article: the first, and the others folded. */
function drawQuotes(quotes) {
  const [first, ...others] = quotes.map(drawQuote);
  const evidence = make("div", "evidence");
  if (first) evidence.append(first);
  if (others.length) evidence.append(make("details", "", make("summary", "", counted(others.length, "more quote")), ...others));
  return evidence;
}

function drawQuote({ article, start, end, text }) {
  const { title, outlet, source } = articles[article] ?? {};
  const parts = [linkOut(source, title || article), make("span", "number", `${start}–${end}`)];
  if (outlet) parts.unshift(say("span", "", outlet));
  return make("figure", "", say("blockquote", "", text), make("figcaption", "", ...dots("", parts).childNodes));
}

function drawReasons(heading, reasons) {
  const entries = reasons.map(({ comparator, score, words: why }) => [say("span", "", why), make("span", "number", ` ${comparator} ${score.toFixed(2)}`)]);
  return make("details", "reasons", make("summary", "", heading, make("span", "number", String(reasons.length))), drawList(entries));
}

function drawMeetingLink(id) {
  const meeting = meetingById.get(id);
  if (!meeting) return say("span", "", id);
  const entry = link(meetingAddress(id), "", make("span", "number", daysOf(meeting) || "no day"), " ", drawNames(meeting.participants, 3));
  return make("span", "", entry, say("span", "detail", lineOf(meeting)));
}

/** Makes a page that says what cannot be shown, and why. */
function drawAbsence(heading, why) {
  const page = drawPage("failure", [make("span", "type failed", "Not shown")], heading, []);
  page.append(say("p", "paragraph", why));
  return page;
}
