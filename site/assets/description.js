/* The check of submission.yaml. It reads the YAML that people write there: keys, one-line values, lists of them.
   Where it meets anything else it says so and judges nothing: the tool reads all of YAML, and has the last word. */
(function () {
"use strict";
var words = window.tldrBench, NULLS = ["", "~", "null", "Null", "NULL"], LARGEST = 65536;
var YES_OR_NO = /^(0|1|t|f|y|n|on|off|yes|no|true|false)$/i;
function Undecided(line) { this.line = line; }

/* One value on one line: a text, or null. */
function scalar(text, line) {
  var single = /^'((?:[^']|'')*)'(?: +#.*)?$/.exec(text), double = /^"([^"\\]*)"(?: +#.*)?$/.exec(text);
  if (single) return single[1].replace(/''/g, "'");
  if (double) return double[1];
  text = text.replace(/(^| +)#.*$/, "").trimEnd();
  if (NULLS.includes(text)) return null;
  if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) && !/^-[0-9.]+$/.test(text)) throw new Undecided(line);
  if (/:( |$)/.test(text)) throw new Undecided(line);
  return text;
}
/* Key -> value and line. Raises Undecided for what is not the simple kind. */
function read(text) {
  var found = new Map(), twice = null, open = null;
  text.split("\n").forEach(function (whole, at) {
    var line = at + 1, entry = /^([A-Za-z_][A-Za-z0-9_]{0,99}):(?: +(.*))?$/.exec(whole), item = /^ +- +(.+)$/.exec(whole) || /^- +(.+)$/.exec(whole);
    if (/^ *(#.*)?$/.test(whole)) return;
    if (entry) {
      var value = scalar(entry[2] || "", line);
      if (found.has(entry[1]) && twice === null) twice = { line: line, field: null, message: "has the key " + words.shown(entry[1]) + " twice" };
      found.set(entry[1], { value: value, line: line });
      open = value === null && !(entry[2] || "").replace(/#.*/, "").trim() ? { key: entry[1], indent: null } : null;
      return;
    }
    var indent = whole.search(/[^ ]/);
    if (!item || !open || (open.indent !== null && open.indent !== indent)) throw new Undecided(line);
    if (/^- |: |:$/.test(item[1])) throw new Undecided(line);
    var known = found.get(open.key), text = scalar(item[1], line);
    if (text === null) throw new Undecided(line);
    open.indent = indent;
    known.value = (known.value || []).concat([text]);
  });
  return { found: found, twice: twice };
}
function choices(names) {
  var quoted = names.map(function (name) { return "'" + name + "'"; });
  return quoted.length === 1 ? quoted[0] : quoted.slice(0, -1).join(", ") + " or " + quoted[quoted.length - 1];
}
/* What is wrong with a value, or null. */
function misfit(rule, value, line) {
  var got = ", got " + words.shown(value), length = typeof value === "string" ? Array.from(value).length : 0;
  if (value === null) return rule.empty ? null : "expected " + (rule.choices ? choices(rule.choices) : "a text") + got;
  if (rule.form === "free" || (rule.form === "list" && (typeof value === "string" || Array.isArray(value)))) return null;
  if (typeof value !== "string" || value !== value.trim() && rule.form !== "text") throw new Undecided(line);
  if (rule.form === "choice") return rule.choices.includes(value) ? null : words.unknown("value", value, rule.choices);
  if (rule.form === "truth") return YES_OR_NO.test(value) ? null : "expected true or false" + got;
  if (rule.form === "date") {
    if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) return "expected a date such as 2024-05-31" + got;
    var day = new Date(value + "T00:00:00Z");
    if (isNaN(day) || day.toISOString().slice(0, 10) !== value || value < "0001") throw new Undecided(line);
    return null;
  }
  if (rule.form === "number") {
    if (!/^[+-]?[0-9]{1,32}$/.test(value)) return "expected a whole number" + (/^[+-]*\p{Nd}{33,}$/u.test(value) ? " of at most 32 digits" : "") + got;
    return rule.least !== undefined && +value < rule.least ? "expected " + rule.least + " or more" + got : null;
  }
  var strange = rule.pattern && !new RegExp(rule.pattern).test(value), long = rule.most !== undefined && length > rule.most;
  if (long) return "expected at most " + rule.most + " characters" + got;
  return strange ? "expected " + rule.expected + got : null;
}
function problems(text, rules) {
  if (!text.trim()) return [{ line: null, field: null, message: "is empty" }];
  var known = Object.keys(rules), entries = read(text), found = [];
  if (!entries.found.size) throw new Undecided(null);
  if (entries.twice) return [entries.twice];
  entries.found.forEach(function (entry, key) {
    var own = Object.hasOwn(rules, key), message = own ? misfit(rules[key], entry.value, entry.line) : words.unknown("key", key, known);
    if (message) found.push({ line: entry.line, field: own ? key : null, message: message });
  });
  known.forEach(function (key) {
    var echo = found.some(function (item) { return item.message.endsWith("Did you mean '" + key + "'?"); });
    if (rules[key].needed && !entries.found.has(key) && !echo) found.unshift({ line: entries.found.values().next().value.line, field: key, message: "is missing" });
  });
  return found;
}
/* {problems: […]}, or {undecided: a line or null} where this page cannot tell. */
window.tldrBench.description = function (bytes, rules) {
  try {
    if (bytes.length > LARGEST || bytes[0] === 0xef || bytes[0] >= 0xfe) throw new Undecided(null);
    var text = words.decoded(bytes).replace(/\r\n/g, "\n");
    if (/[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) throw new Undecided(null);
    return { problems: problems(text, rules) };
  } catch (error) {
    return { undecided: error instanceof Undecided ? error.line : null };
  }
};
})();
