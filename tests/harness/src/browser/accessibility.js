({
    // Faults of this document that can be seen at once. `is_frame`: the document is a part of another page.
    faults(is_frame) {
        const faults = [];
        const all = this.tools();
        const { tidy, html, seen, elements } = all;
        if (!is_frame) {
            if (!/^[a-z]{2,3}(-|$)/i.test(document.documentElement.lang)) faults.push('the language of the page isn\'t declared: <html lang="…">');
            if (!document.title.trim()) faults.push('the page has no title');
            const mains = elements.filter(node => node.matches('main, [role=main]') && seen(node));
            if (mains.length !== 1) faults.push(`the page has ${mains.length} main landmarks, not 1`);
            const root = document.scrollingElement ?? document.documentElement;
            if (root.scrollWidth > root.clientWidth + 1) faults.push(`the page is ${root.scrollWidth} pixels wide, the window ${root.clientWidth}`);
            const viewport = document.querySelector('meta[name=viewport]')?.content ?? '';
            if (/user-scalable\s*=\s*(no|0)\b|maximum-scale\s*=\s*(0|1)(\.|,|;|\s|$)/i.test(viewport)) faults.push('the page can\'t be enlarged: <meta name="viewport">');
        }
        const headings = elements.filter(node => node.matches('h1, h2, h3, h4, h5, h6, [role=heading]') && seen(node));
        let before = is_frame ? 6 : 0;
        for (const heading of headings) {
            const level = Number(heading.ariaLevel ?? heading.localName.slice(1)) || 2;
            if (level > before + 1) faults.push(`the heading "${tidy(heading)}" has level ${level} after level ${before}`);
            before = level;
        }
        if (!is_frame && !headings.some(heading => heading.localName === 'h1' || heading.ariaLevel === '1')) faults.push('the page has no heading of level 1');
        for (const table of elements.filter(node => node.matches('table:not([role=presentation], [role=none])') && seen(node))) {
            if (table.querySelector('td') && !table.querySelector('th')) faults.push(`a table has no header cells: ${html(table)}`);
        }
        for (const node of elements.filter(node => node.tabIndex > 0)) faults.push(`a tabindex above 0 changes the order of the keyboard: ${html(node)}`);
        return [...faults, ...this.contrasts(all), ...this.targets(all)];
    },

    tools() {
        const tidy = node => (node.innerText ?? node.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 60);
        const html = node => node.cloneNode(false).outerHTML.replace(/<\/[^>]*>$/, '').slice(0, 120);
        const boxed = node => [...node.getClientRects()].some(box => box.width > 1 && box.height > 1);
        const seen = node => node.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true }) && boxed(node);
        const parent = node => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
        const below = root => [...root.querySelectorAll('*')].flatMap(node => node.shadowRoot ? [node, ...below(node.shadowRoot)] : [node]);
        const known = new Map();
        const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        // Red, green, blue and alpha of any CSS colour.
        const parsed = text => {
            if (!known.has(text)) {
                pixel.clearRect(0, 0, 1, 1);
                pixel.fillStyle = text;
                pixel.fillRect(0, 0, 1, 1);
                const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
                known.set(text, [red, green, blue, alpha / 255]);
            }
            return known.get(text);
        };
        const over = (front, back, alpha = front[3]) => [0, 1, 2].map(at => front[at] * alpha + back[at] * (1 - alpha)).concat(1);
        const scheme = getComputedStyle(document.documentElement).colorScheme;
        const is_dark = scheme.includes('dark') && (!scheme.includes('light') || matchMedia('(prefers-color-scheme: dark)').matches);
        // The colour behind the contents of an element; null if it is an image.
        const behind = node => {
            const layers = [];
            for (let at = node; at; at = parent(at)) {
                const style = getComputedStyle(at);
                if (style.backgroundImage !== 'none') return null;
                const colour = parsed(style.backgroundColor);
                layers.push(colour);
                if (colour[3] === 1) break;
            }
            return layers.reduceRight((back, front) => over(front, back), is_dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
        };
        const luminance = colour => {
            const [red, green, blue] = colour.slice(0, 3).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const contrast = (one, other) => {
            const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
            return (light + 0.05) / (dark + 0.05);
        };
        const opacity = node => node ? Number(getComputedStyle(node).opacity) * opacity(parent(node)) : 1;
        const shown = colour => `rgb(${colour.slice(0, 3).map(Math.round).join(' ')})`;
        return { tidy, html, seen, parent, parsed, over, behind, contrast, opacity, shown, elements: below(document) };
    },

    // Texts and fields that can't be told from what is behind them.
    contrasts({ html, seen, parent, parsed, over, behind, contrast, opacity, shown, elements }) {
        const faults = [];
        const judge = (text, node, style) => {
            const back = behind(node);
            if (!back || node.closest(':disabled, [aria-disabled=true], option')) return;
            const colour = parsed(style.color);
            const front = over(colour, back, colour[3] * opacity(node));
            const size = parseFloat(style.fontSize);
            const needed = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5;
            const found = contrast(front, back);
            if (found >= needed) return;
            faults.push(`the text "${text.trim().slice(0, 40)}" has a contrast of ${found.toFixed(2)}, not ${needed} (${shown(front)} on ${shown(back)}): ${html(node)}`);
        };
        const fields = 'select, textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=range], [type=color], [type=file], [type=submit], [type=button], [type=reset], [type=image])';
        for (const node of elements.filter(seen)) {
            const style = getComputedStyle(node);
            for (const text of node.childNodes) if (text.nodeType === Node.TEXT_NODE && text.nodeValue.trim()) judge(text.nodeValue, node, style);
            for (const which of ['::before', '::after']) {
                const pseudo = getComputedStyle(node, which);
                if (/^".*\w/.test(pseudo.content)) judge(pseudo.content, node, pseudo);
            }
            if (!node.matches(fields) && !node.matches('input[type=submit], input[type=button], input[type=reset]')) continue;
            if (node.value) judge(node.value, node, style);
            else if (node.placeholder) judge(node.placeholder, node, getComputedStyle(node, '::placeholder'));
            if (!node.matches(fields) || node.disabled) continue;
            const outside = behind(parent(node));
            if (!outside) continue;
            const edges = ['Top', 'Right', 'Bottom', 'Left'].map(side => style[`border${side}Style`] === 'none' ? outside : over(parsed(style[`border${side}Color`]), outside));
            const best = Math.max(contrast(behind(node) ?? outside, outside), ...edges.map(edge => contrast(edge, outside)));
            if (best < 3) faults.push(`the edge of a field has a contrast of ${best.toFixed(2)}, not 3: ${html(node)}`);
        }
        return faults;
    },

    tabbable(elements, seen) {
        const widgets = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary:first-of-type, [contenteditable=""], [contenteditable=true],'
            + ' [role=button], [role=link], [role=checkbox], [role=switch], [role=textbox], [role=combobox], [tabindex]';
        return elements.filter(node => node.matches(widgets) && seen(node) && !node.closest(':disabled, [aria-disabled=true], [inert]')
            && node.getAttribute('tabindex') !== '-1' && !(node.localName === 'summary' && node.parentElement.localName !== 'details'));
    },

    // Targets that are too small to be hit.
    targets({ tidy, html, seen, elements }) {
        const boxes = this.tabbable(elements, seen).map(node => {
            const label = node.matches('input[type=checkbox], input[type=radio]') ? node.labels?.[0] : null;
            const boxes = [node, ...label && seen(label) ? [label] : []].map(each => each.getBoundingClientRect());
            const [left, top] = [Math.min(...boxes.map(box => box.left)), Math.min(...boxes.map(box => box.top))];
            const [right, bottom] = [Math.max(...boxes.map(box => box.right)), Math.max(...boxes.map(box => box.bottom))];
            return { node, left, top, right, bottom, x: (left + right) / 2, y: (top + bottom) / 2, small: right - left < 23.5 || bottom - top < 23.5 };
        });
        const near = (one, other) => {
            const x = one.x - (other.small ? other.x : Math.max(other.left, Math.min(one.x, other.right)));
            const y = one.y - (other.small ? other.y : Math.max(other.top, Math.min(one.y, other.bottom)));
            return Math.hypot(x, y) < (other.small ? 24 : 12);
        };
        const in_text = node => getComputedStyle(node).display === 'inline' && tidy(node.parentElement) !== tidy(node);
        return boxes.filter(box => box.small && !in_text(box.node))
            .filter(box => boxes.some(other => other !== box && !box.node.contains(other.node) && !other.node.contains(box.node) && near(box, other)))
            .map(box => `a target has ${Math.round(box.right - box.left)} × ${Math.round(box.bottom - box.top)} pixels, and another one is less than 24 away: ${html(box.node)}`);
    },

    // Starts a walk with the Tab key from the top of the page. Stores how the elements look without the focus.
    walk() {
        const { elements, seen } = this.tools();
        const walk = { expected: this.tabbable(elements, seen), looks: new Map(), stops: new Set() };
        const root = document.documentElement;
        const own = root.getAttribute('tabindex');
        root.tabIndex = -1;
        root.focus();
        for (const node of walk.expected) walk.looks.set(node, this.look(node));
        if (own === null) root.removeAttribute('tabindex');
        else root.setAttribute('tabindex', own);
        globalThis.walk = walk;
        return walk.expected.length;
    },

    look(node) {
        // An endless animation can't be finished.
        for (const animation of node.getAnimations()) if (isFinite(animation.effect.getComputedTiming().endTime)) animation.finish();
        const style = getComputedStyle(node);
        const outline = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) === 0 ? 'none' : `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor}`;
        return [outline, style.boxShadow, style.borderColor, style.borderWidth, style.backgroundColor, style.color, style.textDecoration].join(' | ');
    },

    // Looks at the element that has the focus now; null after the last one.
    stop() {
        const { walk } = globalThis;
        let node = document.activeElement;
        while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
        if (!node || node === document.body || node === document.documentElement) return null;
        if (node.localName === 'iframe' || node.localName === 'frame') return [];
        if (walk.stops.has(node)) return null;
        walk.stops.add(node);
        const { html, seen, parent, parsed, over, behind, contrast } = this.tools();
        const faults = [];
        const style = getComputedStyle(node);
        const box = [...node.getClientRects()].find(box => box.width > 1 && box.height > 1);
        const points = box ? [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) => [box.x + box.width * x, box.y + box.height * y]) : [];
        const hit = ([x, y]) => {
            let top = document.elementFromPoint(x, y);
            while (top?.shadowRoot?.elementFromPoint(x, y) && top.shadowRoot.elementFromPoint(x, y) !== top) top = top.shadowRoot.elementFromPoint(x, y);
            return top && (node.contains(top) || top.contains(node) || [...node.labels ?? []].some(label => label.contains(top)));
        };
        if (node.closest('[aria-hidden=true]')) faults.push(`the focus is on something that is hidden from screen readers: ${html(node)}`);
        if (!seen(node) || !points.some(hit)) faults.push(`the focus is on something that can't be seen: ${html(node)}`);
        else if (walk.looks.get(node) === this.look(node)) faults.push(`nobody can see that this has the focus: ${html(node)}`);
        else if (!['none', 'auto'].includes(style.outlineStyle) && parseFloat(style.outlineWidth) > 0) {
            const back = behind(parseFloat(style.outlineOffset) < 0 ? node : parent(node));
            const found = back && contrast(over(parsed(style.outlineColor), back), back);
            if (found && found < 3) faults.push(`the outline of the focus has a contrast of ${found.toFixed(2)}, not 3: ${html(node)}`);
        }
        return faults;
    },

    // What the walk didn't reach. A group of radio buttons is one stop.
    missed() {
        const { walk } = globalThis;
        const group = node => node.type === 'radio' && [...walk.stops].some(other => other.type === 'radio' && other.name === node.name);
        const { html } = this.tools();
        return walk.expected.filter(node => node.isConnected && !walk.stops.has(node) && !group(node))
            .map(node => `the Tab key doesn't reach this: ${html(node)}`);
    },

    // What still moves although the user prefers reduced motion.
    moving() {
        const { elements, html, seen } = this.tools();
        const long = text => text.split(',').some(part => parseFloat(part) * (part.includes('ms') ? 1 : 1000) > 10);
        const moves = /\b(all|transform|translate|rotate|scale|left|right|top|bottom|inset|margin|width|height)\b/;
        return elements.filter(seen).flatMap(node => {
            const style = getComputedStyle(node);
            const moving = style.animationName !== 'none' && long(style.animationDuration) || moves.test(style.transitionProperty) && long(style.transitionDuration);
            return moving ? [`this moves although the user prefers reduced motion: ${html(node)}`] : [];
        });
    },
})
