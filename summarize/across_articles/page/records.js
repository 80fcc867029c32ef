// What the page holds: meetings and actors, and how it names them.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const { meetings, actors, articles, words, capitals, outlines, left_out: leftOut } = read("index");
// Filtered by the countries of the participants and of the places.
for (const meeting of meetings) meeting.anywhere = [...new Set([...meeting.countries, ...meeting.spots])];
const meetingById = new Map(meetings.map((meeting) => [meeting.id, meeting]));
const actorById = new Map(actors.map((actor) => [actor.id, actor]));
const MONTHS = "January February March April May June July August September October November December".split(" ");

/** Returns the last day that a meeting can have been on; "" if articles do not say. */
const lastDay = ({ day, window }) => day || window?.[1] || "";
const firstDay = ({ day, window }) => day || window?.[0] || "";

function daysOf(meeting) {
  const [first, last] = [firstDay(meeting), lastDay(meeting)];
  return first === last ? last : `${first} to ${last}`;
}

function monthOf(day) {
  const [year, month] = day.split("-");
  return day ? `${MONTHS[month - 1] ?? month} ${year}` : "No day known";
}

const countryName = (code) => words.countries[code] ?? code;
const nameOf = (id) => actorById.get(id)?.name ?? id;

/** Makes what names the participants: all of them, or the first few. */
function drawNames(ids, most = ids.length, draw = (id) => say("bdi", "", nameOf(id))) {
  const names = make("span", "names");
  ids.slice(0, most).forEach((id, number) => {
    const isLast = number > 0 && number === ids.length - 1;
    if (number) names.append(isLast ? " and " : ", ");
    names.append(draw(id));
  });
  if (ids.length > most) names.append(` and ${counted(ids.length - most, "other")}`);
  if (!ids.length) names.append(words.nobody);
  return names;
}

function link(address, classes, ...children) {
  const element = make("a", classes, ...children);
  element.href = address;
  return element;
}

const actorAddress = (id) => `#a/${encodeURIComponent(id)}`;
const countryAddress = (code) => `#c/${encodeURIComponent(code)}`;
const actorLink = (id) => (actorById.has(id) ? link(actorAddress(id), "", say("bdi", "", nameOf(id))) : say("bdi", "", id));
const meetingAddress = (id) => `#m/${encodeURIComponent(id)}`;

/** Makes a link to another site; what is no address of the Web is only words. */
function linkOut(address, text) {
  if (!/^https?:\/\//i.test(address ?? "")) return say("span", "", text);
  const element = link(address, "", say("bdi", "", text));
  element.rel = "noopener noreferrer";
  element.target = "_blank";
  return element;
}

/** Returns what a meeting was, where, and how many articles tell of it. */
function lineOf({ type, when, places, articles: number, sources }) {
  const parts = [words.meetings[type]];
  if (when !== "reported") parts.unshift(words.whens[when]);
  if (places.length) parts.push(places.join(", "));
  if (number > 1) parts.push(counted(number, "article"), counted(sources, "source"));
  return parts.join(" · ");
}

// Who met whom. What is only planned does not count.

const kindOf = (id) => actorById.get(id)?.kind;
const peopleOf = ({ participants }) => participants.filter((id) => kindOf(id) === "person");
const actorsOf = ({ participants }) => participants.filter((id) => kindOf(id) && kindOf(id) !== "country");
const countriesOf = ({ countries }) => countries;
const hasMet = ({ when }) => when !== "planned";

/** Adds a meeting to the figures of a key. */
function tally(figures, key, meeting, more) {
  let known = figures.get(key);
  if (!known) figures.set(key, (known = { ...more, number: 0, first: "", last: "" }));
  const [first, last] = [firstDay(meeting), lastDay(meeting)];
  known.number += 1;
  if (first && (!known.first || first < known.first)) known.first = first;
  if (last > known.last) known.last = last;
}

const byNumber = (one, other) => other.number - one.number || (one.last < other.last ? 1 : one.last > other.last ? -1 : 0);

/** Returns how often each has met somebody, the most often first. */
function countMembers(shown, membersOf) {
  const figures = new Map();
  for (const meeting of shown) if (hasMet(meeting)) for (const id of membersOf(meeting)) tally(figures, id, meeting, { id });
  return [...figures.values()].sort(byNumber);
}

/** Returns how often each two have met, the most often first. */
function countPairs(shown, membersOf) {
  const figures = new Map();
  for (const meeting of shown) {
    if (!hasMet(meeting)) continue;
    const members = membersOf(meeting);
    for (let i = 1; i < members.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const [a, b] = members[i] < members[j] ? [members[i], members[j]] : [members[j], members[i]];
        tally(figures, `${a} ${b}`, meeting, { a, b });
      }
    }
  }
  return [...figures.values()].sort(byNumber);
}
