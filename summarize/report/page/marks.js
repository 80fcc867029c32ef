// Draws the text of an article with its quotes marked.

/** Maps offsets in code points to offsets in UTF-16 units; -1 where the text is shorter. */
function unitsAt(text, points) {
  const units = new Map();
  let point = 0;
  let unit = 0;
  for (const wanted of [...new Set(points)].sort((a, b) => a - b)) {
    while (point < wanted && unit < text.length) {
      unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
      point += 1;
    }
    units.set(wanted, point === wanted ? unit : -1);
  }
  return units;
}

// Line ends after shorter lines wrap one paragraph; after longer lines they end it.
const LONG_LINE = 100;

/** Returns the start and end of each paragraph; between them is white space. */
function paragraphsOf(text) {
  const found = [];
  let start = 0;
  let line = 0;
  for (const match of text.matchAll(/[\r\n]\s*/g)) {
    const isBlank = /\n[^\S\n]*\n|\r[^\S\r]*\r/.test(match[0]);
    const next = match.index + match[0].length;
    if (isBlank || match.index - line > LONG_LINE) {
      found.push([start, match.index]);
      start = next;
    }
    line = next;
  }
  found.push([start, text.length]);
  return found;
}

/**
 * Draws a text. What a quote covers is in `mark` elements.
 *
 * `quotes` have `start` and `end` in UTF-16 units, `tone` and `items`. Sets `marks` of each quote: the
 * elements that together hold its words.
 */
function drawText(parent, text, quotes) {
  const starting = grouped(quotes, (quote) => quote.start);
  const ending = grouped(quotes, (quote) => quote.end);
  const cuts = [...new Set([...starting.keys(), ...ending.keys()])].sort((a, b) => a - b);
  const covering = new Set();
  let next = 0;
  let at = 0;

  const drawTo = (end, block, classes) => {
    while (at < end) {
      while (next < cuts.length && cuts[next] <= at) {
        for (const quote of ending.get(cuts[next]) ?? []) covering.delete(quote);
        for (const quote of starting.get(cuts[next]) ?? []) covering.add(quote);
        next += 1;
      }
      const stop = Math.min(end, next < cuts.length ? cuts[next] : end);
      drawPiece(block, text.slice(at, stop), [...covering], classes);
      at = stop;
    }
  };

  const blocks = paragraphsOf(text);
  blocks.forEach(([, end], number) => {
    const block = make("p");
    block.dir = "auto";
    parent.append(block);
    drawTo(end, block, "");
    drawTo(blocks[number + 1]?.[0] ?? text.length, block, "gap");
  });
}

function drawPiece(block, words, covering, classes) {
  if (!covering.length) {
    if (classes) block.append(make("span", classes, words));
    else put(block, words);
    return;
  }
  const mark = make("mark", [classes, ...new Set(covering.map((quote) => quote.tone))].join(" "));
  // Reached from its item and from other marks. Too many for stops of the Tab key.
  mark.tabIndex = -1;
  put(mark, words);
  // The shortest quote first: it is the most specific.
  mark.quotes = covering.sort((a, b) => a.end - a.start - (b.end - b.start));
  for (const quote of covering) quote.marks.push(mark);
  block.append(mark);
}

function grouped(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const key = keyOf(value);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(value);
  }
  return groups;
}
