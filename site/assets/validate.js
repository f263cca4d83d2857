/* The check of a prediction file, with the rules and the words of `tldr-bench validate`. Nothing is uploaded. */
(function () {
"use strict";
var MIB = 1048576, MAX_FILE = 256 * MIB, MAX_LINE = MIB, MAX_LINES = 10000000, MAX_DEPTH = 32, MAX_NUMBER = 32, MOST = 10000, LISTED = 10, MANY = 10000;
var BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
var ONLY_BLANKS = new RegExp("^[" + BLANK + "]*$"), BLANKS = new RegExp("[" + BLANK + "]+");
var ENDINGS = [".jsonl", ".jsonl.gz", ".run", ".run.gz"];

/* Words ------------------------------------------------------------------------------------------ */

function points(text) { return Array.from(text); }
function escaped(character) {
  var code = character.codePointAt(0), digits = code.toString(16);
  if (character === "\\") return "\\\\";
  if ("\n\r\t".includes(character)) return { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return character;
  return code < 256 ? "\\x" + digits.padStart(2, "0") : code < 65536 ? "\\u" + digits.padStart(4, "0") : "\\U" + digits.padStart(8, "0");
}
function quoted(text) {
  var mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + points(text).slice(0, 200).map(function (character) { return character === mark ? "\\" + mark : escaped(character); }).join("") + mark;
}
function floatText(value) {
  var parts = value.toExponential().split("e"), power = +parts[1];
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  if (power < -4 || power >= 16) return parts[0] + "e" + (power < 0 ? "-" : "+") + String(Math.abs(power)).padStart(2, "0");
  return Number.isInteger(value) ? BigInt(value) + ".0" : value.toFixed(Math.max(1, (parts[0].split(".")[1] || "").length - power));
}
function asJson(value) {
  if (value instanceof Num) return value.whole ? String(BigInt(value.raw)) : floatText(+value.raw);
  if (value instanceof Map) return "{" + Array.from(value, function (entry) { return asJson(entry[0]) + ": " + asJson(entry[1]); }).join(", ") + "}";
  if (Array.isArray(value)) return "[" + value.map(asJson).join(", ") + "]";
  return JSON.stringify(value).replace(/[^\x00-\x7f]/g, function (unit) { return "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"); });
}
function shown(value) {
  var text = points(typeof value === "string" ? quoted(value) : asJson(value));
  return text.length <= 60 ? text.join("") : text.slice(0, 59).join("") + "…";
}
function count(number, noun) { return number === 1 ? "1 " + noun : number + " " + noun + "s"; }
function listed(ids) {
  return ids.slice(0, LISTED).map(shown).join(", ") + (ids.length > LISTED ? ", and " + (ids.length - LISTED) + " more" : "");
}

/* The nearest name, as Python's difflib finds it -------------------------------------------------- */

function longest(a, b, alo, ahi, blo, bhi) {
  var best = [alo, blo, 0], lengths = {};
  for (var i = alo; i < ahi; i++) {
    var next = {};
    for (var j = blo; j < bhi; j++) if (a[i] === b[j]) {
      var size = next[j] = (lengths[j - 1] || 0) + 1;
      if (size > best[2]) best = [i - size + 1, j - size + 1, size];
    }
    lengths = next;
  }
  return best;
}
function matches(a, b, alo, ahi, blo, bhi) {
  var found = longest(a, b, alo, ahi, blo, bhi);
  if (!found[2]) return 0;
  return found[2] + matches(a, b, alo, found[0], blo, found[1]) + matches(a, b, found[0] + found[2], ahi, found[1] + found[2], bhi);
}
function closest(name, known, cutoff) {
  var word = points(name).slice(0, 100), best = null, score = cutoff;
  known.forEach(function (item) {
    var other = points(item), total = word.length + other.length;
    if (2 * Math.min(word.length, other.length) < cutoff * total) return;
    var ratio = total ? 2 * matches(other, word, 0, other.length, 0, word.length) / total : 1;
    if (ratio > score || (ratio === score && (best === null || item > best))) { best = item; score = ratio; }
  });
  return best;
}
function unknown(what, name, known, meant) {
  var names = known.slice().sort(), near = closest(name, names, 0.6) || meant;
  if (near) return "unknown " + what + " " + shown(name) + ". Did you mean " + shown(near) + "?";
  return "unknown " + what + " " + shown(name) + ". Known: " + names.slice(0, 12).join(", ") + (names.length > 12 ? ", …" : "");
}
function nearest(name, known) {
  var length = Math.min(100, points(name).length), similar = [];
  for (var item of known) {
    if (Math.abs(points(item).length - length) <= 3) similar.push(item);
    if (similar.length === 3000) break;
  }
  var near = closest(name, similar, 0.75);
  return near === null ? "" : ". Did you mean " + shown(near) + "?";
}

/* JSON, strictly ---------------------------------------------------------------------------------- */

function Num(raw, whole) { this.raw = raw; this.whole = whole; }
function Wrong(message) { this.message = message; }
function invalid(what, at) { return new Wrong("is not valid JSON: " + what + " at column " + (at + 1)); }
function depth(text) {
  var level = 0, deepest = 0;
  (text.replace(/"[^"\\]*(?:\\[^][^"\\]*)*"?/g, "").match(/[[\]{}]/g) || []).forEach(function (bracket) {
    level += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, level);
  });
  return deepest;
}
function parse(text) {
  var at = 0, NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y, SHORT = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
  function space() { while (" \t\n\r".includes(text[at] || "x")) at++; }
  function string() {
    var start = at++, found = "";
    for (;;) {
      var character = text[at];
      if (character === undefined) throw invalid("unterminated string starting", start);
      if (character === '"') { at++; return found; }
      if (character < " ") throw invalid("invalid control character", at);
      if (character !== "\\") { found += character; at++; continue; }
      var kind = text[at + 1], code = text.slice(at + 2, at + 6);
      if (kind === undefined) throw invalid("unterminated string starting", start);
      if (kind === "u") {
        if (!/^[0-9A-Fa-f]{4}$/.test(code)) throw invalid("invalid \\uXXXX escape", at + 1);
        found += String.fromCharCode(parseInt(code, 16));
        at += 6;
      } else if (SHORT[kind] === undefined) throw invalid("invalid \\escape", at);
      else { found += SHORT[kind]; at += 2; }
    }
  }
  function number() {
    NUMBER.lastIndex = at;
    var match = NUMBER.exec(text);
    if (!match) return null;
    at += match[0].length;
    if (match[2] === undefined && match[3] === undefined) {
      if (match[1].length > MAX_NUMBER) throw new Wrong("holds a number of " + match[1].length + " digits");
      return new Num(match[1], true);
    }
    if (match[0].length > MAX_NUMBER || !isFinite(+match[0])) throw new Wrong("holds a number that is too long or too large: " + shown(match[0]));
    return new Num(match[0], false);
  }
  function list() {
    var found = [];
    at++;
    space();
    if (text[at] === "]") { at++; return found; }
    for (;;) {
      found.push(value());
      space();
      if (text[at] === "]") { at++; return found; }
      if (text[at] !== ",") throw invalid("expected ',' delimiter", at);
      at++;
      space();
    }
  }
  function object() {
    var found = new Map(), twice = null;
    at++;
    space();
    if (text[at] === "}") { at++; return found; }
    for (;;) {
      if (text[at] !== '"') throw invalid("expected property name enclosed in double quotes", at);
      var key = string();
      space();
      if (text[at] !== ":") throw invalid("expected ':' delimiter", at);
      at++;
      space();
      if (found.has(key) && twice === null) twice = key;
      found.set(key, value());
      space();
      if (text[at] === "}") break;
      if (text[at] !== ",") throw invalid("expected ',' delimiter", at);
      at++;
      space();
    }
    at++;
    if (twice !== null) throw new Wrong("has the key " + shown(twice) + " twice");
    return found;
  }
  function value() {
    var words = { n: ["null", null], t: ["true", true], f: ["false", false] }[text[at]];
    if (text[at] === '"') return string();
    if (text[at] === "{") return object();
    if (text[at] === "[") return list();
    if (words && text.startsWith(words[0], at)) { at += words[0].length; return words[1]; }
    var constant = ["NaN", "Infinity", "-Infinity"].find(function (name) { return text.startsWith(name, at); });
    if (constant) throw new Wrong("holds " + constant + ", which is not JSON");
    var found = number();
    if (found === null) throw invalid("expected value", at);
    return found;
  }
  if (depth(text) > MAX_DEPTH) throw new Wrong("is nested deeper than " + MAX_DEPTH + " levels");
  space();
  var found = value();
  space();
  if (at < text.length) throw invalid("extra data", at);
  if (text.includes("\\u") && lone(found)) throw new Wrong("holds half of a surrogate pair (\\ud800 to \\udfff)");
  return found;
}
function lone(value) {
  if (typeof value === "string") return /\p{Cs}/u.test(value);
  if (value instanceof Map) return Array.from(value).some(lone);
  return Array.isArray(value) && value.some(lone);
}

/* Lines ------------------------------------------------------------------------------------------- */

function firstBadByte(bytes) {
  for (var at = 0; at < bytes.length;) {
    var lead = bytes[at], more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1;
    if (more < 0) return at;
    for (var step = 1; step <= more; step++) {
      var next = bytes[at + step], low = 0x80, high = 0xbf;
      if (step === 1) {
        if (lead === 0xe0) low = 0xa0;
        if (lead === 0xed) high = 0x9f;
        if (lead === 0xf0) low = 0x90;
        if (lead === 0xf4) high = 0x8f;
      }
      if (next === undefined || next < low || next > high) return at;
    }
    at += more + 1;
  }
  return -1;
}
function decoded(bytes) {
  var bad = firstBadByte(bytes), decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  if (bad < 0) return decoder.decode(bytes);
  var column = points(decoder.decode(bytes.subarray(0, bad))).length + 1;
  throw new Wrong("is not UTF-8: byte 0x" + bytes[bad].toString(16).padStart(2, "0") + " at column " + column);
}
function Report() { this.problems = []; this.omitted = 0; this.cut = false; }
Report.prototype.full = function () { return this.problems.length >= MOST; };
Report.prototype.add = function (message, line, field) {
  if (this.full()) this.omitted++; else this.problems.push({ line: line || null, field: field || null, message: message });
};
function eachLine(bytes, report, take) {
  var number = 0, start = 0;
  function cut(message) { report.add(message); report.cut = true; }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return cut("is UTF-16; save it as UTF-8");
  while (start < bytes.length) {
    var found = bytes.indexOf(10, start), end = found < 0 ? bytes.length : found + 1, chunk = bytes.subarray(start, end);
    start = end;
    number++;
    if (end > MAX_FILE) return cut("is larger than the limit of 256 MiB");
    if (number > MAX_LINES) return cut("has more lines than the limit of " + MAX_LINES);
    if (report.full()) { report.cut = true; return undefined; }
    if (chunk.length > MAX_LINE) { report.add("is longer than the limit of 1 MiB a line", number); continue; }
    if (number === 1 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3);
    try {
      var text = decoded(chunk);
      if (!ONLY_BLANKS.test(text)) take(number, text.replace(/[\r\n]+$/, ""));
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      report.add(error.message, number);
    }
  }
  return undefined;
}

/* Predictions ------------------------------------------------------------------------------------- */

var KEYS = { summary: ["id", "prediction"], labels: ["id", "prediction", "selected"], ranking: ["id", "prediction"] };
function whole(value) { return value instanceof Num && value.whole; }
function all(value, test) { return Array.isArray(value) && value.every(test); }
var PARSERS = {
  summary: function (value) {
    if (typeof value !== "string") throw new Wrong("expected a text, got " + shown(value) + (value === null ? '; an empty prediction is ""' : ""));
    return value;
  },
  labels: function (value) {
    if (!all(value, function (item) { return whole(item) && (BigInt(item.raw) === 0n || BigInt(item.raw) === 1n); })) throw new Wrong("expected a list of 0 and 1, one per sentence, got " + shown(value));
    return value;
  },
  selected: function (value) {
    var good = all(value, function (item) { return whole(item) && BigInt(item.raw) >= 0n; });
    if (!good || new Set(value.map(function (item) { return BigInt(item.raw); })).size < value.length) throw new Wrong("expected distinct sentence numbers counted from 0, got " + shown(value));
    return { positions: value.map(function (item) { return BigInt(item.raw); }) };
  },
  ranking: function (value) {
    if (!all(value, function (item) { return typeof item === "string"; })) throw new Wrong("expected a list of document ids, best first, got " + shown(value));
    var seen = new Set();
    value.forEach(function (item) { if (seen.has(item)) throw new Wrong("ranks " + shown(item) + " twice"); seen.add(item); });
    return value;
  }
};
function parsed(value, form, line, field, report) {
  try { return PARSERS[form](value); } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    report.add(error.message, line, field);
    return null;
  }
}
function rowId(row, line, report) {
  var value = row.get("id");
  if (typeof value === "string" && value) return value;
  if (!row.has("id")) report.add("has no 'id'; rows are matched by id, never by position", line);
  else report.add("expected a non-empty string, got " + shown(value), line, "id");
  return null;
}
function rowValue(row, kind, line, report) {
  var strange = Array.from(row.keys()).filter(function (key) { return !KEYS[kind].includes(key); });
  var answered = KEYS[kind].some(function (key) { return key !== "id" && row.has(key); });
  var meant = strange.length === 1 && !answered ? "prediction" : null;
  strange.forEach(function (key) { report.add(unknown("key", key, KEYS[kind], meant), line); });
  if (kind === "labels" && row.has("selected")) {
    if (row.has("prediction")) report.add("has both 'prediction' and 'selected'; give one", line);
    return parsed(row.get("selected"), "selected", line, "selected", report);
  }
  if (row.has("prediction")) return parsed(row.get("prediction"), kind, line, "prediction", report);
  if (!strange.length) report.add("has no 'prediction'", line);
  return null;
}
function Found(task, name, report) {
  this.task = task;
  this.name = name;
  this.report = report;
  this.lines = new Map();
  this.strange = new Map();
  this.hints = LISTED;
}
Found.prototype.take = function (line, id, value) {
  if (!this.task.places.has(id)) this.noteStrange(line, id);
  else if (this.lines.has(id)) this.report.add("id " + shown(id) + " has a prediction on line " + this.lines.get(id) + " already", line);
  else {
    this.lines.set(id, line);
    var problem = value === null ? null : this.misfit(id, value);
    if (problem) this.report.add("example " + shown(id) + ": " + problem, line);
  }
};
Found.prototype.noteStrange = function (line, id) { if (this.strange.size < MANY && !this.strange.has(id)) this.strange.set(id, line); };
Found.prototype.misfit = function (id, value) {
  if (this.task.kind === "labels") {
    var sentences = this.task.sizes[this.task.places.get(id)];
    if (!value.positions) return value.length === sentences ? null : "expected " + sentences + " labels, got " + value.length;
    var far = value.positions.find(function (position) { return position >= BigInt(sentences); });
    return far === undefined ? null : "selects sentence " + far + ", but they are numbered 0 to " + (sentences - 1);
  }
  if (!Array.isArray(value)) return null;
  var task = this.task, strange = value.find(function (item) { return !task.pool.has(item); });
  return strange === undefined ? null : this.unknownDocument(strange);
};
Found.prototype.unknownDocument = function (name) {
  this.hints--;
  return "ranks " + shown(name) + ", which is not among the task's " + this.task.pool.size + " documents" + (this.hints >= 0 ? nearest(name, this.task.pool) : "");
};
Found.prototype.check = function () {
  var self = this, report = this.report, task = this.task, missing = task.ids.filter(function (id) { return !self.lines.has(id); });
  if (missing.length && !report.cut && (this.lines.size || this.strange.size || !report.problems.length)) {
    var way = task.kind === "ranking" ? "; a query that finds nothing has [] as its prediction" : "";
    if (way && isRun(this.name)) way += " in " + task.id + ".jsonl, which 'tldr-bench import trec FILE --task " + task.id + " --system NAME' writes";
    report.add(count(missing.length, "example") + " of " + task.id + " without a prediction: " + listed(missing) + way);
  }
  var strange = Array.from(this.strange);
  strange.slice(0, LISTED).forEach(function (entry) {
    var hint = nearest(entry[0], missing) || nearest(entry[0], task.ids) || ": " + task.id + " has no such example";
    report.add("unknown id " + shown(entry[0]) + hint, entry[1]);
  });
  var rest = strange.slice(LISTED).map(function (entry) { return entry[0]; });
  if (rest.length) report.add((strange.length === MANY ? "at least " : "") + count(rest.length, "more prediction") + " for unknown ids: " + listed(rest));
};
function takeRows(found, bytes) {
  var any = false, report = found.report;
  eachLine(bytes, report, function (line, text) {
    var row = parse(text);
    if (!(row instanceof Map)) { report.add("expected a JSON object {…}, got " + shown(row), line); return; }
    any = true;
    var id = rowId(row, line, report), value = rowValue(row, found.task.kind, line, report);
    if (id !== null) found.take(line, id, value);
  });
  if (!any && !report.problems.length) report.add("is empty: expected one JSON object a line");
}
function takeRun(found, bytes) {
  var any = false, report = found.report, queries = new Map();
  if (found.task.kind !== "ranking") { report.add("is a TREC run; a " + found.task.kind + " task takes .jsonl"); return; }
  eachLine(bytes, report, function (line, text) {
    var columns = text.split(BLANKS).filter(Boolean), query = columns[0], name = columns[2];
    any = true;
    if (columns.length !== 6) report.add("expected 6 columns (query Q0 document rank score tag), got " + columns.length, line);
    else if (!/^[-+]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][-+]?[0-9]{1,4})?$/.test(columns[4])) report.add("expected a number, got " + shown(columns[4]), line, "score");
    else if (!found.task.places.has(query)) found.noteStrange(line, query);
    else {
      if (!queries.has(query)) queries.set(query, [line, new Set()]);
      var ranked = queries.get(query)[1];
      if (!found.task.pool.has(name)) report.add(found.unknownDocument(name), line);
      else if (ranked.has(name)) report.add("ranks " + shown(name) + " twice for " + shown(query), line);
      else ranked.add(name);
    }
  });
  if (!any && !report.problems.length) report.add("is empty: expected lines of 'query Q0 document rank score tag'");
  queries.forEach(function (entry, query) { found.take(entry[0], query, Array.from(entry[1])); });
}
function isRun(name) { return name.replace(/\.gz$/, "").endsWith(".run"); }
function taskOf(name) {
  var ending = ENDINGS.find(function (end) { return name.endsWith(end); });
  return ending ? name.slice(0, -ending.length) : null;
}
function unpacked(bytes) {
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer().then(function (buffer) { return new Uint8Array(buffer); });
}
function prepared(id, raw) {
  var ids = raw.ids || null;
  return { id: id, kind: raw.kind, ids: ids, sizes: raw.sizes || [], places: new Map((ids || []).map(function (item, at) { return [item, at]; })), pool: new Set(raw.pool || ids || []) };
}

