// The pages: a meeting, an actor, and the overview of all meetings that the list shows.

const FIELDS = { type: "Type", day: "Day", places: "Place" };

function drawMeeting(meeting) {
  const record = read(`meeting-${meetings.indexOf(meeting)}`);
  const event = [make("span", "type", words.meetings[record.type])];
  if (record.when !== "reported") event.unshift(make("span", "type", words.whens[record.when]));
  if (record.places.length) event.push(say("span", "", record.places.join(", ")));
  if (lastDay(record)) event.push(make("time", "", daysOf(record)));
  const byline = [make("span", "", counted(record.article_count, "article")), make("span", "", counted(record.independent_sources, "independent source"))];
  const page = drawPage("meeting", event, drawNames(record.participants, 4), byline);
  if (record.participants.length) page.append(drawSection("participant", "Participants", record.participants.length, drawList(record.participants.map(drawParticipant))));
  if (record.disagreements.length) page.append(drawSection("disagreements", "What articles say differently", null, drawList(record.disagreements.map(drawDisagreement))));
  if (record.topics.length) page.append(drawSection("agenda", "Topics", record.topics.length, drawList(record.topics.map(drawTopic))));
  if (record.outcomes.length) page.append(drawSection("outcomes", "Outcomes", record.outcomes.length, drawList(record.outcomes.map(drawOutcome))));
  page.append(drawSection("meeting", "Articles", record.reports.length, drawList(record.reports.map(drawReport))));
  if (record.reasons.length) page.append(drawReasons("Why these articles tell of one meeting", record.reasons));
  return page;
}

/** Neighbouring topics with the same quotes have them once, after the last. */
function drawTopic({ topic, quotes }, number, topics) {
  const placesOf = (one) => one?.quotes.map(({ article, start, end }) => `${start} ${end} ${article}`).join("\n");
  const isShared = placesOf({ quotes }) === placesOf(topics[number + 1]);
  return [say("span", "words", topic), ...(isShared ? [] : [drawQuotes(quotes)])];
}

function drawParticipant(id) {
  const { country, office } = actorById.get(id) ?? {};
  const parts = [make("span", "words", actorLink(id))];
  if (country) parts.push(make("abbr", "country", country));
  if (office) parts.push(say("span", "detail", office));
  return parts;
}

function drawDisagreement({ field, values }) {
  const parts = [make("span", "kind", FIELDS[field])];
  for (const [value, ids] of values) {
    const told = ids.map((id) => articles[id]?.outlet || id);
    parts.push(make("span", "said", say("span", "words", (field === "type" && words.meetings[value]) || value), say("span", "detail", [...new Set(told)].join(", "))));
  }
  return parts;
}

function drawOutcome({ kind, description, parties, quotes, follow_ups: followUps }) {
  const parts = [make("span", "kind", words.outcomes[kind]), say("span", "words", description)];
  if (parties.length) parts.push(make("span", "detail", drawNames(parties, parties.length, actorLink)));
  parts.push(drawQuotes(quotes));
  for (const { meeting, score, words: why, quote } of followUps) {
    parts.push(make("div", "follow-up", make("span", "kind", "May be taken up by"), drawMeetingLink(meeting), make("span", "detail", say("span", "", why), make("span", "number", ` ${score.toFixed(2)}`)), drawQuotes([quote])));
  }
  return parts;
}

function drawReport({ article, title, outlet, published, source, type, when, copy_of: copyOf, quotes }) {
  const line = [outlet, published, when === "reported" ? words.meetings[type] : `${words.whens[when]}: ${words.meetings[type]}`];
  if (copyOf) line.push(`copy of ${articles[copyOf]?.outlet || copyOf}`);
  return [make("span", "words", linkOut(source, title || article)), say("span", "detail", line.filter(Boolean).join(" · ")), drawQuotes(quotes)];
}

// An actor

