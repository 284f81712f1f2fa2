({
    // The visible or accessible text below this node: as written, as `text-transform` shows it, and with the text of
    // `::before` and `::after`.
    text() {
        const written = [];
        const shown = [];
        const decorated = [];
        let decorations = 0;
        const decorate = (node, which) => {
            const content = getComputedStyle(node, which).content;
            const text = /^"((?:[^"\\]|\\.)*)"/.exec(content)?.[1].replace(/\\(.)/g, '$1').replace(/[\uE000-\uF8FF]/g, '');
            if (!text) return;
            decorations += 1;
            decorated.push(text);
        };
        const say = (text, transform = 'none') => {
            decorated.push(text);
            written.push(text);
            if (transform === 'uppercase') text = text.toUpperCase();
            if (transform === 'lowercase') text = text.toLowerCase();
            if (transform === 'capitalize') text = text.replace(/(^|\s)\S/g, start => start.toUpperCase());
            shown.push(text);
        };
        const visible = style => style.visibility === 'visible';
        const walk = (node, style) => {
            if (node.nodeType === Node.TEXT_NODE) {
                if (style && visible(style)) say(node.nodeValue, style.textTransform);
                return;
            }
            if (node.nodeType !== Node.ELEMENT_NODE) {
                for (const child of node.childNodes) walk(child, style);
                return;
            }
            const own = getComputedStyle(node);
            if (own.display === 'none' || !node.checkVisibility() && own.display !== 'contents') return;
            const inline = own.display.startsWith('inline') || own.display === 'contents';
            if (!inline || node.tagName === 'BR') say('\n');
            if (visible(own)) this_says(node, say);
            const replaced = ['SELECT', 'TEXTAREA', 'INPUT', 'SCRIPT', 'STYLE', 'DATALIST'].includes(node.tagName);
            if (!replaced) {
                if (visible(own)) decorate(node, '::before');
                const children = node.shadowRoot ? node.shadowRoot.childNodes
                    : node.tagName === 'SLOT' && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
                for (const child of children) walk(child, own);
                if (visible(own)) decorate(node, '::after');
            }
            if (!inline) say('\n');
        };
        const this_says = (node, say) => {
            const label = node.getAttribute('aria-label') ?? (node.tagName === 'IMG' ? node.alt : null);
            if (label) say(`\n${label}\n`);
            if (node.tagName === 'SELECT') {
                for (const option of node.selectedOptions) say(`\n${option.label}\n`);
            } else if (node.tagName === 'TEXTAREA' || node.tagName === 'INPUT') {
                if (['hidden', 'password', 'checkbox', 'radio', 'color', 'range', 'file'].includes(node.type)) return;
                say(`\n${node.value || node.placeholder}\n`);
            }
        };
        walk(this.nodeType === Node.DOCUMENT_NODE ? this.documentElement : this, null);
        const tidy = parts => parts.join('').replace(/\s+/g, ' ').trim();
        return { written: tidy(written), shown: tidy(shown), decorated: decorations ? tidy(decorated) : '' };
    },

    // Where the element can be clicked, or why it can't. Each attempt scrolls it to another place, in case something covers it.
    place(attempt, writes) {
        const element = this.nodeType === Node.ELEMENT_NODE ? this : this.parentElement;
        if (!element?.isConnected) return { why: 'it was removed from the page' };
        const off = element.closest('[aria-disabled="true"]');
        if (element.matches(':disabled') || off && off.contains(element)) return { why: 'it is disabled' };
        if (writes && (element.readOnly || element.ariaReadOnly === 'true')) return { why: 'it is read-only' };
        const tag = node => {
            const id = node.id ? ` id="${node.id}"` : '';
            const of = node.getAttribute('class') ? ` class="${node.getAttribute('class')}"` : '';
            return `<${node.localName}${id}${of}>`;
        };
        const holds = (outer, inner) => {
            for (let node = inner; node; node = node.parentNode ?? node.host) if (node === outer) return true;
            return false;
        };
        let why = 'it has no size';
        // A hidden checkbox is clicked on its label, as a person does.
        for (const candidate of [element, ...(element.labels ?? [])]) {
            if (!candidate.checkVisibility({ visibilityProperty: true })) continue;
            if (attempt % 4 === 0) candidate.scrollIntoViewIfNeeded(true);
            else candidate.scrollIntoView({ block: ['center', 'end', 'start'][attempt % 4 - 1], inline: 'center', behavior: 'instant' });
            const boxes = [...candidate.getClientRects()].filter(box => box.width > 0 && box.height > 0);
            if (!boxes.length) continue;
            const box = boxes[0];
            const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
            const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
            if (left >= right || top >= bottom) {
                why = 'it is outside of the window and can\'t be scrolled into view';
                continue;
            }
            const x = (left + right) / 2, y = (top + bottom) / 2;
            let hit = document.elementFromPoint(x, y);
            while (hit?.shadowRoot?.elementFromPoint(x, y) && hit.shadowRoot.elementFromPoint(x, y) !== hit) {
                hit = hit.shadowRoot.elementFromPoint(x, y);
            }
            const label = hit?.closest('label');
            if (hit && (holds(candidate, hit) || label?.control === element)) return { x, y };
            why = hit ? `${tag(hit)} covers it` : 'nothing can be clicked where it is';
        }
        return { why };
    },

    // The visible frames in this node.
    frames() {
        const found = [];
        const walk = node => {
            if (node.shadowRoot) walk(node.shadowRoot);
            for (const inner of node.querySelectorAll('*')) {
                if (inner.shadowRoot) walk(inner.shadowRoot);
                if (['IFRAME', 'FRAME'].includes(inner.tagName) && inner.checkVisibility({ visibilityProperty: true })) found.push(inner);
            }
        };
        walk(this);
        return found;
    },

    // Scrolls a frame of another site into the window, because Chromium draws it only there; returns whether it is drawn.
    bring() {
        if (this.contentDocument) return true;
        const drawn = () => {
            const { width, height, left, top, right, bottom } = this.getBoundingClientRect();
            return width > 1 && height > 1 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
        };
        if (!drawn()) this.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
        return drawn();
    },

    // Converts a point in this frame to the window around it; or says why it can't be clicked.
    place_in_frame(x, y) {
        const spot = () => {
            const box = this.getBoundingClientRect();
            const style = getComputedStyle(this);
            return {
                x: box.left + this.clientLeft + parseFloat(style.paddingLeft) + x,
                y: box.top + this.clientTop + parseFloat(style.paddingTop) + y,
            };
        };
        const outside = at => at.x < 0 || at.y < 0 || at.x >= innerWidth || at.y >= innerHeight;
        if (outside(spot())) {
            const at = spot();
            scrollBy({ left: at.x - innerWidth / 2, top: at.y - innerHeight / 2, behavior: 'instant' });
        }
        const at = spot();
        if (outside(at)) return { why: 'its frame is outside of the window' };
        const hit = this.getRootNode().elementFromPoint(at.x, at.y);
        if (hit === this) return at;
        return { why: hit ? `<${hit.localName}> covers its frame` : 'nothing can be clicked where its frame is' };
    },

    // Focuses the element and selects its contents; returns how to write to it.
    prepare() {
        const type = this.type ?? '';
        if (this.tagName === 'INPUT' && type === 'file') return 'file';
        if (this.tagName === 'INPUT' && ['date', 'time', 'month', 'week', 'datetime-local', 'color', 'range'].includes(type)) return 'set';
        if (this.tagName === 'SELECT') return 'select';
        if (this.tagName === 'INPUT' && ['checkbox', 'radio', 'button', 'submit', 'reset', 'image'].includes(type)) return type;
        if (this.tagName !== 'INPUT' && this.tagName !== 'TEXTAREA' && !this.isContentEditable) return 'nothing';
        this.focus();
        if (this.isContentEditable) getSelection().selectAllChildren(this);
        else this.select();
        return type === 'number' ? 'number' : 'text';
    },

    // Sets a value, such as a date, as the browser's own picker does.
    set(value) {
        this.focus();
        const before = this.value;
        this.value = value;
        if (this.value !== value && !(this.type === 'color' && this.value === value.toLowerCase())) {
            const found = this.value;
            this.value = before;
            return found;
        }
        this.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
        this.dispatchEvent(new Event('change', { bubbles: true }));
        return null;
    },

    // The options of a `select` element; null for any other element.
    options() {
        const list = this.tagName === 'SELECT' ? this.options : this.list?.options;
        if (!list) return null;
        return [...list].map(option => ({
            label: option.label.trim().replace(/\s+/g, ' '), value: option.value,
            disabled: option.disabled || option.parentElement.disabled === true, selected: option.selected,
        }));
    },

    // Chooses an option by its index.
    choose(number) {
        this.focus();
        if (this.tagName === 'SELECT') {
            const option = this.options[number];
            if (this.multiple ? option.selected : this.selectedIndex === number) return;
            if (this.multiple) option.selected = true;
            else this.selectedIndex = number;
        } else {
            this.value = this.list.options[number].value;
        }
        this.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
        this.dispatchEvent(new Event('change', { bubbles: true }));
    },

    // The value of the field, in every form that counts as correct. The first is the one that a person sees.
    values() {
        if (this.tagName === 'SELECT') {
            const chosen = [...this.selectedOptions];
            return [...new Set([chosen.map(option => option.label.trim()).join(', '), chosen.map(option => option.value).join(', ')])];
        }
        if (this.tagName === 'INPUT' && ['checkbox', 'radio'].includes(this.type)) return null;
        if (this.tagName === 'INPUT' && this.type === 'file') return [[...this.files].map(file => file.name).join(', ')];
        if (this.tagName === 'METER' || this.tagName === 'PROGRESS') return [String(this.value)];
        if ('value' in this && this.tagName !== 'BUTTON' && this.tagName !== 'LI') return [String(this.value)];
        if (this.isContentEditable) return [this.innerText.replace(/\n$/, '')];
        if (this.hasAttribute('aria-valuetext')) return [this.getAttribute('aria-valuetext'), this.getAttribute('aria-valuenow')];
        if (this.hasAttribute('aria-valuenow')) return [this.getAttribute('aria-valuenow')];
        const options = [...this.querySelectorAll('[role=option]')];
        if (options.length) {
            const chosen = options.filter(option => option.ariaSelected === 'true' || option.ariaChecked === 'true');
            return [chosen.map(option => (option.ariaLabel ?? option.textContent).trim().replace(/\s+/g, ' ')).join(', ')];
        }
        const radios = this.querySelectorAll('input[type=radio], [role=radio]');
        if (radios.length) {
            const chosen = [...radios].find(radio => radio.checked || radio.ariaChecked === 'true');
            const label = chosen?.ariaLabel ?? chosen?.labels?.[0]?.textContent ?? chosen?.textContent ?? '';
            return [label.trim().replace(/\s+/g, ' ')];
        }
        return [this.textContent.trim().replace(/\s+/g, ' ')];
    },

    title() {
        return document.title;
    },

    // Stores the focused element; returns whether there is one.
    mark_focused() {
        let active = document.activeElement;
        while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
        globalThis.found = [active];
        return active !== null && active !== document.body && active !== document.documentElement;
    },

    // Stores the regions without a name that start with this text: as a heading, a legend or a first cell.
    containers(name) {
        const tidy = node => (node?.innerText ?? '').replace(/[\u00ad\u200b]/g, '').replace(/\s+/g, ' ').trim();
        const seen = node => node.checkVisibility({ visibilityProperty: true });
        const found = [];
        for (const row of this.querySelectorAll('tr, [role=row]')) {
            const cells = [...row.querySelectorAll('th, td, [role=cell], [role=gridcell], [role=rowheader]')];
            if (seen(row) && cells.some(cell => tidy(cell) === name)) found.push(row);
        }
        const boxes = 'section, article, aside, nav, form, li, fieldset, details, dialog, figure, main, header, footer, table,'
            + ' [role=region], [role=group], [role=article], [role=listitem], [role=dialog], [role=alertdialog], [role=tabpanel]';
        for (const box of this.querySelectorAll(boxes)) {
            const title = box.querySelector(':is(h1, h2, h3, h4, h5, h6, [role=heading], legend, summary, caption, figcaption, dt, strong, b)');
            if (seen(box) && title && tidy(title) === name && title.closest(boxes) === box) found.push(box);
        }
        if (!found.length) {
            const rows = [...this.querySelectorAll('tr, [role=row], li, [role=listitem], [role=option]')];
            // The text of a closed list contains all its options, of which people see one.
            const shown = row => [...row.querySelectorAll('select:not([multiple], [size])')]
                .reduce((text, list) => text.replace(tidy(list), () => tidy(list.selectedOptions[0])), tidy(row));
            const holding = rows.filter(row => seen(row) && shown(row).includes(name));
            found.push(...holding.filter(row => !holding.some(other => other !== row && row.contains(other))));
        }
        globalThis.found = found.filter(node => !found.some(other => other !== node && other.contains(node)));
        return globalThis.found.map(node => `<${node.localName}> ${tidy(node).slice(0, 80)}`);
    },

    // The description of the term with this name, or the largest element that has this heading and no other heading of the
    // same or a higher rank. It is stored.
    headed(name) {
        const tidy = node => (node.innerText ?? '').replace(/[\u00ad\u200b]/g, '').replace(/\s+/g, ' ').trim();
        const seen = node => node.checkVisibility({ visibilityProperty: true });
        const rank = node => Number(node.ariaLevel ?? node.localName.slice(1)) || 2;
        const headings = [...this.querySelectorAll('h1, h2, h3, h4, h5, h6, [role=heading]')];
        const parts = [];
        for (const heading of headings.filter(heading => seen(heading) && tidy(heading) === name)) {
            const others = headings.filter(other => other !== heading && rank(other) <= rank(heading));
            let part = heading;
            while (part.parentElement && !others.some(other => part.parentElement.contains(other))) part = part.parentElement;
            if (part !== heading && part !== document.documentElement) parts.push(part);
        }
        for (const term of this.querySelectorAll('dt, [role=term]')) {
            const description = term.nextElementSibling;
            const alone = !description?.nextElementSibling || description.nextElementSibling.matches('dt, [role=term]');
            if (seen(term) && tidy(term) === name && description?.matches('dd, [role=definition]') && alone) parts.push(description);
        }
        globalThis.found = parts;
        return parts.length === 1;
    },

    put_aside(number) {
        if (number === 0) globalThis.found = [];
        globalThis.found[number] = this;
    },

    // Keeps the stored elements that aren't inside another one; returns their number.
    outermost() {
        const all = globalThis.found;
        globalThis.found = all.filter(node => !all.some(other => other !== node && other.contains(node)));
        return globalThis.found.length;
    },

    // The named part of the page that contains the element, and the element's HTML.
    where() {
        const element = this.nodeType === Node.ELEMENT_NODE ? this : this.parentElement;
        const row = element.closest('tr, [role=row], li, [role=listitem], article, section, dialog, fieldset, form, nav');
        const tidy = node => (node.innerText ?? '').replace(/\s+/g, ' ').trim().slice(0, 60);
        const html = element.cloneNode(false).outerHTML.replace(/<\/[^>]*>$/, '').slice(0, 120);
        return row && row !== element ? `${html} in <${row.localName}> ${JSON.stringify(tidy(row))}` : html;
    },

    // Elements with this text that could be clicked or filled in, but are hidden or behind an open dialog.
    hidden(name) {
        const modals = [...document.querySelectorAll(':modal')];
        const why = node => !node.checkVisibility({ visibilityProperty: true }) ? 'hidden'
            : modals.length && !modals.some(modal => modal.contains(node)) ? 'behind the open dialog' : node.closest('[inert]') && 'inert';
        const tidy = node => (node.ariaLabel ?? node.textContent).replace(/\s+/g, ' ').trim();
        return [...this.querySelectorAll('button, a[href], input, select, textarea, [role]')]
            .filter(node => tidy(node) === name && why(node))
            .slice(0, 3).map(node => `${why(node)}: ${node.cloneNode(false).outerHTML.slice(0, 120)}`);
    },
})
