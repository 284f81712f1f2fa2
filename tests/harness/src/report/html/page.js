'use strict';
// The scripts behind the page call start, attempt, hook and end. Text of the run only ever becomes text nodes.
const report = (() => {
  const run = { chosen: 0, unreadable: [], ended: false };
  const scenarios = new Map();
  const attempts = [];
  const hooks = [];
  const NAMES = { failed: 'failed', undefined: 'undefined', ambiguous: 'ambiguous', pending: 'pending', flaky: 'flaky', interrupted: 'interrupted', skipped: 'skipped', passed: 'passed' };
  const ORDER = Object.keys(NAMES);
  const FEW = 100;
  const chosen = { words: '', tag: '', states: new Set() };
  const $ = id => document.getElementById(id);

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(name, '');
      else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value);
    }
    node.append(...children.filter(child => child !== null && child !== undefined && child !== ''));
    return node;
  };
  const plural = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
  const time = ms => ms < 1 ? '< 1 ms' : ms < 1000 ? `${Math.round(ms)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60000)} min ${Math.round(ms % 60000 / 1000)} s`;

  const start = data => Object.assign(run, data);
  const hook = data => hooks.push(data);
  const end = data => Object.assign(run, data, { ended: true });
  const attempt = data => {
    attempts.push(data);
    const place = `${data.file}:${data.line}`;
    const known = scenarios.get(place) || { place, attempts: [] };
    known.attempts.push(data);
    scenarios.set(place, known);
  };

  /** Derives a scenario's state from its attempts. */
  const settle = scenario => {
    scenario.attempts.sort((one, other) => one.number - other.number);
    const last = scenario.attempts[scenario.attempts.length - 1];
    Object.assign(scenario, { last, name: last.name, row: last.row, feature: last.feature, file: last.file, line: last.line, tags: last.tags });
    scenario.took = scenario.attempts.reduce((sum, one) => sum + one.took, 0);
    scenario.state = last.status === 'passed' && scenario.attempts.length > 1 ? 'flaky' : last.status;
    scenario.text = null;
  };
  const searched = scenario => {
    if (scenario.text === null) {
      const steps = scenario.last.steps.flatMap(step => [step.title, step.argument || '', step.message || '']);
      scenario.text = [scenario.feature, scenario.last.rule || '', scenario.name, scenario.row, scenario.place, ...scenario.tags.map(tag => '@' + tag), ...steps].join('\n').toLowerCase();
    }
    return scenario.text;
  };
  const fits = scenario => (!chosen.states.size || chosen.states.has(scenario.state))
    && (!chosen.tag || scenario.tags.includes(chosen.tag))
    && chosen.words.toLowerCase().split(/\s+/).every(word => searched(scenario).includes(word));
  const worst = (one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state);

  const count = all => {
    const counts = {};
    for (const one of all) counts[one.state] = (counts[one.state] || 0) + 1;
    return counts;
  };

  const head = all => {
    const counts = count(all);
    const bad = ['failed', 'undefined', 'ambiguous', 'pending'].reduce((sum, state) => sum + (counts[state] || 0), 0);
    const left = Math.max(0, run.chosen - all.length);
    const unreadable = run.unreadable.length ? `${plural(run.unreadable.length, 'file')} can’t be read` : '';
    const failed = bad ? `${bad.toLocaleString('en')} of ${plural(all.length, 'scenario')} failed` : '';
    const stopped = run.stopped ? (all.length ? 'a part ran no scenario' : 'No scenario ran') : '';
    const broken = hooks.filter(one => ORDER.indexOf(one.status) < ORDER.indexOf('flaky')).length;
    const hooked = broken ? `${plural(broken, 'hook')} failed` : '';
    const verdict = bad || unreadable || hooked || stopped ? [failed, unreadable, hooked, stopped].filter(Boolean).join(', ')
      : !run.ended ? `${plural(all.length, 'scenario')} so far`
      : counts.interrupted || left ? `Interrupted after ${plural(counts.passed || 0, 'scenario')}`
      : all.length === 1 ? 'The scenario passed' : counts.skipped ? 'No scenario failed' : `All ${plural(all.length, 'scenario')} passed`;
    $('verdict').textContent = verdict;
    document.title = verdict;
    const first = Math.min(...attempts.map(one => one.start));
    const last = Math.max(...attempts.map(one => one.start + one.took));
    $('when').textContent = attempts.length ? new Date(first).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) + (run.ended ? '' : ' · the run has not ended, or was killed') : '';
    $('bar').replaceChildren(...ORDER.filter(state => counts[state]).map(state => make('i', { class: state, style: `flex:${counts[state]}`, title: `${counts[state]} ${NAMES[state]}` })));
    const figure = (value, name) => make('div', {}, make('dt', {}, name), make('dd', {}, value));
    const figures = ORDER.filter(state => counts[state]).map(state => figure(counts[state].toLocaleString('en'), NAMES[state]));
    if (left) figures.push(figure(left.toLocaleString('en'), 'not run'));
    const files = new Set(all.map(one => one.file)).size;
    figures.push(figure(files.toLocaleString('en'), files === 1 ? 'feature' : 'features'));
    if (attempts.length) {
      figures.push(figure(time(last - first), 'from start to end'));
      const slots = new Set(attempts.map(one => one.slot)).size;
      figures.push(figure(slots.toLocaleString('en'), slots === 1 ? 'slot' : 'slots'));
    }
    $('figures').replaceChildren(...figures);
    $('unreadable').hidden = !run.unreadable.length;
    for (const what of run.unreadable) $('unreadable').append(make('pre', {}, what));
    $('hooks').hidden = !hooks.length;
    $('hooks').append(...hooks.map(step));
    // Failures come first.
    if (!broken) $('lanes').before($('hooks'));
    $('stopped').hidden = !run.stopped;
    if (run.stopped) $('stopped').append(make('pre', {}, run.stopped));
  };

  const controls = all => {
    const counts = count(all);
    $('states').replaceChildren(...ORDER.filter(state => counts[state]).map(state => {
      const button = make('button', { type: 'button', 'aria-pressed': 'false' }, make('span', { class: `dot ${state}` }), `${NAMES[state]} ${counts[state].toLocaleString('en')}`);
      button.onclick = () => {
        const on = !chosen.states.delete(state);
        if (on) chosen.states.add(state);
        button.setAttribute('aria-pressed', String(on));
        list(all);
      };
      return button;
    }));
    const tags = new Map();
    for (const one of all) for (const tag of new Set(one.tags)) tags.set(tag, (tags.get(tag) || 0) + 1);
    const option = (value, text) => make('option', { value }, text);
    $('tag').replaceChildren(option('', 'All tags'), ...[...tags].sort().map(([tag, uses]) => option(tag, `@${tag} (${uses})`)));
    $('tag').hidden = !tags.size;
    $('tag').onchange = () => { chosen.tag = $('tag').value; list(all); };
    let waiting;
    $('words').oninput = () => { clearTimeout(waiting); waiting = setTimeout(() => { chosen.words = $('words').value.trim(); list(all); }, 120); };
    document.addEventListener('keydown', event => {
      if (event.key === '/' && !/INPUT|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); $('words').focus(); }
    });
  };

  const list = all => {
    const found = all.filter(fits);
    const files = new Map();
    for (const one of found) {
      if (!files.has(one.file)) files.set(one.file, []);
      files.get(one.file).push(one);
    }
    const groups = [...files.values()].map(group => group.sort((one, other) => worst(one, other) || one.line - other.line));
    groups.sort((one, other) => worst(one[0], other[0]) || (one[0].file < other[0].file ? -1 : 1));
    const narrow = chosen.words || chosen.tag || chosen.states.size;
    let room = FEW;
    const nodes = groups.map(group => {
      const bad = ORDER.indexOf(group[0].state) < ORDER.indexOf('interrupted');
      const open = room > 0 && (bad || narrow || groups.length === 1);
      if (open) room -= group.length;
      return feature(group, open);
    });
    $('list').replaceChildren(...(nodes.length ? nodes : [make('p', { class: 'none' }, all.length ? 'No scenario matches.' : 'No scenario has ended yet.')]));
  };

  /** Creates the content of a `details` element when it is first opened. */
  const lazily = (node, open, content) => {
    let made = false;
    const fill = () => { if (node.open && !made) { made = true; content(); } };
    node.addEventListener('toggle', fill);
    node.open = open;
    fill();
    return node;
  };

  const feature = (group, open) => {
    const counts = count(group);
    const said = ORDER.filter(state => counts[state]).map(state => `${counts[state]} ${NAMES[state]}`).join(', ');
    const node = make('details', { class: 'feature' }, make('summary', {},
      make('span', { class: `dot ${group[0].state}` }), make('span', { class: 'name' }, group[0].feature || group[0].file),
      make('span', { class: 'side file' }, group[0].file), make('span', { class: 'side' }, said)));
    return lazily(node, open, () => some(node, group));
  };

  /** Shows the first items of a long list; a button shows more. */
  const some = (node, group) => {
    node.append(...group.slice(0, FEW).map(scenario));
    const rest = group.slice(FEW);
    if (!rest.length) return;
    const more = make('button', { type: 'button', class: 'more' }, `Show ${plural(Math.min(rest.length, FEW), 'more scenario')} of ${rest.length}`);
    more.onclick = () => { more.remove(); some(node, rest); };
    node.append(more);
  };

  const scenario = one => {
    const bad = ORDER.indexOf(one.state) < ORDER.indexOf('flaky');
    const node = make('details', { class: 'scenario', id: one.place }, make('summary', {},
      make('span', { class: `dot ${one.state}`, title: NAMES[one.state] }),
      make('span', { class: 'name' }, one.name || '(no name)', make('span', { class: 'row' }, one.row), ...one.tags.map(tag => make('span', { class: 'tag' }, '@' + tag))),
      make('span', { class: 'side' }, (one.state === 'passed' ? '' : NAMES[one.state] + ' · ') + time(one.took))));
    return lazily(node, bad && document.querySelectorAll('.scenario[open]').length < 20, () => node.append(inside(one)));
  };

  const inside = one => {
    const rule = one.last.rule ? `Rule: ${one.last.rule} · ` : '';
    const node = make('div', { class: 'inside' }, make('p', { class: 'place' }, `${rule}${one.place} · slot ${one.last.slot}`));
    for (const attempt of one.attempts) {
      if (one.attempts.length > 1) node.append(make('p', { class: 'attempt' }, `Attempt ${attempt.number + 1}: ${NAMES[attempt.status]}, ${time(attempt.took)}, slot ${attempt.slot}`));
      node.append(...attempt.steps.map(step));
      if (!attempt.steps.length) node.append(make('p', { class: 'attempt' }, 'This scenario has no steps.'));
    }
    return node;
  };

  const step = one => {
    const node = make('div', { class: `step ${one.status}${one.hook ? ' hook' : ''}` }, make('div', { class: 'head' },
      make('span', { class: 'dot', title: one.status }), make('span', { class: 'text', title: one.code ? `${one.code}` : null }, one.title),
      make('span', { class: 'side' }, one.status === 'passed' ? time(one.took) : one.status === 'skipped' ? 'skipped' : `${one.status} · ${time(one.took)}`)));
    if (one.argument) node.append(make('pre', { class: one.argument.startsWith('|') ? 'table' : null }, one.argument));
    if (one.message) node.append(message(one.message));
    const bad = !['passed', 'skipped'].includes(one.status);
    if (bad && one.code) node.append(make('p', { class: 'place code' }, one.code));
    for (const attachment of one.attached || []) node.append(attached(attachment, bad));
    return node;
  };

  /** Colours a diff's lines: expected and found. */
  const message = text => make('pre', { class: 'message' }, ...text.split('\n').flatMap((line, index) => {
    const kind = /^\s*(\+ |expected:)/.test(line) ? 'plus' : /^\s*(- |found:)/.test(line) ? 'minus' : null;
    return [index ? '\n' : '', kind ? make('span', { class: kind }, line) : line];
  }));

  const attached = (one, open) => {
    const text = one.text === undefined ? null : one.text;
    const title = one.name || (text === null ? one.type : text.split('\n')[0].replace(/\x1b\[[0-9;]*m/g, '').slice(0, 160));
    const node = make('details', { class: 'attached' }, make('summary', {}, make('span', { class: 'name' }, title)));
    return lazily(node, open || one.type.startsWith('image/'), () => node.append(content(one, text, title)));
  };
  const content = (one, text, title) => {
    if (one.type === 'text/uri-list' && text !== null) {
      return make('p', {}, ...text.split(/\s+/).filter(link => /^https?:/.test(link)).map(href => make('a', { href, rel: 'noreferrer' }, href)));
    }
    if (text !== null && !one.type.startsWith('image/')) return make('pre', {}, text.replace(/\x1b\[[0-9;]*m/g, ''));
    const source = text === null ? `data:${one.type};base64,${one.bytes}` : `data:${one.type};charset=utf-8,${encodeURIComponent(text)}`;
    if (one.type.startsWith('image/')) return make('img', { src: source, alt: title, loading: 'lazy' });
    return make('p', {}, make('a', { href: source, download: title }, `Save ${title}`));
  };

  const timeline = () => {
    const canvas = $('timeline');
    if (attempts.length < 2) { $('lanes').hidden = true; return; }
    const slots = [...new Set(attempts.map(one => one.slot))].sort((one, other) => one - other);
    const first = Math.min(...attempts.map(one => one.start));
    const span = Math.max(1, Math.max(...attempts.map(one => one.start + one.took)) - first);
    const lane = Math.max(8, Math.min(22, Math.floor(320 / slots.length)));
    const top = 8, left = 34, right = 10, axis = 20;
    const width = () => canvas.clientWidth;
    const x = ms => left + (ms - first) / span * (width() - left - right);
    const box = one => { const from = x(one.start); return [from, top + slots.indexOf(one.slot) * lane, Math.max(1.5, x(one.start + one.took) - from - .5), lane - 3]; };
    const draw = () => {
      const scale = devicePixelRatio || 1, height = top + slots.length * lane + axis;
      canvas.style.height = `${height}px`;
      canvas.width = width() * scale; canvas.height = height * scale;
      const pen = canvas.getContext('2d'), style = getComputedStyle(document.documentElement);
      const colour = name => style.getPropertyValue('--' + name);
      pen.scale(scale, scale);
      pen.font = '11px system-ui, sans-serif'; pen.textBaseline = 'middle'; pen.fillStyle = colour('soft');
      slots.forEach((slot, index) => { if (lane >= 12 || index % 2 === 0) { pen.textAlign = 'right'; pen.fillText(slot, left - 8, top + index * lane + (lane - 3) / 2); } });
      for (let part = 0; part <= 4; part++) {
        const at = left + part / 4 * (width() - left - right);
        pen.textAlign = part === 0 ? 'left' : part === 4 ? 'right' : 'center';
        pen.fillText(part ? time(span * part / 4) : '0', at, top + slots.length * lane + axis / 2);
      }
      const kinds = { passed: 'passed', skipped: 'skipped', interrupted: 'skipped', failed: 'failed' };
      for (const good of [true, false]) for (const one of attempts) {
        if ((one.status === 'passed') !== good) continue;
        pen.fillStyle = colour(kinds[one.status] || 'other');
        pen.fillRect(...box(one));
      }
    };
    const at = event => {
      const [px, py] = [event.offsetX, event.offsetY];
      const inside = one => { const [bx, by, bw, bh] = box(one); return px >= bx - 2 && px <= bx + bw + 2 && py >= by - 1 && py <= by + bh + 2; };
      return attempts.find(one => one.status !== 'passed' && inside(one)) || attempts.find(inside);
    };
    canvas.onmousemove = event => { const one = at(event); $('hint').textContent = one ? `${one.feature} › ${one.name}${one.row} · ${one.status} · ${time(one.took)} · slot ${one.slot}` : ''; };
    canvas.onmouseleave = () => { $('hint').textContent = ''; };
    canvas.onclick = event => { const one = at(event); if (one) show(`${one.file}:${one.line}`); };
    draw();
    addEventListener('resize', draw);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  };

  /** Opens one scenario, regardless of the current filter. */
  const show = place => {
    const one = scenarios.get(place);
    if (!one) return;
    if (!fits(one)) {
      chosen.words = ''; chosen.tag = ''; chosen.states.clear();
      $('words').value = ''; $('tag').value = '';
      for (const button of document.querySelectorAll('#states button')) button.setAttribute('aria-pressed', 'false');
      list([...scenarios.values()]);
    }
    const groups = [...document.querySelectorAll('.feature')];
    const group = groups.find(node => node.querySelector('.file').textContent === one.file);
    group.open = true;
    setTimeout(() => {
      for (let more; !document.getElementById(place) && (more = group.querySelector('.more'));) more.click();
      const node = document.getElementById(place);
      if (node) { node.open = true; node.scrollIntoView({ block: 'start' }); node.querySelector('summary').focus({ preventScroll: true }); }
    }, 0);
  };

  addEventListener('DOMContentLoaded', () => {
    const all = [...scenarios.values()];
    all.forEach(settle);
    head(all);
    controls(all);
    list(all);
    timeline();
    const place = () => show(decodeURIComponent(location.hash.slice(1)));
    addEventListener('hashchange', place);
    if (location.hash) place();
  });
  return { start, attempt, hook, end };
})();
