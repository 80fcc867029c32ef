// The form of an item: its fields by what kind of item it is.

const KINDS = {
  actors: { person: "Person", organization: "Organization", group: "Group", country: "Country" },
  parts: { participant: "Participant", mentioned: "Only mentioned" },
};

/** Returns the fields of the form of an item: name, label, control, and how its value is read. */
function fieldsOf(field, words, meetings, actors) {
  const text = (name, label, isNeeded = false) => ({ name, label, isNeeded, make: (item) => textBox(item[name] ?? ""), read: (box) => box.value.trim() || null });
  const choice = (name, label, options) => ({ name, label, make: (item) => selectBox(options, item[name] ?? ""), read: (box) => box.value || null });
  const list = (name, label) => ({
    name,
    label,
    make: (item) => textBox(item[name].join("; ")),
    read: (box) => box.value.split(";").map((one) => one.trim()).filter(Boolean),
  });
  const people = (name, label) => ({ name, label, isGroup: true, make: (item) => checkBoxes(actors, item[name]), read: (box) => [...box.querySelectorAll(":checked")].map((one) => one.value) });
  const meeting = choice("meeting", "Meeting", Object.fromEntries(meetings));
  const byName = Object.entries(words.countries).sort((a, b) => a[1].localeCompare(b[1]));
  const countries = [["", "None"], ...byName.map(([code, name]) => [code, `${name} (${code})`])];
  return {
    actors: [
      text("name", "Name", true),
      choice("kind", "Kind", KINDS.actors),
      choice("part", "Part", KINDS.parts),
      text("role", "Role"),
      choice("country", "Country", countries),
      list("aliases", "Also (with ; between)"),
    ],
    agenda_items: [text("topic", "Topic", true), ...(meetings.length > 1 ? [meeting] : [])],
    outcomes: [
      text("description", "Outcome", true),
      choice("kind", "Kind", words.outcomes),
      ...(meetings.length > 1 ? [meeting] : []),
      ...(actors.length ? [people("parties", "Parties")] : []),
    ],
    meetings: [
      choice("type", "Type", words.meetings),
      choice("when", "When", words.whens),
      list("places", "Places (with ; between)"),
      { name: "date", label: "Date, in the article’s words", make: (item) => textBox(item.date?.text ?? ""), read: (box) => box.value.trim() || null },
      { name: "iso", label: "Day", make: (item) => dayBox(item.date?.iso ?? ""), read: (box) => box.value || null },
      ...(actors.length ? [people("participants", "Participants")] : []),
    ],
  }[field];
}

function textBox(value) {
  const box = make("textarea");
  box.value = value;
  box.rows = Math.max(1, Math.ceil(value.length / 44));
  box.dir = "auto";
  box.spellcheck = false;
  return box;
}

function dayBox(value) {
  const box = make("input");
  box.type = "date";
  box.value = value;
  return box;
}

function selectBox(options, value) {
  const pairs = Array.isArray(options) ? options : Object.entries(options);
  const box = make("select", "", ...pairs.map(([key, label]) => new Option(label, key)));
  box.value = value;
  return box;
}

function checkBoxes(actors, chosen) {
  const group = make("span", "checks");
  for (const { id, name } of actors) {
    const box = make("input");
    box.type = "checkbox";
    box.value = id;
    box.checked = chosen.includes(id);
    group.append(make("label", "", box, say("bdi", "", name)));
  }
  return group;
}

/** Makes a form. `onsave(item)` is called with the item as it is filled in. */
function drawForm(heading, fields, item, onsave, oncancel) {
  const form = make("form", "edit", make("h3", "", heading));
  const controls = fields.map((field) => {
    const control = field.make(item);
    if (field.isNeeded) control.required = true;
    const label = make(field.isGroup ? "div" : "label", "field", make("span", "", field.label), control);
    if (field.isGroup) {
      label.setAttribute("role", "group");
      label.setAttribute("aria-label", field.label);
    }
    form.append(label);
    return control;
  });
  const save = make("button", "save", "Save");
  const refusal = make("p", "refusal");
  refusal.setAttribute("role", "alert");
  form.append(refusal, make("div", "buttons", save, button("", "Cancel", oncancel)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const made = { ...item };
    fields.forEach((field, number) => (made[field.name] = field.read(controls[number])));
    if ("iso" in made) {
      made.date = made.date ? { text: made.date, iso: made.iso } : null;
      delete made.iso;
    }
    onsave(made);
  });
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") oncancel();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.target.matches("button")) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.refuse = (why) => (refusal.textContent = why);
  form.begin = () => {
    bringInSight(form);
    controls[0].focus();
    controls[0].select?.();
  };
  return form;
}