/* Every problem of a file, in the order of its lines: a promise of [{line, field, message}]. */
function check(name, bytes, tasks) {
  var report = new Report(), id = taskOf(name);
  if (id === null) report.add("expected a submission folder or a file named <task>.jsonl, .jsonl.gz, .run or .run.gz");
  else if (!Object.hasOwn(tasks, id)) report.add("is named after no task: " + unknown("task", id, Object.keys(tasks)));
  else if (!tasks[id].ids) report.add("cannot be checked here: " + id + " has too many examples for a page; the pull request checks it");
  if (report.problems.length) return Promise.resolve(report.problems);
  var found = new Found(prepared(id, tasks[id]), name, report);
  function go(content) {
    (isRun(name) ? takeRun : takeRows)(found, content);
    found.check();
    report.problems.sort(function (a, b) { return (a.line || 0) - (b.line || 0); });
    if (report.omitted) report.problems.push({ line: null, field: null, message: "and: " + report.omitted + " more problems" });
    return report.problems;
  }
  if (!name.endsWith(".gz")) return Promise.resolve(go(bytes));
  return unpacked(bytes).then(go, function () { return [{ line: null, field: null, message: "is not gzip, or damaged" }]; });
}
window.tldrBenchCheck = check;
window.tldrBench = { unknown: unknown, shown: shown, decoded: decoded };