function drawActor(actor) {
  const record = read(`actor-${actors.indexOf(actor)}`);
  const theirs = meetings.filter(({ participants }) => participants.includes(record.id)).reverse();
  const event = [make("span", "type", words.kinds[record.kind])];
  if (record.country) event.push(make("span", "", countryName(record.country)));
  if (/^Q\d+$/.test(record.wikidata ?? "")) event.push(linkOut(`https://www.wikidata.org/wiki/${record.wikidata}`, record.wikidata));
  const byline = [make("span", "", counted(record.articles, "article")), make("span", "", counted(theirs.length, "meeting"))];
  if (record.first) byline.push(make("time", "", daysOf({ window: [record.first, record.last] })));
  const page = drawPage("actor", event, say("span", "", record.name), byline);
  const offices = record.offices.map(({ title, first, last, quote }) => {
    return [say("span", "words", title), make("span", "detail", daysOf({ window: [first, last] }) || "no day known"), drawQuotes(quote ? [quote] : [])];
  });
  if (offices.length) page.append(drawSection("participant", "Offices", offices.length, drawList(offices)));
  const spellings = record.spellings.map(({ name, articles: number }) => [say("span", "words", name), make("span", "number", counted(number, "article"))]);
  page.append(drawSection("mentioned", "Spellings", spellings.length, drawList(spellings), drawQuotes(record.quotes)));
  page.append(drawCounterparts(record, theirs));
  if (theirs.length) page.append(drawSection("meeting", "Meetings", theirs.length, drawList(theirs.map(({ id }) => [drawMeetingLink(id)]))));
  if (record.reasons.length) page.append(drawReasons("Why these spellings are one actor’s", record.reasons));
  return page;
}

function drawCounterparts({ id, kind, country }, theirs) {
  // A country's own people are not whom it met.
  const isOwn = (other) => (kind === "country") !== (kindOf(other) === "country") && actorById.get(other)?.country === country;
  const figures = countMembers(theirs, ({ participants }) => participants.filter((other) => other !== id && !isOwn(other)));
  if (!figures.length) return "";
  const rows = figures.map((figure) => () => [actorLink(figure.id), ...drawFigures(figure)]);
  return drawSection("meeting", "Counterparts", rows.length, drawTable("Whom they met, and how often", ["Actor", ...FIGURES], rows, 8));
}

// The overview

let isByCountry = false;

function drawOverview(shown, timeline) {
  const heading = shown.length === meetings.length ? "All meetings" : `${shown.length.toLocaleString("en")} of ${counted(meetings.length, "meeting")}`;
  const seen = new Set(shown.flatMap(({ participants }) => participants));
  const byline = [counted(shown.length, "meeting"), counted(seen.size, "actor")].map((line) => make("span", "", line));
  const page = drawPage("overview", [make("span", "type", "Who met whom")], heading, byline);
  if (leftOut) page.append(make("p", "notice", `The page has the latest meetings; ${leftOut.toLocaleString("en")} earlier ones are in meetings.jsonl.`));
  // Of the window, since asking for an element's width would lay out the page first.
  const width = Math.max(300, Math.min(innerWidth - (isWide.matches ? 432 : 40), 800));
  page.append(drawWho(shown, timeline, width));
  const where = countMembers(shown, ({ spots }) => spots);
  if (where.length) {
    const number = shown.filter((meeting) => hasMet(meeting) && meeting.spots.length).length;
    page.append(drawSection("meeting", "Where", number, drawMap(where, { addressOf: countryAddress, width })));
    page.lastChild.append(make("p", "detail", "Meetings with a place that names its country or capital; each circle is at the capital."));
  }
  const rows = countMembers(shown, actorsOf).map((figure) => () => [actorLink(figure.id), countryName(actorById.get(figure.id).country ?? ""), ...drawFigures(figure)]);
  if (rows.length) page.append(drawSection("participant", "Actors", rows.length, drawTable("Who met others, and how often", ["Actor", "Country", ...FIGURES], rows)));
  return page;
}

function drawWho(shown, timeline, width) {
  const membersOf = isByCountry ? countriesOf : peopleOf;
  const name = isByCountry ? countryName : nameOf;
  const pairs = countPairs(shown, membersOf);
  const choice = make("span", "choice");
  for (const [label, value] of [["People", false], ["Countries", true]]) {
    const one = button("", label, () => {
      isByCountry = value;
      timeline.onchange();
    });
    one.setAttribute("aria-pressed", String(value === isByCountry));
    choice.append(one);
  }
  const section = drawSection("participant", "Pairs", pairs.length, choice);
  if (!pairs.length) return section;
  const paired = new Set(pairs.flatMap(({ a, b }) => [a, b]));
  const members = countMembers(shown, membersOf).filter(({ id }) => paired.has(id)).slice(0, width < 520 ? 16 : 24);
  const addressOf = isByCountry ? countryAddress : actorAddress;
  section.append(drawArcs(members, pairs, { nameOf: name, addressOf, width }));
  const cell = (id) => (isByCountry ? countryName(id) : actorLink(id));
  const rows = pairs.map((figure) => () => [cell(figure.a), cell(figure.b), ...drawFigures(figure)]);
  section.append(drawTable("Who met whom, and how often; planned meetings do not count", ["One", "Other", ...FIGURES], rows));
  return section;
}
