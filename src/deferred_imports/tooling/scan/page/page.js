// What the page of `scan --html` adds where scripts run: search, what-if, details. All data is in the page.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const start = data.starts[0];
  const graph = start.graph;
  const byId = (id) => document.getElementById(id);
  const ms = (us) => `${(us / 1000).toFixed(1)} ms`;
  const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
  document.documentElement.classList.add("has-script");

  // Who needs whom: what `savings` does in Python, so that both say the same.

  const names = graph.names;
  const number = new Map(names.map((name, index) => [name, index]));
  const loaded = new Set([...graph.before.map((index) => names[index]), ...start.modules.map((module) => module.name)]);
  const parentsOf = names.map((name) => {
    const found = [];
    for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
      const parent = name.slice(0, end);
      if (loaded.has(parent) && number.has(parent)) found.push(number.get(parent));
    }
    return found;
  });
  const out = names.map(() => []);
  for (const edge of graph.edges) out[edge[0]].push(edge);
  const site = (importer, line, module) => `${importer}\n${line}\n${module}`;

  function reached(cut) {
    const seen = new Uint8Array(names.length);
    const queue = [];
    const visit = (index) => { if (!seen[index]) { seen[index] = 1; queue.push(index); } };
    graph.roots.forEach(visit);
    for (let at = 0; at < queue.length; at += 1) {
      const index = queue[at];
      parentsOf[index].forEach(visit);
      for (const [, importer, line, body, module, named = module] of out[index]) {
        if (!seen[module] && !(body && cut.has(site(importer, line, named)))) visit(module);
      }
    }
    return seen;
  }
  const everything = reached(new Set());
  const modules = start.modules;
  const position = new Map(modules.map((module, index) => [module.name, index]));

  // The imports that can wait, by the module that they import. A level says what deferring needs: nothing, a change, care.

  const groups = new Map();
  const levelOf = new Map();
  for (const item of data.imports) {
    if (item.level === null) continue;
    if (item.saves.modules.length) {
      levelOf.set(item.module, Math.min(item.level, levelOf.has(item.module) ? levelOf.get(item.module) : item.level));
    }
    const whole = [item.module];
    for (let end = item.module.lastIndexOf("."); end > 0; end = item.module.lastIndexOf(".", end - 1)) {
      whole.push(item.module.slice(0, end));
    }
    for (const name of whole) groups.set(name, [...(groups.get(name) || []), item]);
  }
  const cutOf = (items) => new Set(items.filter((item) => number.has(item.importer) && number.has(item.module))
    .map((item) => site(number.get(item.importer), item.line, number.get(item.module))));
  const cuts = new Map(); // each is asked for at every tick
  function cutsOf(module) {
    if (!cuts.has(module)) cuts.set(module, cutsAnew(module));
    return cuts.get(module);
  }
  function cutsAnew(module) {
    const all = (groups.get(module) || []).filter((item) => item.level <= levelOf.get(module));
    const cut = cutOf(all);
    const index = number.get(module);
    // If the module stays all the same, deferring what lies in it is not what this import saves.
    return index !== undefined && reached(cut)[index] ? cutOf(all.filter((item) => item.module === module)) : cut;
  }
  function without(ticked) {
    const cut = new Set();
    for (const module of ticked) for (const one of cutsOf(module)) cut.add(one);
    const left = reached(cut);
    return modules.filter((module) => everything[number.get(module.name)] && !left[number.get(module.name)]);
  }
  window.whatIf = (ticked) => {
    const gone = without(ticked);
    return { modules: gone.map((module) => module.name), us: gone.reduce((sum, module) => sum + (module.self_us || 0), 0) };
  };

  // State, kept in the fragment so that a link shows the same.

  const state = { search: "", distribution: "", sort: "start", after: false, ticked: new Set(), open: "" };
  function load() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    state.search = fragment.get("search") || "";
    state.distribution = fragment.get("distribution") || "";
    state.sort = fragment.get("sort") || "start";
    state.after = fragment.get("show") === "after";
    state.ticked = new Set((fragment.get("tick") || "").split(",").filter(Boolean));
    state.open = fragment.get("open") || "";
  }
  function save() {
    const fragment = new URLSearchParams();
    if (state.search) fragment.set("search", state.search);
    if (state.distribution) fragment.set("distribution", state.distribution);
    if (state.sort !== "start") fragment.set("sort", state.sort);
    if (state.after) fragment.set("show", "after");
    if (state.ticked.size) fragment.set("tick", [...state.ticked].sort().join(","));
    if (state.open) fragment.set("open", state.open);
    const text = fragment.toString();
    try { history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search); } catch { /* a sandboxed frame */ }
  }

  // The waterfall: of thousands of rows, those that can be seen.

  const HEIGHT = 23;
  const frame = byId("waterfall-frame");
  const body = byId("waterfall") && byId("waterfall").tBodies[0];
  const ends = modules.reduce((most, module) => Math.max(most, module.start_us + module.cumulative_us), 1);
  const verdicts = new Map();
  const sites = new Map();
  for (const item of data.imports) {
    sites.set(item.module, [...(sites.get(item.module) || []), item]);
    const kind = kindOf(item);
    const known = verdicts.get(item.module);
    if (item.loaded !== false && (!known || RANK(kind) < RANK(known))) verdicts.set(item.module, kind);
  }
  function RANK(kind) { return ["cannot", "must-not", "risky", "change", "no-gain", "can", "deferred"].indexOf(kind); }
  function kindOf(item) { return item.verdict.replace(" ", "-"); }
  const depths = new Map();
  for (const module of modules) depths.set(module.name, Math.min(12, (depths.has(module.by) ? depths.get(module.by) + 1 : 0)));

  let gone = new Set();
  let rows = [];
  function select() {
    const wanted = state.search.toLowerCase();
    rows = modules.filter((module) => {
      if (state.distribution && module.distribution !== state.distribution) return false;
      if (!wanted) return true;
      const where = (sites.get(module.name) || []).map((item) => item.path).join(" ");
      return `${module.name} ${module.distribution} ${where}`.toLowerCase().includes(wanted);
    });
    if (state.sort === "self") rows.sort((a, b) => b.self_us - a.self_us);
    if (state.sort === "all") rows.sort((a, b) => b.cumulative_us - a.cumulative_us);
    if (state.sort === "saves") {
      const saves = (module) => Math.max(0, ...(sites.get(module.name) || []).map((item) => item.saves.us));
      rows.sort((a, b) => saves(b) - saves(a));
    }
    if (state.after) rows = rows.filter((module) => !gone.has(module.name));
  }
  function cell(className, text) {
    const made = document.createElement("td");
    if (className) made.className = className;
    made.textContent = text;
    if (text) made.title = text;
    return made;
  }
  function rowOf(module, index) {
    const row = document.createElement("tr");
    row.tabIndex = -1;
    row.dataset.module = module.name;
    row.setAttribute("aria-rowindex", String(index + 2));
    row.classList.toggle("gone", gone.has(module.name));
    const name = cell("name mono", module.name);
    name.style.setProperty("--depth", state.sort === "start" ? depths.get(module.name) : 0);
    const bar = document.createElement("td");
    bar.className = "bar";
    const span = document.createElement("span");
    span.className = `span ${verdicts.get(module.name) || "brought"}`;
    span.style.left = `${(100 * module.start_us) / ends}%`;
    span.style.width = `${(100 * module.cumulative_us) / ends}%`;
    const own = document.createElement("i");
    own.style.width = `${module.cumulative_us ? (100 * module.self_us) / module.cumulative_us : 0}%`;
    span.append(own);
    bar.append(span);
    row.append(name, cell("distribution", module.distribution), cell("number", ms(module.self_us)), cell("number", ms(module.cumulative_us)), bar);
    return row;
  }
  function spacer(height) {
    const row = document.createElement("tr");
    row.className = "spacer";
    row.setAttribute("aria-hidden", "true");
    row.style.height = `${height}px`;
    return row;
  }
  let focused = 0;
  function draw(everyRow) {
    if (!body) return;
    const first = everyRow ? 0 : Math.max(0, Math.floor(frame.scrollTop / HEIGHT) - 10);
    const last = everyRow ? rows.length : Math.min(rows.length, first + Math.ceil(frame.clientHeight / HEIGHT) + 20);
    const seen = rows.slice(first, last).map((module, index) => rowOf(module, first + index));
    const had = body.contains(document.activeElement);
    body.replaceChildren(spacer(first * HEIGHT), ...seen, spacer((rows.length - last) * HEIGHT));
    const at = seen[Math.min(Math.max(focused - first, 0), seen.length - 1)];
    if (at) { at.tabIndex = 0; if (had) at.focus({ preventScroll: true }); }
    byId("waterfall").setAttribute("aria-rowcount", String(rows.length + 1));
    byId("shown").textContent = `${count(rows.length, "module")} shown, ${ms(rows.reduce((sum, module) => sum + module.self_us, 0))} of their own`;
  }
  function move(to) {
    focused = Math.max(0, Math.min(rows.length - 1, to));
    const top = focused * HEIGHT;
    if (top < frame.scrollTop) frame.scrollTop = top;
    if (top + 2 * HEIGHT > frame.scrollTop + frame.clientHeight - HEIGHT) frame.scrollTop = top + 3 * HEIGHT - frame.clientHeight;
    draw();
    const row = body.querySelector('tr[tabindex="0"]');
    if (row) row.focus({ preventScroll: true });
  }

  // What-if

  function total() {
    const removed = without(state.ticked);
    gone = new Set(removed.map((module) => module.name));
    const us = removed.reduce((sum, module) => sum + module.self_us, 0);
    if (!byId("if-bar")) return;
    const left = start.loaded.us - us;
    byId("if-bar").style.width = `${start.loaded.us ? (100 * left) / start.loaded.us : 0}%`;
    byId("if-text").textContent = `${ms(left)}, ${count(start.loaded.modules - removed.length, "module")}`;
    byId("if-said").textContent = state.ticked.size
      ? `${count(state.ticked.size, "ticked import")}: saves ${ms(us)}, ${count(removed.length, "module")}`
      : "nothing is ticked";
  }
  function show() {
    total();
    select();
    draw();
    for (const box of document.querySelectorAll("#imports input[type=checkbox]")) box.checked = state.ticked.has(box.value);
    for (const row of document.querySelectorAll("#imports tbody tr")) {
      const text = `${row.dataset.module} ${row.dataset.distribution} ${row.dataset.path}`.toLowerCase();
      row.hidden = (state.distribution && row.dataset.distribution !== state.distribution) || !text.includes(state.search.toLowerCase());
    }
    details();
    save();
  }

  // Details

  function line(parent, tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    parent.append(made);
    return made;
  }
  function copier(parent, label, text) {
    const button = line(parent, "button", label);
    button.type = "button";
    button.title = text;
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(text); } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      byId("said").textContent = `copied: ${text}`;
    });
  }
  function sitesOnce(name) { // a row for each name, and all names of a statement have the same place
    const seen = new Set();
    return (sites.get(name) || []).filter((item) => {
      const key = `${item.path}:${item.line} ${item.says}`;
      return !seen.has(key) && seen.add(key);
    });
  }
  function chainOf(name) {
    const chain = [];
    for (let at = name; at && !chain.includes(at); at = position.has(at) ? modules[position.get(at)].by : "") chain.push(at);
    return chain;
  }
  function entryOf(item) {
    const target = item.name && !item.module.endsWith(`.${item.name}`) ? `${item.module}:${item.name}` : item.module;
    const key = item.bound.includes(".") || (!item.name && item.module.startsWith(`${item.bound}.`))
      ? item.module.slice(item.module.lastIndexOf(".") + 1) : item.bound;
    return `${key} = "${target}"`;
  }
  function details() {
    const panel = byId("details");
    const name = state.open;
    panel.hidden = !name;
    if (!name) return;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "Close";
    close.addEventListener("click", () => { state.open = ""; show(); });
    panel.replaceChildren(close);
    line(panel, "h2", name);
    const module = modules[position.get(name)];
    if (module) line(panel, "p", `${module.distribution}: ${ms(module.self_us)} of its own, ${ms(module.cumulative_us)} in all`);
    for (const item of sitesOnce(name)) {
      line(panel, "p", `${item.path}:${item.line}`).className = "mono";
      line(panel, "p", item.says);
    }
    const chain = chainOf(name);
    if (chain.length > 1) {
      line(panel, "h3", "Imported through");
      const list = line(panel, "ol", "");
      for (const one of chain.slice(1).reverse()) line(list, "li", one === "__main__" ? "the program" : one).className = "mono";
    }
    const index = number.get(name);
    const others = new Map();
    for (const edges of out) for (const edge of edges) if (edge[4] === index) others.set(`${names[edge[1]]}\n${edge[2]}`, edge);
    if (others.size) {
      line(panel, "h3", `Asked for by ${others.size}`);
      const list = line(panel, "ul", "");
      for (const [, importer, at] of [...others.values()].slice(0, 40)) line(list, "li", at ? `${names[importer]}, line ${at}` : names[importer]).className = "mono";
    }
    if (levelOf.has(name)) {
      const brings = window.whatIf([name]);
      line(panel, "h3", `Deferring it alone saves ${ms(brings.us)}, ${count(brings.modules.length, "module")}`);
      if (brings.modules.length) line(panel, "p", brings.modules.slice(0, 60).join(", ") + (brings.modules.length > 60 ? ", ..." : "")).className = "mono";
    }
    const first = (sites.get(name) || [])[0];
    const row = line(panel, "p", "");
    if (first && first.verdict !== "must not") copier(row, "Copy the entry for the table", entryOf(first));
    copier(row, "Copy --forbid", `--forbid ${name}`);
  }

  // What people do

  function open(name) { state.open = state.open === name ? "" : name; show(); }
  byId("search").addEventListener("input", (event) => { state.search = event.target.value; frame.scrollTop = 0; focused = 0; show(); });
  byId("distribution").addEventListener("change", (event) => { state.distribution = event.target.value; frame.scrollTop = 0; show(); });
  byId("sort").addEventListener("change", (event) => { state.sort = event.target.value; frame.scrollTop = 0; show(); });
  for (const radio of document.querySelectorAll("input[name=show]")) {
    radio.addEventListener("change", () => { state.after = byId("show-after").checked; show(); });
  }
  byId("tick-all").addEventListener("click", () => {
    const boxes = [...document.querySelectorAll("#imports input[type=checkbox]")];
    const all = boxes.every((box) => state.ticked.has(box.value));
    state.ticked = new Set(all ? [] : boxes.map((box) => box.value));
    show();
  });
  byId("imports").addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    if (event.target.checked) state.ticked.add(event.target.value); else state.ticked.delete(event.target.value);
    show();
  });
  byId("imports").addEventListener("click", (event) => {
    const row = event.target.closest("tbody tr");
    if (row && event.target.type !== "checkbox") open(row.dataset.module);
  });
  byId("imports").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("tbody tr")) open(event.target.dataset.module);
  });
  if (frame) {
    frame.addEventListener("scroll", () => draw(), { passive: true });
    frame.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-module]");
      if (row) { focused = Number(row.getAttribute("aria-rowindex")) - 2; open(row.dataset.module); }
    });
    frame.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -rows.length, End: rows.length };
      if (event.key in steps) { event.preventDefault(); move(focused + steps[event.key]); }
      if (event.key === "Enter" && rows[focused]) open(rows[focused].name);
      if (event.key === " " && rows[focused] && levelOf.has(rows[focused].name)) {
        event.preventDefault();
        const name = rows[focused].name;
        if (!state.ticked.delete(name)) state.ticked.add(name);
        show();
      }
    });
  }
  for (const button of document.querySelectorAll("#distributions button")) {
    button.addEventListener("click", () => {
      state.distribution = state.distribution === button.value ? "" : button.value;
      byId("distribution").value = state.distribution;
      show();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.open) { state.open = ""; show(); }
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      byId("search").focus();
    }
  });
  window.addEventListener("beforeprint", () => draw(rows.length <= 500));
  window.addEventListener("afterprint", () => draw());
  window.addEventListener("hashchange", () => { load(); fill(); show(); });
  function fill() {
    byId("search").value = state.search;
    byId("distribution").value = state.distribution;
    byId("sort").value = state.sort;
    byId(state.after ? "show-after" : "show-before").checked = true;
  }
  load();
  fill();
  show();
})();
