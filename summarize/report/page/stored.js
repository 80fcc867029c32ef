// A report holds its articles itself. A page of reviews has articles.js and review.js instead.

const loadRecord = (entry) => read(`article-${entry.number}`);
const makeReading = (record) => new Reading(record, words);
const MORE_KEYS = {};