/* The page ---------------------------------------------------------------------------------------- */

function element(name, text, parent) {
  var made = document.createElement(name);
  if (text) made.textContent = text;
  parent.appendChild(made);
  return made;
}
function lineOf(file, problem) {
  return file + (problem.line ? ":" + problem.line : "") + ": " + (problem.field ? problem.field + ": " : "") + problem.message;
}
function show(name, problems, into) {
  var box = element("div", "", into), SHOWN = 200;
  box.className = problems.length ? "file bad" : "file";
  element("b", name, box);
  element("p", problems.length ? count(problems.length, "problem") + " to mend:" : "Nothing is wrong with this file. Put it into submissions/<system>/ beside submission.yaml and open a pull request.", box);
  if (!problems.length) return;
  var list = element("ul", "", box);
  problems.slice(0, SHOWN).forEach(function (problem) { element("li", lineOf(name, problem), list); });
  if (problems.length > SHOWN) element("li", "and " + (problems.length - SHOWN) + " more", list);
}
function showUndecided(name, line, into) {
  var box = element("div", "", into), where = line === null ? "" : "line " + line + " ";
  box.className = "file open";
  element("b", name, box);
  element("p", "Not judged here: " + where + "uses more of YAML than this page reads. The tool checks it: tldr-bench validate, or the pull request.", box);
}
/* The folder of the pull request, with what is here, what is wrong and what lacks. */
function showFolder(states, into) {
  var box = element("div", "", into), lines = [], spec = Object.hasOwn(states, "submission.yaml");
  box.className = "pull";
  element("b", "Your pull request should hold", box);
  if (!spec) lines.push("submissions/<system>/submission.yaml   not chosen yet: what the system is");
  Object.keys(states).sort().forEach(function (name) { lines.push("submissions/<system>/" + name + "   " + states[name]); });
  if (Object.keys(states).every(function (name) { return taskOf(name) === null; })) lines.push("submissions/<system>/<task>.jsonl   not chosen yet: predictions for one task at least");
  element("pre", lines.join("\n"), box);
}
function checkOne(file, bytes, data, into) {
  if (file.name === "submission.yaml") {
    var said = window.tldrBench.description(bytes, data.description);
    if (said.problems) { show(file.name, said.problems, into); return said.problems.length ? "to be mended" : "checked"; }
    showUndecided(file.name, said.undecided, into);
    return "checked by the tool only";
  }
  return check(file.name, bytes, data.tasks).then(function (problems) { show(file.name, problems, into); return problems.length ? "to be mended" : "checked"; });
}
function checkFiles(files) {
  var data = JSON.parse(document.querySelector("#tasks").textContent), into = document.querySelector("#verdict"), states = {};
  into.replaceChildren();
  Promise.all(Array.from(files, function (file) {
    return file.arrayBuffer().then(function (buffer) { return checkOne(file, new Uint8Array(buffer), data, into); })
      .catch(function (error) { show(file.name, [{ line: null, field: null, message: "cannot be read: " + error.message }], into); return "cannot be read"; })
      .then(function (state) { if (file.name === "submission.yaml" || taskOf(file.name)) states[file.name] = state; });
  })).then(function () { showFolder(states, into); });
}
document.addEventListener("DOMContentLoaded", function () {
  var input = document.querySelector("#files"), drop = document.querySelector("#drop");
  if (!input) return;
  input.addEventListener("change", function () { checkFiles(input.files); });
  ["dragover", "dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function (event) {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop") checkFiles(event.dataTransfer.files);
    });
  });
});
})();
