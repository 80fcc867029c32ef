// Pictures: who met whom as arcs beside a list of names, and where as circles on a map.

function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Makes words in a picture, where nothing can show characters that do not show. */
const write = (attributes, text) => draw("text", attributes, text.replace(HIDDEN, (all, hidden) => (hidden ? "" : all)));
const titled = (element, text) => (element.prepend(draw("title", {}, text)), element);
const shortened = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

const ROW = 24;

/** Draws the members that met the most often, each above the one it met most; arcs are meetings. */
function drawArcs(members, pairs, { nameOf: name, addressOf, width }) {
  const known = new Set(members.map(({ id }) => id));
  const ties = pairs.filter(({ a, b }) => known.has(a) && known.has(b));
  const order = seriated(members, ties);
  const place = new Map(order.map(({ id }, number) => [id, (number + 0.5) * ROW]));
  const isNarrow = width < 520;
  const longest = Math.max(...order.map(({ id }) => shortened(name(id), isNarrow ? 22 : 34).length));
  const label = Math.min(isNarrow ? 168 : 250, longest * 7.5 + 12);
  const height = order.length * ROW;
  const svg = draw("svg", { class: "arcs", viewBox: `0 0 ${width} ${height}`, width, height, role: "group" });
  svg.setAttribute("aria-label", "Who met whom, as a picture. The table below says the same.");
  const strongest = Math.max(4, ...ties.map(({ number }) => number));
  const most = Math.max(4, ...members.map(({ number }) => number));
  const arcs = [];
  for (const { a, b, number } of [...ties].reverse()) {
    const [top, bottom] = [place.get(a), place.get(b)].sort((one, other) => one - other);
    const half = (bottom - top) / 2;
    const reach = Math.min(half * 1.5, width - label - 16);
    const path = draw("path", { d: `M${label + 8},${top}a${reach},${half} 0 0 1 0,${half * 2}`, class: "arc", "stroke-width": 1 + (5 * number) / strongest, "stroke-opacity": 0.25 + (0.6 * number) / strongest });
    arcs.push({ a, b, path });
    svg.append(titled(path, `${name(a)} and ${name(b)}: ${counted(number, "meeting")}`));
  }
  for (const { id, number } of order) {
    const y = place.get(id);
    const node = draw("a", { href: addressOf(id), class: "node", "aria-label": `${name(id)}, ${counted(number, "meeting")}` });
    node.append(draw("rect", { x: 0, y: y - ROW / 2, width: label + 16, height: ROW }), write({ x: label - 6, y: y + 4, "text-anchor": "end" }, shortened(name(id), isNarrow ? 22 : 34)), draw("circle", { cx: label + 8, cy: y, r: 2 + 6 * Math.sqrt(number / most) }));
    const light = (isLit) => {
      svg.classList.toggle("lit", isLit);
      for (const { a, b, path } of arcs) path.classList.toggle("lit", isLit && (a === id || b === id));
    };
    for (const event of ["mouseenter", "focus"]) node.addEventListener(event, () => light(true));
    for (const event of ["mouseleave", "blur"]) node.addEventListener(event, () => light(false));
    svg.append(titled(node, `${name(id)}: ${counted(number, "meeting")}`));
  }
  return svg;
}

/** Returns the members so that those who met often are near each other. */
function seriated(members, ties) {
  const met = new Map(ties.flatMap(({ a, b, number }) => [[`${a} ${b}`, number], [`${b} ${a}`, number]]));
  const left = [...members];
  const order = left.splice(0, 1);
  while (left.length) {
    const nearness = left.map(({ id }) => order.slice(-4).reduce((sum, other, at) => sum + (met.get(`${id} ${other.id}`) ?? 0) * (at + 1), 0));
    order.push(...left.splice(nearness.indexOf(Math.max(...nearness)), 1));
  }
  return order;
}

/** Draws how many meetings were in each country, at its capital; borders are those of countries known. */
function drawMap(figures, { addressOf, width }) {
  const places = figures.filter(({ id }) => capitals[id]).map((figure) => ({ ...figure, lat: capitals[figure.id][0], lon: capitals[figure.id][1] }));
  const height = Math.round(width * (width < 520 ? 0.9 : 0.5));
  const view = extentOf(places, width / height);
  const scale = width / view.width;
  const at = (lon, lat) => [(lon - view.west) * scale, (view.north - lat) * scale];
  const svg = draw("svg", { class: "map", viewBox: `0 0 ${width} ${height}`, width, height, role: "group" });
  svg.setAttribute("aria-label", "Map of the countries where meetings were");
  const grid = [];
  for (let lon = -180; lon <= 180; lon += 10) grid.push(`M${lon},-90V90`);
  for (let lat = -90; lat <= 90; lat += 10) grid.push(`M-180,${lat}H180`);
  const ground = draw("g", { transform: `scale(${scale}) translate(${-view.west} ${view.north})` });
  ground.append(draw("path", { class: "grid", d: grid.join("") }), draw("path", { class: "borders", d: outlines }));
  svg.append(ground);
  const most = Math.max(4, ...places.map(({ number }) => number));
  const taken = [];
  for (const { id, number, lat, lon } of places) {
    const [x, y] = at(lon, lat);
    const radius = 4 + 16 * Math.sqrt(number / most);
    const name = countryName(id);
    const node = draw("a", { href: addressOf(id), class: "node", "aria-label": `${name}, ${counted(number, "meeting")}` });
    node.append(draw("circle", { cx: x, cy: y, r: radius }));
    const isLeft = x > width * 0.75;
    const long = name.length * 6.6;
    const box = { left: isLeft ? x - radius - 4 - long : x + radius + 4, top: y - 8, width: long };
    // A name that would lie on another one is left to the tooltip.
    if (!taken.some((other) => Math.abs(other.top - box.top) < 14 && box.left < other.left + other.width && other.left < box.left + box.width)) {
      taken.push(box);
      node.append(write({ x: isLeft ? x - radius - 4 : box.left, y: y + 4, "text-anchor": isLeft ? "end" : "start" }, name));
    }
    svg.append(titled(node, `${name}: ${counted(number, "meeting")}`));
  }
  return svg;
}

/** Returns the part of the world with all places, of a picture's proportions. */
function extentOf(places, ratio) {
  const [lons, lats] = [places.map(({ lon }) => lon), places.map(({ lat }) => lat)];
  const [west, east] = [Math.min(...lons) - 12, Math.max(...lons) + 16];
  const [south, north] = [Math.min(...lats) - 8, Math.max(...lats) + 8];
  const width = Math.min(360, Math.max(50, east - west, (north - south) * ratio));
  const left = Math.max(-180, Math.min(180 - width, (west + east - width) / 2));
  return { west: left, north: Math.min(88, (north + south + width / ratio) / 2), width };
}
