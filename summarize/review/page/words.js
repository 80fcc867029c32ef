// Words of the article that a person selects, by mouse, finger or keyboard.

/** Returns the quote of a part of a text; its offsets count code points. */
function quoteOf(text, start, end) {
  const first = [...text.slice(0, start)].length;
  const words = text.slice(start, end);
  return { start: first, end: first + [...words].length, text: words };
}

class WordPicker {
  /** `body` is the element of the article's text, `sentences` are their starts and ends in code points. */
  constructor(body, text, sentences) {
    this.body = body;
    this.text = text;
    const units = unitsAt(text, sentences.flat());
    this.sentences = sentences.map(([start, end]) => [units.get(start), units.get(end)]);
    this.span = null;
  }

  get words() {
    if (!this.split) {
      const parts = new Intl.Segmenter(undefined, { granularity: "word" }).segment(this.text);
      this.split = [...parts].filter((part) => part.isWordLike).map(({ index, segment }) => [index, index + segment.length]);
    }
    return this.split;
  }

  /** Takes what is selected on the page. Returns whether that is words of the text. */
  takeSelection() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return false;
    const range = selection.getRangeAt(0);
    if (!this.body.contains(range.startContainer) || !this.body.contains(range.endContainer)) return false;
    const [start, end] = [this.unitOf(range.startContainer, range.startOffset), this.unitOf(range.endContainer, range.endOffset)];
    const words = this.text.slice(start, end);
    if (!words.trim()) return false;
    this.span = [start + words.length - words.trimStart().length, start + words.trimEnd().length];
    return true;
  }

  /** Returns the offset in the text of a place in its element. */
  unitOf(node, offset) {
    const before = document.createRange();
    before.setStart(this.body, 0);
    before.setEnd(node, offset);
    return before.toString().length;
  }

  /** Selects a part of the text on the page, and brings it in sight. */
  select(start, end) {
    this.span = [start, end];
    const walker = document.createTreeWalker(this.body, NodeFilter.SHOW_TEXT);
    const places = [];
    let at = 0;
    for (let node = walker.nextNode(); node && places.length < 2; node = walker.nextNode()) {
      const length = node.data.length;
      if (!places.length && start < at + length) places.push([node, start - at]);
      if (places.length && end <= at + length) places.push([node, end - at]);
      at += length;
    }
    if (places.length < 2) return;
    getSelection().setBaseAndExtent(...places[0], ...places[1]);
    const range = getSelection().getRangeAt(0).getBoundingClientRect();
    const pane = this.body.closest(".article").getBoundingClientRect();
    const isSeen = range.top >= Math.max(pane.top, 0) && range.bottom <= Math.min(pane.bottom, innerHeight) - 120;
    if (!isSeen) places[0][0].parentElement.scrollIntoView({ block: "center" });
  }

  /** Selects the sentence of an offset, or the next one. */
  selectSentence(unit) {
    const spans = this.sentences.length ? this.sentences : this.words;
    const found = spans.find(([, end]) => end > unit) ?? spans.at(-1);
    if (found) this.select(...found);
  }

  /** Returns the sentences that a part of the text is in, as one part. */
  sentencesAround([start, end]) {
    const around = this.sentences.filter(([first, last]) => last > start && first < end);
    if (!around.length) return [start, end];
    return [Math.min(start, around[0][0]), Math.max(end, around.at(-1)[1])];
  }

  /** Moves the selection by words or sentences, or its end. */
  move(spans, by, isExtending) {
    const [start, end] = this.span;
    if (isExtending) {
      const edges = spans.map((span) => span[1]);
      const edge = by > 0 ? edges.find((unit) => unit > end) : edges.findLast((unit) => unit < end && unit > start);
      if (edge) this.select(start, edge);
      return;
    }
    // From more than one word to its first one.
    const inside = spans.find((span) => span[0] >= start && span[1] < end);
    const next = by > 0 ? (inside ?? spans.find((span) => span[0] >= end)) : spans.findLast((span) => span[0] < start);
    if (next) this.select(...next);
  }

  /** Handles a key. Returns whether it moves the selection. */
  press({ key, shiftKey }) {
    const isVertical = key === "ArrowUp" || key === "ArrowDown";
    if (!isVertical && key !== "ArrowLeft" && key !== "ArrowRight") return false;
    const isReversed = !isVertical && directionOf(this.text.slice(this.span[0], this.span[0] + 200)) === "rtl";
    const by = (key === "ArrowDown" || key === "ArrowRight" ? 1 : -1) * (isReversed ? -1 : 1);
    this.move(isVertical ? this.sentences : this.words, by, shiftKey);
    return true;
  }
}
